//! `apps/v1` Deployment and StatefulSet.

use super::{List, Metadata, Scalar, Strings, view};

view! {
    /// A Deployment or a StatefulSet.
    Workload {
        metadata: Metadata<'a> = "metadata",
        spec: WorkloadSpec<'a> = "spec",
    }
}

view! {
    /// `spec`.
    WorkloadSpec {
        replicas: Scalar<'a> = "replicas",
        template: PodTemplate<'a> = "template",
    }
}

view! {
    /// `spec.template`.
    PodTemplate {
        spec: PodSpec<'a> = "spec",
    }
}

view! {
    /// `spec.template.spec`.
    PodSpec {
        grace_period: Scalar<'a> = "terminationGracePeriodSeconds",
        containers: List<Container<'a>> = "containers",
    }
}

view! {
    /// A container.
    Container {
        name: Scalar<'a> = "name",
        image: Scalar<'a> = "image",
        command: List<Scalar<'a>> = "command",
        args: List<Scalar<'a>> = "args",
        env: List<EnvVar<'a>> = "env",
        env_from: List<Strings<'a>> = "envFrom",
        lifecycle: Lifecycle<'a> = "lifecycle",
        liveness_probe: Probe<'a> = "livenessProbe",
        startup_probe: Probe<'a> = "startupProbe",
    }
}

view! {
    /// One of `env`.
    EnvVar {
        name: Scalar<'a> = "name",
        value: Scalar<'a> = "value",
        value_from: ValueFrom<'a> = "valueFrom",
    }
}

view! {
    /// `valueFrom`: which kind of source is named.
    ValueFrom {
        field: FieldRef<'a> = "fieldRef",
        resource_field: Scalar<'a> = "resourceFieldRef",
        config_map: Scalar<'a> = "configMapKeyRef",
        secret: Scalar<'a> = "secretKeyRef",
        file: Scalar<'a> = "fileKeyRef",
    }
}

view! {
    /// `valueFrom.fieldRef`.
    FieldRef {
        path: Scalar<'a> = "fieldPath",
    }
}

view! {
    /// `lifecycle`.
    Lifecycle {
        pre_stop: Handler<'a> = "preStop",
    }
}

view! {
    /// `lifecycle.preStop`.
    Handler {
        sleep: Sleep<'a> = "sleep",
        exec: Exec<'a> = "exec",
    }
}

view! {
    /// `sleep`, since Kubernetes 1.29 (KEP-3960).
    Sleep {
        seconds: Scalar<'a> = "seconds",
    }
}

view! {
    /// `exec`.
    Exec {
        command: List<Scalar<'a>> = "command",
    }
}

view! {
    /// A probe, as far as it can end a container.
    Probe {
        grace_period: Scalar<'a> = "terminationGracePeriodSeconds",
    }
}
