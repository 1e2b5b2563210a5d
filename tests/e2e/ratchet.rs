//! What was there before lagward stays usable: only a change that makes it worse is refused.

use std::collections::BTreeMap;

use kube::core::DynamicObject;

use crate::fixtures::{
    INCIDENT, SHORT_SESSION, annotated, edited, scaled_object_with_threshold, short_session_with_grace,
};
use crate::lagward::Policy;
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::wait;

const FINALIZER: &str = "finalizer.keda.sh";
const SCALED_OBJECT_LABEL: &str = "scaledobject.keda.sh/name";

scenarios![
    an_old_deployment_can_be_scaled_and_labelled_without_a_word,
    an_old_deployment_can_be_annotated_with_a_warning,
    an_old_deployment_can_be_rolled_out_again,
    an_old_object_can_be_deleted,
    keda_s_operator_adds_and_removes_its_finalizer,
    keda_s_operator_updates_the_status_of_an_old_object,
    making_it_worse_is_refused,
    making_it_better_but_not_yet_good_warns,
    making_it_good_is_silent,
    removing_an_exemption_is_refused,
    a_new_violation_beside_an_old_one_is_refused,
];

fn an_old_deployment_can_be_scaled_and_labelled_without_a_word() {
    let scene = Scene::with_old(SHORT_SESSION);
    scene.kubectl.run(["scale", "deployment/consumer", "--replicas=4"]).accepted().silent();
    scene.kubectl.label("deployment/consumer", "team=payments").accepted().silent();
    scene.kubectl.run(["rollout", "status", "deployment/consumer", "--timeout=30s"]).accepted();
    assert_eq!(scene.kubectl.get("deployment/consumer")["status"]["readyReplicas"], 4);
}

fn an_old_deployment_can_be_annotated_with_a_warning() {
    let scene = Scene::with_old(SHORT_SESSION);
    scene.kubectl.annotate("deployment/consumer", "team=payments").accepted().warned(&["LW101"]);
    let stored = scene.kubectl.get("deployment/consumer");
    assert_eq!(stored["metadata"]["annotations"]["team"], "payments");
}

fn an_old_deployment_can_be_rolled_out_again() {
    let scene = Scene::with_old(SHORT_SESSION);
    scene.kubectl.run(["rollout", "restart", "deployment/consumer"]).accepted().warned(&["LW101"]);
    let image = "consumer=payments/consumer:1.5.0";
    scene.kubectl.run(["set", "image", "deployment/consumer", image]).accepted().warned(&["LW101"]);
}

fn an_old_object_can_be_deleted() {
    let scene = Scene::with_old(&format!("{SHORT_SESSION}---\n{INCIDENT}"));
    let both = ["delete", "deployment/consumer", "scaledobject/consumer", "--timeout=30s"];
    scene.kubectl.run(both).accepted().silent();
    assert!(scene.kubectl.is_absent("scaledobject/consumer"));
}

fn keda_s_operator_adds_and_removes_its_finalizer() {
    let scene = Scene::with_old(INCIDENT);
    let objects = scene.keda_operator().scaled_objects(scene.namespace());
    let mut object: DynamicObject = objects.get("consumer").unwrap();
    object.metadata.finalizers = Some(vec![FINALIZER.to_owned()]);
    object.metadata.labels = Some(BTreeMap::from([(SCALED_OBJECT_LABEL.to_owned(), "consumer".to_owned())]));
    let stored = objects.replace("consumer", &object).unwrap();
    assert_eq!(stored.metadata.finalizers.as_deref(), Some(&[FINALIZER.to_owned()][..]));

    scene.kubectl.run(["delete", "scaledobject/consumer", "--wait=false"]).accepted();
    let mut leaving = objects.get("consumer").unwrap();
    assert!(leaving.metadata.deletion_timestamp.is_some(), "the finalizer holds it back");
    leaving.metadata.finalizers = None;
    let _ = objects.replace("consumer", &leaving).unwrap();
    wait::for_it("the object is gone", || {
        if scene.kubectl.is_absent("scaledobject/consumer") { Ok(()) } else { Err("it is there".to_owned()) }
    });
}

fn keda_s_operator_updates_the_status_of_an_old_object() {
    let scene = Scene::with_old(INCIDENT);
    let patch =
        r#"{"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "ScaledObjectReady"}]}}"#;
    let args = ["patch", "scaledobject/consumer", "--subresource=status", "--type=merge", "--patch", patch];
    scene.kubectl.run(args).accepted().silent();
}

fn making_it_worse_is_refused() {
    let scene = Scene::with_old(&format!("{SHORT_SESSION}---\n{}", scaled_object_with_threshold("100")));
    scene.kubectl.apply(&scaled_object_with_threshold("50")).refused(&["LW301"]);
    scene.kubectl.apply(&short_session_with_grace(120)).refused(&["LW101"]);
    let shorter = edited(SHORT_SESSION, "value: \"45000\"", "value: \"30000\"");
    scene.kubectl.apply(&shorter).refused(&["LW101"]);
    // Nothing at all is 10 for KEDA.
    let unset = edited(&scaled_object_with_threshold("100"), "        lagThreshold: \"100\"\n", "");
    scene.kubectl.apply(&unset).refused(&["LW301"]);
}

fn making_it_better_but_not_yet_good_warns() {
    let scene = Scene::with_old(&format!("{SHORT_SESSION}---\n{}", scaled_object_with_threshold("100")));
    scene.kubectl.apply(&scaled_object_with_threshold("300")).accepted().warned(&["LW301"]);
    let longer = edited(SHORT_SESSION, "value: \"45000\"", "value: \"60000\"");
    scene.kubectl.apply(&longer).accepted().warned(&["LW101"]);
    // What was gained is not given back.
    scene.kubectl.apply(&scaled_object_with_threshold("200")).refused(&["LW301"]);
}

fn making_it_good_is_silent() {
    let scene = Scene::with_old(&format!("{SHORT_SESSION}---\n{}", scaled_object_with_threshold("100")));
    scene.kubectl.apply(&scaled_object_with_threshold("800")).accepted().silent();
    scene.kubectl.apply(&short_session_with_grace(30)).accepted().silent();
}

fn removing_an_exemption_is_refused() {
    let scene = Scene::under(Policy::Shipped);
    let exemption = "ignore.lagward.dev/LW301: batch job, its owner agreed";
    scene.kubectl.apply(&annotated(&scaled_object_with_threshold("100"), exemption)).accepted();
    let removal = "ignore.lagward.dev/LW301-";
    scene.kubectl.annotate("scaledobject/consumer", removal).refused(&["LW301"]);
    scene.kubectl.apply(&scaled_object_with_threshold("100")).refused(&["LW301"]);
}

fn a_new_violation_beside_an_old_one_is_refused() {
    let scene = Scene::with_old(&scaled_object_with_threshold("100"));
    let none = edited(&scaled_object_with_threshold("100"), "minReplicaCount: 2", "minReplicaCount: 0");
    scene.kubectl.apply(&none).refused(&["LW201"]).warned(&["LW301"]);
}
