//! A ScaledObject and its workload in the same review: what denies, and what has to be looked at before.

use lagward::engine::world::{Nothing, World};
use lagward::fronts::cluster::Look;
use lagward::fronts::webhook::record::{Answer, Route};
use lagward::fronts::webhook::review::{ReviewContext, admit};
use serde_json::{Value, json};

use crate::support::{Known, Review, as_consumer, consumer, edit, policy, scaler, set_env, subject, today};
use crate::verifier;

/// A ScaledObject that declares this session timeout.
fn declaring(millis: &str) -> Value {
    edit(&scaler(), "/spec/triggers/0/metadata/sessionTimeout", millis.into())
}

fn reading(millis: &str) -> Value {
    set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", millis.into())
}

fn answer(review: &Review, world: &dyn World, look: Option<&Look>) -> (Value, Answer) {
    answer_on(Route::Validate, review, world, look)
}

fn answer_on(route: Route, review: &Review, world: &dyn World, look: Option<&Look>) -> (Value, Answer) {
    let policy = policy("mutate: enforce\n");
    let context = ReviewContext { world, look, policy: &policy, hash: "", today: today() };
    let body = review.body();
    let answer = admit(route, &body, &context).expect("an answer");
    (verifier::verify(route, &body, &answer.body), answer)
}

/// The patch, null if there is none, and what the answer rests on.
fn patch(review: &Review, world: &dyn World, look: Option<&Look>) -> (Value, Option<String>) {
    let (response, answer) = answer_on(Route::Mutate, review, world, look);
    (verifier::operations(&response), answer.rests_on.map(|object| object.to_string()))
}

fn world(object: &Value) -> Known {
    Known(vec![subject(object)])
}

fn there(object: &Value) -> Look {
    Look::There(Box::new(as_consumer(object)))
}

/// Whether it is let in, which rules deny, which warn, and what it rests on.
fn verdict(
    review: &Review,
    world: &dyn World,
    look: Option<&Look>,
) -> (bool, Vec<&'static str>, Vec<&'static str>, Option<String>) {
    let (response, answer) = answer(review, world, look);
    let rests_on = answer.rests_on.map(|object| object.to_string());
    (response["allowed"] == true, answer.record.denied, answer.record.warned, rests_on)
}

const ORDERS: &str = "Deployment shop/orders";

#[test]
fn a_denial_for_a_workload_asks_for_a_look_at_it() {
    let (known, review) = (world(&consumer()), Review::of(&declaring("60000")));
    let before = verdict(&review, &known, None);
    assert_eq!(before, (false, vec!["LW104"], vec![], Some(ORDERS.to_owned())));
    let confirmed = verdict(&review, &known, Some(&there(&consumer())));
    assert_eq!(confirmed, (false, vec!["LW104"], vec![], None));
}

#[test]
fn what_a_look_shows_outweighs_what_was_known() {
    let (known, review) = (world(&consumer()), Review::of(&declaring("60000")));
    let changed = verdict(&review, &known, Some(&there(&reading("60000"))));
    assert_eq!(changed, (true, vec![], vec![], None));
    let gone = verdict(&review, &known, Some(&Look::Gone));
    assert_eq!(gone, (true, vec![], vec![], None));
    let (stale, review) = (world(&reading("60000")), Review::of(&declaring("60000")));
    assert_eq!(verdict(&review, &stale, None), (true, vec![], vec![], None), "nothing denies, nobody looks");
}

#[test]
fn a_look_that_fails_makes_a_warning_of_the_denial() {
    let (known, review) = (world(&consumer()), Review::of(&declaring("60000")));
    assert_eq!(verdict(&review, &known, Some(&Look::Failed)), (true, vec![], vec!["LW104"], None));
    let low = edit(&declaring("60000"), "/spec/triggers/0/metadata/lagThreshold", "10".into());
    let own = verdict(&Review::of(&low), &known, Some(&Look::Failed));
    assert_eq!(own, (false, vec!["LW301"], vec!["LW104"], None), "its own faults deny as ever");
}

