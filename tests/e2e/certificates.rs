//! `lagward-certs ensure` on a real API server, with the rights that the manifests give it and no more.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fixtures::CORRECTED;
use crate::installed::{Installed, NAMESPACE, VALIDATING};
use crate::scenario::scenarios;
use crate::scene::Scene;
use crate::{lagward, wait};

scenarios![
    one_pass_makes_the_certificate_and_a_second_changes_nothing,
    a_rotation_keeps_the_trust_in_what_is_still_served,
    nothing_but_the_bundle_of_the_configuration_changes,
    a_bundle_edited_by_hand_is_healed,
    a_bundle_applied_by_somebody_else_is_left_alone,
    applying_the_manifests_again_leaves_the_bundle,
    two_passes_at_once_agree,
    a_pass_killed_while_it_waits_is_resumed,
    what_cannot_be_done_is_named_and_heals_once_it_can,
    the_account_of_the_certificate_can_do_nothing_else,
    the_account_of_the_webhook_reads_no_secret_and_writes_nothing,
    the_secret_goes_with_the_deployment_that_owns_it,
    verify_waits_for_a_kubelet_that_is_late,
    run_says_how_it_is_and_heals_by_itself,
];

fn one_pass_makes_the_certificate_and_a_second_changes_nothing() {
    let installed = Installed::fresh("default");
    assert!(installed.bundles().iter().all(Value::is_null), "the manifests have no bundle");
    let said = installed.ensure(&[]).succeeded();
    assert!(said.contains("because there is no certificate"), "{said}");
    let secret = installed.secret();
    for bundle in installed.bundles() {
        assert_eq!(bundle, secret["data"]["ca.crt"]);
    }
    let before = installed.kubectl.get(VALIDATING);
    assert!(installed.ensure(&[]).succeeded().contains("nothing to do"));
    assert_eq!((secret, before), (installed.secret(), installed.kubectl.get(VALIDATING)));
}

fn a_rotation_keeps_the_trust_in_what_is_still_served() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.mount();
    let first = installed.serve();
    for _ in 0..2 {
        installed.ensure(&["--rotate"]).succeeded();
        let said = installed.verify("0s").succeeded();
        assert_eq!(said.matches(": trusts it for").count(), 2, "{said}");
    }
    first.kill();
    installed.mount();
    let second = installed.serve();
    installed.verify("0s").succeeded();
    second.kill();
    installed.verify("0s").refused("cannot reach localhost:");
}

fn nothing_but_the_bundle_of_the_configuration_changes() {
    let installed = Installed::fresh("default");
    let bare = |mut configuration: Value| {
        for webhook in configuration["webhooks"].as_array_mut().unwrap() {
            webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle");
        }
        let metadata = configuration["metadata"].as_object_mut().unwrap();
        metadata.retain(|key, _| !["resourceVersion", "generation", "managedFields"].contains(&key.as_str()));
        configuration
    };
    let before = bare(installed.kubectl.get(VALIDATING));
    installed.ensure(&[]).succeeded();
    assert_eq!(bare(installed.kubectl.get(VALIDATING)), before);
    let get = ["get", VALIDATING, "--show-managed-fields", "-o", "json"];
    let stored = installed.kubectl.run(get).accepted().json();
    let entries = stored["metadata"]["managedFields"].as_array().unwrap();
    let ours = entries.iter().find(|entry| entry["manager"] == "lagward-certs").expect("our own entry");
    let owned = ours["fieldsV1"]["f:webhooks"].as_object().unwrap();
    assert_eq!(owned.len(), 2, "{ours}");
    for webhook in owned.values() {
        assert_eq!(webhook["f:clientConfig"], json!({"f:caBundle": {}}), "{ours}");
    }
}

/// Replaces the first webhook's bundle, as a person or a program does it.
fn edit(installed: &Installed, further: &[&str]) {
    let bundle = installed.secret()["data"]["tls.crt"].clone();
    let patch = json!([{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": bundle}]);
    let patch = patch.to_string();
    let mut arguments = vec!["patch", VALIDATING, "--type=json", "--patch", &patch];
    arguments.extend(further);
    installed.kubectl.run(arguments).accepted();
}

fn a_bundle_edited_by_hand_is_healed() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    edit(&installed, &["--field-manager=kubectl-edit"]);
    let bundle = installed.secret()["data"]["ca.crt"].clone();
    assert_ne!(installed.bundles()[0], bundle);
    let said = installed.ensure(&[]).succeeded();
    assert!(said.starts_with("applied the bundle to the webhook configurations\nnext: "), "{said}");
    assert_eq!(installed.bundles(), [bundle.clone(), bundle]);
}

fn a_bundle_applied_by_somebody_else_is_left_alone() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    let bundle = installed.secret()["data"]["tls.crt"].clone();
    let manifest = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "lagward"},
        "webhooks": [{"name": "scaledobjects.lagward.dev", "clientConfig": {"caBundle": bundle}}],
    });
    let apply = "apply --server-side --force-conflicts --field-manager=gitops --validate=false -f -";
    installed.kubectl.run_with(apply.split(' '), &manifest.to_string()).accepted();
    let before = installed.bundles();
    installed
        .ensure(&[])
        .refused("the caBundle of validatingwebhookconfiguration lagward is applied by `gitops`");
    assert_eq!(installed.bundles(), before);
}

