//! A ScaledObject and its workload, in every order, judged by what the watches know and by a look at the workload.

use std::time::Duration;

use crate::cluster::{self, STRANGER_TOKEN};
use crate::fixtures::{edited, good_deployment, good_scaled_object, named, session_of};
use crate::lagward::{Lagward, Policy, SANDBOX};
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::{certs, wait};

scenarios![
    a_misaligned_scaled_object_after_its_workload_is_refused,
    a_scaled_object_just_after_its_workload_is_judged_by_it,
    a_stateful_set_is_a_workload_as_well,
    a_scaled_object_just_after_its_workload_was_deleted_is_judged_alone,
    a_workload_after_its_scaled_object_is_warned_about,
    both_change_with_the_workload_first,
    both_change_after_dry_runs_of_both,
    an_aligned_pair_passes_in_either_order,
    a_policy_selects_by_the_labels_of_namespaces,
    a_definition_that_appears_later_is_watched,
    what_rbac_forbids_is_unknown_until_it_is_allowed,
];

/// The Deployment whose client reads this session timeout.
fn workload(millis: &str) -> String {
    session_of(&good_deployment(), millis)
}

/// The ScaledObject that declares this session timeout.
fn scaled_object(millis: &str) -> String {
    session_of(&good_scaled_object(), millis)
}

fn both(workload: &str, scaled_object: &str) -> String {
    format!("{workload}---\n{scaled_object}")
}

/// Waits until lagward knows enough to say `code` of a dry run.
fn says(scene: &Scene, code: &str, manifest: &str) {
    wait::for_it("lagward knows the counterpart", || {
        let outcome = scene.kubectl.dry_run(manifest).either();
        if outcome.stderr.contains(code) { Ok(()) } else { Err(outcome.to_string()) }
    });
}

/// A pair that both say 45 s, and lagward knows it.
fn pair_of_45_s() -> Scene {
    let scene = Scene::under(Policy::Watching);
    scene.kubectl.apply(&both(&workload("45000"), &scaled_object("45000"))).accepted().silent();
    says(&scene, "LW104", &workload("60000"));
    says(&scene, "LW104", &scaled_object("60000"));
    scene
}

fn a_misaligned_scaled_object_after_its_workload_is_refused() {
    let scene = Scene::under(Policy::Watching);
    scene.kubectl.apply(&workload("45000")).accepted().silent();
    let outcome = scene.kubectl.apply(&scaled_object("60000")).refused(&["LW104"]);
    for words in ["45 s", "60 s", "Deployment"] {
        assert!(outcome.denial().contains(words), "the message should hold `{words}`\n{outcome}");
    }
    assert!(scene.kubectl.is_absent("scaledobject/consumer"));
}

fn a_scaled_object_just_after_its_workload_is_judged_by_it() {
    let scene = Scene::under(Policy::Watching);
    // One kubectl applies them a few milliseconds apart.
    scene.kubectl.apply(&both(&workload("45000"), &scaled_object("60000"))).refused(&["LW104"]);
    scene.kubectl.get("deployment/consumer");
    // And so it is when the workload that is known has just been mended.
    scene.kubectl.apply(&both(&workload("60000"), &scaled_object("60000"))).accepted().silent();
}

fn a_stateful_set_is_a_workload_as_well() {
    let scene = Scene::under(Policy::Watching);
    let target = "  scaleTargetRef:\n    name: consumer\n";
    let of_set =
        |millis: &str| edited(&scaled_object(millis), target, &format!("{target}    kind: StatefulSet\n"));
    let set = |millis: &str| edited(&workload(millis), "kind: Deployment", "kind: StatefulSet");
    let outcome = scene.kubectl.apply(&both(&set("45000"), &of_set("60000"))).refused(&["LW104"]);
    assert!(outcome.denial().contains("StatefulSet"), "{outcome}");
    scene.kubectl.apply(&of_set("45000")).accepted().silent();
    says(&scene, "LW104", &set("60000"));
    scene.kubectl.apply(&set("60000")).accepted().warned(&["LW104"]);
}

fn a_scaled_object_just_after_its_workload_was_deleted_is_judged_alone() {
    let scene = Scene::under(Policy::Watching);
    scene.kubectl.apply(&workload("45000")).accepted().silent();
    says(&scene, "LW104", &scaled_object("60000"));
    scene.kubectl.run(["delete", "deployment/consumer"]).accepted();
    let outcome = scene.kubectl.apply(&scaled_object("60000")).accepted();
    assert!(!outcome.stderr.contains("LW104"), "{outcome}");
}

