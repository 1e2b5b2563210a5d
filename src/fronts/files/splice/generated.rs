//! Edits in texts of every style that the generator knows: a fix may be refused, but never spoil anything.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::stream::parse;
use super::author::{self, Choices};
use super::*;

/// An edit of something that is there, or is not yet.
fn edit(choices: &mut Choices<'_>, document: &Value) -> Edit {
    let mut place = Place::default();
    let mut value = document;
    for _ in 0..1 + choices.below(5) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let Some((name, next)) = map.iter().nth(choices.below(map.len())) else { break };
                (place, value) = (place.field(name.clone()), next);
            }
            Value::Array(items) if !items.is_empty() => {
                let index = choices.below(items.len());
                (place, value) = (place.item(index, None), &items[index]);
            }
            _ => break,
        }
    }
    if choices.rarely(4) {
        return Edit::Remove { place };
    }
    if choices.below(2) == 0 {
        place = match value {
            Value::Array(items) => place.item(items.len(), None),
            _ => place.field("new"),
        };
        if choices.rarely(4) {
            place = place.field("deeper").item(0, None);
        }
    }
    let values = [
        json!("800"),
        json!(2),
        json!("45s"),
        json!({"name": "S", "value": "60000"}),
        json!(true),
        json!("a: \"b\"\n#"),
        json!([1, {"x": []}]),
    ];
    let mut new = values[choices.below(values.len())].clone();
    if let (Value::String(old), true) = (value, choices.below(2) == 0)
        && old.contains("45")
    {
        new = old.replacen("45", "60", 1).into();
    }
    Edit::Set { place, value: new }
}

/// What comes of one edit or two; the rest of the function says what must hold if they are made.
fn hold(bytes: &[u8]) -> Result<(), Refused> {
    let mut choices = Choices::new(bytes);
    let text = author::text(&mut choices);
    let (documents, _) = parse(&text);
    let index = choices.below(documents.len().max(1));
    let Some(document) = documents.get(index) else { return Err(Refused::Broken) };
    let mut edits = vec![edit(&mut choices, &document.value)];
    if choices.rarely(3) {
        edits.push(edit(&mut choices, &document.value));
    }
    let root = Place::default();
    let change = Change { document: index, root: &root, edits: &edits };
    let splicer = Splicer::new(&text)?;
    let new = splicer.plan(change).and_then(|plan| splicer.apply(&[&plan]))?;

    let context = format!("{edits:?}\n--- old\n{text}\n--- new\n{new}");
    let mut expected = document.value.clone();
    json_patch::patch(&mut expected, &patch(&edits, &document.value).unwrap()).unwrap();
    let (after, errors) = parse(&new);
    assert!(errors.is_empty() && after.len() == documents.len(), "{context}");
    for (at, (before, after)) in documents.iter().zip(&after).enumerate() {
        let expected = if at == index { &expected } else { &before.value };
        assert_eq!(&after.value, expected, "{context}");
    }
    for number in 1..=choices.comments {
        let comment = author::comment(number);
        assert_eq!(new.matches(&comment).count(), text.matches(&comment).count(), "{comment} {context}");
    }
    assert_eq!(text.starts_with('\u{feff}'), new.starts_with('\u{feff}'), "{context}");
    // A blank line may come to be the last one.
    let removes = |edit: &Edit| matches!(edit, Edit::Remove { .. });
    assert!(text.ends_with('\n') == new.ends_with('\n') || edits.iter().any(removes), "{context}");
    if text.contains('\n') && new.contains('\n') {
        let mixes = |text: &str| text.matches('\n').count() != text.matches("\r\n").count();
        assert_eq!(mixes(&text), mixes(&new), "{context}");
    }
    // The braces of a map that becomes empty move up to its key or dash.
    let lines = |edit: &Edit| lines_of(&text, document, edit) + if removes(edit) { 3 } else { 1 };
    assert!(changed_lines(&text, &new) <= edits.iter().map(lines).sum(), "{context}");
    let [edit] = edits.as_slice() else { return Ok(()) };
    if removes_item(edit) {
        return Ok(());
    }
    let again = Splicer::new(&new)?;
    let plan = again.plan(change).unwrap_or_else(|why| panic!("{why}: {context}"));
    assert!(plan.is_empty() || !removes(edit) && is_appended(edit), "{context}");
    Ok(())
}

/// How many of the old lines are no longer there, between those that are the same from both ends.
fn changed_lines(old: &str, new: &str) -> usize {
    let diff = similar::TextDiff::from_lines(old, new);
    diff.iter_all_changes().filter(|change| change.tag() == similar::ChangeTag::Delete).count()
}

/// The lines that the edited value takes.
fn lines_of(text: &str, document: &Document, edit: &Edit) -> usize {
    let place = edit.place();
    let span = document.value_span(place).unwrap_or(0..0);
    let key = document.key_span(place).map_or(span.start, |key| key.start);
    text.get(key..span.end).unwrap_or_default().matches('\n').count() + 1
}

/// The same place is another item's after the edit.
fn is_appended(edit: &Edit) -> bool {
    edit.place().segments().iter().any(|segment| matches!(segment, Segment::Item { .. }))
}

/// The next item gets its number.
fn removes_item(edit: &Edit) -> bool {
    matches!(edit, Edit::Remove { place } if matches!(place.last(), Some(Segment::Item { .. })))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: ProptestConfig::default().cases.max(2_000), ..ProptestConfig::default() })]
    #[test]
    fn an_edit_changes_its_own_lines_or_nothing(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let _ = hold(&bytes);
    }
}
