//! What of the chart, of manifests/kustomize and of manifests/monitoring follows from something else.

use std::fs;
use std::path::{Path, PathBuf};

use lagward::engine::policy::schema;
use lagward::rules::RULES;
use serde_json::{Value, json};

const CHART: &str = "manifests/helm/lagward";

/// The shipped policy, the alerts and the dashboard where each way to install can reach them, the values' schema with the policy's inside, and the
/// table of values.
pub(super) fn files() -> Vec<(PathBuf, String)> {
    let policy = text("manifests/policy/default.yaml");
    let rules = text("manifests/monitoring/rules.yaml");
    let schema = values_schema();
    vec![
        (PathBuf::from("manifests/kustomize/base/lagward.yaml"), policy.clone()),
        (Path::new(CHART).join("files/lagward.yaml"), policy),
        (PathBuf::from("manifests/monitoring/prometheusrule.yaml"), prometheus_rule(&rules)),
        (Path::new(CHART).join("files/rules.yaml"), rules),
        (Path::new(CHART).join("files/dashboard.json"), text("manifests/monitoring/dashboard.json")),
        (Path::new(CHART).join("README.md"), readme(&schema)),
        (Path::new(CHART).join("values.schema.json"), format!("{schema:#}\n")),
    ]
}

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let name = path.to_string_lossy();
    fs::read_to_string(&path).expect(&name)
}

/// The alerts as an object for the Prometheus operator.
fn prometheus_rule(rules: &str) -> String {
    let spec: String = rules.lines().map(|line| format!("  {line}").trim_end().to_owned() + "\n").collect();
    format!(
        "# Generated from rules.yaml: `make generate`.\n\
         apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n\
         metadata:\n  name: lagward\n  namespace: lagward\n  labels:\n    \
         app.kubernetes.io/name: lagward\n    app.kubernetes.io/instance: lagward\nspec:\n{spec}"
    )
}

fn values_schema() -> Value {
    let mut values: Value =
        serde_json::from_str(&text("manifests/helm/values.schema.json")).expect("the schema is JSON");
    let mut policy = schema(RULES);
    let fields = policy.as_object_mut().expect("a schema is an object");
    // Of the whole document, and said there.
    fields.remove("$schema");
    fields.remove("title");
    fields.insert("description".to_owned(), json!("The policy (lagward.yaml). Empty: the shipped one."));
    values["properties"]["policy"] = policy;
    values
}

fn readme(schema: &Value) -> String {
    let values: Value =
        serde_saphyr::from_str(&text(&format!("{CHART}/values.yaml"))).expect("values.yaml is YAML");
    let mut rows = String::new();
    table(schema, &values, "", &mut rows);
    format!(
        "# The chart lagward\n\n<!-- Generated from values.yaml and the schema of values: `make generate`. -->\n\n\
         ```sh\nhelm install lagward manifests/helm/lagward --namespace lagward --create-namespace --wait\n```\n\n\
         [docs/install.md](../../../docs/install.md) says more.\n\n\
         | value | default | meaning |\n|---|---|---|\n{rows}"
    )
}

/// One row a value: what has no parts of its own, or parts that are the user's.
fn table(schema: &Value, default: &Value, key: &str, rows: &mut String) {
    let parts = schema["properties"].as_object().filter(|_| schema["description"].is_null());
    let Some(parts) = parts else {
        if !default.is_null() {
            let meaning = schema["description"].as_str().unwrap_or_default();
            *rows += &format!("| `{key}` | `{default}` | {meaning} |\n");
        }
        return;
    };
    for (name, part) in parts {
        let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        table(part, &default[name.as_str()], &key, rows);
    }
}
