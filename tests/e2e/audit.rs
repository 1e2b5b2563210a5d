//! What the API server's audit log keeps of lagward's answers: codes, and nothing that an object contains.

use serde_json::Value;

use crate::fixtures::{INCIDENT, scaled_object_with_threshold, unset_bounds};
use crate::lagward::Policy;
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::{cluster, wait};

scenarios![
    a_refusal_is_audited_with_its_codes,
    a_warning_is_audited_with_its_code,
    a_patch_is_audited_with_its_codes,
];

/// Waits until an audited request of this scene has `annotation`, for just these `codes`.
fn is_audited(scene: &Scene, annotation: &str, codes: &str) {
    wait::for_it("the request is audited", || {
        let log = cluster::shared().audit_log();
        assert!(!log.contains("kafka.kafka:9092"), "nothing that an object contains\n{log}");
        let mut events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let is_it = |event: &Value| {
            let is_ours = event["objectRef"]["namespace"] == scene.namespace();
            is_ours && event["annotations"][annotation] == codes
        };
        if events.any(|event| is_it(&event)) { Ok(()) } else { Err(format!("no `{annotation}: {codes}`")) }
    });
}

fn a_refusal_is_audited_with_its_codes() {
    let scene = Scene::under(Policy::Shipped);
    scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
    is_audited(&scene, "scaledobjects.lagward.dev/denied", "LW201,LW301");
    is_audited(&scene, "scaledobjects.lagward.dev/warned", "LW202");
}

fn a_warning_is_audited_with_its_code() {
    let scene = Scene::with_old(&scaled_object_with_threshold("100"));
    scene.kubectl.annotate("scaledobject/consumer", "team=payments").accepted().warned(&["LW301"]);
    is_audited(&scene, "scaledobjects.lagward.dev/warned", "LW301");
}

fn a_patch_is_audited_with_its_codes() {
    let scene = Scene::under(Policy::Fill);
    scene.kubectl.apply(&unset_bounds()).accepted();
    is_audited(&scene, "mutate.lagward.dev/patched", "LW201,LW301");
}
