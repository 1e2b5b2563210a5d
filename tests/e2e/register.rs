//! The registration as a person does it: manifests/kustomize, its overlay for a webhook outside the cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cluster::Cluster;
use crate::lagward::SCOPE;
use crate::scene::{self, Scene};
use crate::{fixtures, rundir, wait};

const WITHIN: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Overlay {
    Local,
    LocalMutating,
}

/// Where the API server finds a lagward, and whom it trusts there.
pub(crate) struct Target<'a> {
    pub(crate) port: u16,
    pub(crate) authority: &'a str,
}

/// Registers a lagward for the namespaces of the scope `name`, and returns when the API server asks it.
pub(crate) fn register(
    cluster: &'static Cluster,
    dir: &Path,
    name: &str,
    target: &Target<'_>,
    overlay: Overlay,
) -> Result<(), String> {
    let kustomization = confined(dir, name, target, overlay)?;
    let kubectl = cluster.kubectl("default");
    kubectl.run(["apply", "-k", &kustomization.display().to_string()]).result()?;
    let scene = Scene::in_scope(cluster, name);
    wait::until("the API server asks lagward", WITHIN, || scene::hears_lagward(&scene.kubectl))?;
    if overlay == Overlay::Local {
        return Ok(());
    }
    wait::until("the API server lets lagward patch", WITHIN, || {
        let create = ["create", "--dry-run=server", "-o=json", "-f-"];
        let outcome = scene.kubectl.run_with(create, &fixtures::unset_bounds()).result()?;
        if outcome.json()["spec"]["minReplicaCount"] == 2 { Ok(()) } else { Err(outcome.to_string()) }
    })
}

/// A copy of manifests/kustomize with the two files that a person edits.
pub(crate) fn copy_kustomize(dir: &Path, target: &Target<'_>) -> Result<PathBuf, String> {
    let copy = dir.join("kustomize");
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests/kustomize"), &copy)
        .map_err(|error| format!("copying manifests/kustomize: {error}"))?;
    let local = copy.join("components/local");
    rundir::write(&local.join("ca.crt"), target.authority)?;
    rundir::write(&local.join("webhook.env"), format!("address=localhost:{}\n", target.port))?;
    Ok(copy)
}

/// Such a copy with a kustomization that confines the registration to the namespaces of one lagward, so that
/// several run beside each other.
fn confined(dir: &Path, name: &str, target: &Target<'_>, overlay: Overlay) -> Result<PathBuf, String> {
    let overlays = copy_kustomize(dir, target)?.join("overlays");
    let (folder, webhooks) = match overlay {
        Overlay::Local => ("local", &[("Validating", 2)][..]),
        Overlay::LocalMutating => ("local-mutating", &[("Validating", 2), ("Mutating", 1)][..]),
    };
    let expression = format!("{{key: {SCOPE}, operator: In, values: [{name}]}}");
    let mut text = format!("nameSuffix: -{name}\nresources: [../{folder}]\npatches:\n");
    for (kind, count) in webhooks {
        text += &format!("  - target: {{kind: {kind}WebhookConfiguration}}\n    patch: |\n");
        for webhook in 0..*count {
            let path = format!("/webhooks/{webhook}/namespaceSelector/matchExpressions/-");
            text += &format!("      - {{op: add, path: {path}, value: {expression}}}\n");
        }
    }
    let kustomization = overlays.join(name);
    fs::create_dir_all(&kustomization).map_err(|error| error.to_string())?;
    rundir::write(&kustomization.join("kustomization.yaml"), text)?;
    Ok(kustomization)
}

pub(crate) fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
