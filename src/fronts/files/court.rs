//! Judges the objects of an input, each by what stands around it.

use std::ops::Range;
use std::sync::OnceLock;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use super::check::{Located, Remark, Spot};
use super::gather::again;
use super::inputs::{Input, Inputs};
use super::lines::Lines;
use super::read::Source;
use super::splice::{Change, Foresight};
use crate::engine::finding::Finding;
use crate::engine::judge::{Context, Occasion, Verdict, judge};
use crate::engine::place::Place;
use crate::engine::policy::Policy;

/// Everything that an object is judged by.
pub(super) struct Court<'a> {
    pub(super) sources: &'a [Source],
    /// Where the documents of each source stand.
    pub(super) documents: Vec<Vec<Range<usize>>>,
    pub(super) inputs: Inputs<'a>,
    pub(super) policy: &'a Policy,
    pub(super) today: Date,
}

/// What is said of the objects of one document.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Located>,
    pub(super) remarks: Vec<Remark>,
}

/// Something is said of an object.
struct Said<'a> {
    input: &'a Input<'a>,
    verdict: Verdict,
}

impl Court<'_> {
    /// Judges every input. Documents of which something is said are parsed once more, to say where it is.
    pub(super) fn judge_all(&self) -> Vec<Judged> {
        let inputs = self.inputs.all().par_iter();
        let mut said: Vec<Said<'_>> = inputs.filter_map(|input| self.judge(input)).collect();
        // Only texts of which something is said need their lines.
        let lines: Vec<OnceLock<Lines<'_>>> = self.sources.iter().map(|_| OnceLock::new()).collect();
        let is_together = |one: &Said<'_>, other: &Said<'_>| {
            one.input.source == other.input.source && one.input.object.document == other.input.object.document
        };
        let groups: Vec<&mut [Said<'_>]> = said.chunk_by_mut(is_together).collect();
        groups.into_par_iter().filter_map(|group| self.locate(group, &lines)).collect()
    }

    /// Remarks on the input as a whole.
    pub(super) fn ambiguous(&self) -> Vec<Remark> {
        let remark = |object| Remark {
            text: format!("{object} is defined more than once, so its ScaledObject is judged without it"),
            object,
            spot: None,
        };
        self.inputs.ambiguous().into_iter().map(remark).collect()
    }

    fn judge<'s>(&'s self, input: &'s Input<'s>) -> Option<Said<'s>> {
        let world = self.inputs.around(input);
        let context =
            Context { world: &world, policy: self.policy, occasion: Occasion::Existing, today: self.today };
        let verdict = judge(&input.subject, || None, &context);
        let is_silent = verdict.findings.is_empty() && verdict.notes.is_empty();
        (!is_silent).then_some(Said { input, verdict })
    }

    fn locate<'s>(&'s self, group: &mut [Said<'_>], lines: &[OnceLock<Lines<'s>>]) -> Option<Judged> {
        let Said { input, .. } = group.first()?;
        let (source, index) = (input.source, input.object.document);
        let text = self.sources.get(source)?;
        let document = again(text, index, self.documents.get(source)?.get(index)?)?;
        let lines = lines.get(source)?.get_or_init(|| Lines::new(&text.text));
        let foresight = Foresight::new(&text.text, &document);
        let mut judged = Judged::default();
        for Said { input, verdict } in group {
            let object = &input.object;
            let spot = |place: &Place| Spot::of(source, document.span(&object.within(place)), lines);
            let remark = |text, place: &Place| Remark {
                text,
                object: input.subject.meta().object.clone(),
                spot: Some(spot(place)),
            };
            let value = object.value(&document.value);
            judged.remarks.extend(verdict.notes.iter().map(|note| remark(note.text.clone(), &note.place)));
            judged.findings.extend(verdict.findings.drain(..).map(|finding| Located {
                spot: spot(&finding.report.place),
                object: object.clone(),
                patch: patch(&finding, value),
                refused: finding.report.fix.as_ref().and_then(|fix| {
                    foresight.refuses(Change { document: index, root: &object.root, edits: &fix.edits })
                }),
                value: scalar(value, &finding.report.place),
                is_baselined: false,
                finding,
            }));
        }
        Some(judged)
    }
}

/// The value at a place if it is one word; null for a map, a list and what is not there.
fn scalar(object: &Value, place: &Place) -> Value {
    let found = object.pointer(&place.pointer()).unwrap_or(&Value::Null);
    if found.is_object() || found.is_array() { Value::Null } else { found.clone() }
}

fn patch(finding: &Finding, object: &Value) -> Option<Value> {
    let patch = finding.report.fix.as_ref()?.tested_patch(object)?;
    serde_json::to_value(patch).ok()
}
