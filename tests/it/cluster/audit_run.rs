//! The real `lagward audit`, beside an API server that follows a script.

use std::process::Command;

use serde_json::{Value, json};

use super::api::{Answer, Api, Asked, list};
use crate::support::{Run, consumer, edit, scaler};

impl Run {
    /// Code, kind and name of each finding, in order.
    pub(super) fn found(&self) -> Vec<String> {
        let report = self.json();
        let findings = report["findings"].as_array().expect("findings");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let name = |finding: &Value| {
            let object = &finding["object"];
            format!(
                "{} {} {}/{}",
                text(&finding["code"]),
                text(&object["kind"]),
                text(&object["namespace"]),
                text(&object["name"])
            )
        };
        let mut found: Vec<String> = findings.iter().map(name).collect();
        found.sort();
        found
    }

    /// The lines of standard error that complain.
    pub(super) fn complaints(&self) -> Vec<&str> {
        self.err.lines().filter(|line| !line.starts_with("  help: ")).collect()
    }
}

/// Runs `lagward audit -o json` with these arguments on this API server.
pub(super) async fn audit(api: &Api, arguments: &[&str]) -> Run {
    let arguments = [&["audit", "-o", "json"], arguments].concat();
    run(&api.kubeconfig(), &arguments, String::new()).await
}

/// Runs `lagward` with a kubeconfig of this text.
pub(super) async fn run(kubeconfig: &str, arguments: &[&str], input: String) -> Run {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("kubeconfig");
    std::fs::write(&file, kubeconfig).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lagward"));
    command.args(arguments).current_dir(home.path()).env("HOME", home.path()).env("KUBECONFIG", &file);
    command.env_remove("LAGWARD_POLICY").env_remove("KUBERNETES_SERVICE_HOST");
    let wait = move || {
        let run = Run::with(&mut command, &input);
        drop(home);
        run
    };
    tokio::task::spawn_blocking(wait).await.expect("a run")
}

/// An API server that holds these objects, all of them in namespaces.
pub(super) fn holding(objects: Vec<Value>) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    move |asked| {
        let plural = asked.path.rsplit('/').next().unwrap_or_default();
        let namespace = asked.path.split_once("/namespaces/").and_then(|(_, rest)| rest.split('/').next());
        let is_asked = |object: &&Value| {
            let kind = object["kind"].as_str().expect("a kind").to_lowercase();
            let metadata = &object["metadata"];
            format!("{kind}s") == plural && namespace.is_none_or(|name| metadata["namespace"] == name)
        };
        let mut items: Vec<Value> = objects.iter().filter(is_asked).cloned().collect();
        // As the API server lists what it defines itself.
        let is_built_in =
            ["/apis/apps/", "/apis/autoscaling/"].iter().any(|start| asked.path.starts_with(start));
        for item in items.iter_mut().filter(|_| is_built_in).filter_map(Value::as_object_mut) {
            item.retain(|key, _| !["kind", "apiVersion"].contains(&key.as_str()));
        }
        list(1, &items)
    }
}

/// A page that another one follows.
pub(super) fn page(items: &[Value], next: &str) -> Answer {
    let page = json!({"kind": "List", "apiVersion": "v1", "items": items,
        "metadata": {"resourceVersion": "2", "continue": next}});
    Answer::Json(200, page.to_string())
}

pub(super) fn named(object: &Value, namespace: &str, name: &str) -> Value {
    edit(&edit(object, "/metadata/name", name.into()), "/metadata/namespace", namespace.into())
}

/// A ScaledObject whose session timeout is not that of its Deployment.
pub(super) fn drifted() -> Value {
    edit(&scaler(), "/spec/triggers/0/metadata/sessionTimeout", "60000".into())
}

/// One object of every sort of trouble that needs others to be seen, beside some that are well.
pub(super) fn troubled() -> Vec<Value> {
    let metadata = |name: &str, namespace: &str, annotation: &str, text: &str| json!({"name": name, "namespace": namespace, "uid": "1", "annotations": {annotation: text}});
    let expired = metadata("orders", "old", "ignore.lagward.dev/LW301", "agreed; until 2020-01-31");
    let low = edit(&scaler(), "/spec/triggers/0/metadata/lagThreshold", "10".into());
    vec![
        consumer(),
        drifted(),
        named(&consumer(), "calm", "orders"),
        named(&scaler(), "calm", "orders"),
        edit(&named(&consumer(), "fight", "orders"), "/spec/replicas", 3.into()),
        named(&scaler(), "fight", "one"),
        named(&scaler(), "fight", "two"),
        named(&scaler(), "nowhere", "orders"),
        named(&consumer(), "old", "orders"),
        edit(&low, "/metadata", expired),
    ]
}
