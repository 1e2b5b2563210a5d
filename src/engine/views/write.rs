//! Views as JSON again: what was read and nothing else, so that reading it once more makes the same view.

use serde::{Serialize, Serializer};

use super::{List, Scalar, Strings};

/// Whether a field says nothing, so that it can be left out.
pub(crate) trait Absent {
    fn is_absent(&self) -> bool;
}

impl Absent for Scalar<'_> {
    fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}

impl Absent for Strings<'_> {
    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Absent for List<T> {
    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

/// An empty one is there.
impl<T> Absent for Option<Box<T>> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl Serialize for Scalar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Large(value) => serializer.serialize_u64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Other => serializer.collect_seq::<[(); 0]>([]),
        }
    }
}

impl Serialize for Strings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
