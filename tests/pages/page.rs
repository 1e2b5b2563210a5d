//! Reads a rule's page: its prose, and the examples in its fenced blocks.
//!
//! - ```` ```yaml ```` is a case. The documents of one block are each other's world. `# LW201` at the end of a line
//!   says that the rule denies there, `# LW201 warn` that it warns; without a mark the rule has nothing to say.
//! - ```` ```yaml fixed ```` behind a case: its documents after every fix that the rule offers for it.
//! - ```` ```yaml policy ```` is the policy of the cases that follow, up to the next policy.

use std::sync::Arc;

use lagward::engine::policy::Policy;
use lagward::engine::rule::{Level, Rule};
use lagward::fronts::files;
use lagward::rules::RULES;
use serde_json::Value;

/// A page, taken apart.
pub(crate) struct Page {
    /// The first line.
    pub(crate) title: String,
    /// The `##` headings, in order.
    pub(crate) sections: Vec<String>,
    /// The lines of `## Options`.
    pub(crate) options: Vec<String>,
    /// The examples.
    pub(crate) cases: Vec<Case>,
}

/// One example.
#[derive(Clone)]
pub(crate) struct Case {
    /// Its number on the page, from 1.
    pub(crate) number: usize,
    /// The sentence above it.
    pub(crate) title: String,
    /// The page's line above the block's first.
    pub(crate) line: usize,
    /// The block.
    pub(crate) text: String,
    /// What the rule must say, by line of the block.
    pub(crate) marks: Vec<Mark>,
    /// The documents after all fixes, where the page shows them.
    pub(crate) fixed: Option<Vec<Value>>,
    /// The policy that holds here.
    pub(crate) policy: Arc<Policy>,
}

/// A line of a case, and the level at which it must be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// Line of the block, from 1.
    pub(crate) line: usize,
    pub(crate) level: Level,
}

/// A fenced block.
struct Block {
    info: String,
    line: usize,
    title: String,
    text: String,
}

/// Takes the page of a rule apart.
pub(crate) fn read(rule: &'static Rule) -> Result<Page, String> {
    let (prose, blocks) = split(rule.page);
    let sections = prose.iter().filter_map(|line| line.strip_prefix("## ")).map(ToOwned::to_owned).collect();
    let options = prose.iter().skip_while(|line| **line != "## Options").skip(1);
    let options =
        options.take_while(|line| !line.starts_with("## ")).map(|line| (*line).to_owned()).collect();
    let title = prose.first().copied().unwrap_or_default().to_owned();
    Ok(Page { title, sections, options, cases: cases(rule, blocks)? })
}

fn cases(rule: &Rule, blocks: Vec<Block>) -> Result<Vec<Case>, String> {
    let mut policy = Arc::new(Policy::new(RULES));
    let mut cases: Vec<Case> = Vec::new();
    for block in blocks {
        let at = |why: String| format!("{}, line {}: {why}", rule.code, block.line);
        match block.info.as_str() {
            "yaml" => cases.push(Case {
                number: cases.len() + 1,
                title: block.title.trim_end_matches([':', '.']).to_lowercase(),
                line: block.line,
                marks: marks(rule, &block.text),
                text: block.text,
                fixed: None,
                policy: Arc::clone(&policy),
            }),
            "yaml fixed" => {
                let values = documents(&block.text).map_err(at)?;
                match cases.last_mut() {
                    Some(case) if case.fixed.is_none() => case.fixed = Some(values),
                    _ => return Err(at("a fixed block must follow the case that it mends".to_owned())),
                }
            }
            "yaml policy" => {
                let value = documents(&block.text).map_err(at)?.pop().unwrap_or_default();
                let read = Policy::read(&value, RULES).map_err(|problems| at(format!("{problems:?}")))?;
                policy = Arc::new(read);
            }
            other => return Err(at(format!("unknown block {other:?}"))),
        }
    }
    Ok(cases)
}

/// The lines outside of blocks, and the blocks.
fn split(text: &str) -> (Vec<&str>, Vec<Block>) {
    let (mut prose, mut blocks): (Vec<&str>, Vec<Block>) = (Vec::new(), Vec::new());
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (open.take(), line.strip_prefix("```")) {
            (None, None) => prose.push(line),
            (None, Some(info)) => {
                let title = prose.iter().rev().find(|line| !line.is_empty()).copied().unwrap_or_default();
                let (info, title) = (info.to_owned(), title.to_owned());
                open = Some(Block { info, title, line: index + 1, text: String::new() });
            }
            (Some(mut block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (Some(block), Some(_)) => blocks.push(block),
        }
    }
    blocks.extend(open);
    (prose, blocks)
}

/// The marks of this page's rule; a mark for another rule is a comment.
fn marks(rule: &Rule, text: &str) -> Vec<Mark> {
    let mark = |(index, line): (usize, &str)| {
        let (_, comment) = line.rsplit_once("# ")?;
        let level = match comment.trim().strip_prefix(rule.code)? {
            "" => Level::Deny,
            " warn" => Level::Warn,
            _ => return None,
        };
        Some(Mark { line: index + 1, level })
    };
    text.lines().enumerate().filter_map(mark).collect()
}

fn documents(text: &str) -> Result<Vec<Value>, String> {
    let (documents, errors) = files::parse(text);
    match errors.first() {
        Some(error) => Err(format!("line {}: {}", error.line, error.message)),
        None => Ok(documents.into_iter().map(|document| document.value).collect()),
    }
}
