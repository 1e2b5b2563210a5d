//! Any text becomes documents or errors, and every value has a span in the text.
#![no_main]

use lagward::engine::place::Place;
use lagward::fronts::files::{Document, parse};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let (documents, errors) = parse(text);
    for document in &documents {
        visit(text, document, &document.value, Place::default());
    }
    assert!(errors.iter().all(|error| error.offset <= text.len()));
});

fn visit(text: &str, document: &Document, value: &Value, place: Place) {
    let span = document.value_span(&place).expect("a value has a span");
    assert!(text.get(span).is_some() && text.get(document.span(&place)).is_some());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(text, document, item, place.item(index, None));
            }
        }
        Value::Object(map) => {
            for (name, member) in map {
                visit(text, document, member, place.field(name.clone()));
            }
        }
        _ => {}
    }
}
