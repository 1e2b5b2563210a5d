//! Why a document cannot be read, before it has a line.

use std::borrow::Cow;

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) offset: usize,
    pub(super) message: Cow<'static, str>,
}

impl Refusal {
    pub(super) const TOO_DEEP: &str = "maps and lists are nested deeper than 255 levels";

    pub(super) fn at(offset: usize, message: &'static str) -> Self {
        Self { offset, message: message.into() }
    }

    pub(super) fn too_deep(offset: usize) -> Self {
        Self::at(offset, Self::TOO_DEEP)
    }
}
