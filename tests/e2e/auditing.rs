//! `lagward audit` on objects that are older than the webhook, with no more rights than the webhook has.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::cluster::{self, LAGWARD_TOKEN};
use crate::fixtures::{INCIDENT, SHORT_SESSION, edited, good_deployment, good_scaled_object};
use crate::installed::Installed;
use crate::rundir;
use crate::scenario::scenarios;
use crate::scene::Scene;

scenarios![
    what_runs_is_judged_as_its_dump_is,
    what_cannot_be_judged_is_said,
    the_cron_job_judges_all_namespaces_with_an_account_that_may_only_list,
];

/// A kubeconfig of whoever has this token.
fn kubeconfig(token: &str) -> PathBuf {
    let cluster = cluster::shared();
    let file = cluster.dir().join(format!("kubeconfig-{token}"));
    cluster.write_kubeconfig(&file, token).unwrap();
    file
}

/// Runs the real binary.
pub(crate) fn lagward(kubeconfig: &Path, arguments: &[&str], input: &str) -> Output {
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

/// What was found in these namespaces: the code, and `Deployment payments/consumer`.
pub(crate) fn found_in(output: &Output, is_one: impl Fn(&str) -> bool) -> BTreeSet<(String, String)> {
    let findings = findings(output);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let here = findings.iter().filter(|finding| is_one(&text(&finding["object"]["namespace"])));
    let name = |finding: &Value| {
        let object = &finding["object"];
        let [kind, namespace, name] = ["kind", "namespace", "name"].map(|key| text(&object[key]));
        (text(&finding["code"]), format!("{kind} {namespace}/{name}"))
    };
    here.map(name).collect()
}

fn findings(output: &Output) -> Vec<Value> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{stderr}"));
    report["findings"].as_array().expect("findings").clone()
}

/// Code, kind and name of what was found in this namespace.
fn found(output: &Output, namespace: &str) -> Vec<String> {
    let findings = findings(output);
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

fn the_cron_job_judges_all_namespaces_with_an_account_that_may_only_list() {
    let installed = Installed::fresh("scheduled-audit");
    let scene = Scene::bare();
    scene.kubectl.apply(INCIDENT).accepted().silent();
    // Its pod is let into the restricted namespace, and runs to its end.
    installed.kubectl.run(["create", "job", "--from=cronjob/lagward-audit", "now"]).accepted();
    let pods = "--selector=job-name=now";
    crate::wait::for_it("the Job has a pod", || {
        let outcome = installed.kubectl.run(["get", "pods", pods, "-o", "name"]).result()?;
        if outcome.stdout.is_empty() { Err(outcome.to_string()) } else { Ok(()) }
    });
    let pod =
        &installed.kubectl.get("cronjob/lagward-audit")["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let policy = pod["volumes"][0]["configMap"]["name"].as_str().expect("a ConfigMap");
    let policy = &installed.kubectl.get(&format!("configmap/{policy}"))["data"]["lagward.yaml"];
    let folder = cluster::shared().dir().join("cron-job");
    std::fs::create_dir_all(&folder).unwrap();
    let (file, kubeconfig) = (folder.join("lagward.yaml"), folder.join("kubeconfig"));
    rundir::write(&file, policy.as_str().expect("a policy")).unwrap();
    let token = installed.kubectl.run(["create", "token", "lagward-audit"]).accepted().stdout;
    cluster::shared().write_kubeconfig(&kubeconfig, token.trim()).unwrap();
    let arguments: Vec<String> = pod["containers"][0]["args"]
        .as_array()
        .expect("arguments")
        .iter()
        .map(|argument| {
            argument
                .as_str()
                .expect("a text")
                .replace("/etc/lagward/policy/lagward.yaml", &file.display().to_string())
        })
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let audited = lagward(&kubeconfig, &arguments, "");
    let said = String::from_utf8_lossy(&audited.stderr);
    assert_eq!(
        (audited.status.code(), &*said),
        (Some(0), ""),
        "findings fail no Job, and it may see all it asks for"
    );
    assert!(found(&audited, scene.namespace()).contains(&"LW201 ScaledObject consumer".to_owned()));
    let others = installed.kubectl_as("lagward-audit").run(["get", "secrets"]).failed();
    assert!(others.stderr.contains("Forbidden") || others.stderr.contains("forbidden"), "{others}");
    installed.uninstall();
}
