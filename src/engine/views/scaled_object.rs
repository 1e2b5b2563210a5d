//! `keda.sh/v1alpha1` ScaledObject.

use super::{List, Scalar, Strings, view};

view! {
    /// `spec.scaleTargetRef`.
    ScaleTargetRef {
        api_version: Scalar<'a> = "apiVersion",
        kind: Scalar<'a> = "kind",
        name: Scalar<'a> = "name",
        env_source: Scalar<'a> = "envSourceContainerName",
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
        name: Scalar<'a> = "name",
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
