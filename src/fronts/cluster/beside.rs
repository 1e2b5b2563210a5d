//! What an audit knows beside workloads, ScaledObjects and topics: Rollouts and HPAs. They are listed once, and never
//! watched.

use std::collections::HashMap;

use super::snapshot::{Id, target};
use crate::engine::object::Kind;
use crate::fronts::files::KedaAutoscaler;

/// Rollouts that run the pods of another workload.
#[derive(Debug, Default)]
pub(super) struct Rollouts {
    workloads: HashMap<Id, (Kind, Box<str>)>,
    /// By the hash of the workload.
    by_workload: HashMap<u64, Vec<Id>>,
}

impl Rollouts {
    pub(super) fn insert(&mut self, id: Id, kind: Kind, name: Box<str>) {
        let workload = target(Some(kind), id.namespace(), &name);
        self.by_workload.entry(workload).or_default().push(id.clone());
        self.workloads.insert(id, (kind, name));
    }

    /// The workload whose pods a Rollout runs.
    pub(super) fn workload_of(&self, rollout: &Id) -> Option<(Kind, Id)> {
        let (kind, name) = self.workloads.get(rollout)?;
        Some((*kind, Id::new(rollout.namespace(), name)))
    }

    /// Those that run the pods of the workload with this hash.
    pub(super) fn of(&self, workload: u64) -> &[Id] {
        self.by_workload.get(&workload).map_or(&[], Vec::as_slice)
    }

    pub(super) fn len(&self) -> usize {
        self.workloads.len()
    }
}

/// HPAs.
#[derive(Debug, Default)]
pub(super) struct Autoscalers {
    /// Those that are not KEDA's, by the hash of the workload that they scale.
    foreign: HashMap<u64, Vec<Id>>,
    /// Those that are, by the ScaledObject that they belong to.
    own: HashMap<Id, KedaAutoscaler>,
}

impl Autoscalers {
    pub(super) fn insert_foreign(&mut self, id: Id, kind: Kind, name: &str) {
        self.foreign.entry(target(Some(kind), id.namespace(), name)).or_default().push(id);
    }

    pub(super) fn insert_own(&mut self, id: &Id, own: KedaAutoscaler) {
        self.own.insert(Id::new(id.namespace(), &own.scaler), own);
    }

    /// Those that are not KEDA's and scale the workload with this hash.
    pub(super) fn foreign_of(&self, workload: u64) -> &[Id] {
        self.foreign.get(&workload).map_or(&[], Vec::as_slice)
    }

    /// The one that KEDA made for a ScaledObject.
    pub(super) fn own_of(&self, scaler: &Id) -> Option<&KedaAutoscaler> {
        self.own.get(scaler)
    }

    pub(super) fn len(&self) -> usize {
        self.foreign.values().map(Vec::len).sum::<usize>() + self.own.len()
    }
}
