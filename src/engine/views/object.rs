//! A judged object of any kind.

use super::scaled_object::{Advanced, Fallback};
use super::workload::PodTemplate;
use super::{List, Metadata, Scalar, ScaleTargetRef, Strings, Trigger, view};

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

/// The annotations that say something of a counterpart begin so.
const READ_OF_COUNTERPARTS: [&str; 4] =
    ["lagward.dev/", "kafka.session.timeout.seconds", "autoscaling.keda.sh/", "scaledobject.keda.sh/"];

impl Object<'_> {
    /// Drops what matters only while the object itself is judged, and its name, by which it is kept.
    pub(crate) fn slim(&mut self) {
        let metadata = &mut self.metadata;
        metadata.labels = Strings::default();
        self.spec.template.metadata.labels = Strings::default();
        metadata.annotations.retain(|key| READ_OF_COUNTERPARTS.iter().any(|start| key.starts_with(start)));
        for name in [&mut metadata.name, &mut metadata.generate_name, &mut metadata.namespace] {
            *name = Scalar::Absent;
        }
        if metadata.uid != Scalar::Absent {
            metadata.uid = Scalar::Bool(true);
        }
    }
}
