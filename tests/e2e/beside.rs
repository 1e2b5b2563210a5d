//! lagward beside KEDA's own webhook, both asked about the same ScaledObjects.

use crate::fixtures::{CORRECTED, INCIDENT, good_scaled_object, named};
use crate::kubectl::Outcome;
use crate::lagward::Policy;
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::{cluster, keda, wait};

scenarios![
    a_pair_that_both_accept_is_stored_without_a_word,
    what_keda_accepts_lagward_still_refuses,
    what_lagward_accepts_keda_still_refuses,
    of_two_refusals_one_is_shown_and_both_are_in_the_api_server_s_log,
    a_refusal_of_keda_s_comes_with_the_warnings_of_lagward,
];

/// A namespace that both are asked about.
fn under_both(policy: Policy) -> Scene {
    keda::shared();
    Scene::under_and(policy, keda::LABEL)
}

/// A namespace that only KEDA is asked about.
fn under_keda() -> Scene {
    keda::shared();
    Scene::labelled("keda", &[keda::LABEL])
}

/// KEDA refused it, for this reason.
#[track_caller]
fn keda_refused(outcome: &Outcome, reason: &str) {
    let denial = outcome.denial();
    assert!(keda::refuses(&denial) && denial.contains(reason), "KEDA should have said `{reason}`\n{outcome}");
}

fn a_pair_that_both_accept_is_stored_without_a_word() {
    let scene = under_both(Policy::Watching);
    let outcome = scene.kubectl.apply(CORRECTED).accepted();
    assert_eq!(outcome.warnings().count(), 0, "{outcome}");
    scene.kubectl.get("scaledobject/consumer");
}

fn what_keda_accepts_lagward_still_refuses() {
    under_keda().kubectl.apply(INCIDENT).accepted();
    let scene = under_both(Policy::Shipped);
    let outcome = scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
    assert!(outcome.denial().contains("\"scaledobjects.lagward.dev\" denied"), "{outcome}");
    assert!(scene.kubectl.is_absent("scaledobject/consumer"));
}

fn what_lagward_accepts_keda_still_refuses() {
    let long = named(&good_scaled_object(), keda::LONG_NAME);
    Scene::under(Policy::Shipped).kubectl.apply(&long).accepted().silent();
    let outcome = under_both(Policy::Shipped).kubectl.apply(&long).failed();
    keda_refused(&outcome, "HPA name");
    outcome.silent();
}

fn of_two_refusals_one_is_shown_and_both_are_in_the_api_server_s_log() {
    let scene = under_both(Policy::Shipped);
    // No other scenario has it, so that it is found again; lagward shows the ends of a name this long.
    let begin = "a-name-that-is-refused";
    let long = format!("{begin}-by-keda-and-by-lagward-at-one-time");
    let outcome = scene.kubectl.apply(&named(INCIDENT, &long)).failed();
    let shown = outcome.denial();
    assert_eq!(shown.matches("denied the request: ").count(), 1, "the API server shows one\n{outcome}");
    let is_whole = if keda::refuses(&shown) {
        shown.contains("HPA name")
    } else {
        shown.contains("LW201") && shown.contains("LW301")
    };
    assert!(is_whole, "{outcome}");
    for (webhook, reason) in [(keda::WEBHOOK, "HPA name"), ("scaledobjects.lagward.dev", "LW201")] {
        let rejected = format!("rejected by webhook \"{webhook}\"");
        wait::for_it("the API server's log has it", || {
            let log = cluster::shared().log_of("kube-apiserver");
            let mut lines = log.lines().filter(|line| line.contains(&rejected) && line.contains(begin));
            if lines.any(|line| line.contains(reason)) { Ok(()) } else { Err(format!("not: {rejected}")) }
        });
    }
    // Whichever is mended first, the other is what is left.
    let mended = scene.kubectl.apply(&named(&good_scaled_object(), &long)).failed();
    keda_refused(&mended, "HPA name");
    scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
}

fn a_refusal_of_keda_s_comes_with_the_warnings_of_lagward() {
    let scene = under_both(Policy::Watching);
    scene.kubectl.apply(CORRECTED).accepted();
    let second = named(&good_scaled_object(), "second");
    wait::for_it("both know of the first", || {
        let outcome = scene.kubectl.dry_run(&second).either();
        if keda::refuses(&outcome.stderr) && outcome.stderr.contains("LW209") {
            Ok(())
        } else {
            Err(outcome.to_string())
        }
    });
    let outcome = scene.kubectl.apply(&second).failed();
    keda_refused(&outcome, "is already managed by the ScaledObject 'consumer'");
    outcome.warned(&["LW209"]);
}
