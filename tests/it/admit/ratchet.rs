//! Updates: what was there before warns, what is new or worse is refused.

use lagward::fronts::webhook::record::{Part, Route};
use serde_json::{Value, json};

use crate::support::{Reply, Review, ask, consumer, edit, policy, scaler, set_env, trigger};

fn update(old: &Value, new: &Value) -> Reply {
    ask(Route::Validate, &Review::update(old, new), &policy(""), None)
}

/// The update passes, and warns of exactly these codes.
fn passes(old: &Value, new: &Value, warned: &[&str]) {
    let reply = update(old, new);
    assert_eq!(
        (reply.denied.as_slice(), reply.warned()),
        ([].as_slice(), warned.to_vec()),
        "{:?}",
        reply.message
    );
    assert!(
        reply.warnings.iter().all(|text| text.ends_with("(not new, so it only warns)")),
        "{:?}",
        reply.warnings
    );
}

fn refused(old: &Value, new: &Value, codes: &[&str]) {
    assert_eq!(update(old, new).denied, codes);
}

/// A ScaledObject with this lagThreshold.
fn lag(threshold: &str) -> Value {
    edit(&scaler(), "/spec/triggers/0/metadata/lagThreshold", json!(threshold))
}

/// A Deployment with this session timeout in milliseconds and this grace period in seconds.
fn times(session: u64, grace: u64) -> Value {
    let object = set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", json!(session.to_string()));
    edit(&object, "/spec/template/spec/terminationGracePeriodSeconds", json!(grace))
}

fn annotated(object: &Value, annotations: Value) -> Value {
    edit(object, "/metadata/annotations", annotations)
}

#[test]
fn the_same_and_a_better_value_pass_and_a_worse_one_is_refused() {
    passes(&lag("100"), &lag("100"), &["LW301"]);
    passes(&lag("100"), &lag("101"), &["LW301"]);
    refused(&lag("100"), &lag("99"), &["LW301"]);
    assert!(update(&lag("100"), &lag("800")).is_silent());
    refused(&lag("800"), &lag("499"), &["LW301"]);
    passes(&times(20_000, 30), &times(25_000, 30), &["LW101"]);
    refused(&times(20_000, 30), &times(20_000, 31), &["LW101"]);
}

#[test]
fn a_value_that_only_warned_does_not_excuse_one_that_denies() {
    // 300 s warns and 310 s is refused: the smaller distance to the higher bound is not a better value.
    refused(&times(300_000, 30), &times(310_000, 30), &["LW102"]);
    // 300 s is all that a grace period of 300 s may ask for; 299 s is less.
    refused(&times(300_000, 300), &times(299_000, 300), &["LW101"]);
}

#[test]
fn one_finding_does_not_excuse_another_rule_or_another_place() {
    let both = edit(&lag("100"), "/spec/minReplicaCount", json!(0));
    refused(&lag("100"), &both, &["LW201"]);
    let mut two = lag("100");
    two = edit(&two, "/spec/triggers", json!([two["spec"]["triggers"][0], trigger("second")]));
    let worse = edit(&two, "/spec/triggers/1/metadata/lagThreshold", json!("100"));
    refused(&two, &worse, &["LW301"]);
}

#[test]
fn reordered_triggers_are_the_same_triggers() {
    let bad = edit(&trigger("bad"), "/metadata/lagThreshold", json!("100"));
    let with = |triggers: Value| edit(&scaler(), "/spec/triggers", triggers);
    passes(&with(json!([bad, trigger("good")])), &with(json!([trigger("good"), bad])), &["LW301"]);
    // A trigger of another name that watches the same is the same, and one that watches something else is not.
    let renamed = edit(&bad, "/name", json!("renamed"));
    passes(&with(json!([bad])), &with(json!([renamed])), &["LW301"]);
    let other = edit(&renamed, "/metadata/topic", json!("returns"));
    refused(&with(json!([bad])), &with(json!([other])), &["LW301"]);
    refused(&with(json!([bad])), &with(json!([bad, other])), &["LW301"]);
    // Without names, type and ordinal tell them apart; other types do not count.
    let (bad, good) = (edit(&bad, "/name", Value::Null), edit(&trigger("x"), "/name", Value::Null));
    let cron = json!({"type": "cron", "metadata": {}});
    passes(&with(json!([bad, good])), &with(json!([cron, bad, good])), &["LW301"]);
    // Of those that watch the same, any is as good as any other.
    passes(&with(json!([bad, good])), &with(json!([good, bad])), &["LW301"]);
}

