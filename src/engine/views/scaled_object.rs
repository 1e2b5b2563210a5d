//! `keda.sh/v1alpha1` ScaledObject.

use super::{List, Metadata, Scalar, Strings, view};

view! {
    /// A ScaledObject.
    ScaledObject {
        metadata: Metadata<'a> = "metadata",
        spec: Spec<'a> = "spec",
    }
}

view! {
    /// `spec`.
    Spec {
        target: ScaleTargetRef<'a> = "scaleTargetRef",
        min: Scalar<'a> = "minReplicaCount",
        max: Scalar<'a> = "maxReplicaCount",
        idle: Scalar<'a> = "idleReplicaCount",
        polling_interval: Scalar<'a> = "pollingInterval",
        cooldown_period: Scalar<'a> = "cooldownPeriod",
        initial_cooldown_period: Scalar<'a> = "initialCooldownPeriod",
        advanced: Advanced<'a> = "advanced",
        triggers: List<Trigger<'a>> = "triggers",
    }
}

view! {
    /// `spec.scaleTargetRef`.
    ScaleTargetRef {
        api_version: Scalar<'a> = "apiVersion",
        kind: Scalar<'a> = "kind",
        name: Scalar<'a> = "name",
    }
}

view! {
    /// `spec.advanced`.
    Advanced {
        modifiers: ScalingModifiers<'a> = "scalingModifiers",
    }
}

view! {
    /// `spec.advanced.scalingModifiers`.
    ScalingModifiers {
        formula: Scalar<'a> = "formula",
    }
}

view! {
    /// One of `spec.triggers`.
    Trigger {
        kind: Scalar<'a> = "type",
        name: Scalar<'a> = "name",
        metric_type: Scalar<'a> = "metricType",
        authentication: AuthenticationRef<'a> = "authenticationRef",
        metadata: Strings<'a> = "metadata",
    }
}

view! {
    /// `authenticationRef` of a trigger.
    AuthenticationRef {
        name: Scalar<'a> = "name",
    }
}
