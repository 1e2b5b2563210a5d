//! The objects of one block, and what they know of each other.

use lagward::engine::consumer::Consumer;
use lagward::engine::object::{Kind, ObjectRef};
use lagward::engine::place::Place;
use lagward::engine::scaler::Scaler;
use lagward::engine::subject::Subject;
use lagward::engine::world::{Lookup, OwnAutoscaler, World, are_rivals, is_pair};
use lagward::fronts::files::{
    Document, KafkaTopic, KedaAutoscaler, Object, Origin, Source, line_column, objects, parse,
};
use serde_json::Value;

/// The documents of a block.
pub(crate) struct Block {
    text: String,
    documents: Vec<Document>,
    objects: Vec<Object>,
    autoscalers: Vec<KedaAutoscaler>,
    /// The objects that are judged.
    pub(crate) judged: Vec<Judged>,
}

/// An object that is judged.
pub(crate) struct Judged {
    /// Which object of the block it is.
    index: usize,
    pub(crate) kind: Kind,
    pub(crate) subject: Subject,
}

impl Block {
    /// Reads a block.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (mut documents, errors) = parse(text);
        if let Some(error) = errors.first() {
            return Err(format!("line {}: {}", error.line, error.message));
        }
        let found = documents
            .iter_mut()
            .enumerate()
            .flat_map(|(index, document)| objects(&mut document.value, index));
        let objects = found.collect();
        let text = text.to_owned();
        let mut block = Self { text, documents, objects, autoscalers: Vec::new(), judged: Vec::new() };
        block.autoscalers = block.values().iter().filter_map(KedaAutoscaler::of).collect();
        for (index, value) in block.values().iter().enumerate() {
            if let Some((kind, subject)) = distil(value)? {
                block.judged.push(Judged { index, kind, subject });
            }
        }
        Ok(block)
    }

    /// A block that holds these objects.
    pub(crate) fn of(values: &[Value]) -> Result<Self, String> {
        let texts: Vec<String> = values.iter().map(Value::to_string).collect();
        Self::read(&texts.join("\n---\n"))
    }

    /// The block as a file.
    pub(crate) fn source(&self) -> Source {
        source(&self.text)
    }

    /// Every object, judged or not.
    pub(crate) fn values(&self) -> Vec<Value> {
        self.objects
            .iter()
            .map(|object| object.value(&self.documents[object.document].value).clone())
            .collect()
    }

    /// One object's JSON.
    pub(crate) fn value(&self, judged: &Judged) -> Value {
        let object = &self.objects[judged.index];
        object.value(&self.documents[object.document].value).clone()
    }

    /// The index of the object of this name among all.
    pub(crate) fn index_of(&self, object: &ObjectRef) -> Option<usize> {
        self.judged.iter().find(|judged| judged.subject.meta().object == *object).map(|judged| judged.index)
    }

    /// The line of the block on which a place of an object is reported.
    pub(crate) fn line(&self, object: &ObjectRef, place: &Place) -> Option<usize> {
        let object = &self.objects[self.index_of(object)?];
        Some(line_column(&self.text, self.documents[object.document].span(&object.within(place)).start).0)
    }
}

/// Who is not in the block may still exist: a page shows no cluster.
impl World for Block {
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer> {
        let mut found = self.judged.iter().filter_map(|judged| match &judged.subject {
            Subject::Workload(consumer) if is_pair(consumer, scaler) => Some(&**consumer),
            _ => None,
        });
        found.next().map_or(Lookup::Unknown, Lookup::Found)
    }

    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>> {
        let found = self.judged.iter().filter_map(|judged| match &judged.subject {
            Subject::Scaler(scaler) if is_pair(consumer, scaler) => Some(&**scaler),
            _ => None,
        });
        let found: Vec<&Scaler> = found.collect();
        if found.is_empty() { Lookup::Unknown } else { Lookup::Found(found) }
    }

    fn partitions_of(&self, _: &Scaler, topic: &str) -> Option<i64> {
        let values = self.values();
        let mut found = values.iter().filter_map(KafkaTopic::of).filter(|known| *known.name == *topic);
        found.next().map(|known| known.partitions)
    }

    fn autoscaler_by_keda(&self, scaler: &Scaler) -> Option<OwnAutoscaler<'_>> {
        let ObjectRef { namespace, name, .. } = &scaler.meta.object;
        let is_own = |own: &&KedaAutoscaler| own.namespace == *namespace && own.scaler == *name;
        let own = self.autoscalers.iter().find(is_own)?;
        Some(OwnAutoscaler { name: &own.name, min: own.min, max: own.max })
    }

    fn rivals_of(&self, scaler: &Scaler) -> Vec<&Scaler> {
        let all = self.judged.iter().filter_map(|judged| match &judged.subject {
            Subject::Scaler(other) if are_rivals(scaler, other) => Some(&**other),
            _ => None,
        });
        all.collect()
    }
}

fn source(text: &str) -> Source {
    Source { name: "page.yaml".to_owned(), text: text.to_owned(), folder: ".".into(), origin: Origin::File }
}

fn distil(value: &Value) -> Result<Option<(Kind, Subject)>, String> {
    let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let Some(kind) = Kind::of(text("apiVersion"), text("kind")) else { return Ok(None) };
    let subject = Subject::distil(kind, value).map_err(|error| error.to_string())?;
    Ok(Some((kind, subject)))
}
