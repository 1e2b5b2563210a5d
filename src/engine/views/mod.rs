//! Wire shapes: what an object looks like in JSON, as far as it is read.
//!
//! Every view is lenient. A missing field, a null, a wrong type and an unknown field are all readable:
//! the API server's schema judges shapes, lagward judges what it can read. A duplicate key counts with
//! its last value, as it does for the API server.

mod object;
mod scaled_object;
mod workload;
mod write;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(crate) use object::Object;
pub(crate) use scaled_object::{Behavior, ScaleTargetRef, ScalingModifiers, ScalingRules, Trigger};
pub(crate) use workload::{Container, EnvVar, KeyRef, PodSpec, ValueFrom, VolumeMount, VolumeSource};

/// The most containers, mounts, volumes and Kafka triggers that are judged of one object. No real one has a tenth; what
/// each means to each other would let a body of 7 MiB take minutes.
pub(crate) const MOST_ITEMS: usize = 256;

/// Defines a view: a struct of the fields that are read, deserialised from a map of any shape.
macro_rules! view {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $ty:ty = $key:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name<'a> { $($(#[$doc])* pub(crate) $field: $ty,)* }

        impl<'a> $crate::engine::views::View<'a> for $name<'a> {
            fn read<A: serde::de::MapAccess<'a>>(
                &mut self,
                key: &std::borrow::Cow<'a, str>,
                map: &mut A,
            ) -> Result<(), A::Error> {
                match &**key {
                    $($key => self.$field = map.next_value()?,)*
                    _ => { map.next_value::<serde::de::IgnoredAny>()?; }
                }
                Ok(())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name<'de> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::engine::views::Lenient::default())
            }
        }

        impl serde::Serialize for $name<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::engine::views::write::Absent;
                let mut map = serializer.serialize_map(None)?;
                $(if !self.$field.is_absent() {
                    serde::ser::SerializeMap::serialize_entry(&mut map, $key, &self.$field)?;
                })*
                serde::ser::SerializeMap::end(map)
            }
        }

        impl $crate::engine::views::write::Absent for $name<'_> {
            fn is_absent(&self) -> bool {
                true $(&& self.$field.is_absent())*
            }
        }
    };
}
use view;

view! {
    /// `metadata`, without managedFields.
    Metadata {
        uid: Scalar<'a> = "uid",
        name: Scalar<'a> = "name",
        generate_name: Scalar<'a> = "generateName",
        namespace: Scalar<'a> = "namespace",
        labels: Strings<'a> = "labels",
        annotations: Strings<'a> = "annotations",
        owners: List<Owner<'a>> = "ownerReferences",
    }
}

view! {
    /// One of `metadata.ownerReferences`.
    Owner {
        controller: Scalar<'a> = "controller",
    }
}

/// A JSON scalar, kept as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// The field is not there, or null, which the API server treats alike.
    #[default]
    Absent,
    Bool(bool),
    Int(i64),
    /// A whole number of 2^63 or more.
    Large(u64),
    /// A fraction, or a number beyond 64 bits.
    Float(f64),
    Text(Cow<'a, str>),
    /// A map or a list stands where a scalar belongs.
    Other,
}

impl Scalar<'_> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as a person would write it, for messages.
    pub(crate) fn raw(&self) -> Cow<'_, str> {
        match self {
            Self::Absent => "".into(),
            Self::Bool(value) => value.to_string().into(),
            Self::Int(value) => value.to_string().into(),
            Self::Large(value) => value.to_string().into(),
            Self::Float(value) => value.to_string().into(),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Other => "a map or a list".into(),
        }
    }
}

/// A map of strings (labels, annotations, trigger metadata), in the order of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strings<'a>(Vec<(Cow<'a, str>, Scalar<'a>)>);

impl<'a> Strings<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&Scalar<'a>> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Scalar<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }
}

impl<'a> View<'a> for Strings<'a> {
    fn read<A: MapAccess<'a>>(&mut self, key: &Cow<'a, str>, map: &mut A) -> Result<(), A::Error> {
        let value = map.next_value()?;
        self.0.push((key.clone(), value));
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Strings<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::default())
    }
}

/// The bytes that a list has room for at first: what allocators have at hand for each thread (1 KB with glibc).
const FIRST_ITEMS: usize = 1000;

/// A list; anything else reads as an empty one.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(Vec<T>);

impl<T> std::ops::Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What a view does with one key of its map; whatever is no map leaves it at its default.
pub(crate) trait View<'a>: Default {
    fn read<A: MapAccess<'a>>(&mut self, key: &Cow<'a, str>, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a [`View`] from any JSON value.
pub(crate) struct Lenient<T>(PhantomData<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// A map key, borrowed from the text unless it holds an escape.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map key")
            }
            #[inline]
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// The visits of values that say nothing to the type at hand.
macro_rules! ignore_scalars {
    ($lt:lifetime, $value:ty) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }
        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok(Default::default())
        }
        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok(Default::default())
        }
        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok(Default::default())
        }
        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok(Default::default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok(Default::default())
        }
        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok(Default::default())
        }
    };
}

impl<'de, T: View<'de>> Visitor<'de> for Lenient<T> {
    type Value = T;
    ignore_scalars!('de, T);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut view = T::default();
        while let Some(Key(key)) = map.next_key()? {
            view.read(&key, &mut map)?;
        }
        Ok(view)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;
            ignore_scalars!('de, List<T>);

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                // Most lists fit: a list that grows is copied each time.
                let mut items = Vec::with_capacity(FIRST_ITEMS / size_of::<T>());
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(List::default())
            }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;
        impl<'de> Visitor<'de> for ScalarVisitor {
            type Value = Scalar<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }
            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Absent)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Int(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Scalar<'de>, E> {
                Ok(i64::try_from(value).map_or(Scalar::Large(value), Scalar::Int))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Float(value))
            }
            #[inline]
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Borrowed(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Owned(value.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }
        deserializer.deserialize_any(ScalarVisitor)
    }
}
