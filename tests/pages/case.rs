//! One example: its marks, its fixes, and the agreement of all ways.

use std::fmt::Write;

use lagward::engine::finding::Finding;
use lagward::engine::fix::{self, Edit};
use lagward::engine::rule::{Level, Rule};
use serde_json::Value;

use crate::page::{Case, Mark};
use crate::ways;
use crate::world::Block;

/// How many times fixes may be needed before nothing is left to mend.
const ROUNDS: usize = 3;

/// Judges a case in every way and applies its fixes.
pub(crate) fn run(rule: &'static Rule, case: &Case) -> Result<(), String> {
    let block = Block::read(&case.text)?;
    let findings = ways::engine(&block, &case.policy)?;
    let of_rule: Vec<&Finding> = findings.iter().filter(|finding| finding.rule == rule).collect();
    marks(case, &block, &of_rule)?;
    ways::agree(rule, &block, &case.policy).map_err(|why| format!("line {}: {why}", case.line))?;
    fixes(case, &block, &of_rule).map_err(|why| format!("line {}: {why}", case.line))?;
    converges(&block, case).map_err(|why| format!("line {}: {why}", case.line))
}

fn marks(case: &Case, block: &Block, findings: &[&Finding]) -> Result<(), String> {
    let mut got: Vec<Mark> = Vec::new();
    for finding in findings {
        let line = block.line(&finding.object, &finding.report.place);
        let line = line.ok_or_else(|| format!("no line for {}", finding.headline()))?;
        got.push(Mark { line, level: finding.level });
    }
    got.sort();
    if got == case.marks {
        return Ok(());
    }
    let mut text = String::from("the marks and the findings differ (> expected, < got)\n");
    for (index, line) in case.text.lines().enumerate() {
        let number = index + 1;
        let list = |marks: &[Mark]| -> String {
            let levels = marks.iter().filter(|mark| mark.line == number).map(|mark| mark.level.name());
            levels.collect::<Vec<_>>().join(",")
        };
        let (expected, got) = (list(&case.marks), list(&got));
        let sign = if expected == got { "   " } else { ">< " };
        let _ = write!(text, "{sign}{:4} {line}", case.line + number);
        if expected != got {
            let _ = write!(text, "    > {expected:?} < {got:?}");
        }
        text.push('\n');
    }
    for finding in findings {
        let _ = writeln!(text, "{} {}", finding.level, finding.headline());
    }
    Err(text)
}

/// The rule's own fixes mend what they belong to, and leave what the page shows.
fn fixes(case: &Case, block: &Block, findings: &[&Finding]) -> Result<(), String> {
    let mended = apply(block, findings.iter().copied())?;
    if let Some(fixed) = &case.fixed
        && *fixed != mended
    {
        let show = |values: &[Value]| values.iter().map(|v| format!("{v:#}\n")).collect::<String>();
        return Err(format!("fixed block\n  expected: {}\n  got: {}", show(fixed), show(&mended)));
    }
    let after = ways::engine(&Block::of(&mended)?, &case.policy)?;
    for finding in findings.iter().filter(|finding| finding.report.fix.is_some()) {
        if let Some(left) = after.iter().find(|left| is_same(left, finding)) {
            return Err(format!("its own fix leaves\n  {}", left.headline()));
        }
    }
    Ok(())
}

/// Every fix of every rule, round by round, until nothing is left that a fix could mend.
fn converges(block: &Block, case: &Case) -> Result<(), String> {
    let mut values = block.values();
    let mut before: Option<Vec<Finding>> = None;
    for _ in 0..ROUNDS {
        let block = Block::of(&values)?;
        let findings = ways::engine(&block, &case.policy)?;
        let new = findings.iter().filter(|finding| finding.level == Level::Deny);
        let new = new.filter(|new| before.iter().any(|before| !before.iter().any(|old| is_same(old, new))));
        if let Some(new) = new.into_iter().next() {
            return Err(format!("the fixes of all rules make a new denial\n  {}", new.headline()));
        }
        let mended = apply(&block, findings.iter())?;
        if mended == values {
            return match findings.iter().find(|finding| is_fixable_denial(finding)) {
                Some(left) => Err(format!("a fix changes nothing\n  {}", left.headline())),
                None => Ok(()),
            };
        }
        values = mended;
        before = Some(findings);
    }
    Err(format!("fixes do not end within {ROUNDS} rounds"))
}

fn is_fixable_denial(finding: &Finding) -> bool {
    finding.level == Level::Deny && finding.report.fix.is_some()
}

fn is_same(a: &Finding, b: &Finding) -> bool {
    a.rule == b.rule && a.object == b.object && a.report.place.keyed() == b.report.place.keyed()
}

/// The block's objects with the fixes of these findings.
fn apply<'f>(block: &Block, findings: impl Iterator<Item = &'f Finding>) -> Result<Vec<Value>, String> {
    let mut values = block.values();
    let mut edits: Vec<Vec<Edit>> = vec![Vec::new(); values.len()];
    for finding in findings {
        let Some(fix) = &finding.report.fix else { continue };
        let index = block.index_of(&finding.object).ok_or("a fix for an object that is not here")?;
        edits[index].extend(fix.edits.iter().cloned());
    }
    for (value, edits) in values.iter_mut().zip(&edits) {
        let patch = fix::patch(edits, value).ok_or_else(|| format!("fixes do not fit {value}: {edits:?}"))?;
        json_patch::patch(value, &patch).map_err(|error| error.to_string())?;
    }
    Ok(values)
}
