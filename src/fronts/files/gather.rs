//! One source to what is judged of it. Its documents are dropped one by one: a tree weighs thirty times its text,
//! and most of them are never asked for again. What is reported is found again in [`Document::again`].

use std::cell::{Cell, LazyCell};
use std::ops::Range;

use serde_json::Value;

use super::check::Failure;
use super::configs::{ConfigMaps, Named, named};
use super::neighbours::Neighbour;
use super::node::Repeat;
use super::objects::{Object, objects};
use super::read::Source;
use super::rendering::template_line;
use super::secrets::secrets;
use super::stream::{each, parse};
use super::tree::{Bare, Document};
use super::unheeded::{self, Unheeded};
use super::unread::Unread;
use crate::engine::configs::{ConfigMap, Configs};
use crate::engine::object::{Kind, ObjectRef};
use crate::engine::place::Place;
use crate::engine::subject::Subject;

/// What one source gives to judge.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) candidates: Vec<Candidate>,
    /// Where each document stands.
    pub(super) documents: Vec<Range<usize>>,
    pub(super) configs: Vec<Named>,
    pub(super) neighbours: Vec<Neighbour>,
    /// The bytes that no output may repeat.
    pub(super) secrets: Vec<Range<usize>>,
    /// Keys that an object has twice.
    pub(super) repeats: Vec<(ObjectRef, Repeat)>,
    pub(super) unheeded: Vec<Unheeded>,
    pub(super) errors: Vec<Failure>,
    pub(super) skipped: Option<Failure>,
}

/// An object that is judged.
pub(super) struct Candidate {
    pub(super) object: Object,
    pub(super) subject: Subject,
    /// It reads ConfigMaps.
    refers: bool,
}

impl Gathered {
    /// Reads a source without regard to ConfigMaps.
    pub(super) fn of(source: &Source) -> Self {
        let mut gathered = Self::default();
        let errors = if source.text.contains("{{") {
            let (documents, errors) = parse(&source.text);
            if let Some(line) = template_line(&source.text, &documents, &errors) {
                let template = Unread::Template { name: source.name.clone(), line };
                return Self { skipped: Some(Failure::from(&template)), ..Self::default() };
            }
            documents.into_iter().for_each(|document| gathered.take(source, document.into()));
            errors
        } else {
            each(&source.text, &mut |document| gathered.take(source, document))
        };
        gathered.errors.extend(errors.into_iter().map(|error| Failure {
            file: source.name.clone(),
            at: Some((error.line, error.column)),
            message: error.message,
            help: None,
        }));
        gathered
    }

    /// Distils again what reads ConfigMaps, now that they are known.
    pub(super) fn resolve(&mut self, source: &Source, configs: &ConfigMaps) {
        let mut last: Option<(usize, Document)> = None;
        for candidate in self.candidates.iter_mut().filter(|candidate| candidate.refers) {
            let index = candidate.object.document;
            let document = match last.take() {
                Some((known, document)) if known == index => Some(document),
                _ => self.documents.get(index).and_then(|range| again(source, index, range)),
            };
            let Some(document) = document else { continue };
            let value = candidate.object.value(&document.value);
            if let Some(kind) = kind(value)
                && let Ok(subject) = Subject::distil_with(kind, value, configs)
            {
                candidate.subject = subject;
            }
            last = Some((index, document));
        }
    }

    fn take(&mut self, source: &Source, mut document: Bare) {
        let index = self.documents.len();
        self.documents.push(document.range.clone());
        let found = objects(&mut document.value, index);
        // Of most documents nothing is said that needs a place.
        let placed = LazyCell::new(|| again(source, index, &document.range));
        let span = |object: &Object, place: &Place| {
            let span = placed.as_ref().map(|document| document.span(&object.within(place)));
            // Nobody knows a way here; all of it would be concealed then.
            span.unwrap_or_else(|| document.range.clone())
        };
        for object in found {
            let value = object.value(&document.value);
            self.configs.extend(named(value));
            self.neighbours.extend(Neighbour::of(value));
            self.unheeded.extend(unheeded::of(value, &|place| span(&object, place)));
            let Some(kind) = kind(value) else { continue };
            let asked = Asked::default();
            // A value that is JSON already can always be distilled.
            let Ok(mut subject) = Subject::distil_with(kind, value, &asked) else { continue };
            // What was taken from a cluster is what KEDA reads.
            if let Subject::Scaler(scaler) = &mut subject
                && !scaler.meta.is_from_cluster
            {
                scaler.expect_placeholders();
            }
            self.secrets.extend(secrets(&subject, value).iter().map(|place| span(&object, place)));
            if document.is_repeated
                && let Some(document) = placed.as_ref()
            {
                let range = document.value_span(&object.root).unwrap_or_default();
                let within = |repeat: &&Repeat| range.contains(&repeat.spans[1].start);
                let repeats = document.repeats.iter().filter(within);
                self.repeats.extend(repeats.map(|repeat| (subject.meta().object.clone(), repeat.clone())));
            }
            self.candidates.push(Candidate { object, subject, refers: asked.0.get() });
        }
    }
}

/// A document of a source once more, with its objects completed.
pub(super) fn again(source: &Source, index: usize, range: &Range<usize>) -> Option<Document> {
    let mut document = Document::again(&source.text, range)
        // Nothing is known to come here, but a wrong line would be worse than a second look at the whole text.
        .or_else(|| parse(&source.text).0.into_iter().nth(index))?;
    objects(&mut document.value, index);
    Some(document)
}

/// The kind of an object, if it is one that is judged.
fn kind(value: &Value) -> Option<Kind> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    Kind::of(text("apiVersion")?, text("kind")?)
}

/// Knows no ConfigMap, but whether one was asked for.
#[derive(Default)]
struct Asked(Cell<bool>);

impl Configs for Asked {
    fn config_map(&self, _: Option<&str>, _: &str) -> Option<&ConfigMap> {
        self.0.set(true);
        None
    }
}
