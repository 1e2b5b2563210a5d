//! `keda.sh/v1alpha1` ScaledObject.

use super::{Scalar, Strings, view};

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
