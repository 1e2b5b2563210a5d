//! A judged object of any kind.

use super::scaled_object::{Advanced, Fallback};
use super::workload::PodTemplate;
use super::{List, Metadata, Scalar, ScaleTargetRef, Trigger, view};

view! {
    /// A Deployment, a StatefulSet or a ScaledObject. It is read before its kind is known.
    Object {
        metadata: Metadata<'a> = "metadata",
        spec: Spec<'a> = "spec",
    }
}

view! {
    /// `spec`: the fields of all kinds, since none of them collide.
    Spec {
        replicas: Scalar<'a> = "replicas",
        template: PodTemplate<'a> = "template",
        target: ScaleTargetRef<'a> = "scaleTargetRef",
        min: Scalar<'a> = "minReplicaCount",
        max: Scalar<'a> = "maxReplicaCount",
        idle: Scalar<'a> = "idleReplicaCount",
        polling_interval: Scalar<'a> = "pollingInterval",
        cooldown_period: Scalar<'a> = "cooldownPeriod",
        initial_cooldown_period: Scalar<'a> = "initialCooldownPeriod",
        advanced: Advanced<'a> = "advanced",
        fallback: Fallback<'a> = "fallback",
        triggers: List<Trigger<'a>> = "triggers",
    }
}
