//! Objects that no schema would let through: judged on what can be read, never a crash.

use lagward::fronts::webhook::record::{Outcome, Route};
use serde_json::{Value, json};

use crate::support::{Reply, Review, ask, consumer, edit, policy, scaler, set_env};

fn validate(review: &Review) -> Reply {
    ask(Route::Mutate, review, &policy("mutate: enforce"), None);
    ask(Route::Validate, review, &policy(""), None)
}

/// The answer to an object that is this text.
fn of_text(kind: &str, object: &str) -> Reply {
    let version = if kind == "ScaledObject" { "keda.sh/v1alpha1" } else { "apps/v1" };
    validate(&Review::text(version, kind, object.to_owned()))
}

const ODD: [&str; 11] = [
    "null",
    "true",
    "0",
    "-1.5",
    "1e308",
    "\"\"",
    "\"odd\"",
    "[]",
    "[[[null]]]",
    "{}",
    "{\"a\":{\"b\":[0]}}",
];

#[test]
fn an_object_that_is_no_map_passes() {
    for kind in ["Deployment", "StatefulSet", "ScaledObject"] {
        for odd in ODD {
            let reply = of_text(kind, odd);
            assert!(reply.is_silent(), "{kind} {odd}: {reply:?}");
        }
    }
}

/// Every value of the object, replaced by every odd one.
fn with_each_value_odd(object: &Value) -> Vec<Value> {
    fn places(value: &Value, at: &str, out: &mut Vec<String>) {
        let mut below = |key: &str, value: &Value| {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            out.push(at.clone());
            places(value, &at, out);
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| below(key, value)),
            Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| below(&i.to_string(), value)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    places(object, "", &mut all);
    let odd = ODD.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    all.iter().flat_map(|place| odd.iter().map(|odd| spoilt(object, place, odd))).collect()
}

fn spoilt(object: &Value, place: &str, odd: &Value) -> Value {
    let mut object = object.clone();
    *object.pointer_mut(place).expect("a place of the object") = odd.clone();
    object
}

#[test]
fn any_value_of_any_shape_at_any_place_gets_an_answer() {
    let mut rich = edit(
        &consumer(),
        "/metadata/annotations",
        json!({
            "lagward.dev/drain": "20s", "lagward.dev/partitions": "4", "ignore.lagward.dev/LW103": "why",
            "kafka.session.timeout.seconds": "45", "lagward.dev/consumer": "app",
        }),
    );
    rich = edit(&rich, "/metadata/ownerReferences", json!([{"controller": true}]));
    rich = edit(
        &rich,
        "/spec/template/spec/containers/0/lifecycle",
        json!({"preStop": {"sleep": {"seconds": 5}}}),
    );
    rich = edit(&rich, "/spec/template/spec/containers/0/args", json!(["--group", "a"]));
    let scaler = edit(&scaler(), "/spec/advanced", json!({"scalingModifiers": {"formula": "a"}}));
    for object in with_each_value_odd(&rich).iter().chain(&with_each_value_odd(&scaler)) {
        let kind = if object.pointer("/spec/triggers").is_some() { "ScaledObject" } else { "Deployment" };
        let reply = of_text(kind, &object.to_string());
        assert_ne!(reply.record.outcome, Outcome::Unreadable, "{object}");
    }
}

#[test]
fn what_can_be_read_beside_an_odd_value_is_judged() {
    let odd = edit(&edit(&scaler(), "/spec/maxReplicaCount", json!(["odd"])), "/metadata/labels", json!(7));
    let bad = edit(&odd, "/spec/triggers/0/metadata/lagThreshold", json!(10));
    assert_eq!(validate(&Review::of(&bad)).denied, ["LW301"]);
    let env = set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", json!(20_000));
    let odd = edit(&env, "/spec/template/spec/containers/0/command", json!({"a": 1}));
    assert_eq!(validate(&Review::of(&odd)).denied, ["LW101"]);
}

#[test]
fn a_null_counts_as_unset() {
    let null = spoilt(&scaler(), "/spec/minReplicaCount", &Value::Null);
    assert_eq!(validate(&Review::of(&null)).denied, ["LW201"]);
    let null = spoilt(&scaler(), "/spec/triggers/0/metadata/lagThreshold", &Value::Null);
    assert_eq!(validate(&Review::of(&null)).denied, ["LW301"]);
    let patched = ask(Route::Mutate, &Review::of(&null), &policy("mutate: fill"), None).patched(&null);
    assert_eq!(patched["spec"]["triggers"][0]["metadata"]["lagThreshold"], "800");
}

#[test]
fn a_key_that_comes_twice_counts_with_its_last_value() {
    let text = scaler().to_string();
    let bad_last = text.replace("\"minReplicaCount\":2", "\"minReplicaCount\":2,\"minReplicaCount\":0");
    assert_eq!(of_text("ScaledObject", &bad_last).denied, ["LW201"]);
    let good_last = text.replace("\"minReplicaCount\":2", "\"minReplicaCount\":0,\"minReplicaCount\":2");
    assert!(of_text("ScaledObject", &good_last).allowed);
    let threshold =
        text.replace("\"lagThreshold\":\"800\"", "\"lagThreshold\":\"800\",\"lagThreshold\":\"1\"");
    assert_eq!(of_text("ScaledObject", &threshold).denied, ["LW301"]);
}

#[test]
fn of_two_variables_of_one_name_the_last_counts() {
    for (name, good, bad) in [
        ("KAFKA_SESSION_TIMEOUT_MS", "45000", "20000"),
        ("JAVA_TOOL_OPTIONS", "-Dkafka.session.timeout.ms=45000", "-Dkafka.session.timeout.ms=20000"),
        (
            "SPRING_APPLICATION_JSON",
            r#"{"kafka": {"session.timeout.ms": 45000}}"#,
            r#"{"kafka": {"session": {"timeout.ms": "20000"}}}"#,
        ),
    ] {
        let of = |values: [&str; 2]| {
            let env = values.map(|value| json!({"name": name, "value": value}));
            validate(&Review::of(&edit(&consumer(), "/spec/template/spec/containers/0/env", json!(env))))
                .denied
        };
        assert_eq!(of([bad, good]), [] as [&str; 0], "{name}");
        assert_eq!(of([good, bad]), ["LW101"], "{name}");
    }
}

#[test]
fn nesting_of_ten_thousand_levels_is_answered() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}0{}", open.repeat(10_000), close.repeat(10_000));
        // Where nothing is read, depth does not matter: the rest is judged.
        let beside = scaler().to_string().replace("\"minReplicaCount\":2", &format!("\"other\":{deep}"));
        assert_eq!(of_text("ScaledObject", &beside).denied, ["LW201"], "{open}");
        // The same in a place that is read as a scalar or a list.
        for field in ["minReplicaCount\":", "triggers\":", "advanced\":"] {
            let reply = of_text("ScaledObject", &format!("{{\"spec\":{{\"{field}{deep}}}}}"));
            assert!(reply.allowed && reply.denied.is_empty(), "{field} {open}: {reply:?}");
        }
        assert!(of_text("ScaledObject", &deep).allowed);
    }
}

