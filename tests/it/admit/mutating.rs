//! Mending: what each policy lets the webhook patch, and what it never touches.

use lagward::fronts::webhook::record::{Outcome, Route};
use serde_json::{Value, json};

use crate::support::{Known, Reply, Review, ask, consumer, edit, policy, scaler, set_env, subject, trigger};

fn mutate(review: &Review, mode: &str) -> Reply {
    ask(Route::Mutate, review, &policy(&format!("mutate: \"{mode}\"")), None)
}

/// A ScaledObject that sets neither bound nor threshold.
fn bare() -> Value {
    let object = edit(&scaler(), "/spec/minReplicaCount", Value::Null);
    edit(&object, "/spec/triggers/0/metadata/lagThreshold", Value::Null)
}

/// A ScaledObject that sets both too low.
fn low() -> Value {
    let object = edit(&scaler(), "/spec/minReplicaCount", json!(1));
    edit(&object, "/spec/triggers/0/metadata/lagThreshold", json!("10"))
}

/// A Deployment whose session timeout is too short for its grace period.
fn short() -> Value {
    edit(&consumer(), "/spec/template/spec/terminationGracePeriodSeconds", json!(60))
}

#[test]
fn off_is_the_default_and_patches_nothing() {
    for object in [bare(), low(), short()] {
        assert!(mutate(&Review::of(&object), "off").is_silent());
        assert!(ask(Route::Mutate, &Review::of(&object), &policy(""), None).is_silent());
    }
}

#[test]
fn fill_supplies_what_is_unset_and_says_so() {
    let reply = mutate(&Review::of(&bare()), "fill");
    assert_eq!(
        reply.patch,
        json!([
            {"op": "add", "path": "/spec/minReplicaCount", "value": 2},
            {"op": "add", "path": "/spec/triggers/0/metadata/lagThreshold", "value": "800"},
        ])
    );
    assert_eq!(
        reply.warnings,
        [
            "lagward set spec.minReplicaCount to 2 (LW201 min-replicas-too-low)",
            "lagward set spec.triggers[0].metadata.lagThreshold to \"800\" (LW301 lag-threshold-too-low)",
        ]
    );
    assert_eq!(reply.annotations, json!({"patched": "LW201,LW301", "uid": reply.record.uid}));
    assert_eq!(reply.record.outcome, Outcome::Patched);
    assert!(mutate(&Review::of(&low()), "fill").is_silent());
}

#[test]
fn under_mode_audit_nothing_is_patched() {
    let mutate = |object: &Value, text: &str| ask(Route::Mutate, &Review::of(object), &policy(text), None);
    for mode in ["fill", "enforce"] {
        for object in [bare(), low(), short()] {
            assert!(mutate(&object, &format!("mode: audit\nmutate: {mode}")).is_silent());
            let elsewhere = format!("mode: audit\noverrides:\n- {{namespaces: [shop], mutate: {mode}}}");
            assert!(mutate(&object, &elsewhere).is_silent());
            let there = format!("mutate: {mode}\noverrides:\n- {{namespaces: [shop], mode: audit}}");
            assert!(mutate(&object, &there).is_silent());
        }
        for patching in [
            format!("mode: warn\nmutate: {mode}"),
            format!("mode: audit\nmutate: {mode}\noverrides:\n- {{namespaces: [shop], mode: warn}}"),
        ] {
            assert_ne!(mutate(&bare(), &patching).patch, Value::Null, "{patching}");
        }
    }
}

#[test]
fn changes_that_are_too_many_to_tell_are_counted() {
    let bare = |index: usize| edit(&trigger(&format!("t{index}")), "/metadata/lagThreshold", Value::Null);
    let object = edit(&scaler(), "/spec/triggers", (0..25).map(bare).collect());
    let reply = mutate(&Review::of(&object), "fill");
    assert_eq!(reply.warnings.len(), 10);
    assert_eq!(reply.warnings[9], "and 16 more changes of lagward");
}

#[test]
fn a_misspelt_key_is_not_stranded_beside_a_filled_one() {
    let misspelt = edit(&bare(), "/spec/triggers/0/metadata/lagTreshold", json!("1000"));
    for mode in ["fill", "enforce"] {
        let reply = mutate(&Review::of(&misspelt), mode);
        assert_eq!(reply.record.patched, ["LW201"], "{mode}");
        let judged = ask(Route::Validate, &Review::of(&reply.patched(&misspelt)), &policy(""), None);
        assert_eq!(judged.denied, ["LW301", "LW304"], "{mode}");
    }
}

#[test]
fn enforce_overwrites_too() {
    let patched = mutate(&Review::of(&low()), "enforce").patched(&low());
    assert_eq!(patched["spec"]["minReplicaCount"], 2);
    assert_eq!(patched["spec"]["triggers"][0]["metadata"]["lagThreshold"], "800");
    let reply = mutate(&Review::of(&short()), "enforce");
    let place = "/spec/template/spec/containers/0/env/2/value";
    assert_eq!(reply.patch, json!([{"op": "replace", "path": place, "value": "90000"}]));
}

#[test]
fn the_mended_object_is_not_mended_again_and_has_no_such_finding() {
    for (object, mode) in [(bare(), "fill"), (bare(), "enforce"), (low(), "enforce"), (short(), "enforce")] {
        let reply = mutate(&Review::of(&object), mode);
        let mended = reply.patched(&object);
        assert!(mutate(&Review::of(&mended), mode).is_silent(), "{mended}");
        let judged = ask(Route::Validate, &Review::of(&mended), &policy(""), None);
        assert!(judged.is_silent(), "{judged:?}");
    }
}

