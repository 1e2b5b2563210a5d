use serde_json::{Value, json};

use super::*;

/// `spec.triggers.0.metadata`.
fn place(path: &str) -> Place {
    path.split('.').filter(|name| !name.is_empty()).fold(Place::default(), |at, name| match name.parse() {
        Ok(index) => at.item(index, None),
        Err(_) => at.field(name.to_owned()),
    })
}

fn set_to(path: &str, value: Value) -> Edit {
    Edit::Set { place: place(path), value }
}

fn remove(path: &str) -> Edit {
    Edit::Remove { place: place(path) }
}

fn made(text: &str, edits: &[Edit]) -> Result<String, Refused> {
    let splicer = Splicer::new(text)?;
    let root = Place::default();
    let plan = splicer.plan(Change { document: 0, root: &root, edits })?;
    splicer.apply(&[&plan])
}

#[track_caller]
fn set(text: &str, path: &str, value: Value, expected: &str) {
    assert_eq!(made(text, &[set_to(path, value)]).as_deref(), Ok(expected), "{text}");
}

#[track_caller]
fn removed(text: &str, path: &str, expected: &str) {
    assert_eq!(made(text, &[remove(path)]).as_deref(), Ok(expected), "{text}");
}

#[track_caller]
fn refused(text: &str, edit: Edit, why: &Refused) {
    assert_eq!(made(text, &[edit]).as_ref(), Err(why), "{text}");
}

#[test]
fn a_scalar_keeps_its_quotes_and_the_comment_behind_it() {
    for (old, new) in [
        ("a: \"10\"   # why\n", "a: \"800\"   # why\n"),
        ("a: '10' # why\n", "a: '800' # why\n"),
        ("a: 10\n", "a: \"800\"\n"),
        ("a: ten\n", "a: \"800\"\n"),
        ("'a' : \"10\"", "'a' : \"800\""),
        ("a: !!str 10\n", "a: !!str \"800\"\n"),
        ("a: &x 10\n", "a: &x \"800\"\n"),
        ("{a: \"10\"}\n", "{a: \"800\"}\n"),
        ("\u{feff}a: \"10\"\r\n", "\u{feff}a: \"800\"\r\n"),
        ("a:\n  \"10\"\n", "a:\n  \"800\"\n"),
        ("? a\n: \"10\"\n", "? a\n: \"800\"\n"),
    ] {
        set(old, "a", json!("800"), new);
    }
    set("a: 45s # why\n", "a", json!("90s"), "a: 90s # why\n");
    set("a: 1 # why\n", "a", json!(2), "a: 2 # why\n");
    set("a: \"1\"\n", "a", json!(2), "a: 2\n");
    set("a: no\n", "a", json!(true), "a: true\n");
}

#[test]
fn a_string_stays_a_string() {
    for (value, written) in [
        ("yes", "\"yes\""),
        ("0x10", "\"0x10\""),
        ("1_000", "\"1_000\""),
        ("1:30", "\"1:30\""),
        ("2026-01-31", "\"2026-01-31\""),
        ("", "\"\""),
        ("~", "\"~\""),
        ("<<", "\"<<\""),
        ("a: b", "\"a: b\""),
        ("a #b", "\"a #b\""),
        ("- a", "\"- a\""),
        ("*a", "\"*a\""),
        ("tab\tü\u{7}\"\\\n", "\"tab\\tü\\u0007\\\"\\\\\\n\""),
        ("--a=b", "--a=b"),
        ("kafka:9092", "kafka:9092"),
        ("a,b", "a,b"),
    ] {
        set("a: word\n", "a", json!(value), &format!("a: {written}\n"));
    }
    set("a: [word]\n", "a.0", json!("a,b"), "a: [\"a,b\"]\n");
    set("a: 'it''s'\n", "a", json!("that's"), "a: 'that''s'\n");
    set("a: 'x'\n", "a", json!("two\nlines"), "a: \"two\\nlines\"\n");
}

