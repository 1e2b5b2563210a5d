//! Fixes as replacements of text, for reports that show them and editors that make them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::check::Located;
use super::fix::offered;
use super::lines::Lines;
use super::read::Source;
use super::rendering::rendered;
use super::splice::{Change, Splicer};
use crate::engine::fix::Safety;

/// Bytes that may be parsed once more to prove that a replacement reads as intended. A report with a thousand
/// findings in one file goes without the rest.
const PATIENCE: usize = 64 << 20;

/// New text for a part of a file. Lines and columns as in a spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Line and column of the first character that goes.
    pub start: (usize, usize),
    /// Line and column behind the last one.
    pub end: (usize, usize),
    /// What comes instead.
    pub text: String,
}

/// What would mend each finding, by its index; nothing for one that has no fix or whose fix cannot be made alone.
pub fn suggest(findings: &[Located], sources: &[Source]) -> BTreeMap<usize, Vec<Replacement>> {
    let mut suggested = BTreeMap::new();
    let mut patience = PATIENCE;
    // Findings stand in the order of their sources.
    for group in
        (0..findings.len()).collect::<Vec<_>>().chunk_by(|a, b| source(findings, *a) == source(findings, *b))
    {
        let Some(source) = group.first().and_then(|first| sources.get(source(findings, *first)?)) else {
            continue;
        };
        if rendered(source).is_some() || patience < source.text.len() {
            continue;
        }
        let Ok(splicer) = Splicer::new(&source.text) else { continue };
        let lines = Lines::new(&source.text);
        for index in group {
            let Some(located) = findings.get(*index) else { continue };
            let Some(rest) = patience.checked_sub(source.text.len()) else { break };
            if let Some(splices) = replacements(&splicer, located) {
                patience = rest;
                let at = |(range, text): (Range<usize>, String)| Replacement {
                    start: lines.at(range.start),
                    end: lines.at(range.end),
                    text,
                };
                suggested.insert(*index, splices.into_iter().map(at).collect());
            }
        }
    }
    suggested
}

fn source(findings: &[Located], index: usize) -> Option<usize> {
    findings.get(index).map(|located| located.spot.source)
}

fn replacements(splicer: &Splicer<'_>, located: &Located) -> Option<Vec<(Range<usize>, String)>> {
    let fix = offered(located, Safety::Set)?;
    let Located { object, .. } = located;
    let change = Change { document: object.document, root: &object.root, edits: &fix.edits };
    let plan = splicer.plan(change).ok().filter(|plan| !plan.is_empty())?;
    splicer.apply(&[&plan]).ok()?;
    Some(plan.replacements().map(|(range, text)| (range, text.to_owned())).collect())
}