#[test]
fn the_template_is_not_touched_under_fill() {
    // No rule fills a template today; a policy that lets one set it must not make fill do so.
    assert!(mutate(&Review::of(&short()), "fill").is_silent());
    let unset = set_env(&short(), "KAFKA_SESSION_TIMEOUT_MS", Value::Null);
    let policy = policy("mutate: fill\nrules: {LW103: {variable: KAFKA_SESSION_TIMEOUT_MS}}");
    assert!(ask(Route::Mutate, &Review::of(&unset), &policy, None).is_silent());
}

#[test]
fn an_update_touches_the_template_only_when_it_changed_anyway() {
    let replicas = edit(&short(), "/spec/replicas", json!(3));
    assert!(mutate(&Review::update(&short(), &replicas), "enforce").is_silent());
    let image = edit(&short(), "/spec/template/spec/containers/0/image", json!("orders:2"));
    assert_eq!(mutate(&Review::update(&short(), &image), "enforce").record.patched, ["LW101"]);
}

#[test]
fn nothing_is_mended_when_the_spec_is_the_old_one_or_the_object_goes() {
    let labelled = edit(&bare(), "/metadata/labels", json!({"a": "b"}));
    assert!(mutate(&Review::update(&bare(), &labelled), "enforce").is_silent());
    let going = edit(&bare(), "/metadata/deletionTimestamp", json!("2026-11-24T03:12:00Z"));
    assert!(mutate(&Review::update(&scaler(), &going), "enforce").is_silent());
    assert!(mutate(&Review::of(&going), "enforce").is_silent());
    // A changed spec is mended whether what is wrong is new or not.
    let changed = edit(&bare(), "/spec/pollingInterval", json!(15));
    assert_eq!(mutate(&Review::update(&bare(), &changed), "fill").record.patched, ["LW201", "LW301"]);
}

#[test]
fn replicas_are_never_patched_and_never_judged() {
    for replicas in [json!(0), json!(1), json!("odd"), Value::Null] {
        let object = edit(&short(), "/spec/replicas", replicas);
        let reply = mutate(&Review::of(&object), "enforce");
        assert_eq!(reply.record.patched, ["LW101"]);
        assert!(!reply.patch.to_string().contains("replicas"), "{}", reply.patch);
    }
}

#[test]
fn an_exempted_finding_is_not_mended() {
    let object = edit(&bare(), "/metadata/annotations", json!({"ignore.lagward.dev/LW201": "batch"}));
    assert_eq!(mutate(&Review::of(&object), "enforce").record.patched, ["LW301"]);
}

#[test]
fn a_declaration_that_follows_the_client_is_mended_with_it() {
    let annotations = json!({"kafka.session.timeout.seconds": "45"});
    let object = edit(&short(), "/metadata/annotations", annotations);
    let reply = mutate(&Review::of(&object), "enforce");
    assert_eq!(reply.record.patched, ["LW101"]);
    let mended = reply.patched(&object);
    assert_eq!(mended["metadata"]["annotations"]["kafka.session.timeout.seconds"], "90");
    assert!(ask(Route::Validate, &Review::of(&mended), &policy(""), None).is_silent());
}

#[test]
fn the_review_of_a_workload_does_not_patch_its_scaled_object() {
    let object = edit(&scaler(), "/spec/triggers/0/metadata/sessionTimeout", json!("1m"));
    let world = Known(vec![subject(&object)]);
    assert!(
        ask(Route::Mutate, &Review::of(&consumer()), &policy("mutate: enforce"), Some(&world)).is_silent()
    );
}

/// Its generator would write its own value back, and both would go on for ever.
#[test]
fn what_a_controller_owns_is_not_mended() {
    for object in [bare(), low(), short()] {
        let owned = edit(&object, "/metadata/ownerReferences", json!([{"controller": true}]));
        for mode in ["fill", "enforce"] {
            assert!(mutate(&Review::of(&owned), mode).is_silent(), "{owned}");
        }
    }
}

#[test]
fn an_object_in_which_the_fix_has_no_place_is_left_alone() {
    for odd in [json!("odd"), json!([]), json!(7)] {
        let object = edit(&bare(), "/spec/triggers/0/metadata", odd);
        assert!(mutate(&Review::of(&object), "enforce").allowed);
    }
    assert!(mutate(&Review::of(&edit(&bare(), "/spec", json!("odd"))), "enforce").is_silent());
}

/// The trigger is in another object, which no patch of this one can change: the author gets the denial and mends both.
#[test]
fn a_timeout_that_a_trigger_declares_too_is_not_raised_behind_its_back() {
    let short = set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", json!("20000"));
    let declaring = edit(&scaler(), "/spec/triggers/0/metadata/sessionTimeout", json!("20s"));
    let (policy, review) = (policy("mutate: enforce"), Review::of(&short));
    let alone = Known(vec![subject(&scaler())]);
    assert!(!ask(Route::Mutate, &review, &policy, Some(&alone)).patch.is_null());
    let paired = Known(vec![subject(&declaring)]);
    assert!(ask(Route::Mutate, &review, &policy, Some(&paired)).patch.is_null());
    assert_eq!(ask(Route::Validate, &review, &policy, Some(&paired)).denied, ["LW101"]);
}
