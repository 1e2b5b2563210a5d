//! The chart: it is what manifests/kustomize is, refuses values that make no sense, and goes in, on and out.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::helm::{Helm, chart, objects};
use crate::installed::{self, Ran};
use crate::kubectl::Kubectl;
use crate::lagward::SCOPE;
use crate::scenario::scenarios;
use crate::{cluster, rundir, wait};

scenarios![
    its_defaults_are_the_default_overlay_object_by_object,
    its_ways_to_mutate_to_certify_and_to_audit_are_the_overlays,
    its_monitoring_is_that_of_the_manifests,
    it_has_a_quota_for_a_class_that_clusters_limit_and_for_no_other,
    helm_finds_nothing_to_complain_about,
    kube_score_finds_nothing_that_has_no_reason_beside_it,
    values_that_make_no_sense_are_refused_by_key,
    the_api_server_takes_what_it_renders,
    every_overlay_renders,
    it_is_installed_upgraded_and_removed,
];

type Objects = BTreeMap<String, Value>;

/// Rendered objects by kind and name, without what names the tool that rendered them.
fn comparable(text: &str) -> Objects {
    let objects = objects(text).into_iter().filter(|object| object["kind"] != "Namespace");
    objects.map(object_of).collect()
}

fn object_of(mut object: Value) -> (String, Value) {
    let labels = object["metadata"]["labels"].as_object_mut().expect("every object is labelled");
    labels.retain(|key, _| {
        !["helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/version"]
            .contains(&key.as_str())
    });
    // Both hash the policy, each in its own way.
    let text = unhashed(&object.to_string());
    let object: Value = serde_json::from_str(&text).expect("JSON");
    (format!("{} {}", object["kind"], object["metadata"]["name"]), object)
}

fn unhashed(text: &str) -> String {
    let mut parts = text.split("lagward-policy-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}lagward-policy{}", &part[10..]))
}

fn kustomized(overlay: &str) -> String {
    kustomized_in(&format!("kustomize/overlays/{overlay}"))
}

fn kustomized_in(folder: &str) -> String {
    let folder = format!("{}/manifests/{folder}", env!("CARGO_MANIFEST_DIR"));
    Kubectl::alone().run(["kustomize", &folder]).accepted().stdout
}

#[track_caller]
fn same(overlay: &str, values: &[&str]) {
    let (ours, theirs) = (comparable(&Helm::alone().template(values)), comparable(&kustomized(overlay)));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{overlay}");
    for (name, object) in &ours {
        assert_eq!(format!("{object:#}"), format!("{:#}", theirs[name]), "{overlay}: {name}");
    }
}

fn its_defaults_are_the_default_overlay_object_by_object() {
    same("default", &["--skip-tests"]);
}

fn its_ways_to_mutate_to_certify_and_to_audit_are_the_overlays() {
    same("cert-manager", &["--set=certificates.mode=cert-manager"]);
    same("scheduled-audit", &["--skip-tests", "--set=audit.enabled=true"]);
    let kinds = |text: &str| comparable(text).into_keys().collect::<Vec<_>>();
    let mutating = Helm::alone().template(&["--skip-tests", "--set=policy.mutate=fill"]);
    assert_eq!(kinds(&mutating), kinds(&kustomized("mutating")));
    let fixed = comparable(&mutating).remove("\"MutatingWebhookConfiguration\" \"lagward\"").unwrap();
    assert_eq!(fixed, comparable(&kustomized("mutating"))["\"MutatingWebhookConfiguration\" \"lagward\""]);
}

fn its_monitoring_is_that_of_the_manifests() {
    let all = ["serviceMonitor", "rules", "dashboard"].map(|part| format!("--set=monitoring.{part}=true"));
    let values: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut with = comparable(&Helm::alone().template(&[&["--skip-tests"], &values[..]].concat()));
    for name in comparable(&Helm::alone().template(&["--skip-tests"])).keys() {
        with.remove(name);
    }
    assert_eq!(with, comparable(&kustomized_in("monitoring")));
}

