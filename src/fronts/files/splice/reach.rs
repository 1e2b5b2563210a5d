//! From a place to the part of the text that may be edited there.

use serde_json::Value;

use super::super::node::{Member, Node, Style};
use super::super::tree::Document;
use super::refused::Refused;
use crate::engine::place::{Place, Segment};

/// A value in the text.
pub(super) struct Reached<'t> {
    pub(super) node: &'t Node,
    pub(super) value: &'t Value,
    /// The map or list that holds it.
    pub(super) holder: Option<&'t Node>,
    /// It with its key, if a map holds it.
    pub(super) member: Option<&'t Member>,
    /// How many segments lead here.
    pub(super) depth: usize,
}

/// The value at `place`; `None` if there is none.
///
/// # Errors
/// Something on the way stands elsewhere in the text, or for something elsewhere.
pub(super) fn existing<'t>(document: &'t Document, place: &Place) -> Result<Option<Reached<'t>>, Refused> {
    if document.value.pointer(&place.pointer()).is_none() {
        return Ok(None);
    }
    let reached = walk(document, place, &|_| false)?;
    if reached.depth < place.segments().len() {
        return Err(Refused::Unfit);
    }
    Ok(Some(reached))
}

/// The value at `place`, or the last one on the way there: a null ends it, since the API server drops nulls.
///
/// # Errors
/// As [`existing`].
pub(super) fn farthest<'t>(document: &'t Document, place: &Place) -> Result<Reached<'t>, Refused> {
    walk(document, place, &Value::is_null)
}

fn walk<'t>(
    document: &'t Document,
    place: &Place,
    is_end: &dyn Fn(&Value) -> bool,
) -> Result<Reached<'t>, Refused> {
    let mut at =
        Reached { node: &document.root, value: &document.value, holder: None, member: None, depth: 0 };
    is_own(document, at.node)?;
    for segment in place.segments() {
        if is_end(at.value) {
            break;
        }
        let next = match segment {
            Segment::Field(name) => at.value.get(name.as_ref()).map(|value| (value, at.node.member(name))),
            Segment::Item { index, .. } => at.value.get(index).map(|value| (value, None)),
        };
        let Some((value, member)) = next else { break };
        let node = match segment {
            Segment::Field(_) => member.map(|member| &member.node),
            Segment::Item { index, .. } => at.node.item(*index),
        };
        let node = node.ok_or(Refused::Unfit)?;
        if member.is_some_and(|member| member.is_merged) {
            return Err(Refused::Merge);
        }
        is_own(document, node)?;
        at = Reached { node, value, holder: Some(at.node), member, depth: at.depth + 1 };
    }
    Ok(at)
}

/// What stands here stands for nothing else.
fn is_own(document: &Document, node: &Node) -> Result<(), Refused> {
    if node.style == Style::Alias {
        return Err(Refused::Alias);
    }
    if node.anchor != 0 && document.aliased.binary_search(&node.anchor).is_ok() {
        return Err(Refused::Anchor);
    }
    Ok(())
}
