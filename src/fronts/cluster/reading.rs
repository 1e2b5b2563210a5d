//! The Snapshot as the World of one review.

use std::cell::OnceCell;
use std::ops::Deref;
use std::sync::Arc;

use typed_arena::Arena;

use super::packed::Packed;
use super::resource::Resource;
use super::snapshot::{Id, Snapshot, target, target_of};
use crate::engine::consumer::Consumer;
use crate::engine::object::{Kind, Labels, ObjectRef};
use crate::engine::scaler::Scaler;
use crate::engine::subject::Subject;
use crate::engine::world::{Lookup, OwnAutoscaler, World, are_rivals, is_pair};

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
    /// Of namespaces.
    pub namespaces: bool,
}

impl Known {
    /// Those of which `is_known` says so.
    pub fn by(is_known: impl Fn(Resource) -> bool) -> Self {
        Self {
            deployments: is_known(Resource::Deployments),
            stateful_sets: is_known(Resource::StatefulSets),
            scaled_objects: is_known(Resource::ScaledObjects),
            topics: is_known(Resource::KafkaTopics),
            namespaces: is_known(Resource::Namespaces),
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

/// A Snapshot that stays as it is while one review is judged. What is asked for is unpacked, or was a moment
/// ago, and lives as long.
/// What is stale or incomplete is not known, so that it denies nothing.
pub struct Reading<S> {
    snapshot: S,
    known: Known,
    /// The workload that was asked for first: a review asks again and again, nearly always for the same one.
    first: OnceCell<(Kind, Id, Lookup<Arc<Subject>>)>,
    others: Arena<Arc<Subject>>,
}

impl<S: Deref<Target = Snapshot>> Reading<S> {
    /// Reads a Snapshot, or the guard of one.
    pub fn new(snapshot: S, known: Known) -> Self {
        Self { snapshot, known, first: OnceCell::new(), others: Arena::with_capacity(0) }
    }

    /// The workload whose pods a ScaledObject scales; a Rollout may run those of another object.
    pub(super) fn target(&self, scaler: &Scaler) -> Option<(Kind, Id)> {
        let named = id(&scaler.meta.object, &scaler.target.name)?;
        match scaler.target.kind {
            Some(kind) => Some((kind, named)),
            None if scaler.target.is_rollout => self.snapshot.rollouts.workload_of(&named),
            None => None,
        }
    }

    /// What is known of a workload.
    fn workload(&self, kind: Kind, id: &Id) -> Lookup<Arc<Subject>> {
        if !self.known.workloads(kind) {
            return Lookup::Unknown;
        }
        let Some(found) = self.snapshot.workload(kind, id) else { return Lookup::Absent };
        let workload = found.and_then(|packed| self.snapshot.recent.unpack(kind, id, packed));
        workload.map_or(Lookup::Unknown, Lookup::Found)
    }

    /// The ScaledObjects of a target that `is_one` takes, of those whose name `may_be` one.
    fn scalers(
        &self,
        target: u64,
        may_be: impl Fn(&Id) -> bool,
        is_one: impl Fn(&Scaler) -> bool,
    ) -> Vec<&Scaler> {
        let unpack = |(id, packed): (&Id, &Packed)| {
            let subject = self.snapshot.recent.unpack(Kind::ScaledObject, id, packed)?;
            subject.scaler().is_some_and(&is_one).then(|| self.others.alloc(subject))?.scaler()
        };
        self.snapshot.scalers_of(target).filter(|(id, _)| may_be(id)).filter_map(unpack).collect()
    }
}

impl<S: Deref<Target = Snapshot>> World for Reading<S> {
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer> {
        let Some((kind, id)) = self.target(scaler) else { return Lookup::Unknown };
        let first = self.first.get_or_init(|| (kind, id.clone(), self.workload(kind, &id)));
        let workload = if (first.0, &first.1) == (kind, &id) {
            first.2.as_ref()
        } else {
            self.workload(kind, &id).map(|workload| &*self.others.alloc(workload))
        };
        match workload.map(|subject| subject.workload()) {
            Lookup::Found(Some(consumer)) => Lookup::Found(consumer),
            Lookup::Absent => Lookup::Absent,
            Lookup::Found(None) | Lookup::Unknown => Lookup::Unknown,
        }
    }

    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>> {
        let object = &consumer.meta.object;
        let Some(namespace) = object.namespace.as_deref().filter(|_| self.known.scaled_objects) else {
            return Lookup::Unknown;
        };
        let workload = target(Some(object.kind), namespace, &object.name);
        let mut scalers = self.scalers(workload, |_| true, |scaler| is_pair(consumer, scaler));
        for rollout in self.snapshot.rollouts.of(workload) {
            let of_rollout = target(None, namespace, rollout.name());
            let is_one = |scaler: &Scaler| scaler.target.is_rollout && *scaler.target.name == *rollout.name();
            scalers.extend(self.scalers(of_rollout, |id| id.namespace() == namespace, is_one));
        }
        if scalers.is_empty() { Lookup::Absent } else { Lookup::Found(scalers) }
    }

    fn autoscalers_of(&self, scaler: &Scaler) -> Vec<&str> {
        let Some((kind, id)) = self.target(scaler) else { return Vec::new() };
        let workload = target(Some(kind), id.namespace(), id.name());
        self.snapshot.autoscalers.foreign_of(workload).iter().map(Id::name).collect()
    }

    fn autoscaler_by_keda(&self, scaler: &Scaler) -> Option<OwnAutoscaler<'_>> {
        let own = self.snapshot.autoscalers.own_of(&id(&scaler.meta.object, &scaler.meta.object.name)?)?;
        Some(OwnAutoscaler { name: &own.name, min: own.min, max: own.max })
    }

    fn labels_of_namespace(&self, namespace: &str) -> Lookup<&Labels> {
        if !self.known.namespaces {
            return Lookup::Unknown;
        }
        self.snapshot.labels_of(namespace).map_or(Lookup::Absent, Lookup::Found)
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
        let is_other = |id: &Id| id.name() != &*scaler.meta.object.name;
        self.scalers(target_of(scaler), is_other, |other| are_rivals(scaler, other))
    }
}

/// The object `name` beside another one.
fn id(beside: &ObjectRef, name: &str) -> Option<Id> {
    let namespace = beside.namespace.as_deref()?;
    (!name.is_empty()).then(|| Id::new(namespace, name))
}
