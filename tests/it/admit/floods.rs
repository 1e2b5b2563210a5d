//! Bodies that are small for the wire and large for a careless reader: answers stay bounded, and the time that
//! they take grows with the body, not with its square.

use std::time::{Duration, Instant};

use lagward::fronts::webhook::record::Route;
use serde_json::{Map, Value, json};

use crate::support::{Review, ask, consumer, edit, policy, scaler, set_env, trigger};

/// Both routes take at most some 16 times as long for a body of 16 times the size; a quadratic reader takes 256.
fn grows_with_its_size(base: usize, review: impl Fn(usize) -> Review) {
    let policy = policy("mutate: enforce");
    for route in [Route::Validate, Route::Mutate] {
        let time = |size: usize| -> Duration {
            let review = review(size);
            let once = || {
                let start = Instant::now();
                ask(route, &review, &policy, None);
                start.elapsed()
            };
            once().min(once())
        };
        let (small, large) = (time(base), time(base * 16));
        assert!(large < small.max(Duration::from_millis(5)) * 100, "{route:?}: {small:?}, then {large:?}");
    }
}

#[test]
fn a_hundred_thousand_triggers_make_no_endless_answer() {
    let triggers = vec![json!({"type": "kafka"}); 100_000];
    let review = Review::of(&edit(&scaler(), "/spec/triggers", Value::Array(triggers)));
    assert!(review.body().len() < 7 << 20);
    let judged = ask(Route::Validate, &review, &policy(""), None);
    assert_eq!((judged.record.denied, judged.denied.len()), (vec!["LW301", "LW306"], 100));
    let mended = ask(Route::Mutate, &review, &policy("mutate: fill"), None);
    assert_eq!(mended.warnings.len(), 10);
    assert_eq!(mended.warnings[9], "and 247 more changes of lagward");
}

#[test]
fn findings_before_and_after_are_compared_in_time() {
    let bad = |index: usize| edit(&trigger(&format!("t{index}")), "/metadata/lagThreshold", json!("100"));
    grows_with_its_size(16, |count| {
        let object = edit(&scaler(), "/spec/triggers", (0..count).map(bad).collect());
        Review::update(&object, &object)
    });
}

#[test]
fn variables_that_clients_read_are_sorted_out_in_time() {
    let variable =
        |index: usize| json!({"name": format!("MP_MESSAGING_INCOMING_{index}_GROUP_ID"), "value": "a"});
    grows_with_its_size(1000, |count| {
        let env = (0..count).map(variable).collect();
        Review::of(&edit(&consumer(), "/spec/template/spec/containers/0/env", env))
    });
}

#[test]
fn thousands_of_containers_are_planned_in_time() {
    let short = edit(&consumer(), "/spec/template/spec/terminationGracePeriodSeconds", json!(60));
    let container = short["spec"]["template"]["spec"]["containers"][0].clone();
    grows_with_its_size(250, |count| {
        let many = vec![container.clone(); count];
        Review::of(&edit(&short, "/spec/template/spec/containers", Value::Array(many)))
    });
}

#[test]
fn application_json_that_is_nested_without_end_is_read_in_time() {
    for key in ["", "a", "spring"] {
        let open = format!("{{\"{key}\":");
        grows_with_its_size(500, |depth| {
            let text = format!("{}1{}", open.repeat(depth), "}".repeat(depth));
            Review::of(&set_env(&consumer(), "SPRING_APPLICATION_JSON", json!(text)))
        });
    }
}

#[test]
fn exemptions_and_labels_without_number_are_read_in_time() {
    let many = |prefix: &str, count: usize| -> Value {
        (0..count).map(|index| (format!("{prefix}{index}"), json!("a"))).collect::<Map<_, _>>().into()
    };
    grows_with_its_size(1000, |count| {
        let object = edit(&scaler(), "/metadata/annotations", many("ignore.lagward.dev/X", count));
        Review::of(&edit(&object, "/metadata/labels", many("l", count)))
    });
}

#[test]
fn a_long_text_is_not_copied_for_each_of_its_values() {
    // Copied each time, these values alone would need a gigabyte and more.
    let options = "-Dkafka.group.id=a ".repeat(8_000);
    let nested: Vec<String> =
        (0..8_000).map(|i| format!("\"mp.messaging.incoming.x{i}.group.id\":\"a\"")).collect();
    let script = "--kafka.group.id a -X group.id=b -Dkafka.topic=c ".repeat(4_000);
    let args = edit(&consumer(), "/spec/template/spec/containers/0/args", json!(["sh", "-c", script]));
    for object in [
        set_env(&consumer(), "JAVA_TOOL_OPTIONS", json!(options)),
        set_env(&consumer(), "SPRING_APPLICATION_JSON", json!(format!("{{{}}}", nested.join(",")))),
        args,
    ] {
        ask(Route::Validate, &Review::of(&object), &policy(""), None);
    }
}

