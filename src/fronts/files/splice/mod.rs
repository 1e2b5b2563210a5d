//! Edits of an object as edits of the text that it was read from.
//!
//! Only the bytes concerned change: comments, order, quotes, indentation and line endings stay. An edit that
//! cannot be made that way is refused, and so is one whose text does not read as the object with the edit:
//! [`Splicer::apply`] parses what it wrote and compares it with the JSON patch.
//!
//! `reach` finds the place, `insert`, `replace` and `remove` each make one kind of edit, `hand` and `block` write
//! values as the author does, `page` knows lines. `foresight` says of edits that they would be refused.

mod block;
mod foresight;
mod hand;
mod insert;
mod page;
mod reach;
mod refused;
mod remove;
mod replace;

#[cfg(test)]
mod author;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::node::{Node, Style};
use super::stream::parse;
use super::tree::Document;
use crate::engine::fix::{Edit, patch};
use crate::engine::place::{Place, Segment};
use block::Shape;
pub(super) use foresight::Foresight;
use hand::Hand;
pub use refused::Refused;

/// A text that edits are made in.
#[derive(Debug)]
pub struct Splicer<'t> {
    text: &'t str,
    documents: Vec<Document>,
    habits: Vec<OnceCell<Habits>>,
}

/// Edits of one object, together or not at all.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The document that holds the object.
    pub document: usize,
    /// Where the object stands in its document.
    pub root: &'a Place,
    /// The edits, in order, with places in the object.
    pub edits: &'a [Edit],
}

/// A change as edits of the text.
#[derive(Debug)]
pub struct Plan<'a> {
    change: Change<'a>,
    splices: Vec<Splice>,
    touched: Vec<String>,
}

/// New bytes in the place of old ones.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Splice {
    range: Range<usize>,
    with: String,
}

/// What is found out once a document.
#[derive(Debug)]
struct Habits {
    shape: Shape,
    is_json: bool,
}

impl<'t> Splicer<'t> {
    /// Reads the text.
    ///
    /// # Errors
    /// [`Refused::Broken`] if a document of it cannot be read.
    pub fn new(text: &'t str) -> Result<Self, Refused> {
        let (documents, errors) = parse(text);
        if !errors.is_empty() {
            return Err(Refused::Broken);
        }
        let habits = documents.iter().map(|_| OnceCell::new()).collect();
        Ok(Self { text, documents, habits })
    }

