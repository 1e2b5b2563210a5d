//! An edit of any text is refused, or the text reads as the object with the JSON patch. No comment is lost, and
//! the same edit again changes nothing.
#![no_main]

use lagward::engine::fix::{Edit, patch};
use lagward::engine::place::{Place, Segment};
use lagward::fronts::files::parse;
use lagward::fronts::files::splice::{Change, Splicer};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|input: ([u8; 8], &str)| {
    let (choices, text) = input;
    let Ok(splicer) = Splicer::new(text) else { return };
    let (documents, _) = parse(text);
    let Some(document) = documents.first() else { return };
    let edit = edit(choices, &document.value);
    let edits = [edit];
    let root = Place::default();
    let change = Change { document: 0, root: &root, edits: &edits };
    let Ok(new) = splicer.plan(change).and_then(|plan| splicer.apply(&[&plan])) else { return };

    let mut expected = document.value.clone();
    let operations = patch(&edits, &document.value).expect("an edit that was made fits");
    json_patch::patch(&mut expected, &operations).expect("its patch applies");
    let (after, errors) = parse(&new);
    assert!(errors.is_empty() && after.len() == documents.len());
    assert_eq!(after[0].value, expected);
    for (before, after) in documents.iter().zip(&after).skip(1) {
        assert_eq!(before.value, after.value);
    }
    // In any style, what is written in comments is still there: a comment's bytes are never cut.
    assert!(new.matches('#').count() >= comments(text), "{text:?}\n{new:?}");
    let place = edits[0].place();
    if !place.segments().iter().any(|segment| matches!(segment, Segment::Item { .. })) {
        let again = Splicer::new(&new).expect("it was read just now");
        let plan = again.plan(change).expect("an edit that was made can be made again");
        assert!(plan.is_empty());
    }
});

/// Lines that are a comment and nothing else, if no line of the text can be anything but YAML structure.
fn comments(text: &str) -> usize {
    if text.contains(['|', '>', '"', '\'']) {
        return 0;
    }
    text.lines().filter(|line| line.trim_start().starts_with('#')).count()
}

fn edit(choices: [u8; 8], document: &Value) -> Edit {
    let [depth, steps @ .., kind] = choices;
    let mut place = Place::default();
    let mut value = document;
    for step in steps.into_iter().take(usize::from(depth % 7)) {
        let step = usize::from(step);
        match value {
            Value::Object(map) if !map.is_empty() => {
                let Some((name, next)) = map.iter().nth(step % map.len()) else { break };
                (place, value) = (place.field(name.clone()), next);
            }
            Value::Array(items) if !items.is_empty() => {
                let index = step % items.len();
                (place, value) = (place.item(index, None), &items[index]);
            }
            _ => break,
        }
    }
    if kind % 4 == 3 {
        return Edit::Remove { place };
    }
    if kind % 4 == 2 {
        place = match value {
            Value::Array(items) => place.item(items.len(), None),
            _ => place.field("new"),
        };
    }
    let values =
        [json!("800"), json!(2), json!({"name": "S", "value": "9"}), json!("a: 'b'\n#"), json!([[1], {}])];
    Edit::Set { place, value: values[usize::from(kind / 4) % values.len()].clone() }
}
