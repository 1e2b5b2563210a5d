//! Judges all objects of the input.

use std::ops::Range;
use std::sync::OnceLock;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use super::inputs::{Input, Inputs};
use super::lines::Lines;
use super::objects::{Manifest, Object, objects};
use super::read::Source;
use super::unread::Unread;
use crate::engine::finding::Finding;
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
    /// Templates: what they stand for is known only when they are rendered, so they are no error.
    pub skipped: Vec<Failure>,
    /// How many files were read.
    pub files: usize,
    /// How many objects were judged.
    pub objects: usize,
}

/// A finding with its place in a file.
#[derive(Debug)]
pub struct Located {
    /// The finding.
    pub finding: Finding,
    /// Where it is.
    pub spot: Spot,
    /// Its fix as RFC 6902 on the object.
    pub patch: Option<Value>,
    /// The scalar that stands at its place; null where none does.
    pub value: Value,
    /// The baseline holds it: it is counted and no more.
    pub is_baselined: bool,
}

impl Located {
    /// Whether it is said: neither an exemption nor the baseline covers it.
    pub fn is_open(&self) -> bool {
        self.finding.exempted.is_none() && !self.is_baselined
    }
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
    pub help: Option<String>,
}

/// Judges every Deployment, StatefulSet and ScaledObject of these sources against each other.
pub fn check(sources: &[Source], policy: &Policy, today: Date) -> Checked {
    check_watched(sources, policy, today, &|| {})
}

/// As [`check`]; `tick` is called once for each source that was parsed.
pub fn check_watched(sources: &[Source], policy: &Policy, today: Date, tick: &(dyn Fn() + Sync)) -> Checked {
    let mut checked = Checked { files: sources.len(), ..Checked::default() };
    let mut manifests = Vec::with_capacity(sources.len());
    let mut inputs = Vec::new();
    let mut origins = Vec::new();
    let read: Vec<Read> = sources.par_iter().map(|source| Read::of(source, tick)).collect();
    for (index, (source, read)) in sources.iter().zip(read).enumerate() {
        checked.errors.extend(read.errors);
        checked.skipped.extend(read.skipped);
        manifests.push(read.manifest);
        for (object, subject) in read.subjects {
            inputs.push(Input { subject, source: index, folder: &source.folder });
            origins.push(object);
        }
    }
    checked.objects = inputs.len();
    let lines = sources.iter().map(|_| OnceLock::new()).collect();
    let court = Court { sources, manifests, lines, inputs: Inputs::new(inputs), policy, today };
    let judged: Vec<Judged> = court
        .inputs
        .all()
        .par_iter()
        .zip(&origins)
        .filter_map(|(input, object)| court.judge(input, object))
        .collect();
    for judged in judged {
        checked.findings.extend(judged.findings);
        checked.remarks.extend(judged.remarks);
    }
    checked.remarks.extend(court.inputs.ambiguous().into_iter().map(|object| Remark {
        text: format!("{object} is defined more than once, so its ScaledObject is judged without it"),
        object,
        spot: None,
    }));
    checked.findings.sort_by_key(|located| (located.spot.source, located.spot.start));
    checked
}

/// What one source holds.
#[derive(Default)]
struct Read {
    /// `None` where nothing is judged: the spans of other documents are memory for nothing.
    manifest: Option<Manifest>,
    subjects: Vec<(Object, Subject)>,
    errors: Vec<Failure>,
    skipped: Option<Failure>,
}

impl Read {
    fn of(source: &Source, tick: &(dyn Fn() + Sync)) -> Self {
        let read = objects(source);
        tick();
        let manifest = match read {
            Ok(manifest) => manifest,
            Err(template @ Unread::Template { .. }) => {
                return Self { skipped: Some(Failure::from(&template)), ..Self::default() };
            }
            Err(unread) => return Self { errors: vec![Failure::from(&unread)], ..Self::default() },
        };
        let errors = manifest.errors.iter().map(|error| Failure {
            file: source.name.clone(),
            at: Some((error.line, error.column)),
            message: error.message.clone(),
            help: None,
        });
        let (errors, subjects) = (errors.collect(), subjects(&manifest));
        let manifest = (!subjects.is_empty()).then_some(manifest);
        Self { manifest, subjects, errors, skipped: None }
    }
}

/// The objects of a manifest that are judged.
fn subjects(manifest: &Manifest) -> Vec<(Object, Subject)> {
    let subject = |object: &Object| {
        let value = manifest.value(object);
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let kind = Kind::of(text("apiVersion")?, text("kind")?)?;
        // A value that is JSON already can always be distilled.
        Some((object.clone(), Subject::distil(kind, value).ok()?))
    };
    manifest.objects.iter().filter_map(subject).collect()
}

/// Everything that an object is judged by.
struct Court<'a> {
    sources: &'a [Source],
    manifests: Vec<Option<Manifest>>,
    lines: Vec<OnceLock<Lines<'a>>>,
    inputs: Inputs<'a>,
    policy: &'a Policy,
    today: Date,
}

#[derive(Default)]
struct Judged {
    findings: Vec<Located>,
    remarks: Vec<Remark>,
}

impl Court<'_> {
    fn judge(&self, input: &Input<'_>, object: &Object) -> Option<Judged> {
        let world = self.inputs.around(input);
        let verdict = judge(&input.subject, || None, &world, self.policy, Occasion::Standing, self.today);
        if verdict.findings.is_empty() && verdict.notes.is_empty() && verdict.panicked.is_empty() {
            return None;
        }
        let manifest = self.manifests.get(input.source)?.as_ref()?;
        let value = manifest.value(object);
        let spot = |place: &Place| self.spot(input.source, manifest.span(object, place));
        let remark = |text, place: &Place| Remark {
            text,
            object: input.subject.meta().object.clone(),
            spot: Some(spot(place)),
        };
        let mut judged = Judged::default();
        judged.remarks.extend(verdict.notes.iter().map(|note| remark(note.text.clone(), &note.place)));
        judged.remarks.extend(
            verdict.panicked.iter().map(|code| {
                remark(format!("{code} failed inside lagward and was skipped"), &Place::default())
            }),
        );
        judged.findings.extend(verdict.findings.into_iter().map(|finding| Located {
            spot: spot(&finding.report.place),
            patch: patch(&finding, value),
            value: scalar(value, &finding.report.place),
            is_baselined: false,
            finding,
        }));
        Some(judged)
    }

    fn spot(&self, source: usize, bytes: Range<usize>) -> Spot {
        let text = self.sources.get(source).map_or("", |source| source.text.as_str());
        let lines = self.lines.get(source).map(|lines| lines.get_or_init(|| Lines::new(text)));
        let at = |offset| lines.map_or((1, 1), |lines| lines.at(offset));
        Spot { source, start: at(bytes.start), end: at(bytes.end), bytes }
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

/// An input that could not be read at all.
impl From<&Unread> for Failure {
    fn from(unread: &Unread) -> Self {
        let help = unread.help().map(ToOwned::to_owned);
        Self { file: unread.name(), at: None, message: unread.to_string(), help }
    }
}
