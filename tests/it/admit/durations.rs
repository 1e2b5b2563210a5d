//! Durations in every form that people write, in the environment, in annotations and in triggers.

use lagward::fronts::webhook::record::Route;
use serde_json::{Value, json};

use crate::support::{Known, Reply, Review, ask, consumer, edit, policy, scaler, set_env, subject};

/// The denied codes and the warned ones.
fn codes(reply: &Reply) -> (Vec<&str>, Vec<&str>) {
    (reply.denied.iter().map(String::as_str).collect(), reply.warned())
}

fn validate(object: &Value) -> Reply {
    ask(Route::Validate, &Review::of(object), &policy(""), None)
}

#[test]
fn a_key_in_milliseconds_reads_whole_numbers_and_nothing_else() {
    let of = |text: &str| validate(&set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", json!(text)));
    for text in ["45000", " 45000 "] {
        assert!(of(text).is_silent(), "{text:?}");
    }
    // 45 ms: below the grace period, and refused by the broker.
    assert_eq!(codes(&of("45")), (vec!["LW101", "LW105"], vec![]));
    for text in ["45s", "1m30s", "PT45S", " 45s ", "-1", "0", "1e9999", "99999999999999999999", "forty"] {
        assert!(of(text).allowed, "{text:?}");
    }
}

#[test]
fn a_name_without_a_unit_reads_suffixes_and_large_numbers() {
    let of = |text: &str| {
        let plain = set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", Value::Null);
        validate(&set_env(&plain, "KAFKA_SESSION_TIMEOUT", json!(text)))
    };
    for text in ["45000", "45s", " 45s ", "PT45S", "0.75m", "45000ms"] {
        assert!(of(text).is_silent(), "{text:?}: {:?}", of(text));
    }
    assert_eq!(codes(&of("1m30s")), (vec![], vec!["LW102"]));
    assert_eq!(codes(&of("44s")), (vec!["LW101"], vec![]));
    assert_eq!(codes(&of("PT44S")), (vec!["LW101"], vec![]));
    // A unit that nobody can tell is not guessed.
    for text in ["45", "-1", "1e9999", "-45s"] {
        assert!(of(text).denied.is_empty(), "{text:?}");
    }
}

#[test]
fn the_annotation_reads_small_numbers_as_seconds() {
    let of = |text: &str| {
        let annotations = json!({"kafka.session.timeout.seconds": text});
        validate(&edit(&consumer(), "/metadata/annotations", annotations))
    };
    for text in ["45", "45s", "45000", "PT45S", " 45s ", "45000ms"] {
        assert!(of(text).is_silent(), "{text:?}: {:?}", of(text));
    }
    for text in ["46", "1m30s", "90000", "PT46S"] {
        assert_eq!(codes(&of(text)), (vec!["LW104"], vec![]), "{text:?}");
    }
    for text in ["-1", "0", "1e9999", "", "soon"] {
        assert!(of(text).denied.is_empty(), "{text:?}");
    }
}

#[test]
fn the_trigger_reads_suffixes_and_large_numbers() {
    let world = Known(vec![subject(&consumer())]);
    let policy = policy("");
    let of = |text: &str| {
        let object = edit(&scaler(), "/spec/triggers/0/metadata/sessionTimeout", json!(text));
        ask(Route::Validate, &Review::of(&object), &policy, Some(&world))
    };
    for text in ["45000", "45s", " 45s ", "PT45S", "45000ms"] {
        assert!(of(text).is_silent(), "{text:?}: {:?}", of(text));
    }
    for text in ["1m30s", "46s", "PT46S", "45001"] {
        assert_eq!(codes(&of(text)), (vec!["LW104"], vec![]), "{text:?}");
    }
    for text in ["45", "-1", "1e9999"] {
        assert!(of(text).denied.is_empty(), "{text:?}");
    }
}

#[test]
fn a_declared_fact_that_is_no_duration_is_named_and_ignored() {
    let of = |text: &str| {
        let annotations = json!({"lagward.dev/commit-interval": text, "lagward.dev/peak-rate": "1200"});
        validate(&edit(&scaler(), "/metadata/annotations", annotations))
    };
    assert!(of("1s").is_silent(), "{:?}", of("1s"));
    assert_eq!(of("1m").denied, ["LW301"]);
    for text in ["45", "-1", "1e9999", "1 s", "soon"] {
        let reply = of(text);
        assert!(reply.allowed, "{text:?}: {reply:?}");
        let note = &reply.warnings[0];
        assert!(note.contains("lagward.dev/commit-interval") && note.contains("it is ignored"), "{note}");
    }
}

#[test]
fn a_declaration_that_nobody_reads_is_named() {
    let note = |object: &Value, name: &str| {
        let reply = validate(&edit(object, "/metadata/annotations", json!({name: "48"})));
        reply.warnings.join("\n")
    };
    let misspelt = note(&scaler(), "lagward.dev/partition");
    assert!(misspelt.contains("is not read; lagward.dev/partitions is probably meant"), "{misspelt}");
    let elsewhere = note(&scaler(), "lagward.dev/consumer");
    assert!(elsewhere.contains("is not read on an object of this kind"), "{elsewhere}");
    assert!(note(&consumer(), "lagward.dev/consumer").contains("which is no container's name"));
    assert!(note(&consumer(), "lagward.dev/owner").contains("is not read on"));
}

#[test]
fn a_message_may_take_less_than_a_millisecond() {
    let of = |time: &str| {
        let annotations = json!({"lagward.dev/message-time": time, "lagward.dev/max-delay": "200ms"});
        validate(&edit(&scaler(), "/metadata/annotations", annotations))
    };
    // 200 ms hold 800 messages of 250 us; at 1 ms they hold 200, and 800 is too many.
    assert!(of("250us").is_silent(), "{:?}", of("250us"));
    assert_eq!(codes(&of("251us")), (vec![], vec!["LW302"]));
    assert!(of("251us").warnings[0].contains("at most 796 "), "{:?}", of("251us").warnings);
    assert_eq!(codes(&of("1ms")), (vec![], vec!["LW302"]));
}

#[test]
fn extreme_durations_are_judged_and_panic_in_no_rule() {
    let most = i64::MAX.to_string();
    let long = ["9223372036854775807ms", "5124095576030431h5124095576030431h5124095576030431h", "1ns"];
    for text in long.into_iter().chain([most.as_str()]) {
        let facts = json!({
            "lagward.dev/drain": text, "lagward.dev/message-time": text, "lagward.dev/commit-interval": text,
            "lagward.dev/max-delay": text, "lagward.dev/peak-rate": most, "lagward.dev/partitions": most,
            "kafka.session.timeout.seconds": text,
        });
        let mut workload = edit(&consumer(), "/metadata/annotations", facts.clone());
        workload = edit(&workload, "/spec/template/spec/terminationGracePeriodSeconds", json!(i64::MAX - 1));
        let hook = json!({"preStop": {"sleep": {"seconds": i64::MAX}}});
        workload = edit(&workload, "/spec/template/spec/containers/0/lifecycle", hook);
        workload = set_env(&workload, "VECTOR_GRACEFUL_SHUTDOWN_LIMIT_SECS", json!(most));
        let scaler = edit(&scaler(), "/metadata/annotations", facts);
        let scaler = edit(&scaler, "/spec/triggers/0/metadata/lagThreshold", json!(i64::MIN.to_string()));
        for object in [workload, scaler] {
            let reply = validate(&object);
            assert!(!reply.warnings.iter().any(|text| text.contains("failed inside lagward")), "{reply:?}");
        }
    }
}
