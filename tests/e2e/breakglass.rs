//! When lagward is in the way or gone, a label on the namespace is enough.

use crate::fixtures::{INCIDENT, SHORT_SESSION, good_deployment, unset_bounds};
use crate::lagward::{Lagward, Policy};
use crate::register::Overlay;
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::{certs, cluster};

scenarios![
    the_label_lets_everything_through_and_its_removal_guards_again,
    the_label_keeps_patches_away_as_well,
    a_rollout_can_be_undone_to_a_misaligned_revision,
    without_lagward_workloads_pass_and_scaled_objects_wait_for_the_label,
];

fn the_label_lets_everything_through_and_its_removal_guards_again() {
    let scene = Scene::under(Policy::Shipped);
    scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
    scene.unguard();
    scene.kubectl.apply(INCIDENT).accepted().silent();
    scene.kubectl.run(["delete", "scaledobject/consumer"]).accepted();
    scene.guard();
    scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
}

fn the_label_keeps_patches_away_as_well() {
    let scene = Scene::unguarded(Policy::Fill);
    scene.kubectl.apply(&unset_bounds()).accepted().silent();
    assert!(scene.kubectl.get("scaledobject/consumer")["spec"]["minReplicaCount"].is_null());
}

fn a_rollout_can_be_undone_to_a_misaligned_revision() {
    let scene = Scene::unguarded(Policy::Shipped);
    let status = ["rollout", "status", "deployment/consumer", "--timeout=30s"];
    scene.kubectl.apply(SHORT_SESSION).accepted();
    scene.kubectl.run(status).accepted();
    scene.guard();
    scene.kubectl.apply(&good_deployment()).accepted().silent();
    scene.kubectl.run(status).accepted();

    let undo = ["rollout", "undo", "deployment/consumer"];
    scene.kubectl.run(undo).refused(&["LW101"]);
    scene.unguard();
    scene.kubectl.run(undo).accepted().silent();
    let stored = scene.kubectl.get("deployment/consumer");
    assert_eq!(stored["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], 60);
}

fn without_lagward_workloads_pass_and_scaled_objects_wait_for_the_label() {
    let cluster = cluster::shared();
    let identity = certs::self_signed().unwrap();
    let doomed = Lagward::start(cluster, "doomed", None, Overlay::Local, &identity).unwrap();
    let scene = Scene::in_scope(cluster, "doomed");
    doomed.kill();
    scene.kubectl.apply(SHORT_SESSION).accepted();
    let outcome = scene.kubectl.apply(INCIDENT).failed();
    let named = outcome.denial().contains("failed calling webhook \"scaledobjects.lagward.dev\"");
    assert!(named, "a ScaledObject that nobody judged is not stored\n{outcome}");
    scene.unguard();
    scene.kubectl.apply(INCIDENT).accepted();
}
