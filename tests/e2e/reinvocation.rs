//! lagward and a mutating webhook that changes the same Deployment, called in either order and, as both ask for it
//! (`reinvocationPolicy: IfNeeded`), once more after the other.

use serde_json::Value;

use crate::fixtures::{SHORT_SESSION, edited};
use crate::injector::{self, Manner, Turn, VALUE, VARIABLE};
use crate::lagward::Policy;
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::wait;

scenarios![
    what_another_webhook_sets_is_mended_before_it_is_stored,
    applying_what_both_changed_again_changes_nothing,
    a_violation_that_has_the_last_word_is_refused,
];

/// A Deployment that leaves the session timeout to the injector.
fn undeclared() -> String {
    let declared = format!("            - name: {VARIABLE}\n              value: \"{VALUE}\"\n");
    edited(SHORT_SESSION, &declared, "")
}

fn session_timeout(deployment: &Value) -> Option<&str> {
    let env = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array()?;
    env.iter().find(|variable| variable["name"] == VARIABLE)?["value"].as_str()
}

/// A namespace whose Deployments lagward may overwrite, and the injector as well.
fn under_both(manner: Manner, turn: Turn) -> Scene {
    let label = injector::label(manner, turn);
    let alone = Scene::labelled("injected", &[label]);
    wait::for_it("the API server calls the injector", || {
        let dry_run = ["create", "--dry-run=server", "-o=json", "-f-"];
        let outcome = alone.kubectl.run_with(dry_run, &undeclared()).result()?;
        if session_timeout(&outcome.json()) == Some(VALUE) { Ok(()) } else { Err(outcome.to_string()) }
    });
    Scene::under_and(Policy::Enforce, label)
}

/// Where lagward has the last word.
const MENDED: [(Manner, Turn); 3] = [
    (Manner::Supplies, Turn::BeforeLagward),
    (Manner::Supplies, Turn::AfterLagward),
    (Manner::Insists, Turn::BeforeLagward),
];

fn what_another_webhook_sets_is_mended_before_it_is_stored() {
    for (manner, turn) in MENDED {
        let scene = under_both(manner, turn);
        scene.kubectl.apply_server_side(&undeclared()).accepted().warned(&["LW101"]);
        let stored = scene.kubectl.get("deployment/consumer");
        assert_eq!(session_timeout(&stored), Some("90000"), "{manner:?} {turn:?}");
    }
}

fn applying_what_both_changed_again_changes_nothing() {
    for (manner, turn) in MENDED {
        let scene = under_both(manner, turn);
        scene.kubectl.apply_server_side(&undeclared()).accepted();
        scene.kubectl.run(["rollout", "status", "deployment/consumer", "--timeout=30s"]).accepted();
        let first = settled(&scene);
        scene.kubectl.apply_server_side(&undeclared()).accepted();
        let second = scene.kubectl.get("deployment/consumer");
        assert_eq!(version(&second), version(&first), "{manner:?} {turn:?}");
        assert_eq!(session_timeout(&second), Some("90000"), "{manner:?} {turn:?}");
    }
}

fn a_violation_that_has_the_last_word_is_refused() {
    let scene = under_both(Manner::Insists, Turn::AfterLagward);
    scene.kubectl.apply_server_side(&undeclared()).refused(&["LW101"]);
    assert!(scene.kubectl.is_absent("deployment/consumer"));
}

/// What a no-op must leave as it was.
fn version(object: &Value) -> (&Value, &Value) {
    (&object["metadata"]["resourceVersion"], &object["metadata"]["generation"])
}

/// The Deployment once its controller has nothing more to report of it.
fn settled(scene: &Scene) -> Value {
    let mut last = scene.kubectl.get("deployment/consumer");
    wait::for_it("the deployment's controller has reported", || {
        let now = scene.kubectl.get("deployment/consumer");
        let is_reported = now["status"]["observedGeneration"] == now["metadata"]["generation"]
            && now["status"]["availableReplicas"] == 1;
        let is_unchanged = version(&now) == version(&last);
        last = now;
        if is_reported && is_unchanged { Ok(()) } else { Err(last["status"].to_string()) }
    });
    last
}
