//! The other objects, as far as they are known.

use super::consumer::Consumer;
use super::object::Labels;
use super::scaler::Scaler;

/// An answer that admits not knowing: a folder of files is not a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// This is it.
    Found(T),
    /// There is none for certain.
    Absent,
    /// There may be one.
    Unknown,
}

impl<T> Lookup<T> {
    /// The same answer, borrowed.
    pub fn as_ref(&self) -> Lookup<&T> {
        match self {
            Self::Found(value) => Lookup::Found(value),
            Self::Absent => Lookup::Absent,
            Self::Unknown => Lookup::Unknown,
        }
    }

    /// The same answer with something made of what was found.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Lookup<U> {
        match self {
            Self::Found(value) => Lookup::Found(make(value)),
            Self::Absent => Lookup::Absent,
            Self::Unknown => Lookup::Unknown,
        }
    }

    /// What was found.
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }
}

/// The HPA that KEDA made for a ScaledObject, as it stands in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnAutoscaler<'a> {
    /// Its name.
    pub name: &'a str,
    /// `spec.minReplicas`.
    pub min: i64,
    /// `spec.maxReplicas`.
    pub max: i64,
}

/// Finds the counterpart of an object.
pub trait World {
    /// The workload that a ScaledObject scales.
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer>;
    /// The ScaledObjects that scale a workload; at least one when found.
    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>>;

    /// The labels of a namespace, by which a policy may select.
    fn labels_of_namespace(&self, _namespace: &str) -> Lookup<&Labels> {
        Lookup::Unknown
    }

    /// How many partitions a topic has that a ScaledObject watches, where the input says it.
    fn partitions_of(&self, _scaler: &Scaler, _topic: &str) -> Option<i64> {
        None
    }

    /// The names of the HPAs that are known to scale the workload of a ScaledObject and are not KEDA's.
    fn autoscalers_of(&self, _scaler: &Scaler) -> Vec<&str> {
        Vec::new()
    }

    /// The HPA that KEDA made for a ScaledObject, where it is known.
    fn autoscaler_by_keda(&self, _scaler: &Scaler) -> Option<OwnAutoscaler<'_>> {
        None
    }

    /// The ScaledObjects of other names that are known to scale the same workload.
    fn rivals_of(&self, scaler: &Scaler) -> Vec<&Scaler> {
        let Lookup::Found(consumer) = self.consumer_of(scaler) else { return Vec::new() };
        let mut scalers = self.scalers_of(consumer).found().unwrap_or_default();
        scalers.retain(|other| are_rivals(scaler, other));
        scalers
    }
}

/// Knows nothing: each object is judged alone.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl World for Nothing {
    fn consumer_of(&self, _: &Scaler) -> Lookup<&Consumer> {
        Lookup::Unknown
    }

    fn scalers_of(&self, _: &Consumer) -> Lookup<Vec<&Scaler>> {
        Lookup::Unknown
    }
}

/// Whether two ScaledObjects of different names scale the same workload.
pub fn are_rivals(one: &Scaler, other: &Scaler) -> bool {
    one.target.kind.is_some()
        && (one.target.kind, &one.target.name) == (other.target.kind, &other.target.name)
        && one.meta.object.namespace == other.meta.object.namespace
        && one.meta.object.name != other.meta.object.name
}

/// Whether this ScaledObject scales this workload.
pub fn is_pair(consumer: &Consumer, scaler: &Scaler) -> bool {
    let object = &consumer.meta.object;
    scaler.target.kind == Some(object.kind)
        && scaler.target.name == object.name
        && scaler.meta.object.namespace == object.namespace
}
