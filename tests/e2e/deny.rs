//! A misaligned spec is refused with a message that says all of it; an aligned one is stored without a word.

use kube::core::DynamicObject;
use serde_json::Value;

use crate::fixtures::{
    CORRECTED, INCIDENT, SHORT_SESSION, annotated, edited, good_deployment, good_scaled_object,
};
use crate::lagward::Policy;
use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![
    the_incident_s_scaled_object_is_refused_with_every_code,
    a_session_shorter_than_the_grace_period_is_refused,
    a_stateful_set_is_judged_like_a_deployment,
    a_dry_run_is_refused_as_well,
    the_corrected_pair_is_stored,
    a_generated_name_is_no_way_around,
    two_violations_of_a_workload_come_in_one_answer,
    a_refusal_has_a_code_and_its_causes_for_machines,
    an_exempted_finding_is_no_violation,
    an_exemption_without_a_reason_exempts_nothing,
    what_is_no_kafka_consumer_is_none_of_its_business,
];

fn the_incident_s_scaled_object_is_refused_with_every_code() {
    let scene = Scene::under(Policy::Shipped);
    let outcome = scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
    outcome.warned(&["LW202"]);
    let denial = outcome.denial();
    assert!(denial.contains("\"scaledobjects.lagward.dev\""), "the webhook has a name\n{outcome}");
    for words in ["spec.minReplicaCount", "spec.triggers[0].metadata.lagThreshold", "lagward explain"] {
        assert!(denial.contains(words), "the message should hold `{words}`\n{outcome}");
    }
    assert!(scene.kubectl.is_absent("scaledobject/consumer"));
}

fn a_session_shorter_than_the_grace_period_is_refused() {
    let scene = Scene::under(Policy::Shipped);
    let outcome = scene.kubectl.apply(SHORT_SESSION).refused(&["LW101"]);
    for words in ["\"workloads.lagward.dev\"", "45", "60", "90"] {
        assert!(outcome.denial().contains(words), "the message should hold `{words}`\n{outcome}");
    }
    assert!(scene.kubectl.is_absent("deployment/consumer"));
}

fn a_stateful_set_is_judged_like_a_deployment() {
    let scene = Scene::under(Policy::Shipped);
    let set = edited(SHORT_SESSION, "kind: Deployment", "kind: StatefulSet");
    scene.kubectl.apply(&set).refused(&["LW101"]);
}

fn a_dry_run_is_refused_as_well() {
    let scene = Scene::under(Policy::Shipped);
    scene.kubectl.dry_run(INCIDENT).refused(&["LW201", "LW301"]);
    scene.kubectl.dry_run(SHORT_SESSION).refused(&["LW101"]);
    let server_side = ["apply", "--server-side", "--dry-run=server", "-f", "-"];
    scene.kubectl.run_with(server_side, INCIDENT).refused(&["LW201", "LW301"]);
}

fn the_corrected_pair_is_stored() {
    let scene = Scene::under(Policy::Shipped);
    scene.kubectl.apply(CORRECTED).accepted().silent();
    let scaled_object = scene.kubectl.get("scaledobject/consumer");
    assert_eq!(scaled_object["spec"]["minReplicaCount"], 2);
    scene.kubectl.get("deployment/consumer");
}

fn two_violations_of_a_workload_come_in_one_answer() {
    let scene = Scene::under(Policy::Shipped);
    let container = "        - name: consumer\n";
    let hook = "          lifecycle: {preStop: {sleep: {seconds: 60}}}\n";
    let both = edited(SHORT_SESSION, container, &format!("{container}{hook}"));
    scene.kubectl.apply(&both).refused(&["LW101", "LW108"]);
}

fn a_generated_name_is_no_way_around() {
    let scene = Scene::under(Policy::Shipped);
    let unnamed = edited(INCIDENT, "  name: consumer\nspec:", "  generateName: consumer-\nspec:");
    let outcome = scene.kubectl.run_with(["create", "-f", "-"], &unnamed).refused(&["LW201", "LW301"]);
    assert!(outcome.denial().contains("/consumer-"), "the message says which object\n{outcome}");
}

fn a_refusal_has_a_code_and_its_causes_for_machines() {
    let scene = Scene::under(Policy::Shipped);
    // The fixture is YAML, and kubectl is the parser at hand.
    let json =
        scene.kubectl.run_with(["create", "--dry-run=client", "-o=json", "-f-"], INCIDENT).accepted().json();
    let object: DynamicObject = serde_json::from_value(json).unwrap();
    let error = scene.admin().scaled_objects(scene.namespace()).create(&object).unwrap_err();
    let kube::Error::Api(status) = error else { panic!("no answer of the API server: {error}") };
    assert_eq!((status.code, status.reason.as_str()), (403, "Forbidden"));
    let causes = &status.details.as_ref().expect("a refusal has details").causes;
    let found: Vec<(&str, &str)> =
        causes.iter().map(|cause| (cause.reason.as_str(), cause.field.as_str())).collect();
    let expected = [("LW201", "spec.minReplicaCount"), ("LW301", "spec.triggers[0].metadata.lagThreshold")];
    assert_eq!(found, expected);
    assert!(causes.iter().all(|cause| !cause.message.is_empty()), "{causes:?}");
}

fn an_exempted_finding_is_no_violation() {
    let scene = Scene::under(Policy::Shipped);
    let low = edited(&good_scaled_object(), "lagThreshold: \"800\"", "lagThreshold: \"100\"");
    scene.kubectl.apply(&low).refused(&["LW301"]);
    let exempted = annotated(&low, "ignore.lagward.dev/LW301: batch job, its owner agreed");
    scene.kubectl.apply(&exempted).accepted();
}

fn an_exemption_without_a_reason_exempts_nothing() {
    let scene = Scene::under(Policy::Shipped);
    let low = edited(&good_scaled_object(), "lagThreshold: \"800\"", "lagThreshold: \"100\"");
    scene.kubectl.apply(&annotated(&low, "ignore.lagward.dev/LW301: \"\"")).refused(&["LW301"]);
}

fn what_is_no_kafka_consumer_is_none_of_its_business() {
    let scene = Scene::under(Policy::Shipped);
    let group = "            - name: KAFKA_GROUP_ID\n              value: payments\n";
    let session = "            - name: KAFKA_SESSION_TIMEOUT_MS\n              value: \"60000\"\n";
    let producer = edited(&edited(&good_deployment(), group, ""), session, "");
    scene.kubectl.apply(&producer).accepted().silent();
    let cron = r#"{"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "nightly"},
        "spec": {"scaleTargetRef": {"name": "nightly"}, "triggers": [{"type": "cron", "metadata": {
        "timezone": "UTC", "start": "0 1 * * *", "end": "0 2 * * *", "desiredReplicas": "3"}}]}}"#;
    scene.kubectl.apply(cron).accepted().silent();
    let stored: Value = scene.kubectl.get("scaledobject/nightly");
    assert!(stored["spec"]["minReplicaCount"].is_null());
}
