//! When a workload has to be looked at before a ScaledObject is refused, let in or patched, and what is judged then.

use crate::engine::consumer::Consumer;
use crate::engine::judge::{Context, Occasion, Verdict};
use crate::engine::object::{Labels, ObjectRef};
use crate::engine::scaler::Scaler;
use crate::engine::subject::Subject;
use crate::engine::world::{Lookup, OwnAutoscaler, World, is_pair};
use crate::fronts::cluster::Look;

/// The workload to look at: that of a ScaledObject which is really applied, when what is known of the workload denies,
/// or when it is not known. It may have been applied a moment ago.
pub(super) fn needed(subject: &Subject, verdict: &Verdict, context: &Context<'_>) -> Option<ObjectRef> {
    let Subject::Scaler(scaler) = subject else { return None };
    let denies = verdict.denials().any(|finding| finding.needs_pair);
    let is_known = || matches!(context.world.consumer_of(scaler), Lookup::Found(_));
    if denies || !is_known() { workload_of(subject, context) } else { None }
}

/// The workload of a ScaledObject which is really applied.
pub(super) fn workload_of(subject: &Subject, context: &Context<'_>) -> Option<ObjectRef> {
    let Subject::Scaler(scaler) = subject else { return None };
    let is_applied = context.occasion == Occasion::Admission { dry_run: false };
    if !is_applied || scaler.triggers.is_empty() {
        return None;
    }
    let namespace = scaler.meta.object.namespace.clone();
    Some(ObjectRef { kind: scaler.target.kind?, namespace, name: scaler.target.name.clone() })
}

/// A World in which one workload is known as a look has shown it.
pub(super) struct Seen<'a> {
    pub(super) look: Option<&'a Look>,
    pub(super) behind: &'a dyn World,
}

impl World for Seen<'_> {
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer> {
        match self.look {
            Some(Look::There(consumer)) if is_pair(consumer, scaler) => Lookup::Found(consumer),
            Some(Look::Gone) => Lookup::Absent,
            _ => self.behind.consumer_of(scaler),
        }
    }

    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>> {
        self.behind.scalers_of(consumer)
    }

    fn labels_of_namespace(&self, namespace: &str) -> Lookup<&Labels> {
        self.behind.labels_of_namespace(namespace)
    }

    fn partitions_of(&self, scaler: &Scaler, topic: &str) -> Option<i64> {
        self.behind.partitions_of(scaler, topic)
    }

    fn autoscalers_of(&self, scaler: &Scaler) -> Vec<&str> {
        self.behind.autoscalers_of(scaler)
    }

    fn autoscaler_by_keda(&self, scaler: &Scaler) -> Option<OwnAutoscaler<'_>> {
        self.behind.autoscaler_by_keda(scaler)
    }

    fn rivals_of(&self, scaler: &Scaler) -> Vec<&Scaler> {
        self.behind.rivals_of(scaler)
    }
}
