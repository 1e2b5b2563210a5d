//! The examples do what the README and the incident's page say of them.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use lagward::engine::policy::Policy;
use lagward::engine::world::Nothing;
use lagward::fronts::files::check::{Checked, check};
use lagward::fronts::files::{collect, objects};
use lagward::fronts::webhook::record::Route;
use lagward::fronts::webhook::review::{Court, admit};
use lagward::rules::RULES;
use serde_json::Value;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(root(path)).expect("the file is in the repository")
}

fn checked(folder: &str) -> Checked {
    let (sources, unread) = collect(&[root(folder)]);
    assert!(unread.is_empty(), "{unread:?}");
    check(&sources, &Policy::new(RULES), date(2026, 11, 24))
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    let mut codes: Vec<&str> = checked.findings.iter().map(|located| located.finding.rule.code).collect();
    codes.sort_unstable();
    codes
}

fn response() -> Value {
    let policy = Policy::new(RULES);
    let court = Court { world: &Nothing, look: None, policy: &policy, hash: "", today: date(2026, 11, 24) };
    let body = text("examples/incident/review.json");
    let answer = admit(Route::Validate, body.as_bytes(), &court).expect("it is a review");
    serde_json::from_slice(&answer.body).expect("the answer is JSON")
}

#[test]
fn the_incident_gets_the_findings_that_its_page_names() {
    assert_eq!(codes(&checked("examples/incident")), ["LW103", "LW201", "LW202", "LW301"]);
}

#[test]
fn the_aligned_consumer_is_clean() {
    assert_eq!(codes(&checked("examples/aligned")), Vec::<&str>::new());
}

#[test]
fn the_review_holds_the_incidents_scaled_object() {
    let (sources, _) = collect(&[root("examples/incident/scaledobject.yaml")]);
    let source = sources.first().expect("the file is in the repository");
    let manifest = objects(source).expect("it is no template");
    let review: Value = serde_json::from_str(&text("examples/incident/review.json")).expect("it is JSON");
    assert_eq!(manifest.value(&manifest.objects[0]), &review["request"]["object"]);
}

#[test]
fn the_readme_shows_the_denial_as_it_is() {
    let (readme, response) = (text("README.md"), response());
    let message = response["response"]["status"]["message"].as_str().expect("it is denied");
    assert!(readme.contains(message), "the README should show:\n{message}");
    for warning in response["response"]["warnings"].as_array().expect("it warns too") {
        let warning = format!("Warning: {}", warning.as_str().expect("a warning is text"));
        assert!(readme.contains(&warning), "the README should show:\n{warning}");
    }
}
