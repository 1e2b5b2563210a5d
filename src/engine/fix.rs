//! Edits that mend an object, and their rendering as a JSON Patch.

use std::fmt::{self, Display};

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation};
use serde_json::{Map, Value};

use super::place::{Place, Segment};

/// What would mend a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Whether it overwrites what the author wrote.
    pub safety: Safety,
    /// The webhook may apply it: under `mutate: fill` if it fills, under `mutate: enforce` in any case.
    pub at_admission: bool,
    /// It takes what the author wrote to where it is read, so that it comes before what would write something else
    /// there.
    pub moves: bool,
    /// The edits, in order.
    pub edits: Vec<Edit>,
}

/// Whether a fix overwrites something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// Supplies what the author left unset.
    Fill,
    /// Overwrites what the author wrote.
    Set,
}

/// One change of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Writes a value, creating the maps and lists above it.
    Set {
        /// Where.
        place: Place,
        /// What.
        value: Value,
    },
    /// Removes what is there.
    Remove {
        /// Where.
        place: Place,
    },
    /// Makes a string of a number or a boolean as it is written, which only its text tells: it names no value.
    Quote {
        /// Where.
        place: Place,
    },
}

impl Edit {
    /// What it changes.
    pub fn place(&self) -> &Place {
        match self {
            Self::Set { place, .. } | Self::Remove { place } | Self::Quote { place } => place,
        }
    }

    /// Where it stands among the edits of an object, from the beginning to the end.
    fn order(&self) -> Vec<(usize, String)> {
        let step = |segment: &Segment| match segment {
            Segment::Field(name) => (0, name.to_string()),
            Segment::Item { index, .. } => (*index, String::new()),
        };
        self.place().segments().into_iter().map(step).collect()
    }
}

impl Fix {
    /// Whether its edits change the object that they speak of: a value in a ConfigMap is beyond them.
    pub fn is_possible(&self) -> bool {
        self.edits.iter().all(|edit| !edit.place().is_reference())
    }

    /// Supplies an unset value.
    pub fn fill(place: Place, value: impl Into<Value>) -> Self {
        Self::new(Safety::Fill, vec![Edit::Set { place, value: value.into() }])
    }

    /// Overwrites a value.
    pub fn set(place: Place, value: impl Into<Value>) -> Self {
        Self::new(Safety::Set, vec![Edit::Set { place, value: value.into() }])
    }

    /// Puts what is written in quotes.
    pub fn quote(place: Place) -> Self {
        Self::new(Safety::Fill, vec![Edit::Quote { place }])
    }

    /// These edits together.
    pub fn new(safety: Safety, edits: Vec<Edit>) -> Self {
        Self { safety, at_admission: false, moves: false, edits }
    }

    /// Takes what the author wrote from one place to another.
    pub fn moved(from: Place, place: Place, value: impl Into<Value>) -> Self {
        let edits = vec![Edit::Remove { place: from }, Edit::Set { place, value: value.into() }];
        Self { moves: true, ..Self::new(Safety::Set, edits) }
    }

    /// Lets the webhook apply it.
    #[must_use]
    pub fn at_admission(self) -> Self {
        Self { at_admission: true, ..self }
    }

    /// The fix as RFC 6902 for a reader of its own time: each overwritten or removed value is tested first, so
    /// that a patch for another version of the object fails instead of spoiling it. `None` if an edit does not
    /// fit the object, or speaks of its text: of `1.10` the object knows only that it is 1.1.
    pub fn tested_patch(&self, object: &Value) -> Option<Patch> {
        if self.edits.iter().any(|edit| matches!(edit, Edit::Quote { .. })) {
            return None;
        }
        let Patch(operations) = patch(&self.edits, object)?;
        let mut tested = Vec::with_capacity(operations.len() * 2);
        for operation in operations {
            if let PatchOperation::Replace(ReplaceOperation { path, .. })
            | PatchOperation::Remove(RemoveOperation { path }) = &operation
                && let Ok(value) = path.resolve(object)
            {
                tested.push(PatchOperation::Test(TestOperation { path: path.clone(), value: value.clone() }));
            }
            tested.push(operation);
        }
        Some(Patch(tested))
    }
}

/// As advice: `set spec.minReplicaCount to 2`.
impl Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, edit) in self.edits.iter().enumerate() {
            let and = if index == 0 { "" } else { " and " };
            match edit {
                Edit::Set { place, value } => write!(f, "{and}set {place} to {value}")?,
                Edit::Remove { place } => write!(f, "{and}remove {place}")?,
                Edit::Quote { place } => write!(f, "{and}put {place} in quotes")?,
            }
        }
        Ok(())
    }
}

