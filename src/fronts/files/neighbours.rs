//! Objects that are not judged and tell something about those that are.

use serde_json::Value;

use crate::engine::object::{Kind, Labels};

/// An object that is not judged, as far as it is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Neighbour {
    /// A topic.
    Topic(KafkaTopic),
    /// An Argo Rollout that runs the pods of another workload.
    Rollout {
        /// Its namespace and name.
        id: Id,
        /// Whose pods it runs.
        workload: Named,
    },
    /// A HorizontalPodAutoscaler that KEDA did not make.
    Autoscaler(Autoscaler),
    /// One that it made.
    KedaAutoscaler(KedaAutoscaler),
    /// A namespace and its labels.
    Namespace(Box<str>, Box<Labels>),
}

/// Namespace and name.
pub(crate) type Id = (Option<Box<str>>, Box<str>);
/// Kind and name.
pub(crate) type Named = (Kind, Box<str>);

/// A topic of Kafka, as a KafkaTopic (Strimzi) declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaTopic {
    /// Its name in Kafka. Namespaces say nothing: a topic lives in that of its Kafka cluster.
    pub name: Box<str>,
    /// How many partitions it has.
    pub partitions: i64,
}

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Autoscaler {
    pub(crate) id: Id,
    /// What it scales, in its own namespace.
    pub(crate) target: Named,
}

/// A HorizontalPodAutoscaler that KEDA made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KedaAutoscaler {
    /// Its namespace.
    pub namespace: Option<Box<str>>,
    /// Its name.
    pub name: Box<str>,
    /// The ScaledObject that it belongs to, in its own namespace.
    pub scaler: Box<str>,
    /// `minReplicas`; 1 where it is unset.
    pub min: i64,
    /// `maxReplicas`.
    pub max: i64,
}

impl Neighbour {
    /// What an object tells.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        // Most objects are none of these: `pointer` would copy its steps for each.
        let (api, kind) = (value.get("apiVersion")?.as_str()?, value.get("kind")?.as_str()?);
        match (api.split('/').next()?, kind) {
            ("kafka.strimzi.io", "KafkaTopic") => KafkaTopic::of(value).map(Self::Topic),
            ("argoproj.io", "Rollout") => {
                let workload = reference(value.pointer("/spec/workloadRef")?)?;
                Some(Self::Rollout { id: id(value)?, workload })
            }
            ("autoscaling", "HorizontalPodAutoscaler") => Self::of_autoscaler(value),
            ("v1", "Namespace") => {
                Some(Self::Namespace(text(value, "/metadata/name")?.into(), labels(value)))
            }
            _ => None,
        }
    }

    /// What an HPA tells. It need not say that it is one: those of a list do not.
    pub(crate) fn of_autoscaler(value: &Value) -> Option<Self> {
        if is_by_keda(value) {
            return KedaAutoscaler::read(value).map(Self::KedaAutoscaler);
        }
        let target = reference(value.pointer("/spec/scaleTargetRef")?)?;
        Some(Self::Autoscaler(Autoscaler { id: id(value)?, target }))
    }
}

impl KafkaTopic {
    /// The topic that an object declares. One without `partitions` has the broker's default, which nobody knows here.
    pub fn of(value: &Value) -> Option<Self> {
        if text(value, "/kind") != Some("KafkaTopic")
            || !text(value, "/apiVersion")?.starts_with("kafka.strimzi.io/")
        {
            return None;
        }
        let name = text(value, "/spec/topicName").or_else(|| text(value, "/metadata/name"))?;
        let partitions = value.pointer("/spec/partitions")?.as_i64().filter(|count| *count > 0)?;
        Some(Self { name: name.into(), partitions })
    }
}

impl KedaAutoscaler {
    /// The HPA of this object, if KEDA made it: `SetControllerReference` in `newHPAForScaledObject`
    /// (controllers/keda/hpa.go, v2.20.2).
    pub fn of(value: &Value) -> Option<Self> {
        if text(value, "/kind") != Some("HorizontalPodAutoscaler") {
            return None;
        }
        Self::read(value)
    }

    fn read(value: &Value) -> Option<Self> {
        let mut owners = value["metadata"]["ownerReferences"].as_array()?.iter();
        let owner = owners.find(|owner| owner["kind"] == "ScaledObject")?;
        let bound = |pointer| value.pointer(pointer).and_then(Value::as_i64);
        let (namespace, name) = id(value)?;
        let (scaler, min) = (text(owner, "/name")?.into(), bound("/spec/minReplicas").unwrap_or(1));
        Some(Self { namespace, name, scaler, min, max: bound("/spec/maxReplicas")? })
    }
}

/// KEDA's own owner reference and label, and the annotation by which its webhook leaves an HPA alone (`verifyHpas`,
/// apis/keda/v1alpha1/scaledobject_webhook.go, v2.20.2).
fn is_by_keda(value: &Value) -> bool {
    let metadata = &value["metadata"];
    let mut owners = metadata["ownerReferences"].as_array().into_iter().flatten();
    if owners.any(|owner| owner["kind"] == "ScaledObject") {
        return true;
    }
    let at = |map: &str, key: &str| metadata[map][key].as_str();
    at("labels", "app.kubernetes.io/managed-by") == Some("keda-operator")
        || at("annotations", "validations.keda.sh/hpa-ownership") == Some("false")
}

/// The labels of an object.
pub(crate) fn labels(value: &Value) -> Box<Labels> {
    let labels = value.pointer("/metadata/labels").and_then(Value::as_object);
    let label = |(key, value): (&String, &Value)| Some((key.as_str().into(), value.as_str()?.into()));
    labels.into_iter().flatten().filter_map(label).collect()
}

fn reference(value: &Value) -> Option<Named> {
    let kind = Kind::of(text(value, "/apiVersion")?, text(value, "/kind")?)?;
    Some((kind, text(value, "/name")?.into()))
}

fn id(value: &Value) -> Option<Id> {
    Some((text(value, "/metadata/namespace").map(Into::into), text(value, "/metadata/name")?.into()))
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_topic_is_called_as_it_says_or_as_its_object() {
        let object = |spec| json!({"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic", "metadata": {"name": "orders"}, "spec": spec});
        let of = |spec| KafkaTopic::of(&object(spec)).map(|topic| (topic.name.to_string(), topic.partitions));
        assert_eq!(of(json!({"partitions": 12})), Some(("orders".to_owned(), 12)));
        assert_eq!(
            of(json!({"partitions": 12, "topicName": "shop.orders"})),
            Some(("shop.orders".to_owned(), 12))
        );
        assert_eq!(of(json!({})), None);
        assert_eq!(of(json!({"partitions": "12"})), None);
        assert_eq!(of(json!({"partitions": 0})), None);
        assert_eq!(Neighbour::of(&json!({"apiVersion": "kafka.example.com/v1", "kind": "KafkaTopic"})), None);
    }

    #[test]
    fn an_autoscaler_of_kedas_own_is_no_foreign_one() {
        let hpa = |labels| {
            json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "consumer", "namespace": "shop", "labels": labels},
                "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "consumer"}}})
        };
        let id = (Some("shop".into()), "consumer".into());
        let target = (Kind::Deployment, "consumer".into());
        assert_eq!(Neighbour::of(&hpa(json!({}))), Some(Neighbour::Autoscaler(Autoscaler { id, target })));
        assert_eq!(Neighbour::of(&hpa(json!({"app.kubernetes.io/managed-by": "keda-operator"}))), None);
    }
}
