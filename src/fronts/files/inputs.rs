//! The objects of all files, as each other's World.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::nearest::Nearest;
use super::neighbours::{Autoscaler, Id, KedaAutoscaler, Neighbour};
use super::objects::Object;
use crate::engine::consumer::Consumer;
use crate::engine::object::{Kind, Labels, ObjectRef};
use crate::engine::scaler::Scaler;
use crate::engine::subject::Subject;
use crate::engine::world::{Lookup, OwnAutoscaler, World, are_rivals};

/// A judged object and where it comes from.
#[derive(Debug)]
pub struct Input<'a> {
    /// The object.
    pub subject: Subject,
    /// Where it stands in its source.
    pub object: Object,
    /// Which source holds it.
    pub source: usize,
    /// The folder of that source.
    pub folder: &'a Path,
}

/// All objects, indexed for their counterparts.
#[derive(Debug, Default)]
pub struct Inputs<'a> {
    all: Vec<Input<'a>>,
    workloads: HashMap<Key, Vec<usize>>,
    /// ScaledObjects by the workload that they scale.
    scalers: HashMap<Key, Vec<usize>>,
    /// The partitions of topics.
    topics: Nearest<'a, Box<str>, i64>,
    /// The workloads whose pods Rollouts run.
    rollouts: Nearest<'a, Id, Key>,
    /// The HPAs that are not KEDA's, by what they scale.
    autoscalers: Nearest<'a, Key, Box<str>>,
    /// The HPAs that are KEDA's, by the ScaledObject that they belong to.
    own_autoscalers: Nearest<'a, Id, KedaAutoscaler>,
    /// The labels of namespaces.
    namespaces: Nearest<'a, Box<str>, Box<Labels>>,
    /// Workloads that were looked for and have several definitions.
    ambiguous: Mutex<BTreeSet<ObjectRef>>,
}

type Key = (Kind, Option<Box<str>>, Box<str>);

