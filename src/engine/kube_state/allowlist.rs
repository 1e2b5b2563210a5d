//! The value of `--metric-labels-allowlist`, as kube-state-metrics reads it.

/// Resources, in their plural form, each with the labels that are shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowlist(Vec<(Box<str>, Vec<Box<str>>)>);

impl Allowlist {
    /// `LabelsAllowList.Set` (pkg/options/types.go, v2.0.0 to v2.15.0): `pods=[app,team],nodes=[zone]`. `None` for what
    /// it refuses.
    pub(super) fn read(value: &str) -> Option<Self> {
        let letters: Vec<char> = value.chars().collect();
        let word = |from: usize, to: usize| -> Box<str> {
            let text: String = letters.get(from..to).unwrap_or_default().iter().collect();
            text.trim().into()
        };
        let mut groups: Vec<(Box<str>, Vec<Box<str>>)> = Vec::new();
        let mut start = 0;
        for (index, letter) in letters.iter().copied().enumerate() {
            let next = letters.get(index + 1).copied();
            let previous =
                index.checked_sub(1).and_then(|before| letters.get(before)).copied().unwrap_or(letter);
            match letter {
                '=' if previous == ',' || next != Some('[') => return None,
                '=' => groups.push((word(start, index), Vec::new())),
                '[' if previous != '=' => return None,
                ']' if next.is_some_and(|next| next != ',') => return None,
                ',' if previous == ',' || next.is_none_or(|next| next == ']') => return None,
                ']' if previous != '[' => groups.last_mut()?.1.push(word(start, index)),
                // What stands outside of brackets without `=` belongs to nothing and is dropped.
                ',' if previous != ']' => {
                    if let Some((_, names)) = groups.last_mut() {
                        names.push(word(start, index));
                    }
                }
                '[' | ']' | ',' => {}
                _ => continue,
            }
            start = index + 1;
        }
        Some(Self(groups))
    }

    /// The labels of a resource: `*` stands for every resource, before what is said of one (`allowList`,
    /// internal/store/builder.go). A later group of the same name replaces an earlier one.
    pub(super) fn of(&self, resource: &str) -> Option<Vec<Box<str>>> {
        let named = |wanted: &str| self.0.iter().rev().find(|(name, _)| &**name == wanted);
        named("*").or_else(|| named(resource)).map(|(_, names)| names.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pods(value: &str) -> Option<Vec<String>> {
        let names = Allowlist::read(value)?.of("pods").unwrap_or_default();
        Some(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn labels_stand_in_brackets_behind_their_resource() {
        let some = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(pods("pods=[app]"), some(&["app"]));
        assert_eq!(pods("nodes=[zone],pods=[app, team]"), some(&["app", "team"]));
        assert_eq!(pods("*=[app],pods=[team]"), some(&["app"]));
        assert_eq!(pods("pods=[app],pods=[team]"), some(&["team"]));
        assert_eq!(pods("pods=[]"), some(&[]));
        assert_eq!(pods("pods=[*]"), some(&["*"]));
        assert_eq!(pods("nodes=[zone]"), some(&[]));
        assert_eq!(pods(""), some(&[]));
    }

    #[test]
    fn what_it_refuses_is_no_allowlist() {
        for value in [
            "pods=app",
            "pods[app]",
            "pods=[app]nodes=[zone]",
            "pods=[app,]",
            "pods=[app],",
            "pods=[a,,b]",
            "pods=",
        ] {
            assert_eq!(pods(value), None, "{value}");
        }
    }
}
