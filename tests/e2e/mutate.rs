//! What a policy lets lagward patch is stored mended, once, and the second apply changes nothing.

use serde_json::Value;

use crate::fixtures::{
    SHORT_SESSION, edited, good_scaled_object, scaled_object_with_threshold, short_session_with_grace,
    unset_bounds,
};
use crate::lagward::Policy;
use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![
    fill_supplies_the_bounds_that_were_left_out,
    a_second_server_side_apply_changes_nothing,
    a_second_client_side_apply_changes_nothing,
    fill_overwrites_nothing,
    enforce_mends_the_session_timeout_of_a_new_deployment,
    enforce_overwrites_low_bounds,
    applying_what_enforce_overwrote_again_changes_nothing,
    enforce_starts_no_rollout_that_nobody_asked_for,
    the_shipped_policy_patches_nothing,
];

fn bounds(object: &Value) -> (&Value, &Value) {
    let spec = &object["spec"];
    (&spec["minReplicaCount"], &spec["triggers"][0]["metadata"]["lagThreshold"])
}

fn session_timeout(deployment: &Value) -> &Value {
    let env = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
    let variables = env.as_array().expect("the fixture has an environment");
    let found = variables.iter().find(|variable| variable["name"] == "KAFKA_SESSION_TIMEOUT_MS");
    &found.expect("the fixture declares a session timeout")["value"]
}

/// What a no-op must leave as it was.
fn version(object: &Value) -> (Value, Value) {
    let metadata = &object["metadata"];
    (metadata["resourceVersion"].clone(), metadata["generation"].clone())
}

fn fill_supplies_the_bounds_that_were_left_out() {
    let scene = Scene::under(Policy::Fill);
    let outcome = scene.kubectl.apply_server_side(&unset_bounds()).accepted();
    outcome.warned(&["LW201", "LW301"]);
    assert_eq!(outcome.warnings().count(), 2, "one warning for each field\n{outcome}");
    let stored = scene.kubectl.get("scaledobject/consumer");
    assert_eq!(bounds(&stored), (&Value::from(2), &Value::from("800")));
}

fn a_second_server_side_apply_changes_nothing() {
    let scene = Scene::under(Policy::Fill);
    scene.kubectl.apply_server_side(&unset_bounds()).accepted();
    let first = scene.kubectl.get("scaledobject/consumer");
    scene.kubectl.apply_server_side(&unset_bounds()).accepted();
    let second = scene.kubectl.get("scaledobject/consumer");
    assert_eq!(version(&first), version(&second));
    assert_eq!(bounds(&second), (&Value::from(2), &Value::from("800")));
}

fn a_second_client_side_apply_changes_nothing() {
    let scene = Scene::under(Policy::Fill);
    scene.kubectl.apply(&unset_bounds()).accepted();
    let first = scene.kubectl.get("scaledobject/consumer");
    scene.kubectl.apply(&unset_bounds()).accepted();
    assert_eq!(version(&first), version(&scene.kubectl.get("scaledobject/consumer")));
}

fn fill_overwrites_nothing() {
    let scene = Scene::under(Policy::Fill);
    scene.kubectl.apply(&scaled_object_with_threshold("10")).refused(&["LW301"]);
    let none = edited(&good_scaled_object(), "minReplicaCount: 2", "minReplicaCount: 0");
    scene.kubectl.apply(&none).refused(&["LW201"]);
    // A patch of a pod template would start a rollout: filling in is not worth one.
    scene.kubectl.apply(SHORT_SESSION).refused(&["LW101"]);
}

fn enforce_mends_the_session_timeout_of_a_new_deployment() {
    let scene = Scene::under(Policy::Enforce);
    scene.kubectl.apply(SHORT_SESSION).accepted().warned(&["LW101"]);
    assert_eq!(session_timeout(&scene.kubectl.get("deployment/consumer")), "90000");
}

fn enforce_overwrites_low_bounds() {
    let scene = Scene::under(Policy::Enforce);
    let low = edited(&scaled_object_with_threshold("10"), "minReplicaCount: 2", "minReplicaCount: 0");
    scene.kubectl.apply(&low).accepted().warned(&["LW201", "LW301"]);
    let stored = scene.kubectl.get("scaledobject/consumer");
    assert_eq!(bounds(&stored), (&Value::from(2), &Value::from("800")));
}

fn enforce_starts_no_rollout_that_nobody_asked_for() {
    let scene = Scene::unguarded(Policy::Enforce);
    scene.kubectl.apply(SHORT_SESSION).accepted();
    scene.guard();
    scene.kubectl.annotate("deployment/consumer", "team=payments").accepted().warned(&["LW101"]);
    assert_eq!(session_timeout(&scene.kubectl.get("deployment/consumer")), "45000");
    // This apply changes the template anyway.
    scene.kubectl.apply(&short_session_with_grace(50)).accepted();
    assert_eq!(session_timeout(&scene.kubectl.get("deployment/consumer")), "75000");
}

fn applying_what_enforce_overwrote_again_changes_nothing() {
    let scene = Scene::under(Policy::Enforce);
    let both = format!("{SHORT_SESSION}---\n{}", scaled_object_with_threshold("100"));
    scene.kubectl.apply_server_side(&both).accepted();
    // The deployment's generation is what its author changed, its version also what its controller reports.
    let generation = scene.kubectl.get("deployment/consumer")["metadata"]["generation"].clone();
    let first = scene.kubectl.get("scaledobject/consumer");
    scene.kubectl.apply_server_side(&both).accepted().warned(&["LW101", "LW301"]);
    assert_eq!(scene.kubectl.get("deployment/consumer")["metadata"]["generation"], generation);
    assert_eq!(version(&first), version(&scene.kubectl.get("scaledobject/consumer")));
}

fn the_shipped_policy_patches_nothing() {
    let scene = Scene::under(Policy::Shipped);
    scene.kubectl.apply(&unset_bounds()).refused(&["LW201", "LW301"]);
}
