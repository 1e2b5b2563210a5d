//! One document: its value, and where each part of it stands in the text.

use std::ops::Range;

use serde_json::Value;

use super::node::{Node, Repeat, Style};
use super::stream::read_part;
use crate::engine::place::{Place, Segment};

/// One document of a stream.
#[derive(Debug)]
pub struct Document {
    /// The document as JSON, with anchors, aliases and merge keys resolved.
    pub value: Value,
    pub(super) root: Node,
    /// The anchors that an alias names, in order.
    pub(super) aliased: Vec<usize>,
    /// Where it stands in the text.
    pub(super) range: Range<usize>,
    /// The keys that stand twice in one map.
    pub(super) repeats: Vec<Repeat>,
}

/// A document that does not know where its parts stand: [`Document::again`] does.
pub(super) struct Bare {
    pub(super) value: Value,
    pub(super) range: Range<usize>,
    /// A map may have a key twice.
    pub(super) is_repeated: bool,
}

impl From<Document> for Bare {
    fn from(Document { value, range, repeats, .. }: Document) -> Self {
        Self { value, range, is_repeated: !repeats.is_empty() }
    }
}

impl Document {
    /// The document of a text that stood in this range; `None` if there is not just this one.
    pub(super) fn again(text: &str, range: &Range<usize>) -> Option<Self> {
        let mut documents = read_part(text, range.clone())?;
        let document = documents.pop();
        document.filter(|_| documents.is_empty())
    }

    /// The bytes to underline for `place`: its value, and where there is none the key of what should hold it.
    ///
    /// An item of a list has no key, so its first line's key stands for it.
    pub fn span(&self, place: &Place) -> Range<usize> {
        let walk = self.walk(place);
        match walk.node {
            Some(node) if !node.span.is_empty() => node.span.clone(),
            _ => walk.caret,
        }
    }

    /// The bytes of the value at `place`; empty for a key without a value, `None` for what does not exist.
    ///
    /// A quoted scalar includes its quotes, a block scalar leaves its header (`|`) out. Under an alias it is the
    /// alias.
    pub fn value_span(&self, place: &Place) -> Option<Range<usize>> {
        self.walk(place).node.map(|node| node.span.clone())
    }

    /// The bytes of the key at `place`; `None` for items of lists, the root and what does not exist.
    pub fn key_span(&self, place: &Place) -> Option<Range<usize>> {
        let walk = self.walk(place);
        let is_field = matches!(place.last(), Some(Segment::Field(_)));
        (is_field && walk.node.is_some()).then_some(walk.caret)
    }

    /// How the value at `place` is written; `None` for what does not exist.
    pub fn style(&self, place: &Place) -> Option<Style> {
        self.walk(place).node.map(|node| node.style)
    }

    /// The first answer that `test` gives for the range of an unquoted scalar or key.
    pub(super) fn find_plain<T>(&self, test: &dyn Fn(Range<usize>) -> Option<T>) -> Option<T> {
        self.root.find_plain(test)
    }

    fn walk(&self, place: &Place) -> Walk<'_> {
        let mut value = Some(&self.value);
        let mut node = &self.root;
        let mut caret = node.caret();
        for segment in place.segments() {
            value = value.and_then(|value| match segment {
                Segment::Field(name) => value.get(name.as_ref()),
                Segment::Item { index, .. } => value.get(index),
            });
            // The spans below an alias are the alias; only the value knows what is there.
            if node.style == Style::Alias {
                continue;
            }
            let next = match segment {
                Segment::Field(name) => {
                    node.member(name).map(|member| (member.key_span.clone(), &member.node))
                }
                Segment::Item { index, .. } => node.item(*index).map(|item| (item.caret(), item)),
            };
            let Some((key, below)) = next else { return Walk { node: None, caret } };
            (caret, node) = (key, below);
        }
        let exists = node.style != Style::Alias || value.is_some();
        Walk { node: exists.then_some(node), caret }
    }
}

