//! An installation from its manifests to its end.

use std::time::Duration;

use crate::fixtures::{CORRECTED, INCIDENT};
use crate::installed::{Installed, NAMESPACE, VALIDATING};
use crate::scenario::scenarios;
use crate::scene;
use crate::wait;

scenarios![
    it_refuses_and_stores_as_installed_and_after_two_rotations,
    its_pods_are_let_into_a_restricted_namespace_and_roll_out,
    after_it_is_removed_nothing_is_left,
    every_overlay_is_taken_by_the_api_server,
];

fn it_refuses_and_stores_as_installed_and_after_two_rotations() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.mount();
    let scene = installed.scene();
    let mut lagward = installed.serve();
    wait::for_it("the API server asks lagward", || scene::hears_lagward(&scene.kubectl));
    for round in 0..3 {
        scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
        scene.kubectl.apply(CORRECTED).accepted();
        scene.kubectl.run(["delete", "scaledobject/consumer"]).accepted();
        if round == 2 {
            break;
        }
        installed.ensure(&["--rotate"]).succeeded();
        // The old leaf is still served, and still trusted: a kubelet takes its time.
        scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
        lagward.kill();
        installed.mount();
        lagward = installed.serve();
    }
    lagward.kill();
}

fn its_pods_are_let_into_a_restricted_namespace_and_roll_out() {
    let installed = Installed::fresh("default");
    let namespace = installed.kubectl.get(&format!("namespace/{NAMESPACE}"));
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    for deployment in ["lagward", "lagward-certs"] {
        let status = ["rollout", "status", &format!("deployment/{deployment}"), "--timeout=60s"];
        installed.kubectl.run(status).accepted();
    }
}

fn after_it_is_removed_nothing_is_left() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.uninstall();
    assert!(installed.kubectl.is_absent(VALIDATING));
    let left = || {
        let get = [
            "get",
            "namespaces,clusterroles,clusterrolebindings",
            "-l",
            "app.kubernetes.io/instance=lagward",
            "-o",
            "name",
        ];
        installed.kubectl.run(get).accepted().stdout
    };
    wait::until("nothing is left", Duration::from_secs(60), || {
        let left = left();
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .unwrap_or_else(|why| panic!("{why}"));
    let get = [
        "get",
        "secrets",
        "--all-namespaces",
        "-l",
        "app.kubernetes.io/managed-by=lagward-certs",
        "-o",
        "name",
    ];
    assert_eq!(installed.kubectl.run(get).accepted().stdout, "");
}

fn every_overlay_is_taken_by_the_api_server() {
    let installed = Installed::fresh("default");
    for overlay in ["mutating", "audit-only"] {
        let folder = installed.kustomization.replace("overlays/installed", &format!("overlays/{overlay}"));
        let dry = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-k", &folder];
        installed.kubectl.run(dry).accepted();
    }
}