fn applying_the_manifests_again_leaves_the_bundle() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    let before = installed.bundles();
    installed.apply();
    installed.kubectl.run(["apply", "-k", &installed.kustomization]).accepted();
    assert_eq!(installed.bundles(), before);
    assert!(installed.ensure(&[]).succeeded().contains("nothing to do"));
}

fn two_passes_at_once_agree() {
    let installed = Installed::fresh("default");
    let flags = ["ensure", "--owner=lagward-certs", "--name=localhost", "--settle=1s"];
    let start = |_| installed.command("lagward-certs", &flags).stdout(Stdio::null()).spawn().unwrap();
    let mut passes = [0, 1, 2].map(start);
    for pass in &mut passes {
        assert!(pass.wait().unwrap().success());
    }
    let secret = installed.secret();
    assert!(installed.bundles().iter().all(|bundle| *bundle == secret["data"]["ca.crt"]));
    assert!(installed.ensure(&[]).succeeded().contains("trusted CAs: 1"));
}

fn a_pass_killed_while_it_waits_is_resumed() {
    let installed = Installed::fresh("default");
    let flags = ["ensure", "--owner=lagward-certs", "--name=localhost", "--settle=10m"];
    let mut killed = installed.command("lagward-certs", &flags).spawn().unwrap();
    let published = || {
        let bundles = installed.bundles();
        if bundles.iter().any(Value::is_null) { Err("no bundle yet".to_owned()) } else { Ok(()) }
    };
    wait::for_it("the bundle is published", published);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let secret = installed.secret();
    assert!(secret["data"]["tls.crt"].is_null(), "nothing is served before its time");
    let said = installed.ensure(&[]).succeeded();
    assert!(said.starts_with("put the new certificate in the place of the served one\nnext: "), "{said}");
    assert_eq!(installed.secret()["data"]["tls.crt"], secret["data"]["next.crt"]);
}

fn what_cannot_be_done_is_named_and_heals_once_it_can() {
    let installed = Installed::fresh("default");
    installed.ensure_as("lagward", &[]).refused("cannot get validatingwebhookconfiguration lagward: ");
    installed.ensure(&["--mutating=lagward"]).refused("there is no mutatingwebhookconfiguration lagward");
    installed.ensure(&["--validating=other"]).refused("cannot get validatingwebhookconfiguration other: ");
    let create = ["create", "secret", "generic", "lagward-tls", "--from-literal=tls.crt=theirs"];
    installed.kubectl.run(create).accepted();
    let before = installed.secret();
    installed.ensure(&[]).refused("secret lagward/lagward-tls was not made by lagward-certs");
    assert_eq!(installed.secret(), before);
    assert!(installed.bundles().iter().all(Value::is_null), "nothing was written");
    installed.kubectl.run(["delete", "secret/lagward-tls"]).accepted();
    installed.ensure(&[]).succeeded();

    let corrupt =
        ["patch", "secret/lagward-tls", "--type=merge", "--patch", r#"{"data":{"tls.crt":"Y29ycnVwdA=="}}"#];
    installed.kubectl.run(corrupt).accepted();
    let said = installed.ensure(&[]).succeeded();
    assert!(said.contains("because the certificate cannot be read"), "{said}");

    let mut lost = installed.command("lagward-certs", &["ensure"]);
    let nowhere = installed.nowhere();
    let lost = lost.env("KUBECONFIG", nowhere).output().unwrap();
    let said = String::from_utf8_lossy(&lost.stderr).into_owned();
    assert!(
        !lost.status.success() && said.contains("cannot get validatingwebhookconfiguration lagward: "),
        "{said}"
    );
}

/// Each of these is refused, for lack of a right and for nothing else.
#[track_caller]
fn forbidden(installed: &Installed, account: &str, attempts: &[&[&str]]) {
    let kubectl = installed.kubectl_as(account);
    for attempt in attempts {
        let outcome = kubectl.run(*attempt).failed();
        assert!(
            outcome.stderr.contains("is forbidden") || outcome.stderr.contains("(Forbidden)"),
            "{outcome}"
        );
    }
}

fn the_account_of_the_certificate_can_do_nothing_else() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.kubectl.run(["create", "secret", "generic", "other"]).accepted();
    let relabel = r#"{"metadata":{"labels":{"a":"b"}}}"#;
    forbidden(
        &installed,
        "lagward-certs",
        &[
            &["get", "secrets"],
            &["get", "secret/other"],
            &["delete", "secret/lagward-tls"],
            &["get", "secrets", "--all-namespaces"],
            &["create", "secret", "generic", "x", "--namespace=default"],
            &["get", "deployment/lagward"],
            &["patch", "deployment/lagward-certs", "--patch", relabel],
            &["get", "pods"],
            &["get", "validatingwebhookconfigurations"],
            &["delete", VALIDATING],
            &["get", "validatingwebhookconfiguration/other"],
            &["create", "configmap", "x"],
        ],
    );
}