#[test]
fn a_number_or_boolean_becomes_the_string_that_stands_there_and_no_other() {
    let quote = || Edit::Quote { place: place("a") };
    for (old, new) in [
        ("a: 5 # why\n", "a: \"5\" # why\n"),
        ("a: true\n", "a: \"true\"\n"),
        ("{a: 0.5}\n", "{a: \"0.5\"}\n"),
        ("a: -1\nb: 'c'\n", "a: '-1'\nb: 'c'\n"),
        ("a: 1.10\n", "a: \"1.10\"\n"),
        ("a: 2.0 # why\n", "a: \"2.0\" # why\n"),
        ("a: 123456789012345678901234567890\n", "a: \"123456789012345678901234567890\"\n"),
        ("a: c\n", "a: c\n"),
    ] {
        assert_eq!(made(old, &[quote()]).as_deref(), Ok(new), "{old}");
    }
    for old in ["010", "01.5", "0x1F", "yes", "1_000", "1e3", "+5", ".5"] {
        refused(&format!("a: {old}\n"), quote(), &Refused::Respelt);
    }
    set("a: 010\n", "a", json!("800"), "a: \"800\"\n");
}

#[test]
fn a_missing_key_comes_behind_its_last_sibling() {
    set("a:\n  b: 1\n", "a.c", json!(2), "a:\n  b: 1\n  c: 2\n");
    set("a:\n  b: 1", "a.c", json!(2), "a:\n  b: 1\n  c: 2");
    set("a:\r\n    b: 1\r\nd: 1\r\n", "a.c", json!(2), "a:\r\n    b: 1\r\n    c: 2\r\nd: 1\r\n");
    set("\u{feff}a: 1\n", "b", json!(2), "\u{feff}a: 1\nb: 2\n");
    set("a:\n  b: 1 # why\n\n# next\nd: 1\n", "a.c", json!(2), "a:\n  b: 1 # why\n  c: 2\n\n# next\nd: 1\n");
    set(
        "a:\n  b:\n    c: 1\n\n    # of b\n  # of a\n",
        "a.d",
        json!(2),
        "a:\n  b:\n    c: 1\n\n    # of b\n  d: 2\n  # of a\n",
    );
    set("a:\n  b: |\n    x\n\n---\nd: 1\n", "a.c", json!(2), "a:\n  b: |\n    x\n  c: 2\n\n---\nd: 1\n");
    set("a:\n  b: |+\n    x\n\nd: 1\n", "a.c", json!(2), "a:\n  b: |+\n    x\n\n  c: 2\nd: 1\n");
    set("a:\n  b: 1\n  d:\n  - 1\n", "a.c", json!(2), "a:\n  b: 1\n  c: 2\n  d:\n  - 1\n");
    set("a:\n  b: 1\n  d:\n  - 1\n", "a.c.e", json!(2), "a:\n  b: 1\n  d:\n  - 1\n  c:\n    e: 2\n");
    set("a:\n  b:\nd: 1\n", "a.c", json!(2), "a:\n  b:\n  c: 2\nd: 1\n");
    set("a:\n- b: 1\n  c: 2\n- b: 3\n", "a.0.d", json!(4), "a:\n- b: 1\n  c: 2\n  d: 4\n- b: 3\n");
    set("a:\n-   b: 1\n", "a.0.d", json!(4), "a:\n-   b: 1\n    d: 4\n");
    set("- - a: 1\n  - b\n", "0.0.c", json!(2), "- - a: 1\n    c: 2\n  - b\n");
    set("---\na: 1\n...\n---\nb: 1\n", "c", json!(2), "---\na: 1\nc: 2\n...\n---\nb: 1\n");
    set("a:\n  <<: {b: 1}\n", "a.c", json!(2), "a:\n  <<: {b: 1}\n  c: 2\n");
    set("- &x {b: 1}\n- <<: *x\n", "1.c", json!(2), "- &x {b: 1}\n- <<: *x\n  c: 2\n");
}

#[test]
fn new_keys_and_values_are_quoted_as_their_siblings_are() {
    set("a: '1'\n", "b", json!("x"), "a: '1'\nb: 'x'\n");
    set("a: '1'\nc: d\n", "b", json!("x"), "a: '1'\nc: d\nb: x\n");
    set("a: '1'\nc: d\n", "b", json!("2"), "a: '1'\nc: d\nb: '2'\n");
    set("\"a\": 1\n", "b", json!("2"), "\"a\": 1\n\"b\": \"2\"\n");
    set("a: 1\n", "on", json!("off"), "a: 1\n\"on\": \"off\"\n");
}

