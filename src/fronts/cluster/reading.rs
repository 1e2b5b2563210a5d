//! The Snapshot as the World of one review.

use std::ops::Deref;

use typed_arena::Arena;

use super::resource::Resource;
use super::snapshot::{Id, Snapshot, target, target_of};
use crate::engine::consumer::Consumer;
use crate::engine::object::{Kind, ObjectRef};
use crate::engine::scaler::Scaler;
use crate::engine::subject::Subject;
use crate::engine::world::{Lookup, World, are_rivals, is_pair};

/// Which watches know all there is, and know it as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Of Deployments.
    pub deployments: bool,
    /// Of StatefulSets.
    pub stateful_sets: bool,
    /// Of ScaledObjects.
    pub scaled_objects: bool,
    /// Of KafkaTopics.
    pub topics: bool,
}

impl Known {
    /// Those of which `is_known` says so.
    pub fn by(is_known: impl Fn(Resource) -> bool) -> Self {
        Self {
            deployments: is_known(Resource::Deployments),
            stateful_sets: is_known(Resource::StatefulSets),
            scaled_objects: is_known(Resource::ScaledObjects),
            topics: is_known(Resource::KafkaTopics),
        }
    }

    fn workloads(self, kind: Kind) -> bool {
        match kind {
            Kind::Deployment => self.deployments,
            Kind::StatefulSet => self.stateful_sets,
            Kind::ScaledObject => false,
        }
    }
}

/// A Snapshot that stays as it is while one review is judged. What is asked for is unpacked, and lives as long.
/// What is stale or incomplete is not known, so that it denies nothing.
pub struct Reading<S> {
    snapshot: S,
    known: Known,
    consumers: Arena<Consumer>,
    scalers: Arena<Scaler>,
}

impl<S: Deref<Target = Snapshot>> Reading<S> {
    /// Reads a Snapshot, or the guard of one.
    pub fn new(snapshot: S, known: Known) -> Self {
        Self { snapshot, known, consumers: Arena::new(), scalers: Arena::new() }
    }

    /// The ScaledObjects of a target that `is_one` takes.
    fn scalers(&self, target: u64, is_one: impl Fn(&Scaler) -> bool) -> Vec<&Scaler> {
        let unpack =
            |(id, packed): (&Id, &super::packed::Packed)| match packed.unpack(Kind::ScaledObject, id)? {
                Subject::Scaler(scaler) => is_one(&scaler).then(|| &*self.scalers.alloc(*scaler)),
                Subject::Workload(_) => None,
            };
        self.snapshot.scalers_of(target).filter_map(unpack).collect()
    }
}

impl<S: Deref<Target = Snapshot>> World for Reading<S> {
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer> {
        let (Some(kind), Some(id)) = (scaler.target.kind, id(&scaler.meta.object, &scaler.target.name))
        else {
            return Lookup::Unknown;
        };
        if !self.known.workloads(kind) {
            return Lookup::Unknown;
        }
        let Some(found) = self.snapshot.workload(kind, &id) else { return Lookup::Absent };
        match found.and_then(|packed| packed.unpack(kind, &id)) {
            Some(Subject::Workload(consumer)) => Lookup::Found(self.consumers.alloc(*consumer)),
            Some(Subject::Scaler(_)) | None => Lookup::Unknown,
        }
    }

    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>> {
        let object = &consumer.meta.object;
        let Some(namespace) = object.namespace.as_deref().filter(|_| self.known.scaled_objects) else {
            return Lookup::Unknown;
        };
        let target = target(Some(object.kind), namespace, &object.name);
        match self.scalers(target, |scaler| is_pair(consumer, scaler)) {
            none if none.is_empty() => Lookup::Absent,
            scalers => Lookup::Found(scalers),
        }
    }

    /// Namespaces say nothing of a topic: it lives in that of its Kafka cluster.
    fn partitions_of(&self, _: &Scaler, topic: &str) -> Option<i64> {
        self.known.topics.then(|| self.snapshot.partitions(topic))?
    }

    /// Whether or not their workload is known.
    fn rivals_of(&self, scaler: &Scaler) -> Vec<&Scaler> {
        if !self.known.scaled_objects || scaler.target.kind.is_none() {
            return Vec::new();
        }
        self.scalers(target_of(scaler), |other| are_rivals(scaler, other))
    }
}

/// The object `name` beside another one.
fn id(beside: &ObjectRef, name: &str) -> Option<Id> {
    let namespace = beside.namespace.as_deref()?;
    (!name.is_empty()).then(|| Id::new(namespace, name))
}
