//! An object of the cluster, small enough to keep a hundred thousand of them.
//!
//! A `Consumer` or a `Scaler` takes kilobytes: each of its settings knows where it is written. What is kept instead
//! is the JSON of its view, compressed; it is distilled again for the one review that asks.

use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};

use super::snapshot::Id;
use crate::engine::configs::NoConfigs;
use crate::engine::object::{Kind, ObjectRef};
use crate::engine::subject::{Sketch, Subject};

/// What most objects hold, so that even a small one finds something to refer to.
const DICTIONARY: &[u8] = include_bytes!("dictionary.json");

/// An object without its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Box<[u8]>);

impl Packed {
    /// Packs what was read of an object, without what only matters when it is judged itself.
    pub fn of(mut sketch: Sketch<'_>) -> Self {
        sketch.slim();
        Self::whole(&sketch)
    }

    /// Packs all that was read of an object, which is to be judged later.
    pub fn whole(sketch: &Sketch<'_>) -> Self {
        // Strings, numbers and maps with string keys always serialise.
        let json = serde_json::to_vec(sketch).unwrap_or_default();
        // Copied: a buffer that is cut down to its contents leaves a hole in the heap that little fits into.
        Self(compress_prepend_size_with_dict(&json, DICTIONARY).as_slice().into())
    }

    /// The object of this kind and name.
    pub fn unpack(&self, kind: Kind, id: &Id) -> Option<Subject> {
        let json = decompress_size_prepended_with_dict(&self.0, DICTIONARY).ok()?;
        let sketch: Sketch<'_> = serde_json::from_slice(&json).ok()?;
        let mut subject = sketch.distil(kind, &NoConfigs);
        let object = ObjectRef { kind, namespace: Some(id.namespace().into()), name: id.name().into() };
        subject.meta_mut().object = object;
        Some(subject)
    }
}