#[test]
fn missing_parents_are_made_with_the_documents_indentation() {
    set("a:\n    b: 1\n", "a.c.d", json!("2"), "a:\n    b: 1\n    c:\n        d: \"2\"\n");
    set("a: 1\n", "b.c.d", json!(true), "a: 1\nb:\n  c:\n    d: true\n");
    let env = json!({"name": "S", "value": "9"});
    set("a:\n- b: 1\n", "a.0.env.0", env.clone(), "a:\n- b: 1\n  env:\n  - name: S\n    value: \"9\"\n");
    set(
        "a:\n  - b: 1\n",
        "a.0.env.0",
        env.clone(),
        "a:\n  - b: 1\n    env:\n      - name: S\n        value: \"9\"\n",
    );
    set("a: 1\n", "b", json!({"c": [], "d": {}}), "a: 1\nb:\n  c: []\n  d: {}\n");
    set("a: 1\n", "b", json!([[1, {"c": 2}], "x"]), "a: 1\nb:\n  - - 1\n    - c: 2\n  - x\n");
}

#[test]
fn an_item_is_appended_to_a_list() {
    set("a:\n- 1 # one\n# end\n", "a.1", json!(2), "a:\n- 1 # one\n- 2\n# end\n");
    set("a:\n  -   b: 1\n", "a.1", json!({"b": 2, "c": 3}), "a:\n  -   b: 1\n  -   b: 2\n      c: 3\n");
    set("a: [1, 2]\n", "a.2", json!(3), "a: [1, 2, 3]\n");
    set("a: [\"x\"]\n", "a.1", json!("y"), "a: [\"x\", \"y\"]\n");
    set("a: []\n", "a.0", json!({"b": 1}), "a: [{b: 1}]\n");
    set("- - 1\n- x\n", "0.1", json!(2), "- - 1\n  - 2\n- x\n");
}

#[test]
fn flow_maps_grow_inside_their_braces() {
    set("{a: 1}\n", "b", json!("2"), "{a: 1, b: \"2\"}\n");
    set("{ a: 1 }\n", "b", json!({"c": [1, 2]}), "{ a: 1, b: {c: [1, 2]} }\n");
    set("a: {}\n", "a.b", json!("x"), "a: {b: x}\n");
    set("a: {  } # why\n", "a.b", json!(1), "a: {b: 1} # why\n");
    set("{a: 1,}\n", "b", json!(2), "{a: 1, b: 2,}\n");
    set("{a: 1,b: 2}\n", "c", json!(3), "{a: 1,b: 2,c: 3}\n");
    set("{a: , b: 1}\n", "a", json!(2), "{a: 2 , b: 1}\n");
    set("a: [{b: 1}, {b: 2}]\n", "a.0.c", json!(3), "a: [{b: 1, c: 3}, {b: 2}]\n");
    set(
        "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
        "a.d",
        json!(3),
        "a: {\n  b: 1, # one\n  c: 2, # two\n  d: 3\n}\n",
    );
    set("a: [\n  1,\n  2, # two\n]\n", "a.2", json!(3), "a: [\n  1,\n  2, # two\n  3,\n]\n");
    set("a: {b: 1,\n    c: 2}\n", "a.d", json!(3), "a: {b: 1,\n    c: 2,\n    d: 3}\n");
}