/// What a place led to, and the key to point at otherwise.
struct Walk<'tree> {
    node: Option<&'tree Node>,
    caret: Range<usize>,
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    const SCALED: &str = "\
# a comment: with a colon
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
spec:
  minReplicaCount:   # nothing
  scaleTargetRef: {name: 'ü', kind: \"Deployment\"}
  triggers:
  - type: kafka
    metadata:
      lagThreshold: \"10\"   # why
      script: |
        one
        two

  - type: cron
";

    fn one(text: &str) -> Document {
        let (mut documents, errors) = parse(text);
        assert_eq!(errors, [], "{text:?}");
        assert_eq!(documents.len(), 1, "{text:?}");
        documents.remove(0)
    }

    fn trigger() -> Place {
        Place::fields(&["spec", "triggers"]).item(0, None)
    }

    #[test]
    fn every_value_knows_its_place_in_the_text() {
        let document = one(SCALED);
        let at = |place: &Place| document.value_span(place).map(|span| &SCALED[span]);
        let metadata = trigger().field("metadata");
        assert_eq!(at(&metadata.field("lagThreshold")), Some("\"10\""));
        assert_eq!(at(&metadata.field("script")), Some("one\n        two"));
        assert_eq!(at(&Place::fields(&["spec", "scaleTargetRef", "name"])), Some("'ü'"));
        assert_eq!(at(&Place::fields(&["spec", "minReplicaCount"])), Some(""));
        assert_eq!(at(&Place::fields(&["spec", "maxReplicaCount"])), None);
        let triggers = at(&Place::fields(&["spec", "triggers"])).unwrap();
        assert!(triggers.starts_with("- type: kafka") && triggers.ends_with("- type: cron"), "{triggers}");
        assert_eq!(document.style(&metadata.field("script")), Some(Style::BlockScalar));
        assert_eq!(document.style(&Place::fields(&["spec", "scaleTargetRef"])), Some(Style::Flow));
    }

    #[test]
    fn what_is_missing_points_at_the_key_that_should_hold_it() {
        let document = one(SCALED);
        let at = |place: &Place| &SCALED[document.span(place)];
        assert_eq!(at(&Place::fields(&["spec", "maxReplicaCount"])), "spec");
        assert_eq!(at(&Place::fields(&["spec", "minReplicaCount"])), "minReplicaCount");
        assert_eq!(at(&Place::fields(&["spec", "advanced", "behavior", "scaleDown"])), "spec");
        assert_eq!(at(&trigger().field("authenticationRef")), "type");
        assert_eq!(at(&trigger().field("metadata").field("topic")), "metadata");
        assert_eq!(at(&Place::fields(&["metadata", "name"])), "apiVersion");
        assert_eq!(at(&Place::fields(&["spec", "triggers"]).item(7, None)), "triggers");
    }

    #[test]
    fn a_document_reads_alone_as_it_reads_among_others() {
        let streams = [
            "a: 1\n---\nb: 2\n---\n- c\n",
            "# first\n---\na: &x {b: 1}\nc: *x\n# last\n--- # why\nd: |\n  ---\n  e\n\n\n---\n---\nf: g\n...\n# h\nh: 1\n",
            "\u{feff}---\na: ü\n...\n%YAML 1.2\n---\nb: 'c\n\n  d'\n",
            "a: 1\r\n---\r\nb: 2\r\n",
            "--- a\n--- |\n  b\n--- {c: d}\n--- # nothing\n",
            "{\"a\": 1}\n{\"b\": 2}\n",
            "a: [\n---\nb: 1\n---\nc: 'x\n---\nd: 1\n",
            "a:\n- b\n- c:\n",
            "a: b",
        ];
        for text in streams {
            for document in parse(text).0 {
                let alone = Document::again(text, &document.range);
                let alone =
                    alone.unwrap_or_else(|| panic!("{:?} of {text:?}", &text[document.range.clone()]));
                assert_eq!(alone.value, document.value, "{text:?}");
                assert_eq!(format!("{:?}", alone.root), format!("{:?}", document.root), "{text:?}");
            }
        }
    }
}