#[test]
fn references_are_filled_in_within_bounds() {
    let named = |name: String, value: String| json!({"name": name, "value": value});
    // Each doubles the one before it.
    let doubling: Value = (0..60)
        .map(|i| named(format!("KAFKA_TOPIC{i}"), format!("$(KAFKA_TOPIC{})$(KAFKA_TOPIC{})", i - 1, i - 1)))
        .collect();
    let first = named("KAFKA_TOPIC-1".to_owned(), "x".repeat(100));
    let doubling = [vec![first], doubling.as_array().expect("a list").clone()].concat();
    let object = edit(&consumer(), "/spec/template/spec/containers/0/env", json!(doubling));
    ask(Route::Validate, &Review::of(&object), &policy(""), None);
    // Many refer to one long value.
    grows_with_its_size(500, |count| {
        let long = named("LONG".to_owned(), "x".repeat(60_000));
        let many = (0..count).map(|i| named(format!("V{i}"), "$(LONG)".to_owned()));
        let env = std::iter::once(long).chain(many).collect();
        Review::of(&edit(&consumer(), "/spec/template/spec/containers/0/env", env))
    });
}

#[test]
fn references_without_an_end_are_read_in_time() {
    for text in ["$(", "$(A", "$", "$$("] {
        grows_with_its_size(5_000, |count| {
            let text = format!("{}{}", ")", text.repeat(count));
            Review::of(&set_env(&consumer(), "KAFKA_TOPIC", json!(text)))
        });
    }
}

#[test]
fn mounts_and_volumes_are_matched_in_time() {
    grows_with_its_size(500, |count| {
        let list = |of: fn(usize) -> Value| Value::from((0..count).map(of).collect::<Vec<_>>());
        let mounts = list(|i| json!({"name": format!("volume-{i}"), "mountPath": "/etc"}));
        let volumes = list(|i| json!({"name": format!("volume-{i}"), "configMap": {"name": "a"}}));
        let object = edit(&consumer(), "/spec/template/spec/containers/0/volumeMounts", mounts);
        Review::of(&edit(&object, "/spec/template/spec/volumes", volumes))
    });
}

#[test]
fn trigger_metadata_without_number_is_read_in_time() {
    // Each is a near miss of a key that KEDA reads.
    grows_with_its_size(100, |count| {
        let keys = (0..count).map(|i| (format!("lagTreshold{i}"), json!("1")));
        let good = trigger("t")["metadata"].as_object().expect("a map").clone();
        let metadata: Map<String, Value> = keys.chain(good).collect();
        Review::of(&edit(&scaler(), "/spec/triggers/0/metadata", Value::Object(metadata)))
    });
}

#[test]
fn a_key_of_megabytes_is_compared_in_time() {
    grows_with_its_size(20_000, |length| {
        let key = format!("/spec/triggers/0/metadata/{}", "lagThreshold".repeat(length / 12));
        let variable = set_env(&consumer(), &"KAFKA_SESSION_TIMEOUT_MS".repeat(length / 24), json!("1"));
        ask(Route::Validate, &Review::of(&variable), &policy(""), None);
        Review::of(&edit(&scaler(), &key, json!("1")))
    });
}

#[test]
fn a_thousand_triggers_are_each_answered_and_none_twice() {
    let triggers: Value = (0..1000).map(|index| trigger(&format!("t{index}"))).collect();
    let judged =
        ask(Route::Validate, &Review::of(&edit(&scaler(), "/spec/triggers", triggers)), &policy(""), None);
    assert!(judged.allowed, "{:?}", judged.denied);
    grows_with_its_size(16, |count| {
        let triggers = (0..count).map(|index| trigger(&format!("t{index}"))).collect();
        Review::of(&edit(&scaler(), "/spec/triggers", triggers))
    });
}

#[test]
fn the_last_of_five_thousand_variables_counts() {
    let named = |index: usize, value: &str| json!({"name": format!("UNRELATED_{index}"), "value": value});
    let mut env: Vec<Value> = (0..5000).map(|index| named(index, "$(UNRELATED_0)")).collect();
    env.push(json!({"name": "KAFKA_GROUP_ID", "value": "orders"}));
    env.extend(["60000", "5000"].map(|value| json!({"name": "KAFKA_SESSION_TIMEOUT_MS", "value": value})));
    let object = edit(&consumer(), "/spec/template/spec/containers/0/env", Value::Array(env));
    let judged = ask(Route::Validate, &Review::of(&object), &policy(""), None);
    assert_eq!(judged.denied, ["LW101", "LW105"]);
}

#[test]
fn references_to_oneself_and_in_a_circle_are_unknown_and_deny_nothing() {
    let with = |env: Value| {
        let object = edit(&consumer(), "/spec/template/spec/containers/0/env", env);
        ask(Route::Validate, &Review::of(&object), &policy(""), None)
    };
    let group = json!({"name": "KAFKA_GROUP_ID", "value": "orders"});
    let session = |value: &str| json!({"name": "KAFKA_SESSION_TIMEOUT_MS", "value": value});
    let itself = with(json!([group, session("$(KAFKA_SESSION_TIMEOUT_MS)")]));
    let circle =
        with(json!([group, {"name": "A", "value": "$(B)"}, {"name": "B", "value": "$(A)"}, session("$(B)")]));
    let forward = with(json!([group, session("$(LATER)"), {"name": "LATER", "value": "5000"}]));
    for judged in [itself, circle, forward] {
        assert!(judged.allowed && judged.warned().is_empty(), "{:?} {:?}", judged.denied, judged.warnings);
    }
}