#[test]
fn json_stays_json() {
    set("{\"a\":1}", "b", json!({"c": "x"}), "{\"a\":1,\"b\":{\"c\":\"x\"}}");
    set("{\"a\": {}}", "a.b", json!("x"), "{\"a\": {\"b\": \"x\"}}");
    set("{}", "a", json!("x"), "{\"a\": \"x\"}");
    set(
        "{\n    \"a\": {\n        \"b\": 1\n    },\n    \"c\": null\n}\n",
        "a.d",
        json!({"e": [1]}),
        "{\n    \"a\": {\n        \"b\": 1,\n        \"d\": {\n            \"e\": [\n                1\n            ]\n        }\n    },\n    \"c\": null\n}\n",
    );
    set("{\n\t\"a\": [\n\t\t1\n\t]\n}\n", "a.1", json!("2"), "{\n\t\"a\": [\n\t\t1,\n\t\t\"2\"\n\t]\n}\n");
    set("{\"a\": null}", "a.b", json!("x"), "{\"a\": {\"b\": \"x\"}}");
    set("{\"a\": \"\\u0041\\n7\"}", "a", json!("A\n8"), "{\"a\": \"\\u0041\\n8\"}");
    removed("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", "{\n  \"a\": 1\n}\n");
    removed("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "a", "{\n  \"b\": 2\n}\n");
}

#[test]
fn a_key_without_a_value_gets_one() {
    set("a:   # none\nb: 1\n", "a", json!(2), "a: 2   # none\nb: 1\n");
    set("a:\n", "a.b", json!("2"), "a:\n  b: \"2\"\n");
    set("a:   # none\nc: 1\n", "a.b", json!(2), "a:   # none\n  b: 2\nc: 1\n");
    set("a: null # none\nc: 1\n", "a.b", json!(2), "a: # none\n  b: 2\nc: 1\n");
    set("a: ~", "a.0", json!(2), "a:\n  - 2");
    set("- a:\n  c: 1\n", "0.a.b", json!(2), "- a:\n    b: 2\n  c: 1\n");
    set("a: null\n", "a", json!("x"), "a: x\n");
    set("-\n- 1\n", "0", json!(2), "- 2\n- 1\n");
}

#[test]
fn a_removed_item_takes_its_lines_and_leaves_the_comments() {
    removed("a:\n- b: 1\n  c: 2\n# of d\n- d: 3\n", "a.0", "a:\n# of d\n- d: 3\n");
    removed("a:\n  - b\n  - c: 1\n    d: 2\n  - e\n", "a.1", "a:\n  - b\n  - e\n");
    removed("a:\n  -\n    b: 1\n  - c\n", "a.0", "a:\n  - c\n");
    removed("a:\n- b\n- c # why\n", "a.1", "a:\n- b\n# - c # why\n");
    removed("a: [b, {c: 1}, d]\n", "a.1", "a: [b, d]\n");
    removed("a: [b, d]\n", "a.0", "a: [d]\n");
    removed("a:\n- b\nc: 1\n", "a.0", "a: []\nc: 1\n");
    removed("- 1\n", "0", "[]\n");
    refused("a:\n- b: 1 # why\n  c: 2\n- d\n", remove("a.0"), &Refused::Comment);
    refused("a:\n- # why\n  c: 2\n- d\n", remove("a.0"), &Refused::Comment);
    let both = [remove("a.0"), remove("a.1")];
    assert_eq!(made("a:\n- b\n- c\n- d\n", &both), Err(Refused::Entangled));
}

#[test]
fn a_removed_key_takes_its_lines_and_leaves_the_comments() {
    removed("a:\n  b: 1\n  c: 2\n  d: 3\n", "a.c", "a:\n  b: 1\n  d: 3\n");
    removed("a: 1\r\nb: 2\r\n", "b", "a: 1\r\n");
    removed("a: 1\nb: 2", "b", "a: 1");
    removed("a: 1\r\nb: 2", "b", "a: 1");
    removed("# of a\n a: 1 # why\n b: 2\n", "a", "# of a\n # a: 1 # why\n b: 2\n");
    removed("a:\n  b: {c: [1,\n    2]}\nd: 1\n", "a", "d: 1\n");
    removed("a: |\n  x\n\nb: 1\n", "a", "\nb: 1\n");
    removed("- a: 1\n  b: 2\n- c\n", "0.a", "- b: 2\n- c\n");
    removed("- a: 1\n- c\n", "0.a", "- {}\n- c\n");
    removed("a:\n  b: 1 # why\n", "a.b", "a: {} # why\n");
    removed("a: 1\n", "a", "{}\n");
    removed("{a: 1, b: 2, c: 3}\n", "b", "{a: 1, c: 3}\n");
    removed("{a: 1, b: 2}\n", "a", "{b: 2}\n");
    removed("{ a: 1 }\n", "a", "{  }\n");
    removed("a: 1\n", "b", "a: 1\n");
    refused("a:\n  # of b\n  b: 1\nc: 1\n", remove("a"), &Refused::Comment);
    refused("a: | # text\n  x\nc: 1\n", remove("a"), &Refused::Comment);
    refused("- a: 1 # why\n  b: 2\n", remove("0.a"), &Refused::Comment);
    refused("a: 1\nb: 2\na: 3\n", remove("a"), &Refused::Twice);
}

#[test]
fn an_edit_that_would_reach_further_is_refused() {
    for (text, path, why) in [
        ("a: &x {b: 1}\nc: *x\n", "c.b", Refused::Alias),
        ("a: &x {b: 1}\nc: *x\n", "c.d", Refused::Alias),
        ("a: &x 1\nc: *x\n", "c", Refused::Alias),
        ("a: &x {b: 1}\nc: *x\n", "a.b", Refused::Anchor),
        ("a: &x\n  b: 1\nc: *x\n", "a.d", Refused::Anchor),
        ("a: &x 1\nc: *x\n", "a", Refused::Anchor),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "c.b", Refused::Merge),
        ("c:\n  <<: {b: 1}\n", "c.b", Refused::Merge),
        ("c: {<<: {b: 1}}\n", "c.d", Refused::Merge),
        ("a: 1\n", "a.b", Refused::Unfit),
        ("a: [1]\n", "a.5", Refused::Unfit),
        ("a: [b: 1]\n", "a.0.c", Refused::Unfit),
        ("a:\n  b: 1\n", "a", Refused::Whole),
        ("a: {b: 1 # one\n  }\n", "a", Refused::Whole),
        ("a: { # none\n  }\n", "a.b", Refused::Comment),
        ("? [a]\n", "a", Refused::Broken),
    ] {
        refused(text, set_to(path, json!(2)), &why);
    }
    set("a: &x {b: 1}\n", "a.b", json!(2), "a: &x {b: 2}\n");
}

