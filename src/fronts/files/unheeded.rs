//! What an object says that nothing in a cluster will heed, and that so has no rule of its own.

use std::ops::Range;

use serde_json::Value;

use crate::engine::object::{Kind, ObjectRef};
use crate::engine::place::Place;

/// A remark on a part of a document.
pub(super) struct Unheeded {
    pub(super) object: ObjectRef,
    pub(super) bytes: Range<usize>,
    pub(super) text: String,
}

/// Groups and versions of the judged kinds that are gone: from Kubernetes with 1.16, from KEDA with 2.0.
const GONE: [(&str, &str, Kind); 6] = [
    ("extensions/v1beta1", "Kubernetes 1.16", Kind::Deployment),
    ("apps/v1beta1", "Kubernetes 1.16", Kind::Deployment),
    ("apps/v1beta2", "Kubernetes 1.16", Kind::Deployment),
    ("apps/v1beta1", "Kubernetes 1.16", Kind::StatefulSet),
    ("apps/v1beta2", "Kubernetes 1.16", Kind::StatefulSet),
    ("keda.k8s.io/v1alpha1", "KEDA 2.0", Kind::ScaledObject),
];

/// Names that an HPA has for what a ScaledObject calls otherwise.
const OF_AN_HPA: [(&str, &str); 2] = [("minReplicas", "minReplicaCount"), ("maxReplicas", "maxReplicaCount")];

/// What of an object is not heeded; `span` says where a place of it stands.
pub(super) fn of(value: &Value, span: &dyn Fn(&Place) -> Range<usize>) -> Vec<Unheeded> {
    let text = |of: &str| value.get(of).and_then(Value::as_str);
    let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else { return Vec::new() };
    let meta = |of: &str| value.get("metadata")?.get(of)?.as_str();
    let remark = |kind: Kind, place: &Place, text_of_it: String| Unheeded {
        object: ObjectRef {
            kind,
            namespace: meta("namespace").filter(|name| !name.is_empty()).map(Into::into),
            name: meta("name").unwrap_or_default().into(),
        },
        bytes: span(place),
        text: text_of_it,
    };
    if let Some((_, by, kind)) = GONE.iter().find(|(gone, _, of)| *gone == version && of.name() == kind) {
        let text = format!(
            "{version} went with {by}, and the {} was not judged: write {}",
            kind.name(),
            kind.api_version()
        );
        return vec![remark(*kind, &Place::fields(&["apiVersion"]), text)];
    }
    if Kind::of(version, kind) != Some(Kind::ScaledObject) {
        return Vec::new();
    }
    let is_there =
        |(name, _): &&(&'static str, &str)| value.get("spec").and_then(|spec| spec.get(name)).is_some();
    let misnamed = OF_AN_HPA.iter().filter(is_there).map(|(name, right)| {
        let text = format!("spec.{name} is an HPA's: a ScaledObject has {right}");
        remark(Kind::ScaledObject, &Place::fields(&["spec", name]), text)
    });
    misnamed.collect()
}