#[test]
fn a_text_of_seven_mebibytes_is_answered_and_not_repeated() {
    let long = json!("x".repeat(7 << 20));
    let at = |object: &Value, pointer: &str| edit(object, pointer, long.clone());
    let unnamed = edit(&scaler(), "/spec/minReplicaCount", json!(0));
    let policy = policy("");
    for (object, denied) in [
        (at(&scaler(), "/spec/triggers/0/metadata/lagThreshold"), vec!["LW306"]),
        (at(&unnamed, "/metadata/name"), vec!["LW201"]),
        (at(&consumer(), "/spec/template/spec/containers/0/image"), vec![]),
        (set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", long.clone()), vec![]),
        (set_env(&consumer(), "JAVA_TOOL_OPTIONS", long.clone()), vec![]),
    ] {
        let reply = ask(Route::Validate, &Review::of(&object), &policy, None);
        assert_eq!(reply.denied, denied);
        assert!(reply.message.len() < 1000 && reply.record.name.len() <= 7 << 20, "{}", reply.message.len());
    }
}

#[test]
fn numbers_beyond_64_bits_are_read_as_no_whole_number() {
    for number in ["9223372036854775808", "18446744073709551616", "-9223372036854775809", "1e300", "2.5"] {
        let text =
            scaler().to_string().replace("\"minReplicaCount\":2", &format!("\"minReplicaCount\":{number}"));
        let reply = of_text("ScaledObject", &text);
        assert!(reply.allowed && reply.record.outcome == Outcome::Allowed, "{number}: {reply:?}");
        let threshold = edit(&scaler(), "/spec/triggers/0/metadata/lagThreshold", json!(number));
        assert_eq!(validate(&Review::of(&threshold)).denied, ["LW306"], "{number}");
    }
    let most = edit(&scaler(), "/spec/maxReplicaCount", json!(i64::MIN));
    assert_eq!(validate(&Review::of(&most)).denied, ["LW203"]);
}

#[test]
fn a_number_that_no_reader_can_hold_is_said_to_be_unreadable() {
    let text = scaler().to_string().replace("\"minReplicaCount\":2", "\"minReplicaCount\":1e9999");
    let reply = of_text("ScaledObject", &text);
    assert_eq!(reply.record.outcome, Outcome::Unreadable);
    assert_eq!(reply.warnings, ["lagward cannot read this ScaledObject, so it was not judged"]);
    // Where nothing reads it, it does no harm.
    let text = scaler().to_string().replace("\"minReplicaCount\":2", "\"revision\":1e9999");
    assert_eq!(of_text("ScaledObject", &text).denied, ["LW201"]);
}

#[test]
fn broken_json_and_open_quotes_hide_nothing_that_stands_before_them() {
    let judged = |name: &str, value: &str| {
        let env = json!([{"name": "KAFKA_GROUP_ID", "value": "orders"}, {"name": name, "value": value}]);
        let object = edit(&consumer(), "/spec/template/spec/containers/0/env", env);
        validate(&Review::of(&object)).denied
    };
    // Spring refuses to start with it, so that no setting of it counts.
    for text in [
        "{",
        "{\"kafka.session.timeout.ms\": 20000",
        "null",
        "[1]",
        "20000",
        "{'kafka.session.timeout.ms': 20000}",
    ] {
        assert_eq!(judged("SPRING_APPLICATION_JSON", text), [] as [&str; 0], "{text}");
    }
    for name in ["JAVA_OPTS", "JAVA_TOOL_OPTIONS"] {
        for text in [
            "-Dkafka.session.timeout.ms=20000 -Dname=\"open",
            "-Dkafka.session.timeout.ms=20000 'open",
            "\"-Xmx1g\" -Dkafka.session.timeout.ms=20000 \"",
        ] {
            assert_eq!(judged(name, text), ["LW101"], "{name} {text}");
        }
        assert_eq!(judged(name, "\"-Dkafka.session.timeout.ms"), [] as [&str; 0]);
    }
}