fn it_has_a_quota_for_a_class_that_clusters_limit_and_for_no_other() {
    for (class, limited) in [("system-node-critical", true), ("platform", false), ("", false)] {
        let rendered = Helm::alone().template(&[&format!("--set=priorityClassName={class}")]);
        let quota = comparable(&rendered).remove("\"ResourceQuota\" \"lagward\"");
        let scope = |quota: &Value| quota["spec"]["scopeSelector"]["matchExpressions"][0]["values"].clone();
        assert_eq!(quota.as_ref().map(scope), limited.then(|| json!([class])), "{class}");
    }
}

fn helm_finds_nothing_to_complain_about() {
    let said = Helm::alone().run(&["lint", "--strict", &chart()]).succeeded();
    assert!(said.contains("0 chart(s) failed"), "{said}");
}

fn kube_score_finds_nothing_that_has_no_reason_beside_it() {
    let script = format!("{}/benches/tools/build", env!("CARGO_MANIFEST_DIR"));
    let kube_score = Ran::of(&mut Command::new(script)).succeeded();
    let rendered = cluster::shared().dir().join("chart.yaml");
    rundir::write(&rendered, Helm::alone().template(&["--skip-tests"])).unwrap();
    Ran::of(Command::new(kube_score.trim()).args(["score", "--exit-one-on-warning"]).arg(rendered))
        .succeeded();
}

fn values_that_make_no_sense_are_refused_by_key() {
    for (value, key) in [
        ("replicas=0", "replicas"),
        ("replica=3", "replica"),
        ("webhooks.scaledObjects.failurePolicy=fail", "failurePolicy"),
        ("webhooks.workloads.timeoutSeconds=31", "timeoutSeconds"),
        ("policy.mode=enforced", "mode"),
        ("policy.rules.LW999.level=deny", "LW999"),
        ("policy.rules.LW301.level=refuse", "LW301"),
        ("certificates.mode=self-signed", "mode"),
        ("certificates.mode=secret", "caBundle"),
        ("certificates.lifetime=soon", "lifetime"),
        ("image.digest=latest", "digest"),
        ("containerPort=80", "containerPort"),
        ("networkPolicy.metricsFrom=null", "metricsFrom"),
        ("networkPolicy.metricsFrom[0].namespaces=all", "namespaces"),
        ("audit.output=github", "output"),
    ] {
        let ran = Helm::alone().run(&["template", "lagward", &chart(), &format!("--set={value}")]);
        assert!(
            !ran.ok && ran.stderr.contains("don't meet the specifications of the schema"),
            "{value}: {}",
            ran.stderr
        );
        assert!(ran.stderr.contains(key), "{value}: {}", ran.stderr);
    }
}

