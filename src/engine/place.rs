//! Where a value stands in an object.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::sync::Arc;

/// A path from the root of an object to one value, made of typed segments.
///
/// It has three renderings: [`Place::pointer`] for patches and `-o json`, [`Display`] for people, and
/// [`Place::keyed`] for comparing two versions of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The last step; `None` at the root.
    last: Option<Arc<Step>>,
    /// What the object refers to at this place, where the value itself stands: a key of a ConfigMap, a variable.
    source: Option<Box<str>>,
}

/// One step and the ones before it, which all places below share.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Step {
    above: Option<Arc<Self>>,
    segment: Segment,
}

/// One step of a [`Place`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A member of a map.
    Field(Cow<'static, str>),
    /// An item of a list. The key names the item whatever its index is (a container's name, a trigger's
    /// name), so that a reordered list is the same list to the ratchet.
    Item {
        /// The item's position.
        index: usize,
        /// What names the item, where something does; all places below the item share it.
        key: Option<Arc<str>>,
    },
}

impl Place {
    /// The place of these nested fields, from the root.
    pub fn fields(names: &[&'static str]) -> Self {
        names.iter().fold(Self::default(), |place, name| place.field(*name))
    }

    /// The member `name` of the map at this place.
    #[must_use]
    pub fn field(&self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(Segment::Field(name.into()))
    }

    /// The item at `index` of the list at this place.
    #[must_use]
    pub fn item(&self, index: usize, key: Option<&str>) -> Self {
        self.with(Segment::Item { index, key: key.map(Into::into) })
    }

    /// What these steps lead to from this place.
    #[must_use]
    pub fn join<'s>(&self, steps: impl IntoIterator<Item = &'s Segment>) -> Self {
        steps.into_iter().fold(self.clone(), |place, step| place.with(step.clone()))
    }

    /// The map or list that holds this place; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        self.last.as_ref().map(|last| Self { last: last.above.clone(), source: None })
    }

    /// The last step; `None` at the root.
    pub fn last(&self) -> Option<&Segment> {
        self.last.as_ref().map(|last| &last.segment)
    }

    /// The environment variable whose value this is: its index alone makes a reader count.
    pub fn variable(&self) -> Option<&str> {
        match self.segments().as_slice() {
            [.., Segment::Field(list), Segment::Item { key: Some(name), .. }, Segment::Field(_)]
                if list == "env" =>
            {
                Some(name)
            }
            _ => None,
        }
    }

    /// The same place, where the object refers to this source of the value.
    #[must_use]
    pub fn referring_to(self, source: String) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Whether the value stands elsewhere, in another object or a variable, so that no edit of this place changes it.
    pub fn is_reference(&self) -> bool {
        self.source.is_some()
    }

    /// The steps from the root.
    pub fn segments(&self) -> Vec<&Segment> {
        let steps = std::iter::successors(self.last.as_deref(), |step| step.above.as_deref());
        let mut segments: Vec<_> = steps.map(|step| &step.segment).collect();
        segments.reverse();
        segments
    }

    /// RFC 6901, for patches: `/spec/triggers/0/metadata/lagThreshold`.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for segment in self.segments() {
            out.push('/');
            match segment {
                Segment::Field(name) => out.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Segment::Item { index, .. } => {
                    let _ = write!(out, "{index}");
                }
            }
        }
        out
    }

    /// The path with list items named by what they are instead of where they stand:
    /// `spec.triggers[kafka#0].metadata.lagThreshold`.
    pub fn keyed(&self) -> String {
        self.render(|index, key| key.map_or_else(|| index.to_string(), ToOwned::to_owned))
    }

    fn with(&self, segment: Segment) -> Self {
        Self { last: Some(Arc::new(Step { above: self.last.clone(), segment })), source: None }
    }

    fn render(&self, item: impl Fn(usize, Option<&str>) -> String) -> String {
        let mut out = String::new();
        for segment in self.segments() {
            match segment {
                Segment::Item { index, key } => {
                    let _ = write!(out, "[{}]", item(*index, key.as_deref()));
                }
                Segment::Field(name) if is_plain(name) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(name);
                }
                Segment::Field(name) => {
                    let _ = write!(out, "[{name:?}]");
                }
            }
        }
        out
    }
}

/// `spec.triggers[0].metadata.lagThreshold`; names that are no identifiers stand in brackets:
/// `metadata.annotations["kafka.session.timeout.seconds"]`.
impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(|index, _| index.to_string()))?;
        match &self.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold() -> Place {
        Place::fields(&["spec", "triggers"]).item(0, Some("kafka#0")).field("metadata").field("lagThreshold")
    }

    #[test]
    fn a_place_has_three_renderings() {
        assert_eq!(threshold().pointer(), "/spec/triggers/0/metadata/lagThreshold");
        assert_eq!(threshold().to_string(), "spec.triggers[0].metadata.lagThreshold");
        assert_eq!(threshold().keyed(), "spec.triggers[kafka#0].metadata.lagThreshold");
    }

    #[test]
    fn names_with_dots_and_slashes_stay_one_segment() {
        let place = Place::fields(&["metadata", "annotations", "lagward.dev/max~delay"]);
        assert_eq!(place.pointer(), "/metadata/annotations/lagward.dev~1max~0delay");
        assert_eq!(place.to_string(), "metadata.annotations[\"lagward.dev/max~delay\"]");
    }

    #[test]
    fn the_root_has_no_parent() {
        assert_eq!(Place::default().parent(), None);
        assert_eq!(threshold().parent().map(|p| p.pointer()).as_deref(), Some("/spec/triggers/0/metadata"));
    }
}