fn the_account_of_the_webhook_reads_no_secret_and_writes_nothing() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    let scene = Scene::bare();
    scene.kubectl.apply(CORRECTED).accepted();
    let namespace = format!("--namespace={}", scene.namespace());
    let relabel = r#"{"metadata":{"labels":{"a":"b"}}}"#;
    forbidden(
        &installed,
        "lagward",
        &[
            &["get", "secret/lagward-tls"],
            &["get", "secrets", "--all-namespaces"],
            &["get", "configmaps"],
            &["get", "pods"],
            &["create", "configmap", "x"],
            &["create", "secret", "generic", "x"],
            &["patch", "deployment/consumer", &namespace, "--patch", relabel],
            &["delete", "deployment/consumer", &namespace],
            &["patch", "scaledobject/consumer", &namespace, "--type=merge", "--patch", relabel],
            &["scale", "deployment/consumer", &namespace, "--replicas=3"],
            &["get", VALIDATING],
            &["patch", VALIDATING, "--patch", relabel],
        ],
    );
    // What its pair rules compare, it may look at.
    let own = installed.kubectl_as("lagward");
    for kind in ["deployments", "statefulsets", "scaledobjects"] {
        own.run(["get", kind, "--all-namespaces"]).accepted();
    }
}

fn the_secret_goes_with_the_deployment_that_owns_it() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.kubectl.run(["delete", "deployment/lagward-certs"]).accepted();
    wait::until("the Secret is gone", Duration::from_secs(60), || {
        if installed.kubectl.is_absent("secret/lagward-tls") { Ok(()) } else { Err("it is there".to_owned()) }
    })
    .unwrap_or_else(|why| panic!("{why} in {NAMESPACE}"));
}

fn verify_waits_for_a_kubelet_that_is_late() {
    let installed = Installed::fresh("default");
    installed.ensure(&[]).succeeded();
    installed.mount();
    std::thread::scope(|scope| {
        let verdict = scope.spawn(|| installed.verify("60s"));
        // What is served first is a certificate that nobody was told to trust.
        let stranger = crate::certs::self_signed().unwrap();
        let early = installed.serve_instead(&stranger);
        installed.verify("0s").refuted("does not trust it for lagward.lagward.svc");
        early.kill();
        let serving = installed.serve();
        verdict.join().unwrap().succeeded();
        serving.kill();
    });
}

fn run_says_how_it_is_and_heals_by_itself() {
    let installed = Installed::fresh("default");
    let (keeper, probes) = installed.keep();
    wait::for_it("it is ready", || lagward::probe(probes, "/readyz"));
    lagward::probe(probes, "/livez").unwrap();
    let bundle = installed.secret()["data"]["ca.crt"].clone();
    assert_eq!(installed.bundles(), [bundle.clone(), bundle.clone()]);

    edit(&installed, &["--field-manager=kubectl-edit"]);
    wait::for_it("the bundle is healed", || {
        let healed = installed.bundles() == [bundle.clone(), bundle.clone()];
        if healed { Ok(()) } else { Err("it is as edited".to_owned()) }
    });
    installed.kubectl.run(["delete", VALIDATING]).accepted();
    wait::for_it("it is not ready without a registration", || match lagward::probe(probes, "/readyz") {
        Ok(()) => Err("it is ready".to_owned()),
        Err(answer) if answer.contains("503") => Ok(()),
        Err(other) => Err(other),
    });
    let log = keeper.output();
    assert!(log.contains("there is no validatingwebhookconfiguration lagward"), "{log}");
    assert!(!log.contains("PRIVATE KEY") && !log.contains("CERTIFICATE"), "{log}");
    assert!(keeper.stop(Duration::from_secs(10)).unwrap().success());
}