/// The edits as RFC 6902: `add` with the missing parents in its value, `replace`, `remove`. Nothing for an edit
/// that changes nothing; `None` if an edit does not fit the object (a scalar stands where a map belongs).
///
/// Every place is one of the object as it is: items are removed last, once each and from the end, so that no
/// removal moves what another edit means.
pub fn patch(edits: &[Edit], object: &Value) -> Option<Patch> {
    let mut working = object.clone();
    let mut operations = Vec::new();
    let (mut removals, sets): (Vec<&Edit>, Vec<&Edit>) =
        edits.iter().partition(|edit| matches!(edit, Edit::Remove { .. }));
    removals.sort_by_cached_key(|edit| std::cmp::Reverse(edit.order()));
    removals.dedup();
    let sets = joined(&sets, object);
    for edit in sets.iter().chain(removals) {
        let Some(operation) = operation(edit, &working)? else { continue };
        json_patch::patch(&mut working, std::slice::from_ref(&operation)).ok()?;
        operations.push(operation);
    }
    Some(Patch(operations))
}

/// Two settings may stand in one text (a script, JVM options, JSON), and each edit rewrites all of it: what they
/// change of it is put together. Of two that change the same part the later one counts.
fn joined(sets: &[&Edit], object: &Value) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::with_capacity(sets.len());
    for (index, edit) in sets.iter().enumerate() {
        let Edit::Set { place, .. } = edit else {
            joined.push((*edit).clone());
            continue;
        };
        let values = |edits: &[&Edit]| -> Vec<Value> {
            let of_place = edits.iter().filter_map(|edit| match edit {
                Edit::Set { place: at, value } if at == place => Some(value.clone()),
                _ => None,
            });
            of_place.collect()
        };
        if !values(&sets[..index]).is_empty() {
            continue;
        }
        let mut values = values(&sets[index..]);
        let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
        let value = match (texts, pointer(&place.segments()).resolve(object)) {
            (Some(texts), Ok(Value::String(text))) => Value::String(spliced(text, &texts)),
            _ => values.pop().unwrap_or_default(),
        };
        joined.push(Edit::Set { place: place.clone(), value });
    }
    joined
}

/// The text with all changes.
fn spliced(text: &str, changed: &[&str]) -> String {
    let mut changes: Vec<(usize, usize, &str)> = Vec::new();
    for changed in changed {
        let (start, end) = change(text, changed);
        let new = &changed[start..changed.len() - (text.len() - end)];
        changes.retain(|(from, to, _)| (end <= *from || *to <= start) && (start, end) != (*from, *to));
        changes.push((start, end, new));
    }
    changes.sort_unstable_by_key(|(start, end, _)| std::cmp::Reverse((*start, *end)));
    let mut out = text.to_owned();
    for (start, end, new) in changes {
        out.replace_range(start..end, new);
    }
    out
}

/// Which bytes of the text are others in the changed one.
fn change(text: &str, changed: &str) -> (usize, usize) {
    let alike = |(a, b): &(char, char)| a == b;
    let width = |(a, _): (char, char)| a.len_utf8();
    let start: usize = text.chars().zip(changed.chars()).take_while(alike).map(width).sum();
    let (rest, other) = (&text[start..], &changed[start..]);
    let tail: usize = rest.chars().rev().zip(other.chars().rev()).take_while(alike).map(width).sum();
    (start, text.len() - tail)
}

/// `Some(None)`: nothing to do. `None`: it does not fit.
fn operation(edit: &Edit, object: &Value) -> Option<Option<PatchOperation>> {
    match edit {
        Edit::Remove { place } => {
            let path = pointer(&place.segments());
            let there = path.resolve(object).is_ok();
            Some(there.then_some(PatchOperation::Remove(RemoveOperation { path })))
        }
        Edit::Set { place, value } => set(&place.segments(), value, object),
        Edit::Quote { place } => {
            let path = pointer(&place.segments());
            let is_word = |value: &&Value| value.is_number() || value.is_boolean();
            let found = path.resolve(object).ok().filter(is_word);
            Some(found.map(|value| {
                PatchOperation::Replace(ReplaceOperation {
                    value: value.to_string().into(),
                    path: path.clone(),
                })
            }))
        }
    }
}

fn set(segments: &[&Segment], value: &Value, object: &Value) -> Option<Option<PatchOperation>> {
    let mut current = object;
    for (depth, segment) in segments.iter().enumerate() {
        let next = match (segment, current) {
            (Segment::Field(name), Value::Object(map)) => map.get(name.as_ref()),
            (Segment::Item { index, .. }, Value::Array(list)) if *index <= list.len() => list.get(*index),
            _ => return None,
        };
        // A null is replaced like a missing value: the API server drops nulls.
        match next {
            Some(found) if !found.is_null() => current = found,
            _ => {
                let path = pointer(&segments[..=depth]);
                let value = nested(&segments[depth + 1..], value)?;
                // In a list, `add` would insert in front of the null.
                let is_item = next.is_some() && current.is_array();
                return Some(Some(if is_item {
                    PatchOperation::Replace(ReplaceOperation { path, value })
                } else {
                    PatchOperation::Add(AddOperation { path, value })
                }));
            }
        }
    }
    if current == value {
        return Some(None);
    }
    let path = pointer(segments);
    Some(Some(PatchOperation::Replace(ReplaceOperation { path, value: value.clone() })))
}

