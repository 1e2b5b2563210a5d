//! What holds for every rule and every page at once.

use std::collections::BTreeSet;
use std::path::Path;

use lagward::engine::fix::Safety;
use lagward::engine::rule::{Fixes, Rule};
use lagward::rules::RULES;

use crate::page::{Case, Page};
use crate::ways;
use crate::world::Block;

/// The sections of a page, in this order.
const SECTIONS: &[&str] =
    &["What breaks", "What passes", "When it is right to ignore it", "Options", "Sources", "Examples"];

/// The table of rules and the files it is made of.
pub(crate) fn table() -> Result<(), String> {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    if !codes.is_sorted_by(|a, b| a < b) {
        return Err(format!("codes must be sorted and unique: {codes:?}"));
    }
    for rule in RULES {
        is_well_named(rule)?;
    }
    let modules: BTreeSet<String> = RULES.iter().map(|rule| module(rule)).collect();
    for extension in ["rs", "md"] {
        let files = stems(extension)?;
        if files != modules {
            let odd: Vec<_> = files.symmetric_difference(&modules).collect();
            return Err(format!("src/rules/*.{extension} and the table differ in {odd:?}"));
        }
    }
    Ok(())
}

/// What one page promises.
pub(crate) fn page(rule: &'static Rule, page: &Page) -> Result<(), String> {
    let title = format!("# {} {}", rule.code, rule.name);
    if page.title != title {
        return Err(format!("the title is {:?}, expected {title:?}", page.title));
    }
    if page.sections != SECTIONS {
        return Err(format!("the sections are {:?}, expected {SECTIONS:?}", page.sections));
    }
    for param in rule.params {
        let key = format!("- `{}` (default ", param.key());
        let default = match param.default_text() {
            text if text.is_empty() => "empty".to_owned(),
            text => text,
        };
        if !page.options.iter().any(|line| line.starts_with(&format!("{key}{default}): "))) {
            return Err(format!("Options lack the line {key}{default}): ..."));
        }
    }
    let bad = page.cases.iter().filter(|case| !case.marks.is_empty()).count();
    let clean = page.cases.len() - bad;
    if bad < 2 || clean < 3 {
        return Err(format!("{bad} bad and {clean} clean cases, expected at least 2 and 3"));
    }
    let offered = offered(rule, &page.cases)?;
    if offered != rule.fixes {
        return Err(format!("the table declares {:?}, the cases offer {offered:?}", rule.fixes));
    }
    let shows_a_fix = page.cases.iter().any(|case| case.fixed.is_some());
    if shows_a_fix != (rule.fixes != Fixes::NONE) {
        return Err("a page shows what a fix leaves if and only if its rule has one".to_owned());
    }
    Ok(())
}

/// What the fixes of these cases do, together.
fn offered(rule: &'static Rule, cases: &[Case]) -> Result<Fixes, String> {
    let mut all = Fixes::NONE;
    for case in cases {
        let findings = ways::engine(&Block::read(&case.text)?, &case.policy)?;
        for fix in findings.iter().filter(|f| f.rule == rule).filter_map(|f| f.report.fix.as_ref()) {
            all.fill |= fix.safety == Safety::Fill;
            all.set |= fix.safety == Safety::Set;
            all.at_admission |= fix.at_admission;
        }
    }
    Ok(all)
}

/// Names read as lints: "allow min-replicas-too-low".
fn is_well_named(rule: &Rule) -> Result<(), String> {
    let is_kebab = rule
        .name
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    let denies_itself = ["no-", "disallow-", "require-"].iter().any(|start| rule.name.starts_with(start));
    let digits =
        rule.code.strip_prefix("LW").is_some_and(|d| d.len() == 3 && d.bytes().all(|b| b.is_ascii_digit()));
    let is_alone =
        RULES.iter().filter(|other| other.name == rule.name || other.code == rule.code).count() == 1;
    let holds = is_kebab && !denies_itself && digits && is_alone && !rule.summary.ends_with('.');
    if holds { Ok(()) } else { Err(format!("{} {}: {}", rule.code, rule.name, rule.summary)) }
}

fn module(rule: &Rule) -> String {
    format!("{}_{}", rule.code.to_ascii_lowercase(), rule.name.replace('-', "_"))
}

fn stems(extension: &str) -> Result<BTreeSet<String>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut stems = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|found| found == extension) && stem.starts_with("lw") {
            stems.insert(stem.to_owned());
        }
    }
    Ok(stems)
}
