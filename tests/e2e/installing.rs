//! An installation from its manifests to its end.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use crate::fixtures::{CORRECTED, INCIDENT, good_deployment, good_scaled_object, session_of};
use crate::installed::{Installed, NAMESPACE, VALIDATING};
use crate::scenario::scenarios;
use crate::scene;
use crate::wait;

scenarios![
    it_refuses_and_stores_through_two_rotations_without_one_failed_call,
    its_account_watches_and_looks_at_what_pairs_need,
    its_pods_are_let_into_a_restricted_namespace_and_roll_out,
    after_it_is_removed_nothing_is_left,
    every_overlay_is_taken_by_the_api_server,
];

fn it_refuses_and_stores_through_two_rotations_without_one_failed_call() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.mount();
    let scene = installed.scene();
    let lagward = installed.serve();
    wait::for_it("the API server asks lagward", || scene::hears_lagward(&scene.kubectl));
    let rotated = AtomicBool::new(false);
    thread::scope(|scope| {
        let calls = scope.spawn(|| {
            while !rotated.load(Relaxed) {
                scene.kubectl.dry_run(INCIDENT).refused(&["LW201", "LW301"]);
                scene.kubectl.dry_run(CORRECTED).accepted().silent();
            }
        });
        let rotations = panic::catch_unwind(AssertUnwindSafe(|| (0..2).for_each(|_| rotate(&installed))));
        rotated.store(true, Relaxed);
        calls.join().unwrap();
        rotations.unwrap();
    });
    scene.kubectl.apply(INCIDENT).refused(&["LW201", "LW301"]);
    scene.kubectl.apply(CORRECTED).accepted().silent();
    lagward.kill();
}

/// Replaces the certificate, and waits until the new one is served.
fn rotate(installed: &Installed) {
    let chain = || {
        let said = installed.verify("0s").succeeded();
        said.lines().find(|line| line.starts_with("chain: ")).expect("a chain").to_owned()
    };
    let before = chain();
    installed.ensure(&["--rotate"]).succeeded();
    assert_eq!(chain(), before, "the kubelet takes its time, and the old one is still trusted");
    installed.mount();
    wait::for_it("the new certificate is served", || {
        if chain() == before { Err("the old one is".to_owned()) } else { Ok(()) }
    });
}

fn its_account_watches_and_looks_at_what_pairs_need() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.mount();
    let scene = installed.scene();
    let lagward = installed.serve();
    wait::for_it("everything is listed", || {
        let listed = |resource: &str| {
            let said = format!("\"message\":\"watching\",\"resource\":\"{resource}\"");
            lagward.output().contains(&said)
        };
        let missing = ["deployments", "statefulsets", "scaledobjects"].into_iter().find(|it| !listed(it));
        missing.map_or(Ok(()), |resource| Err(format!("{resource} are not\n{}", lagward.tail())))
    });
    wait::for_it("the API server asks lagward", || scene::hears_lagward(&scene.kubectl));
    // A pair denies only after a look at its workload, which is a right of its own.
    scene.kubectl.apply(&session_of(&good_deployment(), "45000")).accepted().silent();
    scene.kubectl.apply(&good_scaled_object()).refused(&["LW104"]);
    // Seen by the watches alone.
    scene.kubectl.apply(&session_of(&good_deployment(), "60000")).accepted();
    scene.kubectl.apply(&good_scaled_object()).accepted().silent();
    wait::for_it("the ScaledObject is known", || {
        let outcome = scene.kubectl.dry_run(&session_of(&good_deployment(), "45000")).either();
        if outcome.stderr.contains("LW104") { Ok(()) } else { Err(outcome.to_string()) }
    });
    let log = lagward.output();
    assert!(!log.contains("forbid"), "{log}");
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