fn the_api_server_takes_what_it_renders() {
    let _turn = installed::turn();
    let kubectl = cluster::shared().kubectl("default");
    for values in [
        &[][..],
        &["--set=policy.mutate=enforce", "--set=labels.team=platform", "--set=podAnnotations.a=b"],
        &["--set=audit.enabled=true", "--set=audit.failOn=deny", "--set=podAnnotations.a=b"],
        &["--set=hostNetwork=true", "--set=containerPort=9443", "--set=priorityClassName="],
        &["--set=certificates.mode=secret", "--set-file=certificates.caBundle=CA"],
        &["--set=image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
    ] {
        let ca = cluster::shared().dir().join("api.crt").display().to_string();
        let values: Vec<String> =
            values.iter().map(|value| value.replace("=CA", &format!("={ca}"))).collect();
        let flags: Vec<&str> = values.iter().map(String::as_str).collect();
        let rendered = Helm::alone().template(&flags).replace("namespace: lagward", "namespace: default");
        let dry = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
        kubectl.run_with(dry, &rendered).accepted();
    }
}

fn every_overlay_renders() {
    let folder = format!("{}/manifests/kustomize/overlays", env!("CARGO_MANIFEST_DIR"));
    for overlay in ["default", "mutating", "audit-only", "cert-manager", "scheduled-audit"] {
        assert!(!objects(&kustomized(overlay)).is_empty(), "{overlay} in {folder}");
    }
}

const RELEASE: &str = "lagward-chart";

/// A release in a namespace of its own, which judges nobody else's namespaces.
struct Release {
    helm: Helm,
    kubectl: Kubectl,
    flags: Vec<String>,
}

impl Release {
    fn run(&self, verb: &[&str], values: &[&str]) -> Ran {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        self.helm.run(&[verb, &[RELEASE, &chart(), "--wait", "--timeout=90s"], &flags, values].concat())
    }

    fn ensure(&self, further: &[&str]) -> Ran {
        let account = format!("{RELEASE}-certs");
        let token = self.kubectl.run(["create", "token", &account]).accepted().stdout;
        let kubeconfig = cluster::shared().dir().join("kubeconfig-chart");
        cluster::shared().write_kubeconfig(&kubeconfig, token.trim()).unwrap();
        let mut command = Command::new(installed::binary());
        command.args(["ensure", "--settle=1s", "--namespace", RELEASE, "--service", RELEASE]);
        command
            .args(["--validating", RELEASE, "--owner", &account])
            .args(further)
            .env("KUBECONFIG", kubeconfig);
        Ran::of(&mut command)
    }

    fn left(&self) -> String {
        let kinds = "all,secrets,configmaps,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,\
                     validatingwebhookconfigurations,mutatingwebhookconfigurations,networkpolicies,poddisruptionbudgets,\
                     resourcequotas";
        let label = format!("app.kubernetes.io/instance={RELEASE}");
        let labelled = self.kubectl.run(["get", kinds, "-l", &label, "-o", "name"]).accepted().stdout;
        let secrets = self.kubectl.run(["get", "secrets", "-o", "name"]).accepted().stdout;
        labelled + &secrets
    }
}

fn it_is_installed_upgraded_and_removed() {
    let cluster = cluster::shared();
    let scope = json!([{"key": SCOPE, "operator": "In", "values": [RELEASE]}]);
    let release = Release {
        helm: Helm::on(cluster.kubeconfig(), RELEASE),
        kubectl: cluster.kubectl(RELEASE),
        flags: vec![format!("--set-json=webhooks.namespaceSelector={scope}")],
    };
    release
        .run(&["install", "--create-namespace"], &["--set=replicas=1", "--set=policy.mode=audit"])
        .succeeded();
    let configuration = format!("validatingwebhookconfiguration/{RELEASE}");
    let policy =
        |release: &Release| release.kubectl.run(["get", "configmaps", "-o", "name"]).accepted().stdout;
    let first = policy(&release);
    release.ensure(&[]).succeeded();
    let bundle = release.kubectl.get(&configuration)["webhooks"][0]["clientConfig"]["caBundle"].clone();
    assert!(bundle.is_string());

    // What the pods do anyway becomes a rule of the namespace, and the upgrade's pods are let in.
    let restricted = ["label", "namespace", RELEASE, "pod-security.kubernetes.io/enforce=restricted"];
    assert_eq!(release.kubectl.run(restricted).accepted().warnings().count(), 0);
    release.run(&["upgrade"], &["--reset-then-reuse-values", "--set=policy.mutate=fill"]).succeeded();
    let deployment = release.kubectl.get(&format!("deployment/{RELEASE}"));
    assert_eq!(deployment["spec"]["replicas"], 1, "what was set at first is kept");
    assert_ne!(policy(&release), first, "a new policy is a new name");
    let kept = &release.kubectl.get(&configuration)["webhooks"][0]["clientConfig"]["caBundle"];
    assert_eq!(*kept, bundle, "an upgrade leaves the bundle");
    release.ensure(&["--mutating", RELEASE]).succeeded();

    let refused = release.run(&["upgrade"], &["--set=policy.mode=off"]);
    refused.refused("mode");
    release.helm.run(&["uninstall", RELEASE, "--wait"]).succeeded();
    wait::for_it("nothing is left", || {
        let left = release.left();
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
}
