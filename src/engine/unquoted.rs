//! Scalars that are no strings where the API server accepts nothing else.

use super::place::Place;
use super::views::Scalar;

/// A number or a boolean that is not quoted. What it says is left out: it may be a password of digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unquoted {
    /// Where it stands.
    pub place: Place,
    /// `a number` or `a boolean`.
    pub kind: &'static str,
}

impl Unquoted {
    /// A scalar that is no string; what is absent or null is not there at all.
    pub(crate) fn of(scalar: &Scalar<'_>, place: impl FnOnce() -> Place) -> Option<Self> {
        let kind = match scalar {
            Scalar::Bool(_) => "a boolean",
            Scalar::Int(_) | Scalar::Large(_) | Scalar::Float(_) => "a number",
            Scalar::Absent | Scalar::Text(_) | Scalar::Other => return None,
        };
        Some(Self { place: place(), kind })
    }
}
