//! `$(VAR)` in environment values and arguments, as Kubernetes expands it
//! (k8s.io/kubernetes third_party/forked/golang/expansion, v1.34).

use std::cell::Cell;
use std::collections::HashMap;

/// What a variable is when a later value refers to it.
#[derive(Clone, Debug)]
pub(super) enum Variable {
    /// Its value, expanded.
    Known(Box<str>),
    /// It is the pod's name, or made of it.
    PodName,
    /// It comes from a ConfigMap, a Secret or a field that is not in the input.
    Elsewhere,
}

/// The variables of a container, in the order of definition.
#[derive(Debug, Default)]
pub(super) struct VariableScope {
    variables: HashMap<Box<str>, Variable>,
    /// The bytes that references were replaced with so far.
    expanded: Cell<usize>,
}

/// A text after expansion.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expanded {
    /// It refers to nothing.
    AsWritten,
    /// All references were known.
    To(String),
    /// It holds the pod's name.
    PodName,
    /// A reference is not known: its variable is elsewhere, or may come from envFrom or a Service.
    Unknown,
}

impl VariableScope {
    /// Defines a variable; a later definition replaces an earlier one.
    pub(super) fn define(&mut self, name: &str, variable: Variable) {
        self.variables.insert(name.into(), variable);
    }

    /// The variable of this name, as far as it is defined.
    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Whether so many more bytes may be filled in.
    pub(super) fn affords(&self, bytes: usize) -> bool {
        let total = self.expanded.get().saturating_add(bytes);
        let affords = total <= MOST_EXPANDED;
        if affords {
            self.expanded.set(total);
        }
        affords
    }

    /// Expands every `$(VAR)` with what is defined so far. Kubernetes leaves a reference to an undefined variable
    /// as it is; but it may be defined where no manifest shows it, so that the result is not known. A value is
    /// expanded once and never again, so that nothing can refer to itself.
    pub(super) fn expand(&self, text: &str) -> Expanded {
        // Most values refer to nothing, and one letter is found faster than two.
        if !text.contains('$') {
            return Expanded::AsWritten;
        }
        if !text.contains("$(") {
            return if text.contains("$$") {
                Expanded::To(text.replace("$$", "$"))
            } else {
                Expanded::AsWritten
            };
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut has_pod_name = false;
        // Behind the last `)` nothing can be a reference, and looking for one again and again takes long.
        let closed = text.rfind(')').unwrap_or(0);
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.as_bytes().first() {
                Some(b'$') => {
                    out.push('$');
                    rest = &rest[1..];
                }
                Some(b'(') => {
                    let is_closed = text.len() - rest.len() < closed;
                    let Some(end) = is_closed.then(|| rest.find(')')).flatten() else {
                        // An unclosed reference is no reference.
                        out.push('$');
                        continue;
                    };
                    match self.variables.get(&rest[1..end]) {
                        Some(Variable::Known(value)) if self.affords(value.len()) => out.push_str(value),
                        Some(Variable::PodName) => has_pod_name = true,
                        Some(Variable::Known(_) | Variable::Elsewhere) | None => return Expanded::Unknown,
                    }
                    rest = &rest[end + 1..];
                }
                _ => out.push('$'),
            }
        }
        out.push_str(rest);
        if has_pod_name { Expanded::PodName } else { Expanded::To(out) }
    }
}

/// Values that double with each reference grow without bound. No real container fills in so many bytes.
const MOST_EXPANDED: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> VariableScope {
        let mut scope = VariableScope::default();
        scope.define("S", Variable::Known("45000".into()));
        scope.define("SECRET", Variable::Elsewhere);
        scope.define("POD", Variable::PodName);
        scope
    }

    #[test]
    fn references_to_known_variables_are_replaced() {
        assert_eq!(scope().expand("$(S)"), Expanded::To("45000".into()));
        assert_eq!(scope().expand("a-$(S)-$(S)"), Expanded::To("a-45000-45000".into()));
        assert_eq!(scope().expand("plain"), Expanded::AsWritten);
    }

    #[test]
    fn a_doubled_dollar_escapes() {
        assert_eq!(scope().expand("$$(S)"), Expanded::To("$(S)".into()));
        assert_eq!(scope().expand("$$5"), Expanded::To("$5".into()));
    }

    #[test]
    fn what_holds_the_pods_name_is_another_for_each_pod() {
        assert_eq!(scope().expand("consumer-$(POD)"), Expanded::PodName);
    }

    #[test]
    fn what_is_not_known_is_unknown() {
        assert_eq!(scope().expand("$(SECRET)"), Expanded::Unknown);
        assert_eq!(scope().expand("$(NOWHERE)"), Expanded::Unknown);
    }

    #[test]
    fn broken_references_are_text() {
        assert_eq!(scope().expand("$(S"), Expanded::To("$(S".into()));
        assert_eq!(scope().expand("$(S) costs $"), Expanded::To("45000 costs $".into()));
    }
}
