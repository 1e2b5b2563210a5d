//! Judges the objects of an input, each by what stands around it.

use std::ops::Range;
use std::sync::OnceLock;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use super::check::{Located, Remark, Spot};
use super::inputs::{Input, Inputs};
use super::lines::Lines;
use super::objects::{Manifest, Object};
use super::read::Source;
use crate::engine::finding::Finding;
use crate::engine::judge::{Occasion, judge};
use crate::engine::place::Place;
use crate::engine::policy::Policy;

/// Everything that an object is judged by.
pub(super) struct Court<'a> {
    pub(super) sources: &'a [Source],
    /// By source; `None` where nothing is judged.
    pub(super) manifests: Vec<Option<Manifest>>,
    pub(super) inputs: Inputs<'a>,
    pub(super) policy: &'a Policy,
    pub(super) today: Date,
}

/// What is said of one object.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Located>,
    pub(super) remarks: Vec<Remark>,
}

impl Court<'_> {
    /// Judges every input; `objects` are their places, in the same order.
    pub(super) fn judge_all(&self, objects: &[Object]) -> Vec<Judged> {
        // Only texts of which something is said need their lines.
        let lines: Vec<OnceLock<Lines<'_>>> = self.sources.iter().map(|_| OnceLock::new()).collect();
        let inputs = self.inputs.all().par_iter().zip(objects);
        inputs.filter_map(|(input, object)| self.judge(input, object, &lines)).collect()
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

    fn judge<'s>(
        &'s self,
        input: &Input<'_>,
        object: &Object,
        lines: &[OnceLock<Lines<'s>>],
    ) -> Option<Judged> {
        let world = self.inputs.around(input);
        let verdict = judge(&input.subject, || None, &world, self.policy, Occasion::Standing, self.today);
        if verdict.findings.is_empty() && verdict.notes.is_empty() && verdict.panicked.is_empty() {
            return None;
        }
        let manifest = self.manifests.get(input.source)?.as_ref()?;
        let text = self.sources.get(input.source)?.text.as_str();
        let lines = lines.get(input.source)?.get_or_init(|| Lines::new(text));
        let spot = |place: &Place| {
            let bytes: Range<usize> = manifest.span(object, place);
            Spot { source: input.source, start: lines.at(bytes.start), end: lines.at(bytes.end), bytes }
        };
        let remark = |text, place: &Place| Remark {
            text,
            object: input.subject.meta().object.clone(),
            spot: Some(spot(place)),
        };
        let value = manifest.value(object);
        let mut judged = Judged::default();
        judged.remarks.extend(verdict.notes.iter().map(|note| remark(note.text.clone(), &note.place)));
        judged.remarks.extend(
            verdict.panicked.iter().map(|code| {
                remark(format!("{code} failed inside lagward and was skipped"), &Place::default())
            }),
        );
        judged.findings.extend(verdict.findings.into_iter().map(|finding| Located {
            spot: spot(&finding.report.place),
            object: object.clone(),
            patch: patch(&finding, value),
            value: scalar(value, &finding.report.place),
            is_baselined: false,
            finding,
        }));
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
