//! `lagward audit` on objects that are older than the webhook, with no more rights than the webhook has.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::cluster::{self, LAGWARD_TOKEN};
use crate::fixtures::{INCIDENT, SHORT_SESSION, edited, good_deployment, good_scaled_object};
use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![what_runs_is_judged_as_its_dump_is, what_cannot_be_judged_is_said];

/// A kubeconfig of whoever has this token.
fn kubeconfig(token: &str) -> PathBuf {
    let cluster = cluster::shared();
    let file = cluster.dir().join(format!("kubeconfig-{token}"));
    cluster.write_kubeconfig(&file, token).unwrap();
    file
}

/// Runs the real binary.
fn lagward(kubeconfig: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lagward"));
    command.args(arguments).env("KUBECONFIG", kubeconfig).env_remove("LAGWARD_POLICY");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().expect("a pipe");
    // It may have ended already: an audit reads no input.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Code, kind and name of what was found in this namespace.
fn found(output: &Output, namespace: &str) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{stderr}"));
    let findings = report["findings"].as_array().expect("findings");
    let here = findings.iter().filter(|finding| finding["object"]["namespace"] == namespace);
    let name = |finding: &Value| {
        let (code, object) = (&finding["code"], &finding["object"]);
        [code, &object["kind"], &object["name"]].map(|text| text.as_str().unwrap_or_default()).join(" ")
    };
    let mut found: Vec<String> = here.map(name).collect();
    found.sort();
    found
}

fn what_runs_is_judged_as_its_dump_is() {
    let scene = Scene::bare();
    let view_only = kubeconfig(LAGWARD_TOKEN);
    let rename =
        |manifest: &str, name: &str| manifest.replace("name: consumer\n", &format!("name: {name}\n"));
    let other = edited(&good_scaled_object(), "sessionTimeout: \"60000\"", "sessionTimeout: \"45000\"");
    for manifest in [
        INCIDENT.to_owned(),
        rename(SHORT_SESSION, "short"),
        rename(&good_deployment(), "drifted"),
        rename(&other, "drifted"),
        rename(&edited(&good_scaled_object(), "lagThreshold: \"800\"", "lagThreshold: \"10\""), "dangling"),
    ] {
        scene.kubectl.apply(&manifest).accepted().silent();
    }
    let dump =
        scene.kubectl.run(["get", "deployments,statefulsets,scaledobjects", "-o", "yaml"]).accepted().stdout;
    let mut expected = found(&lagward(&view_only, &["check", "-o", "json", "-"], &dump), scene.namespace());
    for code in ["LW101 Deployment short", "LW104 ScaledObject drifted", "LW201 ScaledObject consumer"] {
        assert!(expected.iter().any(|found| found == code), "{code} in {expected:?}");
    }
    // A dump never shows that a workload is nowhere.
    expected.extend(["LW208 ScaledObject consumer", "LW208 ScaledObject dangling"].map(str::to_owned));
    expected.sort();
    for scope in [&["-A"][..], &["-n", scene.namespace()]] {
        let arguments = [&["audit", "-o", "json"], scope].concat();
        let audited = lagward(&view_only, &arguments, "");
        assert_eq!(found(&audited, scene.namespace()), expected);
        assert_eq!(audited.status.code(), Some(1), "{}", String::from_utf8_lossy(&audited.stderr));
    }
}

fn what_cannot_be_judged_is_said() {
    let scene = Scene::bare();
    let said = |kubeconfig: &Path, namespace: &str| {
        let audited = lagward(kubeconfig, &["audit", "-n", namespace], "");
        let said = String::from_utf8_lossy(&audited.stderr).into_owned();
        assert_eq!(audited.status.code(), Some(2), "{said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        said
    };
    let expired = said(&kubeconfig("expired-token"), scene.namespace());
    assert!(expired.starts_with("error: the API server does not accept the credentials"), "{expired}");
    let nowhere = said(&cluster::shared().kubeconfig(), "nobodys-namespace");
    assert!(nowhere.starts_with("error: the cluster has no namespace nobodys-namespace"), "{nowhere}");
}
