//! What every rule page shows as bad, on a cluster whose webhook came later.

use std::collections::BTreeSet;
use std::sync::Arc;

use lagward::engine::policy::Policy;
use lagward::fronts::files;
use lagward::rules::RULES;
use serde_json::{Value, json};

use crate::auditing::{found_in, lagward};
use crate::client::User;
use crate::cluster;
use crate::page::{self, Case};
use crate::scenario::scenarios;

scenarios![every_bad_case_is_found_and_its_dump_is_judged_alike];

/// The rules that no object in a cluster can break.
const OF_FILES_ONLY: &[(&str, &str)] = &[
    ("LW206", "the API server fills in spec.replicas, so that every object has them"),
    ("LW310", "the API server stores no such value"),
];

/// A bad case under the shipped policy, in namespaces of its own.
struct Stage {
    code: &'static str,
    /// `page-lw201-3`: its namespaces begin so.
    prefix: String,
    objects: Vec<Value>,
    /// Nothing of it is left out: an audit reads no ConfigMaps, and this cluster has no KafkaTopics and Rollouts.
    is_whole: bool,
}

fn every_bad_case_is_found_and_its_dump_is_judged_alike() {
    let stages = stages();
    let refused = create(&stages);
    let kubeconfig = cluster::shared().kubeconfig();
    let is_ours = |namespace: &str| namespace.starts_with("page-");
    let audited = found_in(&lagward(&kubeconfig, &["audit", "-A", "-o", "json"], ""), is_ours);

    let codes: BTreeSet<&str> = audited.iter().map(|(code, _)| code.as_str()).collect();
    let possible = RULES.iter().map(|rule| rule.code);
    let possible = possible.filter(|code| OF_FILES_ONLY.iter().all(|(other, _)| other != code));
    let unseen: Vec<&str> = possible.filter(|code| !codes.contains(code)).collect();
    assert!(unseen.is_empty(), "no bad case of these is found: {unseen:?}\n{refused}");
    let missed: Vec<String> = stages.iter().filter_map(|stage| stage.missed(&audited, &refused)).collect();
    assert!(missed.is_empty(), "stored, and not found: {missed:#?}\n{refused}");

    let kinds = "deployments,statefulsets,scaledobjects,horizontalpodautoscalers";
    let get = ["get", kinds, "--all-namespaces", "-o", "yaml"];
    let dump = cluster::shared().kubectl("default").run(get).accepted().stdout;
    let checked = found_in(&lagward(&kubeconfig, &["check", "-o", "json", "-"], &dump), is_ours);
    // A dump never shows that a workload is nowhere.
    let of_both = |found: &BTreeSet<(String, String)>| -> BTreeSet<(String, String)> {
        found.iter().filter(|(code, _)| code != "LW208").cloned().collect()
    };
    assert_eq!(of_both(&audited), of_both(&checked));
}

impl Stage {
    /// Its prefix, if all of it is stored and its rule says nothing of it.
    fn missed(&self, audited: &BTreeSet<(String, String)>, refused: &str) -> Option<String> {
        let is_here = |object: &str| object.contains(&format!(" {}", self.prefix));
        let is_found = audited.iter().any(|(code, object)| code == self.code && is_here(object));
        let is_possible = OF_FILES_ONLY.iter().all(|(code, _)| *code != self.code);
        let is_stored = !refused.contains(&format!("{} ", self.prefix));
        (self.is_whole && is_possible && is_stored && !is_found).then(|| self.prefix.clone())
    }
}

fn stages() -> Vec<Stage> {
    let mut stages = Vec::new();
    for rule in RULES.iter().copied() {
        let page = page::read(rule).unwrap_or_else(|why| panic!("{why}"));
        // A case under a policy of its own is bad under that one only.
        let shipped = format!("{:?}", Arc::new(Policy::new(RULES)));
        let is_bad = |case: &&Case| !case.marks.is_empty() && format!("{:?}", case.policy) == shipped;
        for case in page.cases.iter().filter(is_bad) {
            let prefix = format!("page-{}-{}", rule.code.to_lowercase(), case.number);
            let (documents, _) = files::parse(&case.text);
            let fitted = documents.into_iter().map(|document| fitted(document.value, &prefix));
            let (known, others): (Vec<_>, Vec<_>) = fitted.partition(Option::is_some);
            let (objects, is_whole) = (known.into_iter().flatten().collect(), others.is_empty());
            stages.push(Stage { code: rule.code, prefix, objects, is_whole });
        }
    }
    stages
}

/// The object with what pages leave out and the API server insists on, in a namespace of its case. `None` for a kind
/// that this cluster does not have.
fn fitted(mut object: Value, prefix: &str) -> Option<Value> {
    let kind = object["kind"].as_str()?.to_owned();
    let namespace = match object["metadata"]["namespace"].as_str() {
        Some(name) => format!("{prefix}-{name}"),
        None => prefix.to_owned(),
    };
    object["metadata"]["namespace"] = json!(namespace);
    object["metadata"].as_object_mut()?.remove("uid");
    match kind.as_str() {
        "Deployment" | "StatefulSet" => fit_workload(&mut object),
        "ScaledObject" | "HorizontalPodAutoscaler" => {}
        _ => return None,
    }
    if kind == "Deployment" {
        // Nobody needs its pods.
        object["spec"]["paused"] = json!(true);
    }
    Some(object)
}

fn fit_workload(workload: &mut Value) {
    let spec = &mut workload["spec"];
    spec["selector"] = json!({"matchLabels": {"e2e": "page"}});
    spec["template"]["metadata"]["labels"]["e2e"] = json!("page");
    for list in ["containers", "initContainers"] {
        for container in spec["template"]["spec"][list].as_array_mut().into_iter().flatten() {
            if container["image"].is_null() {
                container["image"] = json!("e2e/page:1");
            }
        }
    }
}

/// Creates all that the API server stores, and says of what it refused why, each line with the prefix of its case.
fn create(stages: &[Stage]) -> String {
    let admin = cluster::shared().admin();
    let objects = stages.iter().flat_map(|stage| &stage.objects);
    let namespaces: BTreeSet<String> = objects.map(|object| text(&object["metadata"]["namespace"])).collect();
    for namespace in &namespaces {
        admin.create_namespace(namespace, &[]).expect("a namespace");
    }
    let mut refused = String::new();
    for stage in stages {
        let mut owner = None;
        for object in &stage.objects {
            match create_one(&admin, object.clone(), owner.as_deref()) {
                Ok(uid) => owner = uid,
                Err(why) => refused += &format!("{} {why}\n", stage.prefix),
            }
        }
    }
    refused
}

/// Creates an object, and gives back its uid. An HPA whose owner is not there would be collected.
fn create_one(admin: &User, mut object: Value, owner: Option<&str>) -> Result<Option<String>, String> {
    if let Some(uid) = object.pointer_mut("/metadata/ownerReferences/0/uid") {
        *uid = json!(owner);
    }
    let [kind, api_version] = ["kind", "apiVersion"].map(|key| text(&object[key]));
    let plural = format!("{}s", kind.to_lowercase());
    let objects = admin.objects(&text(&object["metadata"]["namespace"]), &api_version, &kind, &plural);
    let object = serde_json::from_value(object).map_err(|error| error.to_string())?;
    match objects.create(&object) {
        Ok(created) => Ok(created.metadata.uid),
        Err(kube::Error::Api(status)) => Err(status.message.clone()),
        Err(error) => Err(error.to_string()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
