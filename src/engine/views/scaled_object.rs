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
        fallback: Fallback<'a> = "fallback",
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
    /// `spec.fallback`.
    Fallback {
        failures: Scalar<'a> = "failureThreshold",
    }
}

view! {
    /// `spec.advanced`.
    Advanced {
        hpa: HpaConfig<'a> = "horizontalPodAutoscalerConfig",
        modifiers: ScalingModifiers<'a> = "scalingModifiers",
    }
}

view! {
    /// `spec.advanced.scalingModifiers`.
    ScalingModifiers {
        formula: Scalar<'a> = "formula",
        target: Scalar<'a> = "target",
    }
}

view! {
    /// `spec.advanced.horizontalPodAutoscalerConfig`.
    HpaConfig {
        behavior: Behavior<'a> = "behavior",
    }
}

view! {
    /// `behavior`.
    Behavior {
        up: ScalingRules<'a> = "scaleUp",
        down: ScalingRules<'a> = "scaleDown",
    }
}

view! {
    /// One direction of `behavior`.
    ScalingRules {
        window: Scalar<'a> = "stabilizationWindowSeconds",
        select: Scalar<'a> = "selectPolicy",
        policies: List<ScalingPolicy<'a>> = "policies",
    }
}

view! {
    /// One of `policies`.
    ScalingPolicy {
        kind: Scalar<'a> = "type",
        value: Scalar<'a> = "value",
        period: Scalar<'a> = "periodSeconds",
    }
}

view! {
    /// One of `spec.triggers`.
    Trigger {
        kind: Scalar<'a> = "type",
        name: Scalar<'a> = "name",
        metric_type: Scalar<'a> = "metricType",
        use_cached_metrics: Scalar<'a> = "useCachedMetrics",
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
