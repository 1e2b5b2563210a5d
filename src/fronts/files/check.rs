//! Judges all objects of the input.

use std::ops::Range;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use super::configs::ConfigMaps;
use super::inputs::{Input, Inputs};
use super::lines::Lines;
use super::objects::{Manifest, Object, objects};
use super::read::Source;
use super::unread::Unread;
use super::{fix, helm};
use crate::engine::finding::Finding;
use crate::engine::fix::Safety;
use crate::engine::judge::{Occasion, judge};
use crate::engine::object::{Kind, ObjectRef};
use crate::engine::place::Place;
use crate::engine::policy::Policy;
use crate::engine::subject::Subject;

/// What was found in the input.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings by file and line.
    pub findings: Vec<Located>,
    /// Remarks by file and line.
    pub remarks: Vec<Remark>,
    /// What could not be read.
    pub errors: Vec<Failure>,
    /// How many files were read.
    pub files: usize,
    /// How many objects were judged.
    pub objects: usize,
    /// What no output may repeat: the source and the bytes in it.
    secrets: Vec<(usize, Range<usize>)>,
    /// What can be fixed, and what was.
    pub fixes: Fixes,
}

/// How many findings a fix mends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// Fixed already.
    pub fixed: usize,
    /// Offered that fill what is unset.
    pub safe: usize,
    /// Offered that overwrite.
    pub overwriting: usize,
}

/// A finding with its place in a file.
#[derive(Debug)]
pub struct Located {
    /// The finding.
    pub finding: Finding,
    /// Where it is.
    pub spot: Spot,
    /// The object that was judged.
    pub object: Object,
    /// Its fix as RFC 6902 on the object.
    pub patch: Option<Value>,
}

/// A remark with its place in a file.
#[derive(Debug)]
pub struct Remark {
    /// What.
    pub text: String,
    /// Whose.
    pub object: ObjectRef,
    /// Where; `None` for a remark on the input as a whole.
    pub spot: Option<Spot>,
}

/// A place in a file. Lines and columns count from 1, columns in characters; the end is behind the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Which source.
    pub source: usize,
    /// The bytes.
    pub bytes: Range<usize>,
    /// Line and column of the first character.
    pub start: (usize, usize),
    /// Line and column behind the last character.
    pub end: (usize, usize),
}

/// An input, or a part of one, that could not be read.
#[derive(Debug)]
pub struct Failure {
    /// The file.
    pub file: String,
    /// Line and column, where known.
    pub at: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<&'static str>,
}

/// Judges every Deployment, StatefulSet and ScaledObject of these sources against each other.
pub fn check(sources: &[Source], policy: &Policy, today: Date) -> Checked {
    let read: Vec<Result<Manifest, Unread>> = sources.par_iter().map(objects).collect();
    let configs = ConfigMaps::of(read.iter().flatten());
    let mut checked = Checked { files: sources.len(), ..Checked::default() };
    let mut inputs = Vec::new();
    let mut origins = Vec::new();
    for (index, (source, manifest)) in sources.iter().zip(&read).enumerate() {
        match manifest {
            Err(unread) => checked.errors.push(Failure::of(source, unread)),
            Ok(manifest) => {
                checked.errors.extend(manifest.errors.iter().map(|error| Failure {
                    file: source.name.clone(),
                    at: Some((error.line, error.column)),
                    message: error.message.clone(),
                    help: None,
                }));
                for (object, subject) in subjects(manifest, &configs) {
                    inputs.push(Input { subject, source: index, folder: &source.folder });
                    origins.push((manifest, object));
                }
            }
        }
    }
    checked.objects = inputs.len();
    let inputs = Inputs::new(inputs);
    let lines: Vec<Lines<'_>> = sources.iter().map(|source| Lines::new(&source.text)).collect();
    for (input, (manifest, object)) in inputs.iter().zip(origins) {
        let spot = |place: &Place| {
            let bytes = manifest.span(object, place);
            let line = |offset| lines.get(input.source).map_or((1, 1), |lines| lines.at(offset));
            Spot { source: input.source, start: line(bytes.start), end: line(bytes.end), bytes }
        };
        if let Subject::Scaler(scaler) = &input.subject {
            let spans = scaler.secrets().map(|place| (input.source, manifest.span(object, &place)));
            checked.secrets.extend(spans);
        }
        let world = inputs.around(input);
        let verdict = judge(&input.subject, || None, &world, policy, Occasion::Standing, today);
        let remark = |text, place: &Place| Remark {
            text,
            object: input.subject.meta().object.clone(),
            spot: Some(spot(place)),
        };
        checked.remarks.extend(verdict.notes.iter().map(|note| remark(note.text.clone(), &note.place)));
        checked.remarks.extend(
            verdict.panicked.iter().map(|code| {
                remark(format!("{code} failed inside lagward and was skipped"), &Place::default())
            }),
        );
        checked.findings.extend(verdict.findings.into_iter().map(|finding| Located {
            spot: spot(&finding.report.place),
            object: object.clone(),
            patch: patch(&finding, manifest.value(object)),
            finding,
        }));
    }
    checked.remarks.extend(inputs.ambiguous().into_iter().map(|object| Remark {
        text: format!("{object} is defined more than once, so its ScaledObject is judged without it"),
        object,
        spot: None,
    }));
    checked.findings.sort_by_key(|located| (located.spot.source, located.spot.start));
    checked.fixes = fixes(&checked.findings, sources);
    checked
}

impl Checked {
    /// The sources as they may be shown: a password that stands beside a finding is starred.
    pub fn concealed(&self, mut sources: Vec<Source>) -> Vec<Source> {
        for (index, bytes) in &self.secrets {
            let Some(source) = sources.get_mut(*index) else { continue };
            let Some(secret) = source.text.get(bytes.clone()) else { continue };
            // As many bytes as before, so that every other span stays right.
            let stars: String = secret.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
            source.text.replace_range(bytes.clone(), &stars);
        }
        sources
    }
}

/// What `--fix` would mend: nothing in what helm rendered.
fn fixes(findings: &[Located], sources: &[Source]) -> Fixes {
    let mut fixes = Fixes::default();
    let mut seen: Option<(usize, bool)> = None;
    for located in findings {
        let Some(fix) = fix::offered(located, Safety::Set) else { continue };
        let source = located.spot.source;
        let is_rendered = match seen {
            Some((index, is_rendered)) if index == source => is_rendered,
            _ => sources.get(source).is_some_and(|source| helm::rendered(source).is_some()),
        };
        seen = Some((source, is_rendered));
        match fix.safety {
            _ if is_rendered => {}
            Safety::Fill => fixes.safe += 1,
            Safety::Set => fixes.overwriting += 1,
        }
    }
    fixes
}

/// The objects of a manifest that are judged.
fn subjects<'m>(manifest: &'m Manifest, configs: &ConfigMaps) -> impl Iterator<Item = (&'m Object, Subject)> {
    manifest.objects.iter().filter_map(|object| {
        let value = manifest.value(object);
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let kind = Kind::of(text("apiVersion")?, text("kind")?)?;
        // A value that is JSON already can always be distilled.
        Some((object, Subject::distil_with(kind, value, configs).ok()?))
    })
}

fn patch(finding: &Finding, object: &Value) -> Option<Value> {
    let patch = finding.report.fix.as_ref()?.tested_patch(object)?;
    serde_json::to_value(patch).ok()
}

impl Failure {
    /// A source that could not be read at all.
    pub fn of(source: &Source, unread: &Unread) -> Self {
        Self { file: source.name.clone(), at: None, message: unread.to_string(), help: unread.help() }
    }
}
