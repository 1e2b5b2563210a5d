//! Whichever verb brings a change, the answer is the same.

use serde_json::json;

use crate::fixtures::{SHORT_SESSION, scaled_object_with_threshold, short_session_with_grace};
use crate::kubectl::{Attempt, Kubectl};
use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![
    a_worse_grace_period_is_refused_by_every_verb,
    a_good_grace_period_passes_by_every_verb,
    a_worse_threshold_is_refused_by_every_verb,
    a_good_threshold_passes_by_every_verb,
];

#[derive(Clone, Copy, Debug)]
enum Verb {
    Apply,
    ServerSide,
    Replace,
    Strategic,
    Merge,
    Json,
}

impl Verb {
    const ALL: [Self; 6] =
        [Self::Apply, Self::ServerSide, Self::Replace, Self::Strategic, Self::Merge, Self::Json];
    /// A custom resource knows no strategic patch.
    const OF_CUSTOM_RESOURCES: [Self; 5] =
        [Self::Apply, Self::ServerSide, Self::Replace, Self::Merge, Self::Json];

    /// Brings `object` to what `manifest`, a merge `patch` and a JSON patch's `operations` say alike.
    fn send(self, kubectl: &Kubectl, object: &str, manifest: &str, patch: &str, operations: &str) -> Attempt {
        match self {
            Self::Apply => kubectl.apply(manifest),
            // It takes over what another verb of the same scene has set.
            Self::ServerSide => {
                kubectl.run_with(["apply", "--server-side", "--force-conflicts", "-f", "-"], manifest)
            }
            Self::Replace => kubectl.replace(manifest),
            Self::Strategic => kubectl.patch(object, "strategic", patch),
            Self::Merge => kubectl.patch(object, "merge", patch),
            Self::Json => kubectl.patch(object, "json", operations),
        }
    }
}

fn set_grace(kubectl: &Kubectl, verb: Verb, seconds: u32) -> Attempt {
    let patch = json!({"spec": {"template": {"spec": {"terminationGracePeriodSeconds": seconds}}}});
    let path = "/spec/template/spec/terminationGracePeriodSeconds";
    let operations = json!([{"op": "replace", "path": path, "value": seconds}]);
    let manifest = short_session_with_grace(seconds);
    verb.send(kubectl, "deployment/consumer", &manifest, &patch.to_string(), &operations.to_string())
}

fn set_threshold(kubectl: &Kubectl, verb: Verb, value: &str) -> Attempt {
    // A merge patch replaces a list as a whole.
    let mut triggers = kubectl.get("scaledobject/consumer")["spec"]["triggers"].clone();
    triggers[0]["metadata"]["lagThreshold"] = value.into();
    let patch = json!({"spec": {"triggers": triggers}});
    let path = "/spec/triggers/0/metadata/lagThreshold";
    let operations = json!([{"op": "replace", "path": path, "value": value}]);
    let manifest = scaled_object_with_threshold(value);
    verb.send(kubectl, "scaledobject/consumer", &manifest, &patch.to_string(), &operations.to_string())
}

fn a_worse_grace_period_is_refused_by_every_verb() {
    let scene = Scene::with_old(SHORT_SESSION);
    for verb in Verb::ALL {
        set_grace(&scene.kubectl, verb, 120).refused(&["LW101"]);
    }
    let stored = scene.kubectl.get("deployment/consumer");
    assert_eq!(stored["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], 60);
}

fn a_good_grace_period_passes_by_every_verb() {
    let scene = Scene::with_old(SHORT_SESSION);
    for (verb, seconds) in Verb::ALL.into_iter().zip(20..) {
        set_grace(&scene.kubectl, verb, seconds).accepted().silent();
        let stored = scene.kubectl.get("deployment/consumer");
        assert_eq!(stored["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], seconds, "{verb:?}");
    }
}

fn a_worse_threshold_is_refused_by_every_verb() {
    let scene = Scene::with_old(&scaled_object_with_threshold("100"));
    for verb in Verb::OF_CUSTOM_RESOURCES {
        set_threshold(&scene.kubectl, verb, "50").refused(&["LW301"]);
    }
    let stored = scene.kubectl.get("scaledobject/consumer");
    assert_eq!(stored["spec"]["triggers"][0]["metadata"]["lagThreshold"], "100");
}

fn a_good_threshold_passes_by_every_verb() {
    let scene = Scene::with_old(&scaled_object_with_threshold("100"));
    for (verb, value) in Verb::OF_CUSTOM_RESOURCES.into_iter().zip(700..) {
        let value = value.to_string();
        set_threshold(&scene.kubectl, verb, &value).accepted().silent();
        let stored = scene.kubectl.get("scaledobject/consumer");
        assert_eq!(stored["spec"]["triggers"][0]["metadata"]["lagThreshold"], value, "{verb:?}");
    }
}
