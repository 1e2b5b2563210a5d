//! manifests/kustomize as it is: it renders, the API server takes it, and it asks about the right namespaces.

use serde_json::Value;

use crate::certs::Authority;
use crate::cluster;
use crate::installed::Installed;
use crate::lagward::{Policy, SCOPE};
use crate::register::{Target, copy_kustomize};
use crate::scenario::scenarios;
use crate::scene::{self, Scene};

scenarios![
    the_api_server_takes_both_overlays,
    the_local_overlay_registers_nothing_that_patches,
    every_webhook_says_where_and_whom_to_trust,
    the_registration_is_the_service_in_the_cluster,
    the_namespaces_of_the_cluster_and_of_lagward_are_never_judged,
];

/// Renders a folder of manifests/kustomize, checked by the API server.
fn rendered(name: &str, folder: &str) -> Vec<Value> {
    let cluster = cluster::shared();
    let dir = cluster.dir().join(name);
    let authority = Authority::new().unwrap();
    std::fs::create_dir_all(&dir).unwrap();
    let copy = copy_kustomize(&dir, &Target { port: 8443, authority: authority.pem() }).unwrap();
    let folder = copy.join(folder).display().to_string();
    let outcome = cluster.kubectl("default").run(["apply", "-k", &folder, "--dry-run=server", "-o=json"]);
    let json = outcome.accepted().json();
    match json["items"].as_array() {
        Some(items) => items.clone(),
        None => vec![json],
    }
}

fn kinds(objects: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = objects.iter().filter_map(|object| object["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

fn webhooks(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects.iter().filter_map(|object| object["webhooks"].as_array()).flatten()
}

fn the_api_server_takes_both_overlays() {
    assert!(webhooks(&rendered("takes-local", "overlays/local")).count() == 2);
    assert!(webhooks(&rendered("takes-mutating", "overlays/local-mutating")).count() == 3);
}

fn the_local_overlay_registers_nothing_that_patches() {
    assert_eq!(kinds(&rendered("local", "overlays/local")), ["ValidatingWebhookConfiguration"]);
    let mutating = rendered("local-mutating", "overlays/local-mutating");
    assert_eq!(kinds(&mutating), ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]);
}

fn every_webhook_says_where_and_whom_to_trust() {
    for webhook in webhooks(&rendered("where", "overlays/local-mutating")) {
        let name = webhook["name"].as_str().unwrap_or_default();
        let path = if name == "mutate.lagward.dev" { "mutate" } else { "validate" };
        let client = &webhook["clientConfig"];
        assert_eq!(client["url"], format!("https://localhost:8443/{path}"), "{name}");
        assert!(client["caBundle"].is_string() && client["service"].is_null(), "{name}");
    }
}

fn the_registration_is_the_service_in_the_cluster() {
    let base = rendered("registration", "registration");
    assert_eq!(kinds(&base), ["ValidatingWebhookConfiguration"]);
    for webhook in webhooks(&base) {
        assert_eq!(webhook["clientConfig"]["service"]["path"], "/validate");
    }
}

fn the_namespaces_of_the_cluster_and_of_lagward_are_never_judged() {
    // An installation's namespace comes and goes.
    let _installed = Installed::fresh("default");
    for policy in [Policy::Shipped, Policy::Fill] {
        // In the scope of this registration, so that only the selector of manifests/kustomize keeps them out.
        let scope = format!("{SCOPE}={}", policy.name());
        let elsewhere = Scene::under(policy);
        for namespace in ["kube-system", "lagward"] {
            let kubectl = cluster::shared().kubectl(namespace);
            kubectl.label(&format!("namespace/{namespace}"), &scope).accepted();
            scene::hears_lagward(&elsewhere.kubectl).unwrap();
            kubectl.dry_run(include_str!("data/canary.yaml")).accepted().silent();
        }
    }
}
