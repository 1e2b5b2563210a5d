//! The metadata of a trigger, as it is written.

use std::borrow::Cow;

use super::origin::SUFFIX;
use crate::engine::discover::is_template;
use crate::engine::views::{Scalar, Strings};

/// The keys and values of `metadata`, in order, in two allocations: a cluster holds many of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Every key with its value behind it.
    text: Box<str>,
    entries: Box<[Entry]>,
    /// Something else still fills in values such as `${LAG}`.
    is_unrendered: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Where the key ends in the text.
    key: u32,
    /// Where the value ends.
    value: u32,
}

impl Metadata {
    /// What is written there. A null counts as absent, since the API server drops it.
    pub(crate) fn distil(view: &Strings<'_>) -> Self {
        let written = view.iter().filter(|(_, value)| **value != Scalar::Absent);
        let raw: Vec<(&str, Cow<'_, str>)> = written.map(|(key, value)| (key, value.raw())).collect();
        raw.iter().map(|(key, value)| (*key, &**value)).collect()
    }

    /// The value of a key; the last one counts, as it does for the API server.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.last(key.len(), |name| name == key)
    }

    /// Expects that values such as `${LAG}` are filled in before KEDA reads them, as Flux and envsubst do with files.
    #[must_use]
    pub fn unrendered(self) -> Self {
        let is_unrendered = self.iter().any(|(_, value)| is_template(value));
        Self { is_unrendered, ..self }
    }

    /// Whether the value of a key is still to be filled in, so that nobody knows it.
    pub fn is_unknown(&self, key: &str) -> bool {
        self.is_unrendered && self.get(key).is_some_and(is_template)
    }

    /// The value of a key's variant `topicFromEnv`, which names a variable.
    pub fn from_env(&self, key: &str) -> Option<&str> {
        self.last(key.len() + SUFFIX.len(), |name| name.strip_suffix(SUFFIX) == Some(key))
    }

    /// The last of the keys of this length that is the right one: most are told apart by their length.
    fn last(&self, length: usize, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        let is_it = |&(from, key, _): &_| key - from == length && is_it(self.slice(from, key));
        self.spans().filter(is_it).last().map(|(_, key, value)| self.slice(key, value))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spans().map(|(from, key, value)| (self.slice(from, key), self.slice(key, value)))
    }

    /// Where each key begins and ends in the text, and where its value does.
    fn spans(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut from = 0;
        self.entries.iter().map(move |entry| {
            let (key, value) = (entry.key as usize, entry.value as usize);
            (std::mem::replace(&mut from, value), key, value)
        })
    }

    /// The same without a key, and with another one instead of it where there is one.
    #[must_use]
    pub fn replaced(&self, key: &str, by: Option<(&str, &str)>) -> Self {
        let replaced: Self = self.iter().filter(|(name, _)| *name != key).chain(by).collect();
        Self { is_unrendered: self.is_unrendered, ..replaced }
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut text = String::new();
        let mut entries = Vec::new();
        for (key, value) in pairs {
            text.push_str(key);
            let key = text.len();
            text.push_str(value);
            // An object has at most a few MiB.
            let (Ok(key), Ok(value)) = (u32::try_from(key), u32::try_from(text.len())) else { break };
            entries.push(Entry { key, value });
        }
        Self { text: text.into(), entries: entries.into(), is_unrendered: false }
    }
}

/// Names only: a value may be a secret in the wrong place.
impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|(key, _)| key)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_key_counts_and_an_empty_one_is_there() {
        let metadata: Metadata = [("topic", "a"), ("sasl", ""), ("topic", "ä")].into_iter().collect();
        assert_eq!(metadata.get("topic"), Some("ä"));
        assert_eq!(metadata.get("sasl"), Some(""));
        assert_eq!(metadata.get("tls"), None);
    }

    #[test]
    fn replacing_a_key_drops_the_old_name() {
        let metadata: Metadata = [("lagTreshold", "5"), ("topic", "a")].into_iter().collect();
        let renamed = metadata.replaced("lagTreshold", Some(("lagThreshold", "5")));
        assert_eq!(renamed.iter().collect::<Vec<_>>(), [("topic", "a"), ("lagThreshold", "5")]);
        assert_eq!(metadata.replaced("topic", None).get("topic"), None);
    }

    #[test]
    fn only_a_text_that_is_yet_to_be_rendered_has_values_that_nobody_knows() {
        let metadata: Metadata = [("topic", "a"), ("lagThreshold", "${LAG}")].into_iter().collect();
        assert!(!metadata.is_unknown("lagThreshold"));
        let metadata = metadata.unrendered();
        assert!(metadata.is_unknown("lagThreshold") && !metadata.is_unknown("topic"));
        assert!(metadata.replaced("topic", None).is_unknown("lagThreshold"));
    }

    #[test]
    fn nothing_of_the_values_is_printed() {
        let metadata: Metadata = [("password", "hunter2")].into_iter().collect();
        assert_eq!(format!("{metadata:?}"), r#"["password"]"#);
    }
}
