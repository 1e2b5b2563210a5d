//! `apps/v1` Deployment and StatefulSet.

use super::{List, Scalar, Strings, view};

view! {
    /// `spec.template`.
    PodTemplate {
        metadata: PodMetadata<'a> = "metadata",
        spec: PodSpec<'a> = "spec",
    }
}

view! {
    /// `spec.template.metadata`.
    PodMetadata {
        labels: Strings<'a> = "labels",
    }
}

view! {
    /// `spec.template.spec`.
    PodSpec {
        grace_period: Scalar<'a> = "terminationGracePeriodSeconds",
        containers: List<Container<'a>> = "containers",
        init_containers: List<Container<'a>> = "initContainers",
        volumes: List<Volume<'a>> = "volumes",
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
        env_from: List<EnvFrom<'a>> = "envFrom",
        mounts: List<VolumeMount<'a>> = "volumeMounts",
        restart_policy: Scalar<'a> = "restartPolicy",
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
        /// Most variables have none, and it is ten times their size.
        value_from: Option<Box<ValueFrom<'a>>> = "valueFrom",
    }
}

view! {
    /// `valueFrom`: which kind of source is named.
    ValueFrom {
        field: FieldRef<'a> = "fieldRef",
        resource_field: Scalar<'a> = "resourceFieldRef",
        config_map: KeyRef<'a> = "configMapKeyRef",
        secret: KeyRef<'a> = "secretKeyRef",
        file: KeyRef<'a> = "fileKeyRef",
    }
}

view! {
    /// A key of a ConfigMap or a Secret.
    KeyRef {
        name: Scalar<'a> = "name",
        key: Scalar<'a> = "key",
    }
}

view! {
    /// One of `envFrom`.
    EnvFrom {
        prefix: Scalar<'a> = "prefix",
        config_map: KeyRef<'a> = "configMapRef",
        secret: KeyRef<'a> = "secretRef",
    }
}

view! {
    /// One of `volumes`, as far as it holds configuration.
    Volume {
        name: Scalar<'a> = "name",
        config_map: VolumeSource<'a> = "configMap",
        secret: VolumeSource<'a> = "secret",
        projected: Projected<'a> = "projected",
    }
}

view! {
    /// `projected`.
    Projected {
        sources: List<ProjectedSource<'a>> = "sources",
    }
}

view! {
    /// One of `projected.sources`.
    ProjectedSource {
        config_map: VolumeSource<'a> = "configMap",
        secret: VolumeSource<'a> = "secret",
    }
}

view! {
    /// A ConfigMap or a Secret as files.
    VolumeSource {
        name: Scalar<'a> = "name",
        secret_name: Scalar<'a> = "secretName",
        items: List<KeyToPath<'a>> = "items",
    }
}

view! {
    /// One of `items`: a key under another file name.
    KeyToPath {
        key: Scalar<'a> = "key",
        path: Scalar<'a> = "path",
    }
}

view! {
    /// One of `volumeMounts`.
    VolumeMount {
        name: Scalar<'a> = "name",
        sub_path: Scalar<'a> = "subPath",
        path: Scalar<'a> = "mountPath",
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

impl EnvFrom<'_> {
    /// Whether it refers to anything at all.
    pub(crate) fn names_something(&self) -> bool {
        self.config_map.name != Scalar::Absent || self.secret.name != Scalar::Absent
    }
}