fn a_workload_after_its_scaled_object_is_warned_about() {
    let scene = Scene::under(Policy::Watching);
    scene.kubectl.apply(&scaled_object("60000")).accepted().silent();
    says(&scene, "LW104", &workload("45000"));
    scene.kubectl.apply(&workload("45000")).accepted().warned(&["LW104"]);
}

fn both_change_with_the_workload_first() {
    let scene = pair_of_45_s();
    let outcome = scene.kubectl.apply(&scaled_object("60000")).refused(&["LW104"]);
    let words = "if you change both, apply Deployment consumer first";
    assert!(outcome.denial().contains(words), "the message should hold `{words}`\n{outcome}");
    scene.kubectl.apply(&workload("60000")).accepted().warned(&["LW104"]);
    scene.kubectl.apply(&scaled_object("60000")).accepted().silent();
}

fn both_change_after_dry_runs_of_both() {
    let scene = pair_of_45_s();
    let dry_run = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
    for manifest in [workload("60000"), scaled_object("60000")] {
        scene.kubectl.run_with(dry_run, &manifest).accepted().warned(&["LW104"]);
    }
    let apply = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
    let manifests = both(&workload("60000"), &scaled_object("60000"));
    scene.kubectl.run_with(apply, &manifests).accepted().warned(&["LW104"]);
}

fn an_aligned_pair_passes_in_either_order() {
    let (workload, scaled_object) = (workload("60000"), scaled_object("60000"));
    for manifests in [both(&workload, &scaled_object), both(&scaled_object, &workload)] {
        let scene = Scene::under(Policy::Watching);
        scene.kubectl.apply(&manifests).accepted().silent();
    }
}

fn a_definition_that_appears_later_is_watched() {
    let scene = Scene::under(Policy::Watching);
    let other = edited(&good_scaled_object(), "topic: payments", "topic: parcels");
    let many = edited(&other, "maxReplicaCount: 20", "maxReplicaCount: 40");
    scene.kubectl.dry_run(&many).accepted().silent();
    scene.kubectl.apply(include_str!("data/kafkatopic-crd.yaml")).accepted();
    let definition = "crd/kafkatopics.kafka.strimzi.io";
    scene.kubectl.run(["wait", "--for=condition=Established", "--timeout=30s", definition]).accepted();
    let topic = "apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\nmetadata: {name: parcels}\nspec: {partitions: 12}\n";
    scene.kubectl.apply(topic).accepted();
    // Looked for once a minute.
    let known = wait::until("the topic is known", Duration::from_secs(120), || {
        let outcome = scene.kubectl.dry_run(&many).either();
        if outcome.stderr.contains("LW202") { Ok(()) } else { Err(outcome.to_string()) }
    });
    known.unwrap();
}

fn a_policy_selects_by_the_labels_of_namespaces() {
    let scene = Scene::under_and(Policy::Watching, SANDBOX);
    let asleep = edited(&good_scaled_object(), "minReplicaCount: 2", "minReplicaCount: 0");
    wait::for_it("the labels are known", || match scene.kubectl.dry_run(&asleep).result()? {
        outcome if outcome.stderr.contains("are not known") => Err(outcome.to_string()),
        outcome => {
            outcome.warned(&["LW201"]);
            Ok(())
        }
    });
    scene.kubectl.apply(&asleep).accepted().warned(&["LW201"]);
    let other = named(&asleep, "other");
    scene.kubectl.label(&format!("namespace/{}", scene.namespace()), &format!("{}-", SANDBOX.0)).accepted();
    wait::for_it("the new labels are known", || match scene.kubectl.dry_run(&other).result() {
        Ok(outcome) => Err(outcome.to_string()),
        Err(_) => Ok(()),
    });
    scene.kubectl.apply(&other).refused(&["LW201"]);
}

fn what_rbac_forbids_is_unknown_until_it_is_allowed() {
    let cluster = cluster::shared();
    let identity = certs::self_signed().unwrap();
    let lagward = Lagward::watching(cluster, "stranger", STRANGER_TOKEN, None, &identity).unwrap();
    let scene = Scene::in_scope(cluster, "stranger");
    scene.kubectl.apply(&workload("45000")).accepted().silent();
    scene.kubectl.dry_run(&scaled_object("60000")).accepted().silent();
    scene.kubectl.apply(&scaled_object("60000")).accepted().silent();
    cluster.allow("stranger").unwrap();
    says(&scene, "LW104", &scaled_object("50000"));
    let complaints = lagward.said("forbids");
    let about = |resource: &str| complaints.iter().filter(|line| line["resource"] == resource).count();
    assert_eq!(about("deployments"), 1, "said once: {complaints:?}");
    lagward.kill();
}
