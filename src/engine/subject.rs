//! An object to be judged, distilled from JSON.

use serde::Deserialize;

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
        match kind {
            Kind::ScaledObject => {
                let view = views::ScaledObject::deserialize(source)?;
                Ok(Self::Scaler(Box::new(Scaler::distil(&view))))
            }
            Kind::Deployment | Kind::StatefulSet => {
                let view = views::Workload::deserialize(source)?;
                Ok(Self::Workload(Box::new(Consumer::distil(kind, &view, configs))))
            }
        }
    }

    /// Identity, facts and exemptions.
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Workload(consumer) => &consumer.meta,
            Self::Scaler(scaler) => &scaler.meta,
        }
    }
}
