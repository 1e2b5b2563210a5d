//! What a denial and its warnings say, and where they are cut.

use lagward::fronts::webhook::record::Route;
use serde_json::{Value, json};

use crate::support::{Reply, Review, ask, consumer, edit, policy, scaler, set_env, trigger};

fn validate(object: &Value, text: &str) -> Reply {
    ask(Route::Validate, &Review::of(object), &policy(text), None)
}

/// A ScaledObject with so many triggers without a threshold.
fn with_triggers(count: usize) -> Value {
    let bare = |index: usize| edit(&trigger(&format!("t{index}")), "/metadata/lagThreshold", Value::Null);
    edit(&scaler(), "/spec/triggers", (0..count).map(bare).collect())
}

#[test]
fn two_violations_come_in_one_answer_with_their_costs() {
    let object = edit(&with_triggers(1), "/spec/minReplicaCount", Value::Null);
    let reply = validate(&object, "");
    let lines: Vec<&str> = reply.message.lines().collect();
    assert_eq!(lines.len(), 6, "{}", reply.message);
    assert_eq!(lines[0], "2 settings of ScaledObject shop/orders are misaligned");
    assert_eq!(
        lines[1],
        "LW201 min-replicas-too-low: spec.minReplicaCount is not set, so KEDA scales to 0; needs at least 2"
    );
    assert!(lines[2].starts_with("  without lag KEDA removes every consumer"), "{}", lines[2]);
    assert_eq!(
        lines[3],
        "LW301 lag-threshold-too-low: spec.triggers[0].metadata.lagThreshold is not set, so KEDA uses 10; needs at least 500"
    );
    assert_eq!(lines[5], "https://lagward.dev/rules#LW301 or: lagward explain LW301");
    assert_eq!(reply.annotations, json!({"denied": "LW201,LW301", "uid": reply.record.uid}));
}

#[test]
fn a_denial_spells_out_what_fits_and_counts_the_rest() {
    for count in [5, 30, 200] {
        let reply = validate(&with_triggers(count), "");
        let head = format!("{count} settings of ScaledObject shop/orders are misaligned\n");
        assert!(reply.message.starts_with(&head), "{}", reply.message);
        let shown = reply.message.lines().filter(|line| line.starts_with("LW301")).count();
        assert!((5..=20).contains(&shown), "{shown} of {count}");
        let rest = format!("\nand {} more\n", count - shown);
        assert_eq!(reply.message.contains(&rest), shown < count, "{}", reply.message);
        assert!(reply.denied.len() >= shown);
        assert_eq!(reply.record.denied, ["LW301"]);
    }
}

#[test]
fn the_first_line_is_short_however_long_the_name_and_many_the_findings() {
    for (length, count) in [(1, 1), (60, 12), (75, 12), (80, 120), (90, 120), (253, 1), (253, 250)] {
        let object = edit(&with_triggers(count), "/metadata/name", json!("n".repeat(length)));
        let reply = validate(&object, "");
        let first = reply.message.lines().next().unwrap_or_default();
        assert!(first.contains("ScaledObject shop/n") && first.contains("misaligned"), "{first}");
        assert!(length > 60 || first.contains(&"n".repeat(length)), "{first}");
    }
}

#[test]
fn ten_warnings_are_said_and_the_last_counts_the_others() {
    let ten = validate(&with_triggers(10), "mode: warn");
    assert_eq!(ten.warnings.len(), 10);
    assert!(ten.warnings.iter().all(|text| text.starts_with("LW301")), "{:?}", ten.warnings);
    let many = validate(&with_triggers(30), "mode: warn");
    assert_eq!(many.warnings.len(), 10);
    assert_eq!(many.warnings[9], "and 21 more: lagward check shows all");
}

#[test]
fn what_two_containers_have_to_say_of_their_pod_is_said_once() {
    let app = consumer()["spec"]["template"]["spec"]["containers"][0].clone();
    let twin = edit(&app, "/name", json!("twin"));
    let two = edit(&consumer(), "/spec/template/spec/containers", json!([app, twin]));
    let reply = validate(&edit(&two, "/metadata/annotations", json!({"lagward.dev/drain": "40s"})), "");
    assert_eq!(reply.denied, ["LW108"]);
    assert!(
        reply.message.starts_with("1 setting of Deployment shop/orders is misaligned\n"),
        "{}",
        reply.message
    );
}

#[test]
fn controls_and_overlong_texts_of_the_object_stay_out_of_headers_and_lines() {
    let names = ["a\u{0}b", "line\nbreak", "tab\tand\u{7f}\u{85}", "\u{1b}[31mred", "ü\u{202e}emoji 🦀"];
    for name in names.into_iter().map(str::to_owned).chain(["long ".repeat(400)]) {
        let mut workload = edit(&consumer(), "/spec/template/spec/containers/0/name", json!(name));
        workload = edit(&workload, "/metadata/name", json!(name));
        let hook = json!({"preStop": {"sleep": {"seconds": 60}}});
        workload = edit(&workload, "/spec/template/spec/containers/0/lifecycle", hook);
        workload = edit(&workload, "/metadata/annotations", json!({"lagward.dev/partitions": name}));
        workload = set_env(&workload, "KAFKA_SESSION_TIMEOUT_MS", Value::Null);
        let reply = validate(&workload, "");
        assert_eq!(reply.denied, ["LW108"]);
        assert_eq!(reply.warned(), ["LW103"]);
        let scaler = edit(&edit(&scaler(), "/metadata/name", json!(name)), "/spec/minReplicaCount", json!(0));
        assert_eq!(validate(&scaler, "").denied, ["LW201"]);
    }
}

#[test]
fn the_policy_says_where_to_read_on() {
    let reply = validate(&with_triggers(1), "docsUrl: https://wiki.example.com/kafka/");
    assert!(
        reply.message.ends_with("https://wiki.example.com/kafka#LW301 or: lagward explain LW301"),
        "{}",
        reply.message
    );
}