/// The value inside the parents that are missing. A new list begins at its first item.
pub(crate) fn nested(segments: &[&Segment], value: &Value) -> Option<Value> {
    let Some((first, rest)) = segments.split_first() else { return Some(value.clone()) };
    let inner = nested(rest, value)?;
    match first {
        Segment::Field(name) => Some(Value::Object(Map::from_iter([(name.to_string(), inner)]))),
        Segment::Item { index: 0, .. } => Some(Value::Array(vec![inner])),
        Segment::Item { .. } => None,
    }
}

fn pointer(segments: &[&Segment]) -> PointerBuf {
    PointerBuf::from_tokens(segments.iter().map(|segment| match segment {
        Segment::Field(name) => name.to_string(),
        Segment::Item { index, .. } => index.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set_at(place: Place, value: Value, object: &Value) -> Value {
        let patch = patch(&[Edit::Set { place, value }], object).unwrap();
        serde_json::to_value(patch).unwrap()
    }

    #[test]
    fn missing_parents_come_in_one_add() {
        let object = json!({"spec": {"triggers": [{"type": "kafka"}]}});
        let place =
            Place::fields(&["spec", "triggers"]).item(0, None).field("metadata").field("lagThreshold");
        assert_eq!(
            set_at(place, json!("800"), &object),
            json!([{"op": "add", "path": "/spec/triggers/0/metadata", "value": {"lagThreshold": "800"}}])
        );
    }

    #[test]
    fn an_item_is_appended_and_a_missing_list_begun() {
        let place = Place::fields(&["env"]).item(0, Some("S"));
        let item = json!({"name": "S"});
        let begun = set_at(place, item.clone(), &json!({}));
        assert_eq!(begun, json!([{"op": "add", "path": "/env", "value": [{"name": "S"}]}]));
        let appended = set_at(Place::fields(&["env"]).item(1, None), item, &json!({"env": [{}]}));
        assert_eq!(appended, json!([{"op": "add", "path": "/env/1", "value": {"name": "S"}}]));
    }

    #[test]
    fn a_null_item_is_replaced() {
        let place = Place::fields(&["a"]).item(0, None).field("b");
        assert_eq!(
            set_at(place, json!(1), &json!({"a": [null, 2]})),
            json!([{"op": "replace", "path": "/a/0", "value": {"b": 1}}])
        );
    }

    #[test]
    fn what_is_right_already_needs_no_operation() {
        assert_eq!(set_at(Place::fields(&["a"]), json!(2), &json!({"a": 2})), json!([]));
    }

    #[test]
    fn a_removal_moves_nothing_that_another_edit_means() {
        let item = |index| Place::fields(&["env"]).item(index, None);
        let remove = |index| Edit::Remove { place: item(index) };
        let edits =
            [remove(0), remove(2), remove(0), Edit::Set { place: item(1).field("v"), value: json!(2) }];
        let mut object = json!({"env": [{"v": 0}, {"v": 1}, {"v": 2}, {"v": 3}]});
        let patch = patch(&edits, &object).unwrap();
        json_patch::patch(&mut object, &patch).unwrap();
        assert_eq!(object, json!({"env": [{"v": 2}, {"v": 3}]}));
    }

    #[test]
    fn changes_of_one_text_are_put_together() {
        let set = |value: &str| Edit::Set { place: Place::fields(&["a"]), value: json!(value) };
        let edits = [
            set("app -X s=45000 -X h=20000"),
            set("app -X s=10000 -X h=15000"),
            set("exec app -X s=10000 -X h=20000"),
            set("app -X s=60000 -X h=20000"),
        ];
        let mut object = json!({"a": "app -X s=10000 -X h=20000"});
        let patch = patch(&edits, &object).unwrap();
        json_patch::patch(&mut object, &patch).unwrap();
        assert_eq!(object, json!({"a": "exec app -X s=60000 -X h=15000"}));
    }

    #[test]
    fn an_edit_that_does_not_fit_is_no_patch() {
        let edit = Edit::Set { place: Place::fields(&["spec", "min"]), value: json!(2) };
        assert_eq!(patch(&[edit], &json!({"spec": "odd"})), None);
    }

    #[test]
    fn what_is_to_be_quoted_is_no_value_of_a_fix() {
        let fix = Fix::quote(Place::fields(&["password"]));
        let object = json!({"password": 31415926});
        assert_eq!(fix.to_string(), "put password in quotes");
        assert_eq!(fix.tested_patch(&object), None);
        let patch = serde_json::to_value(patch(&fix.edits, &object).unwrap()).unwrap();
        assert_eq!(patch, json!([{"op": "replace", "path": "/password", "value": "31415926"}]));
    }

    #[test]
    fn an_overwritten_value_is_tested_first() {
        let fix = Fix::set(Place::fields(&["a"]), 2);
        let patch = fix.tested_patch(&json!({"a": 1})).unwrap();
        assert_eq!(
            serde_json::to_value(patch).unwrap(),
            json!([{"op": "test", "path": "/a", "value": 1}, {"op": "replace", "path": "/a", "value": 2}])
        );
    }
}
