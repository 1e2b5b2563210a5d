//! What is watched, and what an audit lists beside that.

use kube::core::ApiResource;

use crate::engine::object::Kind;

/// A resource of the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `apps/v1` Deployments.
    Deployments,
    /// `apps/v1` StatefulSets.
    StatefulSets,
    /// KEDA's ScaledObjects.
    ScaledObjects,
    /// Strimzi's KafkaTopics.
    KafkaTopics,
    /// Namespaces, for their labels.
    Namespaces,
    /// Argo's Rollouts. Only an audit asks for them.
    Rollouts,
    /// HorizontalPodAutoscalers. Only an audit asks for them: each is written several times a minute.
    Autoscalers,
}

impl Resource {
    /// Every one; an audit lists them all.
    pub const ALL: [Self; 7] = [
        Self::Deployments,
        Self::StatefulSets,
        Self::ScaledObjects,
        Self::KafkaTopics,
        Self::Namespaces,
        Self::Rollouts,
        Self::Autoscalers,
    ];
    /// Those that are watched.
    pub const WATCHED: [Self; 5] =
        [Self::Deployments, Self::StatefulSets, Self::ScaledObjects, Self::KafkaTopics, Self::Namespaces];

    /// The resource of objects of this kind.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Deployment => Self::Deployments,
            Kind::StatefulSet => Self::StatefulSets,
            Kind::ScaledObject => Self::ScaledObjects,
        }
    }

    /// As it is called in a path and in RBAC.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Deployments => "deployments",
            Self::StatefulSets => "statefulsets",
            Self::ScaledObjects => "scaledobjects",
            Self::KafkaTopics => "kafkatopics",
            Self::Namespaces => "namespaces",
            Self::Rollouts => "rollouts",
            Self::Autoscalers => "horizontalpodautoscalers",
        }
    }

    /// Its API group, which is empty for the core of Kubernetes.
    pub fn group(self) -> &'static str {
        match self {
            Self::Deployments | Self::StatefulSets => "apps",
            Self::ScaledObjects => "keda.sh",
            Self::KafkaTopics => "kafka.strimzi.io",
            Self::Namespaces => "",
            Self::Rollouts => "argoproj.io",
            Self::Autoscalers => "autoscaling",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Deployments => Kind::Deployment.name(),
            Self::StatefulSets => Kind::StatefulSet.name(),
            Self::ScaledObjects => Kind::ScaledObject.name(),
            Self::KafkaTopics => "KafkaTopic",
            Self::Namespaces => "Namespace",
            Self::Rollouts => "Rollout",
            Self::Autoscalers => "HorizontalPodAutoscaler",
        }
    }

    /// The versions in which it may be served, the one to try first in front.
    pub(super) fn versions(self) -> &'static [&'static str] {
        match self {
            Self::Deployments | Self::StatefulSets | Self::Namespaces => &["v1"],
            Self::ScaledObjects | Self::Rollouts => &["v1alpha1"],
            Self::Autoscalers => &["v2", "v1"],
            // Strimzi 0.49 serves both; older releases serve only the second.
            Self::KafkaTopics => &["v1", "v1beta2"],
        }
    }

    /// Where it is listed: in one namespace, or in all.
    pub(super) fn path(self, version: &str, namespace: Option<&str>) -> String {
        let plural = self.plural();
        let root = match self.group() {
            "" => format!("/api/{version}"),
            group => format!("/apis/{group}/{version}"),
        };
        match namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            None => format!("{root}/{plural}"),
        }
    }

    /// Its kind, if it is one that is judged.
    pub(super) fn judged(self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| Self::of(*kind) == self)
    }

    /// Every way in which the API server may serve it.
    pub(super) fn apis(self) -> impl Iterator<Item = ApiResource> {
        self.versions().iter().map(move |version| ApiResource {
            group: self.group().to_owned(),
            version: (*version).to_owned(),
            api_version: match self.group() {
                "" => (*version).to_owned(),
                group => format!("{group}/{version}"),
            },
            kind: self.kind().to_owned(),
            plural: self.plural().to_owned(),
        })
    }
}
