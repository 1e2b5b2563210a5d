//! An object to be judged, distilled from JSON.

use serde::{Deserialize, Serialize};

use super::configs::{Configs, NoConfigs};
use super::consumer::Consumer;
use super::object::{Kind, Meta};
use super::scaler::Scaler;
use super::views;

/// An object to be judged.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A Deployment or a StatefulSet.
    Workload(Box<Consumer>),
    /// A ScaledObject.
    Scaler(Box<Scaler>),
}

/// An object as it was read, with nothing made of it yet. It borrows from its JSON, and can be read before its
/// kind is known.
#[derive(Debug)]
pub struct Sketch<'a>(views::Object<'a>);

impl<'de> Deserialize<'de> for Sketch<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        views::Object::deserialize(deserializer).map(Self)
    }
}

/// What was read, as it would be read again.
impl Serialize for Sketch<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Sketch<'_> {
    /// Leaves only what other objects are judged by: neither labels nor exemptions, and no name.
    pub fn slim(&mut self) {
        self.0.slim();
    }

    /// Distils it as an object of this kind, with ConfigMaps that it may refer to.
    pub fn distil(&self, kind: Kind, configs: &dyn Configs) -> Subject {
        match kind {
            Kind::ScaledObject => Subject::Scaler(Box::new(Scaler::distil(&self.0))),
            Kind::Deployment | Kind::StatefulSet => {
                Subject::Workload(Box::new(Consumer::distil(kind, &self.0, configs)))
            }
        }
    }
}

impl Subject {
    /// Distils an object of this kind from a deserialiser: JSON text, or a `&serde_json::Value`.
    ///
    /// # Errors
    /// Only what makes the whole text unreadable, such as a number beyond all bounds; wrong types do not.
    pub fn distil<'de, D: serde::Deserializer<'de>>(kind: Kind, source: D) -> Result<Self, D::Error> {
        Self::distil_with(kind, source, &NoConfigs)
    }

    /// The same, with ConfigMaps that the object may refer to.
    ///
    /// # Errors
    /// As [`Subject::distil`].
    pub fn distil_with<'de, D: serde::Deserializer<'de>>(
        kind: Kind,
        source: D,
        configs: &dyn Configs,
    ) -> Result<Self, D::Error> {
        Sketch::deserialize(source).map(|sketch| sketch.distil(kind, configs))
    }

    /// The workload, if it is one.
    pub fn workload(&self) -> Option<&Consumer> {
        match self {
            Self::Workload(consumer) => Some(consumer),
            Self::Scaler(_) => None,
        }
    }

    /// The ScaledObject, if it is one.
    pub fn scaler(&self) -> Option<&Scaler> {
        match self {
            Self::Workload(_) => None,
            Self::Scaler(scaler) => Some(scaler),
        }
    }

    /// Identity, facts and exemptions.
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Workload(consumer) => &consumer.meta,
            Self::Scaler(scaler) => &scaler.meta,
        }
    }

    /// The same, to be completed by what is known from elsewhere.
    pub fn meta_mut(&mut self) -> &mut Meta {
        match self {
            Self::Workload(consumer) => &mut consumer.meta,
            Self::Scaler(scaler) => &mut scaler.meta,
        }
    }
}
