//! The version of KEDA that objects are judged for.

use std::fmt;
use std::str::FromStr;

/// A minor version of KEDA. Its Kafka scalers read the same keys in the same way through all patches of a minor
/// (compared for every published tag from 2.10.1 to 2.20.2), so that a patch is accepted and not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KedaVersion {
    major: u16,
    minor: u16,
}

/// Why a text is no version to judge for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoVersion {
    /// It is not of the form `2.20` or `2.20.2`.
    Malformed,
    /// It is older than what the tables know.
    TooOld,
}

impl KedaVersion {
    /// The oldest version that the tables know.
    pub const OLDEST: Self = Self::v2(10);
    /// The newest version that the tables know, and the default.
    pub const NEWEST: Self = Self::v2(20);

    /// What the tables say of the version that is not released yet, read on KEDA's main branch (8b4f083).
    const PREVIEW: Self = Self::v2(21);

    /// `2.minor`.
    pub const fn v2(minor: u16) -> Self {
        Self { major: 2, minor }
    }

    /// Whether the tables know it for certain; what they say of a newer one is an assumption.
    pub fn is_known(self) -> bool {
        self <= Self::NEWEST
    }

    /// The version by whose tables it is judged: its own, or the newest that there are any of.
    #[must_use]
    pub fn known(self) -> Self {
        self.min(Self::PREVIEW)
    }

    /// Whether it is `2.minor` or newer.
    pub fn is_from(self, minor: u16) -> bool {
        self >= Self::v2(minor)
    }
}

/// `2.20`.
impl fmt::Display for KedaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for KedaVersion {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || {
            let part = parts.next()?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u16>().ok())?
        };
        let (Some(major), Some(minor)) = (number(), number()) else { return Err(NoVersion::Malformed) };
        let has_patch = number().is_some();
        if parts.next().is_some() || text.split('.').count() != if has_patch { 3 } else { 2 } {
            return Err(NoVersion::Malformed);
        }
        let version = Self { major, minor };
        if version < Self::OLDEST { Err(NoVersion::TooOld) } else { Ok(version) }
    }
}

impl fmt::Display for NoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => write!(f, "must be a version such as \"{}\"", KedaVersion::NEWEST),
            Self::TooOld => write!(f, "must be {} or newer", KedaVersion::OLDEST),
        }
    }
}

impl std::error::Error for NoVersion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_accepted_and_makes_no_difference() {
        assert_eq!("2.14.1".parse(), Ok(KedaVersion::v2(14)));
        assert_eq!("v2.20".parse(), Ok(KedaVersion::NEWEST));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", "2", "2.", "2.x", "2.14.", "2.14.1.0", "2.+14", "2.14-rc1", "2.14.1-rc1", " 2.14"] {
            assert_eq!(text.parse::<KedaVersion>(), Err(NoVersion::Malformed), "{text:?}");
        }
        for text in ["2.9", "2.2", "1.5.0"] {
            assert_eq!(text.parse::<KedaVersion>(), Err(NoVersion::TooOld), "{text:?}");
        }
    }

    #[test]
    fn a_newer_version_is_judged_by_the_newest_tables() {
        let newer: KedaVersion = "3.1".parse().unwrap();
        assert!(!newer.is_known() && newer.known() == KedaVersion::v2(21));
        assert!(KedaVersion::NEWEST.is_known() && !KedaVersion::v2(21).is_known());
    }
}