#[test]
fn a_trigger_without_a_name_is_known_by_what_it_watches() {
    let bad = edit(&edit(&trigger("x"), "/name", Value::Null), "/metadata/lagThreshold", json!("100"));
    let with = |triggers: Value| edit(&scaler(), "/spec/triggers", triggers);
    let named = edit(&bad, "/name", json!("orders"));
    passes(&with(json!([bad])), &with(json!([named])), &["LW301"]);
    let good = edit(&trigger("x"), "/name", Value::Null);
    let returns = edit(&good, "/metadata/topic", json!("returns"));
    passes(&with(json!([bad])), &with(json!([returns, bad])), &["LW301"]);
    let bad_returns = edit(&bad, "/metadata/topic", json!("returns"));
    refused(&with(json!([bad])), &with(json!([bad_returns, bad])), &["LW301"]);
    // Its ordinal is left where something else is watched now.
    passes(&with(json!([bad])), &with(json!([bad_returns])), &["LW301"]);
    passes(&with(json!([bad])), &with(json!([good, bad])), &["LW301"]);
    // One bad trigger excuses no two that watch the same, and what is worse excuses the worse one.
    let second = edit(&bad, "/name", json!("second"));
    refused(&with(json!([bad, good])), &with(json!([named, second])), &["LW301"]);
    let worse = edit(&second, "/metadata/lagThreshold", json!("50"));
    passes(&with(json!([worse, bad])), &with(json!([bad, worse])), &["LW301"]);
    refused(&with(json!([bad, bad])), &with(json!([bad, worse])), &["LW301"]);
}

#[test]
fn a_better_value_passes_wherever_it_is_written_and_however_firmly_it_was_said() {
    let min = |count: u64| edit(&scaler(), "/spec/minReplicaCount", json!(count));
    let idle = |count: u64| edit(&min(3), "/spec/idleReplicaCount", json!(count));
    passes(&idle(0), &min(1), &["LW201"]);
    refused(&min(1), &idle(0), &["LW201"]);
    let known = annotated(&scaler(), json!({"lagward.dev/partitions": "48"}));
    let most = |count: u64| edit(&known, "/spec/maxReplicaCount", json!(count));
    let standby =
        |count: u64| edit(&most(count), "/spec/triggers/0/metadata/allowIdleConsumers", json!("true"));
    passes(&standby(200), &most(200), &["LW202"]);
    refused(&standby(200), &most(201), &["LW202"]);
}

#[test]
fn reordered_containers_and_variables_are_the_same() {
    let bad = times(20_000, 30);
    let containers = "/spec/template/spec/containers";
    let app = &bad["spec"]["template"]["spec"]["containers"][0];
    let proxy = json!({"name": "proxy", "image": "proxy:1"});
    let two = edit(&bad, containers, json!([app, proxy]));
    passes(&two, &edit(&bad, containers, json!([proxy, app])), &["LW101"]);
    let mut env = app["env"].as_array().expect("an environment").clone();
    env.reverse();
    passes(&bad, &edit(&bad, "/spec/template/spec/containers/0/env", Value::Array(env)), &["LW101"]);
    refused(&bad, &edit(&bad, "/spec/template/spec/containers/0/name", json!("renamed")), &["LW101"]);
}

#[test]
fn metadata_and_scaling_of_a_misaligned_object_pass() {
    let bad = times(20_000, 30);
    passes(&bad, &edit(&bad, "/metadata/labels", json!({"a": "b"})), &["LW101"]);
    passes(&bad, &edit(&bad, "/metadata/finalizers", json!(["keda.sh/x"])), &["LW101"]);
    passes(&bad, &edit(&bad, "/spec/replicas", json!(9)), &["LW101"]);
    passes(&bad, &edit(&bad, "/metadata/deletionTimestamp", json!("2026-11-24T03:12:00Z")), &["LW101"]);
    passes(&bad, &annotated(&bad, json!({"team": "shop"})), &["LW101"]);
}

#[test]
fn removing_an_exemption_is_refused_and_losing_it_to_the_calendar_is_not() {
    let exempt = |text: &str| annotated(&lag("100"), json!({"ignore.lagward.dev/LW301": text}));
    assert!(update(&exempt("batch"), &exempt("batch")).is_silent());
    refused(&exempt("batch"), &lag("100"), &["LW301"]);
    refused(&exempt("batch; until 2026-11-24"), &exempt("batch; until 2026-11-23"), &["LW301"]);
    let reply = update(&exempt("batch; until 2026-11-23"), &exempt("batch; until 2026-11-23"));
    assert_eq!((reply.allowed, reply.warned()), (true, vec!["LW301"]));
    assert!(update(&lag("100"), &exempt("batch")).is_silent());
}

#[test]
fn an_old_object_that_cannot_be_read_excuses_nothing() {
    let bad = lag("100");
    for old in ["null", "{}", "[]", "7", "\"odd\"", "{\"spec\":{\"minReplicaCount\":1e9999}}"] {
        let review = Review { operation: "UPDATE", old: old.to_owned(), ..Review::of(&bad) };
        let reply = ask(Route::Validate, &review, &policy(""), None);
        assert_eq!(reply.denied, ["LW301"], "{old}");
        let is_unreadable = old.contains("1e9999");
        assert_eq!(reply.record.unreadable, is_unreadable.then_some(Part::OldObject), "{old}");
    }
    // What can be read of an odd one counts.
    let odd = edit(&edit(&bad, "/spec/minReplicaCount", json!([])), "/metadata", json!({"name": "orders"}));
    passes(&odd, &bad, &["LW301"]);
}

#[test]
fn unpausing_and_disowning_are_judged_by_the_value_before() {
    let paused = annotated(&lag("100"), json!({"autoscaling.keda.sh/paused": "true"}));
    passes(&paused, &lag("100"), &["LW301"]);
    refused(&paused, &lag("99"), &["LW301"]);
    let owned = edit(&lag("100"), "/metadata/ownerReferences", json!([{"controller": true}]));
    passes(&owned, &lag("100"), &["LW301"]);
}