#[test]
fn a_workload_that_is_not_known_is_looked_at() {
    let review = Review::of(&declaring("60000"));
    for world in [&Nothing as &dyn World, &Known::default()] {
        assert_eq!(verdict(&review, world, None), (true, vec![], vec![], Some(ORDERS.to_owned())));
        let fresh = verdict(&review, world, Some(&there(&consumer())));
        assert_eq!(fresh, (false, vec!["LW104"], vec![], None));
        assert_eq!(verdict(&review, world, Some(&Look::Failed)), (true, vec![], vec![], None));
    }
}

#[test]
fn a_dry_run_warns_and_looks_at_nothing() {
    let review = Review::of(&declaring("60000")).dry_run();
    assert_eq!(verdict(&review, &world(&consumer()), None), (true, vec![], vec!["LW104"], None));
}

#[test]
fn a_declaration_is_overwritten_only_by_what_a_look_at_the_workload_shows() {
    let review = || Review::of(&declaring("60000"));
    let (stale, unknown) = (world(&consumer()), Value::Null);
    assert_eq!(patch(&review(), &stale, None), (unknown.clone(), Some(ORDERS.to_owned())));
    assert_eq!(patch(&review(), &stale, Some(&there(&reading("60000")))), (unknown.clone(), None));
    for look in [Look::Failed, Look::Gone] {
        assert_eq!(patch(&review(), &stale, Some(&look)), (unknown.clone(), None));
    }
    assert_eq!(patch(&review().dry_run(), &stale, None), (unknown, None));
    let path = "/spec/triggers/0/metadata/sessionTimeout";
    let mended = json!([{"op": "replace", "path": path, "value": "45000"}]);
    assert_eq!(patch(&review(), &stale, Some(&there(&consumer()))), (mended, None));
}

#[test]
fn what_the_object_alone_shows_is_mended_without_a_look() {
    let low = edit(&scaler(), "/spec/triggers/0/metadata/lagThreshold", "10".into());
    let mended = json!([{"op": "replace", "path": "/spec/triggers/0/metadata/lagThreshold", "value": "800"}]);
    assert_eq!(patch(&Review::of(&low), &world(&consumer()), None), (mended, None));
}

#[test]
fn a_workload_after_its_scaled_object_warns() {
    let review = Review::of(&reading("60000"));
    let (response, answer) = answer(&review, &world(&declaring("45000")), None);
    assert_eq!((answer.record.denied, answer.record.warned), (vec![], vec!["LW104"]));
    assert!(answer.rests_on.is_none());
    let warning = response["warnings"][0].as_str().unwrap_or_default();
    assert!(warning.contains("ScaledObject shop/orders spec.triggers[0]"), "{warning}");
}

#[test]
fn what_is_no_kafka_scaler_or_targets_another_kind_is_not_looked_at() {
    let cron = edit(&scaler(), "/spec/triggers", json!([{"type": "cron", "metadata": {}}]));
    assert_eq!(verdict(&Review::of(&cron), &Nothing, None).3, None);
    let rollout = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "orders"});
    let rollout = edit(&scaler(), "/spec/scaleTargetRef", rollout);
    assert_eq!(verdict(&Review::of(&rollout), &Nothing, None).3, None);
}

#[test]
fn a_refusal_says_in_which_order_both_change() {
    let (response, _) = answer(&Review::of(&declaring("60000")), &world(&consumer()), None);
    let message = response["status"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("\nif you change both, apply Deployment orders first\n"), "{message}");
    let low = edit(&scaler(), "/spec/triggers/0/metadata/lagThreshold", "10".into());
    let (response, _) = answer(&Review::of(&low), &world(&consumer()), None);
    let message = response["status"]["message"].as_str().unwrap_or_default();
    assert!(!message.contains("if you change both"), "{message}");
}