#[test]
fn one_word_changes_in_a_text_of_many_lines() {
    let text = "a: |\n  {\"session.timeout.ms\": 45000,\n   \"x\": 1}\n";
    let value = "{\"session.timeout.ms\": 60000,\n \"x\": 1}\n";
    set(text, "a", json!(value), &text.replace("45000", "60000"));
    set("a: >-\n  -Xmx1g\n  -Dt=45000\n", "a", json!("-Xmx1g -Dt=60000"), "a: >-\n  -Xmx1g\n  -Dt=60000\n");
    set("a: \"{\\\"t\\\":\\\"45000\\\"}\"\n", "a", json!("{\"t\":\"9\"}"), "a: \"{\\\"t\\\":\\\"9\\\"}\"\n");
    set("a: x=5\n  y=5\n", "a", json!("x=5 y=6"), "a: x=5\n  y=6\n");
    refused("a: |\n  x\n", set_to("a", json!("other text\n")), &Refused::TextBlock);
    refused("a: |\n  x\n", set_to("a", json!(1)), &Refused::TextBlock);
}

#[test]
fn several_edits_of_one_object_are_made_together() {
    let edits = [remove("idle"), set_to("min", json!(2))];
    assert_eq!(made("max: 9\nidle: 0\n", &edits).as_deref(), Ok("max: 9\nmin: 2\n"));
    assert_eq!(made("{max: 9, idle: 0}\n", &edits).as_deref(), Ok("{max: 9, min: 2}\n"));
    assert_eq!(made("{\n  idle: 0,\n  max: 9\n}\n", &edits).as_deref(), Ok("{\n  max: 9,\n  min: 2\n}\n"));
    assert_eq!(made("idle: 0\n", &edits), Err(Refused::Entangled));
    let edits = [set_to("a.b", json!(1)), set_to("a.c", json!(2))];
    assert_eq!(made("x: 1\n", &edits), Err(Refused::Entangled));
    assert_eq!(made("a: {x: 1}\n", &edits).as_deref(), Ok("a: {x: 1, b: 1, c: 2}\n"));
}
