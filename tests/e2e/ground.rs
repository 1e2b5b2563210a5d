//! What the other scenarios stand on: the cluster behaves like one, without lagward.

use crate::fixtures::{SHORT_SESSION, edited};
use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![
    a_deployment_becomes_available,
    a_deployment_can_be_scaled,
    a_rollout_can_be_undone,
    scaled_objects_are_a_known_kind,
    keda_s_operator_may_update_only_what_it_scales,
];

fn a_deployment_becomes_available() {
    let scene = Scene::bare();
    scene.kubectl.apply(SHORT_SESSION).accepted();
    scene
        .kubectl
        .run(["wait", "--for=condition=Available", "--timeout=30s", "deployment/consumer"])
        .accepted();
}

fn a_deployment_can_be_scaled() {
    let scene = Scene::bare();
    scene.kubectl.apply(SHORT_SESSION).accepted();
    scene.kubectl.run(["scale", "deployment/consumer", "--replicas=3"]).accepted();
    scene.kubectl.run(["rollout", "status", "deployment/consumer", "--timeout=30s"]).accepted();
    assert_eq!(scene.kubectl.get("deployment/consumer")["status"]["readyReplicas"], 3);
}

fn a_rollout_can_be_undone() {
    let scene = Scene::bare();
    let status = ["rollout", "status", "deployment/consumer", "--timeout=30s"];
    scene.kubectl.apply(SHORT_SESSION).accepted();
    scene.kubectl.run(status).accepted();
    scene.kubectl.apply(&edited(SHORT_SESSION, ":1.4.2", ":1.5.0")).accepted();
    scene.kubectl.run(status).accepted();
    scene.kubectl.run(["rollout", "undo", "deployment/consumer"]).accepted();
    let image =
        &scene.kubectl.get("deployment/consumer")["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, "payments/consumer:1.4.2");
}

fn scaled_objects_are_a_known_kind() {
    let scene = Scene::bare();
    scene.kubectl.apply(crate::fixtures::INCIDENT).accepted();
    let stored = scene.kubectl.get("scaledobject/consumer");
    assert!(stored["spec"]["minReplicaCount"].is_null(), "KEDA's definition fills in no default");
}

fn keda_s_operator_may_update_only_what_it_scales() {
    let scene = Scene::bare();
    scene.kubectl.apply(SHORT_SESSION).accepted();
    let operator = scene.keda_operator();
    assert!(
        operator.deployments(scene.namespace()).get("consumer").is_err(),
        "the operator's rights are its own"
    );
}
