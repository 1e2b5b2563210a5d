//! What alerts and dashboard ask for is there, and what they say leads somewhere.

mod queries;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use queries::{Used, used, values};

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// What is there, by the list whose own part is held against the program beside the metrics.
#[derive(Deserialize)]
struct Source {
    source: String,
    metrics: BTreeMap<String, BTreeSet<String>>,
}

fn list() -> Vec<Source> {
    serde_saphyr::from_str(&text("tests/data/metrics.yaml")).expect("the list")
}

/// What Prometheus and its operator add to every sample, and what `--cluster` does.
const TARGET: [&str; 3] = ["job", "instance", "cluster"];

/// Holds a query against the list; returns the labels that its result may have.
fn assert_exists(whose: &str, used: &Used) -> BTreeSet<String> {
    let known: BTreeMap<_, _> = list().into_iter().flat_map(|source| source.metrics).collect();
    let is_added = |label: &String| TARGET.contains(&label.as_str());
    let mut all: BTreeSet<String> = TARGET.map(ToOwned::to_owned).into();
    for (metric, labels) in &used.metrics {
        assert!(known.contains_key(metric), "{whose}: nobody has {metric}");
        let there = &known[metric];
        for label in labels.iter().filter(|label| !is_added(label)) {
            assert!(there.contains(label), "{whose}: {metric} has no label {label}");
        }
        all.extend(there.iter().cloned());
    }
    for label in &used.labels {
        assert!(all.contains(label), "{whose}: nothing in it has a label {label}");
    }
    all
}

struct Alert {
    name: String,
    query: String,
    annotations: Value,
}

fn alerts() -> Vec<Alert> {
    let rules: Value = serde_saphyr::from_str(&text("manifests/monitoring/rules.yaml")).expect("rules");
    let groups = rules["groups"].as_array().expect("groups").iter();
    let alert = |rule: &Value| Alert {
        name: rule["alert"].as_str().expect("a name").to_owned(),
        query: rule["expr"].as_str().expect("a query").to_owned(),
        annotations: rule["annotations"].clone(),
    };
    groups.flat_map(|group| group["rules"].as_array().expect("rules").iter().map(alert)).collect()
}

fn dashboard() -> Value {
    serde_json::from_str(&text("manifests/monitoring/dashboard.json")).expect("a dashboard")
}

/// Every panel that shows something.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let all = dashboard["panels"].as_array().expect("panels").iter();
    all.filter(|panel| panel["type"] != "row").collect()
}

#[test]
fn alerts_ask_for_what_is_there() {
    for Alert { name, query, annotations } in alerts() {
        let labels = assert_exists(&name, &used(&query));
        for part in annotations.to_string().split("$labels.").skip(1) {
            let label: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(labels.contains(&label), "{name}: its text names {label}");
        }
    }
}

#[test]
fn the_dashboard_asks_for_what_is_there() {
    let dashboard = dashboard();
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().expect("a title");
        for target in panel["targets"].as_array().expect("targets") {
            let labels = assert_exists(title, &used(target["expr"].as_str().expect("a query")));
            let legend = target["legendFormat"].as_str().expect("a legend");
            for part in legend.split("{{").skip(1) {
                let label = part.split("}}").next().unwrap_or_default();
                assert!(labels.contains(label), "{title}: its legend names {label}");
            }
        }
    }
    for variable in dashboard["templating"]["list"].as_array().expect("variables") {
        if let Some(query) = variable["query"]["query"].as_str() {
            assert_exists(variable["name"].as_str().expect("a name"), &values(query));
        }
    }
}

/// Whatever is joined on the dashboard: a source of which nothing is shown would not be listed.
#[test]
fn every_source_is_used() {
    let dashboard = dashboard();
    let targets =
        panels(&dashboard).into_iter().flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let shown = targets.map(|target| used(target["expr"].as_str().expect("a query")));
    let alerted = alerts().into_iter().map(|alert| used(&alert.query));
    let metrics: BTreeSet<String> = shown.chain(alerted).flat_map(|used| used.metrics.into_keys()).collect();
    for Source { source, metrics: there } in list() {
        assert!(there.keys().any(|metric| metrics.contains(metric)), "nothing of {source} is used");
    }
}

#[test]
fn every_panel_says_what_it_shows_and_variables_exist() {
    let dashboard = dashboard();
    let names: Vec<&str> = dashboard["templating"]["list"]
        .as_array()
        .expect("variables")
        .iter()
        .filter_map(|variable| variable["name"].as_str())
        .collect();
    let mut ids = BTreeSet::new();
    for panel in panels(&dashboard) {
        assert!(ids.insert(panel["id"].as_u64()), "{} has the id of another", panel["title"]);
        assert!(panel["description"].as_str().is_some_and(|text| text.ends_with('.')), "{}", panel["title"]);
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
    }
    let text = dashboard.to_string();
    for part in text.split('$').skip(1) {
        let name: String =
            part.trim_start_matches('{').chars().take_while(char::is_ascii_lowercase).collect();
        assert!(names.contains(&&*name) || part.starts_with("__rate_interval"), "${name} is no variable");
    }
}

#[test]
fn every_alert_leads_to_a_page_that_says_what_to_do() {
    let page = text("docs/operating.md");
    for Alert { name, annotations, .. } in alerts() {
        assert!(page.contains(&format!("\n### {name}\n")), "{name} has no section");
        let link = annotations["runbook_url"].as_str().expect("a link");
        assert!(link.ends_with(&format!("/docs/operating.md#{}", name.to_lowercase())), "{name}: {link}");
    }
    let sections = page.lines().filter_map(|line| line.strip_prefix("### Lagward"));
    assert_eq!(sections.count(), alerts().len(), "a section of an alert that is gone");
}

#[test]
fn every_metric_of_lagward_is_described() {
    let page = text("docs/operating.md");
    let own = list().into_iter().filter(|source| source.source.starts_with("src/"));
    for metric in own.flat_map(|source| source.metrics.into_keys()) {
        let parts = ["_bucket", "_count", "_sum"];
        let family = parts.into_iter().find_map(|part| metric.strip_suffix(part)).unwrap_or(&metric);
        assert!(page.contains(&format!("| `{family}` |")), "{family} is not described");
    }
}

/// Each alert is tried by promtool on what it is for (`make test-alerts`).
#[test]
fn every_alert_is_tried() {
    let tests = text("tests/alerts/rules.test.yaml");
    for Alert { name, .. } in alerts() {
        let fires = format!("labels: 'ALERTS{{alertname=\"{name}\",alertstate=\"firing\"");
        assert!(tests.contains(&fires), "{name} is never seen to fire");
    }
}
