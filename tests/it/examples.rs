//! The examples do what the README and the incident's page say of them.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use lagward::engine::policy::Policy;
use lagward::engine::world::Nothing;
use lagward::fronts::files::check::{Checked, check};
use lagward::fronts::files::{collect, parse};
use lagward::fronts::webhook::record::Route;
use lagward::fronts::webhook::review::{ReviewContext, admit};
use lagward::rules::RULES;
use serde_json::{Value, json};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(root(path)).expect("the file is in the repository")
}

fn checked(folder: &str, policy: &Policy) -> Checked {
    let (sources, unread) = collect(&[root(folder)]);
    assert!(unread.is_empty(), "{unread:?}");
    check(&sources, policy, date(2026, 11, 24))
}

fn under(profile: &str) -> Policy {
    Policy::read(&json!({"profile": profile}), RULES).expect("a policy")
}

/// The folders of examples that nothing is to be said of: all but the incident.
fn aligned() -> Vec<String> {
    let folders = fs::read_dir(root("examples")).expect("a folder").flatten();
    let names = folders.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "incident");
    names.sort();
    names
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    let mut codes: Vec<&str> = checked.findings.iter().map(|located| located.finding.rule.code).collect();
    codes.sort_unstable();
    codes
}

fn response() -> Value {
    let policy = Policy::new(RULES);
    let context =
        ReviewContext { world: &Nothing, look: None, policy: &policy, hash: "", today: date(2026, 11, 24) };
    let body = text("examples/incident/review.json");
    let answer = admit(Route::Validate, body.as_bytes(), &context).expect("it is a review");
    serde_json::from_slice(&answer.body).expect("the answer is JSON")
}

#[test]
fn the_incident_gets_the_findings_that_its_page_names() {
    let found = checked("examples/incident", &under("strict"));
    assert_eq!(codes(&found), ["LW103", "LW201", "LW202", "LW301", "LW401"]);
}

#[test]
fn nothing_is_said_of_the_aligned_services_under_either_profile() {
    assert!(aligned().len() >= 5, "{:?}", aligned());
    for folder in aligned() {
        for profile in ["strict", "baseline"] {
            let found = checked(&format!("examples/{folder}"), &under(profile));
            assert!(found.findings.is_empty(), "{folder}: {:?}", codes(&found));
            assert!(found.errors.is_empty(), "{folder}");
        }
    }
}

/// A page that explains another value than the manifest has is worse than none.
#[test]
fn each_page_names_the_values_of_its_manifests() {
    for folder in aligned() {
        let page = text(&format!("examples/{folder}/README.md"));
        let scaled_object = text(&format!("examples/{folder}/scaledobject.yaml"));
        let deployment = text(&format!("examples/{folder}/deployment.yaml"));
        for key in
            ["minReplicaCount: ", "maxReplicaCount: ", "lagThreshold: ", "terminationGracePeriodSeconds: "]
        {
            let mut lines = scaled_object.lines().chain(deployment.lines());
            let line = lines.find(|line| line.trim().starts_with(key)).expect(key).trim();
            assert!(page.contains(&format!("`{line}`")), "{folder}: the page should explain `{line}`");
        }
    }
}

#[test]
fn the_review_holds_the_incidents_scaled_object() {
    let (documents, _) = parse(&text("examples/incident/scaledobject.yaml"));
    let review: Value = serde_json::from_str(&text("examples/incident/review.json")).expect("it is JSON");
    assert_eq!(documents[0].value, review["request"]["object"]);
}

/// `LAGWARD_UPDATE=1` writes it anew; the end-to-end test asks kubectl for the same.
#[test]
fn the_readme_shows_the_denial_as_it_is() {
    let (readme, response) = (text("README.md"), response());
    let message = response["response"]["status"]["message"].as_str().expect("it is denied");
    let warnings = response["response"]["warnings"].as_array().expect("it warns too").iter();
    let warnings: String =
        warnings.map(|text| format!("Warning: {}\n", text.as_str().expect("a warning is text"))).collect();
    let file = "examples/incident/scaledobject.yaml";
    let shown = format!(
        "$ kubectl apply -f {file}\n{warnings}Error from server (Forbidden): error when creating \"{file}\": \
         admission webhook \"scaledobjects.lagward.dev\" denied the request: {message}\n"
    );
    let (before, rest) = readme.split_once("```console\n").expect("a block");
    let (_, after) = rest.split_once("```").expect("its end");
    let fresh = format!("{before}```console\n{shown}```{after}");
    if std::env::var_os("LAGWARD_UPDATE").is_some() {
        fs::write(root("README.md"), &fresh).expect("the README can be written");
    } else {
        assert!(readme == fresh, "the README should show:\n{shown}\nrun `make generate`");
    }
}