impl<'a> Inputs<'a> {
    /// Indexes the objects. What is not judged comes with its source and folder.
    pub(super) fn new(all: Vec<Input<'a>>, neighbours: Vec<(Neighbour, usize, &'a Path)>) -> Self {
        let mut inputs = Self::default();
        for (neighbour, source, folder) in neighbours {
            inputs.add(neighbour, source, folder);
        }
        for (index, input) in all.iter().enumerate() {
            match &input.subject {
                Subject::Workload(consumer) => {
                    let ObjectRef { kind, namespace, name } = consumer.meta.object.clone();
                    inputs.workloads.entry((kind, namespace, name)).or_default().push(index);
                }
                Subject::Scaler(scaler) => {
                    if let Some(key) = inputs.target(scaler, input) {
                        inputs.scalers.entry(key).or_default().push(index);
                    }
                }
            }
        }
        inputs.all = all;
        inputs
    }

    fn add(&mut self, neighbour: Neighbour, source: usize, folder: &'a Path) {
        match neighbour {
            Neighbour::Topic(topic) => self.topics.insert(topic.name, topic.partitions, source, folder),
            Neighbour::Namespace(name, labels) => self.namespaces.insert(name, labels, source, folder),
            Neighbour::Rollout { id: (namespace, name), workload: (kind, of) } => {
                let workload = (kind, namespace.clone(), of);
                self.rollouts.insert((namespace, name), workload, source, folder);
            }
            Neighbour::Autoscaler(Autoscaler { id: (namespace, name), target: (kind, of) }) => {
                self.autoscalers.insert((kind, namespace, of), name, source, folder);
            }
            Neighbour::KedaAutoscaler(own) => {
                let id = (own.namespace.clone(), own.scaler.clone());
                self.own_autoscalers.insert(id, own, source, folder);
            }
        }
    }

    /// The workload whose pods a ScaledObject scales; a Rollout may run those of another object.
    fn target(&self, scaler: &Scaler, from: &Input<'_>) -> Option<Key> {
        let id = (scaler.meta.object.namespace.clone(), scaler.target.name.clone());
        match scaler.target.kind {
            Some(kind) => Some((kind, id.0, id.1)),
            None if scaler.target.is_rollout => self.rollouts.get(&id, from.source, from.folder).cloned(),
            None => None,
        }
    }

    /// Every object, in the order of the input.
    pub fn all(&self) -> &[Input<'a>] {
        &self.all
    }

    /// What was judged.
    pub(super) fn into_subjects(self) -> Vec<Subject> {
        self.all.into_iter().map(|input| input.subject).collect()
    }

    /// The World as an object of this input sees it: its own file first, then its folder, then all.
    pub fn around<'s>(&'s self, input: &'s Input<'a>) -> Around<'s, 'a> {
        Around { inputs: self, input }
    }

    /// Workloads whose pairs could not be judged because they are defined several times, each once.
    pub fn ambiguous(&self) -> Vec<ObjectRef> {
        self.ambiguous.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The nearest of these objects: those of the same file, else of the same folder, else all.
    fn nearest(&self, from: &Input<'a>, candidates: &[usize]) -> Vec<&Input<'a>> {
        let all = || candidates.iter().filter_map(|index| self.all.get(*index));
        let same_file: Vec<_> = all().filter(|input| input.source == from.source).collect();
        if !same_file.is_empty() {
            return same_file;
        }
        let same_folder: Vec<_> = all().filter(|input| input.folder == from.folder).collect();
        if same_folder.is_empty() { all().collect() } else { same_folder }
    }
}

/// The World around one object of the input.
#[derive(Debug)]
pub struct Around<'s, 'a> {
    inputs: &'s Inputs<'a>,
    input: &'s Input<'a>,
}

impl Around<'_, '_> {
    fn target(&self, scaler: &Scaler) -> Option<Key> {
        self.inputs.target(scaler, self.input)
    }
}

impl World for Around<'_, '_> {
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer> {
        let candidates = self.target(scaler).and_then(|key| self.inputs.workloads.get(&key));
        let Some(candidates) = candidates else { return Lookup::Unknown };
        match *self.inputs.nearest(self.input, candidates) {
            [Input { subject: Subject::Workload(consumer), .. }] => Lookup::Found(consumer),
            [Input { subject: Subject::Workload(consumer), .. }, ..] => {
                let mut ambiguous = self.inputs.ambiguous.lock().unwrap_or_else(PoisonError::into_inner);
                ambiguous.insert(consumer.meta.object.clone());
                Lookup::Unknown
            }
            _ => Lookup::Unknown,
        }
    }

    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>> {
        let ObjectRef { kind, namespace, name } = consumer.meta.object.clone();
        let Some(candidates) = self.inputs.scalers.get(&(kind, namespace, name)) else {
            return Lookup::Unknown;
        };
        let near = self.inputs.nearest(self.input, candidates);
        let scalers: Vec<&Scaler> = near.into_iter().filter_map(|input| input.subject.scaler()).collect();
        // Two definitions of one ScaledObject are two variants (a base and an overlay), of which one applies.
        let names: BTreeSet<_> = scalers.iter().map(|scaler| &scaler.meta.object).collect();
        if names.len() < scalers.len() { Lookup::Unknown } else { Lookup::Found(scalers) }
    }

    fn labels_of_namespace(&self, namespace: &str) -> Lookup<&Labels> {
        let labels = self.inputs.namespaces.get(namespace, self.input.source, self.input.folder);
        labels.map_or(Lookup::Unknown, |labels| Lookup::Found(&**labels))
    }

    fn partitions_of(&self, _: &Scaler, topic: &str) -> Option<i64> {
        self.inputs.topics.get(topic, self.input.source, self.input.folder).copied()
    }

    /// Those of the same folder, as rivals are.
    fn autoscalers_of(&self, scaler: &Scaler) -> Vec<&str> {
        let Some(key) = self.target(scaler) else { return Vec::new() };
        self.inputs.autoscalers.in_folder(&key, self.input.folder).map(|name| &**name).collect()
    }

    fn autoscaler_by_keda(&self, scaler: &Scaler) -> Option<OwnAutoscaler<'_>> {
        let ObjectRef { namespace, name, .. } = scaler.meta.object.clone();
        let all = &self.inputs.own_autoscalers;
        let own = all.get(&(namespace, name), self.input.source, self.input.folder)?;
        Some(OwnAutoscaler { name: &own.name, min: own.min, max: own.max })
    }

    /// Those of the same folder: what stands in another one may be another environment's.
    fn rivals_of(&self, scaler: &Scaler) -> Vec<&Scaler> {
        let candidates = self.target(scaler).and_then(|key| self.inputs.scalers.get(&key));
        let all = candidates.into_iter().flatten().filter_map(|index| self.inputs.all.get(*index));
        let near = all.filter(|input| input.folder == self.input.folder);
        near.filter_map(|input| match &input.subject {
            Subject::Scaler(other) if are_rivals(scaler, other) => Some(&**other),
            _ => None,
        })
        .collect()
    }
}
