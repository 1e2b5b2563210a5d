//! Which objects an override or an exemption is for.

use globset::GlobMatcher;

use crate::engine::object::{Labels, Meta, ObjectRef};
use crate::engine::world::{Lookup, World};

/// The object that a policy is asked about, and what is known of its namespace.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    meta: &'a Meta,
    namespace_labels: Option<&'a Labels>,
}

impl<'a> Scope<'a> {
    /// The scope of an object. A namespace that is not there may have been made a moment ago: its labels are as
    /// unknown as those of one that nobody watches.
    pub fn of(meta: &'a Meta, world: &'a dyn World) -> Self {
        let namespace = meta.object.namespace.as_deref();
        let labels = namespace.map_or(Lookup::Unknown, |namespace| world.labels_of_namespace(namespace));
        Self { meta, namespace_labels: labels.found() }
    }
}

/// Whether a selector is for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// It depends on what is not known.
    Unsure,
}

/// A selector of objects; all its parts must fit.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    pub(super) namespaces: Vec<GlobMatcher>,
    pub(super) namespace_labels: Box<Labels>,
    pub(super) names: Vec<GlobMatcher>,
    pub(super) labels: Box<Labels>,
}

impl Selector {
    pub(super) fn fits(&self, scope: &Scope<'_>) -> Fit {
        let ObjectRef { namespace, name, .. } = &scope.meta.object;
        let fits = any(&self.namespaces, namespace.as_deref().unwrap_or_default())
            && any(&self.names, name)
            && has(&scope.meta.labels, &self.labels);
        match scope.namespace_labels {
            _ if !fits => Fit::No,
            _ if self.namespace_labels.is_empty() => Fit::Yes,
            Some(labels) if has(labels, &self.namespace_labels) => Fit::Yes,
            Some(_) => Fit::No,
            None => Fit::Unsure,
        }
    }
}

fn any(globs: &[GlobMatcher], text: &str) -> bool {
    globs.is_empty() || globs.iter().any(|glob| glob.is_match(text))
}

fn has(labels: &Labels, wanted: &Labels) -> bool {
    wanted.iter().all(|label| labels.contains(label))
}
