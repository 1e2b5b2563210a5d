//! What a ScaledObject scales.

use super::object::Kind;
use super::views;

/// `spec.scaleTargetRef`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The kind, if it is one that is judged. `None` for a Rollout or any other kind.
    pub kind: Option<Kind>,
    /// An Argo Rollout, which may run the pods of a Deployment (`workloadRef`).
    pub is_rollout: bool,
    /// Its name.
    pub name: Box<str>,
    /// `envSourceContainerName`: the container whose variables a trigger may read, instead of the first.
    pub env_source: Option<Box<str>>,
    /// The kind that was meant where `kind` is written in the wrong case, such as `deployment`.
    pub misspelt: Option<Box<Misspelt>>,
}

/// A kind in the wrong case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misspelt {
    /// As it is written.
    pub written: Box<str>,
    /// As it is called.
    pub right: &'static str,
}

impl Target {
    pub(super) fn distil(view: &views::ScaleTargetRef<'_>) -> Self {
        let kind = view.kind.as_str().filter(|k| !k.is_empty()).unwrap_or("Deployment");
        let api_version = view.api_version.as_str().filter(|v| !v.is_empty()).unwrap_or("apps/v1");
        let judged = Kind::of(api_version, kind).filter(|kind| *kind != Kind::ScaledObject);
        let right = SCALABLE.iter().find(|name| name.eq_ignore_ascii_case(kind) && **name != kind);
        let misspelt = right.filter(|_| api_version == "apps/v1");
        Self {
            kind: judged,
            is_rollout: kind == "Rollout" && api_version.starts_with("argoproj.io/"),
            name: view.name.as_str().unwrap_or_default().into(),
            env_source: view.env_source.as_str().filter(|name| !name.is_empty()).map(Into::into),
            misspelt: misspelt.map(|right| Box::new(Misspelt { written: kind.into(), right })),
        }
    }
}

/// The kinds of `apps/v1` that can be scaled.
const SCALABLE: [&str; 3] = ["Deployment", "StatefulSet", "ReplicaSet"];
