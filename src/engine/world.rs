//! The other objects, as far as they are known.

use super::consumer::Consumer;
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
    /// What was found.
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }
}

/// Finds the counterpart of an object.
pub trait World {
    /// The workload that a ScaledObject scales.
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer>;
    /// The ScaledObjects that scale a workload; at least one when found.
    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>>;
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

/// Whether this ScaledObject scales this workload.
pub fn is_pair(consumer: &Consumer, scaler: &Scaler) -> bool {
    let object = &consumer.meta.object;
    scaler.target.kind == Some(object.kind)
        && scaler.target.name == object.name
        && scaler.meta.object.namespace == object.namespace
}
