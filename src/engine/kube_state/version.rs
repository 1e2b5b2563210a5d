//! The version of kube-state-metrics that an image's tag names.

use std::fmt;

/// A minor version of kube-state-metrics 2. Patches add and remove no flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubeStateVersion(pub(super) u16);

impl KubeStateVersion {
    /// The newest version whose flags the table knows for certain.
    pub const NEWEST: Self = Self(15);

    /// Whether the table knows all of its flags; what it says of a newer one is an assumption.
    pub fn is_known(self) -> bool {
        self <= Self::NEWEST
    }
}

/// `2.15`.
impl fmt::Display for KubeStateVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "2.{}", self.0)
    }
}

/// The version of an image: `Some(None)` where its tag names none, `None` for another major version, which has other
/// flags.
pub(super) fn of_image(image: &str) -> Option<Option<KubeStateVersion>> {
    let tagged = image.split('@').next().unwrap_or(image);
    let tag = tagged.rsplit('/').next().and_then(|name| name.split_once(':')).map(|(_, tag)| tag);
    let Some(tag) = tag else { return Some(None) };
    let mut parts = tag.strip_prefix('v').unwrap_or(tag).split(['.', '-']);
    let mut number = || parts.next().and_then(|part| part.parse::<u16>().ok());
    match (number(), number()) {
        (Some(2), Some(minor)) => Some(Some(KubeStateVersion(minor))),
        // A version has three numbers; a build number or a date is none.
        (Some(_), Some(_)) => None,
        _ => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_the_version_with_or_without_more_behind_it() {
        let of = |image| of_image(image).map(|version| version.map(|version| version.0));
        assert_eq!(of("registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.13.0"), Some(Some(13)));
        assert_eq!(of("bitnami/kube-state-metrics:2.9.2-debian-11-r14@sha256:ab"), Some(Some(9)));
        assert_eq!(of("localhost:5000/kube-state-metrics"), Some(None));
        assert_eq!(of("kube-state-metrics:latest"), Some(None));
        assert_eq!(of("kube-state-metrics@sha256:ab"), Some(None));
        assert_eq!(of("quay.io/coreos/kube-state-metrics:v1.9.8"), None);
    }
}