    /// Finds the bytes that a change concerns.
    ///
    /// # Errors
    /// Why they cannot be changed alone.
    pub fn plan<'a>(&self, change: Change<'a>) -> Result<Plan<'a>, Refused> {
        let document = self.documents.get(change.document).ok_or(Refused::Unfit)?;
        let habits = self.habits.get(change.document).ok_or(Refused::Unfit)?;
        let habits = habits.get_or_init(|| Habits::of(self.text, document));
        plan(Sheet { text: self.text, root: &document.root, habits }, document, change)
    }

    /// Makes all these changes, or none.
    ///
    /// # Errors
    /// [`Refused::Entangled`] if two of them want the same bytes, [`Refused::Mismatch`] if the new text does not
    /// read as every document with its changes.
    pub fn apply(&self, plans: &[&Plan<'_>]) -> Result<String, Refused> {
        let mut splices: Vec<&Splice> = plans.iter().flat_map(|plan| &plan.splices).collect();
        // Stable: what is added at one offset stays in the order of the changes.
        splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
        let mut text = String::with_capacity(self.text.len() + 64 * splices.len());
        let mut at = 0;
        for splice in splices {
            let between = self.text.get(at..splice.range.start).ok_or(Refused::Entangled)?;
            text.push_str(between);
            text.push_str(&splice.with);
            at = splice.range.end;
        }
        text.push_str(self.text.get(at..).ok_or(Refused::Entangled)?);
        self.verify(&text, plans)?;
        Ok(text)
    }

    fn verify(&self, text: &str, plans: &[&Plan<'_>]) -> Result<(), Refused> {
        let mut changed: HashMap<usize, Value> = HashMap::new();
        for Plan { change, .. } in plans {
            let document = self.documents.get(change.document).ok_or(Refused::Unfit)?;
            let value = changed.entry(change.document).or_insert_with(|| document.value.clone());
            let object = value.pointer_mut(&change.root.pointer()).ok_or(Refused::Unfit)?;
            let edits: Vec<Edit> =
                change.edits.iter().map(|edit| spelt(self.text, document, change.root, edit)).collect();
            let patch = patch(&edits, object).ok_or(Refused::Unfit)?;
            json_patch::patch(object, &patch).map_err(|_| Refused::Unfit)?;
        }
        let (documents, errors) = parse(text);
        if !errors.is_empty() || documents.len() != self.documents.len() {
            return Err(Refused::Mismatch);
        }
        let is_right = documents.iter().zip(&self.documents).enumerate().all(|(index, (new, old))| {
            let expected = changed.get(&index).unwrap_or(&old.value);
            new.value == *expected
        });
        if is_right { Ok(()) } else { Err(Refused::Mismatch) }
    }
}

fn plan<'a>(sheet: Sheet<'_>, document: &Document, change: Change<'a>) -> Result<Plan<'a>, Refused> {
    let mut plan = Plan { change, splices: Vec::new(), touched: Vec::new() };
    for edit in change.edits {
        let Some(Planned { splices, touched }) = planned(sheet, document, change.root, edit)? else {
            continue;
        };
        let touched = format!("{}{}", change.document, touched.pointer());
        if plan.touched.iter().any(|other| is_within(&touched, other) || is_within(other, &touched)) {
            return Err(Refused::Entangled);
        }
        plan.touched.push(touched);
        plan.splices.extend(splices);
    }
    Ok(plan)
}

/// `None` for an edit that changes nothing.
fn planned(
    sheet: Sheet<'_>,
    document: &Document,
    root: &Place,
    edit: &Edit,
) -> Result<Option<Planned>, Refused> {
    let place = root.join(edit.place().segments());
    if let Edit::Set { value, .. } = edit {
        return set(sheet, document, &place, value);
    }
    let Some(reached) = reach::existing(document, &place)? else { return Ok(None) };
    match edit {
        Edit::Quote { .. } if reached.value.is_string() => Ok(None),
        Edit::Quote { .. } => replace::quote(sheet, &reached).map(|made| Some(made.at(place))),
        _ => {
            let made = remove::remove(sheet, &reached)?;
            // What leaves an empty map writes its braces.
            let touched = place.parent().filter(|_| made.is_alone).unwrap_or(place);
            Ok(Some(made.at(touched)))
        }
    }
}

/// An edit that puts something in quotes as one that names it, which only the text does.
fn spelt(text: &str, document: &Document, root: &Place, edit: &Edit) -> Edit {
    let Edit::Quote { place } = edit else { return edit.clone() };
    let at = root.join(place.segments());
    let is_string = document.value.pointer(&at.pointer()).is_none_or(Value::is_string);
    match document.value_span(&at).and_then(|span| text.get(span)) {
        Some(written) if !is_string => Edit::Set { place: place.clone(), value: written.into() },
        _ => edit.clone(),
    }
}

fn set(
    sheet: Sheet<'_>,
    document: &Document,
    place: &Place,
    value: &Value,
) -> Result<Option<Planned>, Refused> {
    let reached = reach::farthest(document, place)?;
    let segments = place.segments();
    let (above, rest) = segments.split_at(reached.depth);
    let at = Place::default().join(above.iter().copied());
    if reached.value.is_null() {
        let value = nested(rest, value)?;
        return insert::fill(sheet, &reached, &value).map(|made| Some(made.at(at)));
    }
    let Some((first, rest)) = rest.split_first() else {
        if reached.value == value {
            return Ok(None);
        }
        return replace::replace(sheet, &reached, value).map(|made| Some(made.at(at)));
    };
    let value = nested(rest, value)?;
    let made = match (first, reached.value) {
        (Segment::Field(name), Value::Object(_)) => insert::insert(sheet, reached.node, Some(name), &value)?,
        (Segment::Item { index, .. }, Value::Array(items)) if *index == items.len() => {
            insert::insert(sheet, reached.node, None, &value)?
        }
        _ => return Err(Refused::Unfit),
    };
    // Two additions to an empty map would each write its braces.
    let touched = if made.is_alone { at } else { at.join([*first]) };
    Ok(Some(made.at(touched)))
}

fn nested(segments: &[&Segment], value: &Value) -> Result<Value, Refused> {
    crate::engine::fix::nested(segments, value).ok_or(Refused::Unfit)
}

impl Plan<'_> {
    /// Whether the change changes nothing.
    pub fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }

    /// The bytes that it changes, in no order, each with what comes instead.
    pub fn replacements(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        self.splices.iter().map(|splice| (splice.range.clone(), splice.with.as_str()))
    }
}

/// The places that a set of plans touches.
#[derive(Debug, Default)]
pub struct Taken {
    places: HashSet<String>,
    above: HashSet<String>,
}

impl Taken {
    /// Takes the places of a plan; false if one of them lies in, or around, one that is taken already.
    pub fn take(&mut self, plan: &Plan<'_>) -> bool {
        let is_free = plan.touched.iter().all(|place| {
            !self.above.contains(place) && upwards(place).all(|above| !self.places.contains(above))
        });
        if is_free {
            self.places.extend(plan.touched.iter().cloned());
            self.above.extend(plan.touched.iter().flat_map(|place| upwards(place)).map(ToOwned::to_owned));
        }
        is_free
    }
}

/// A pointer and all above it.
fn upwards(pointer: &str) -> impl Iterator<Item = &str> {
    let ends = pointer.match_indices('/').map(|(at, _)| at).chain([pointer.len()]);
    ends.filter_map(|end| pointer.get(..end))
}

fn is_within(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The text of one document with what is known of it.
#[derive(Clone, Copy)]
struct Sheet<'t> {
    text: &'t str,
    root: &'t Node,
    habits: &'t Habits,
}

impl<'t> Sheet<'t> {
    fn at(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    fn hand(&self, holder: &Node) -> Hand {
        Hand::of(self.text, holder, self.root, self.habits.is_json)
    }
}

impl Habits {
    fn of(text: &str, document: &Document) -> Self {
        let root = &document.root;
        let json = text.get(root.span.clone()).filter(|_| root.style == Style::Flow);
        let is_json = json.is_some_and(|json| serde_json::from_str::<IgnoredAny>(json).is_ok());
        Self { shape: Shape::of(text, root), is_json }
    }
}

/// The edits of the text that one edit of the object becomes.
struct Made {
    splices: Vec<Splice>,
    /// Nothing else can be added to what holds it at the same time.
    is_alone: bool,
}

struct Planned {
    splices: Vec<Splice>,
    touched: Place,
}

impl Made {
    fn one(range: Range<usize>, with: impl Into<String>) -> Self {
        Self { splices: vec![Splice { range, with: with.into() }], is_alone: false }
    }

    fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }

    fn at(self, touched: Place) -> Planned {
        Planned { splices: self.splices, touched }
    }
}
