//! The ways by which an object is judged. All must say the same of a case.

use jiff::civil::Date;
use lagward::engine::finding::Finding;
use lagward::engine::judge::{Context, Occasion, judge};
use lagward::engine::object::{Kind, ObjectRef};
use lagward::engine::policy::Policy;
use lagward::engine::rule::{Check, Level, Rule};
use lagward::engine::subject::Subject;
use lagward::engine::world::World;
use lagward::fronts::files;
use lagward::fronts::webhook::record::Route;
use lagward::fronts::webhook::review::{ReviewContext, admit};
use lagward::output::{Ground, Report, json};
use serde_json::Value;

use crate::world::{Block, Judged};

/// The day on which pages are judged.
pub(crate) const TODAY: Date = jiff::civil::date(2026, 11, 24);

/// The rules that say nothing of requests.
const SILENT_ON_REQUESTS: &[&str] = &["LW206", "LW212", "LW310", "LW402"];

/// The rules that deny in files and only warn of requests, since the counterpart may come after them.
const WARNS_ON_REQUESTS: &[&str] = &["LW312"];

/// What the engine says of each object of a block when it stands in a file, exempted findings left out.
pub(crate) fn engine(block: &Block, policy: &Policy) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for judged in &block.judged {
        let verdict = judge(
            &judged.subject,
            || None,
            &Context { world: block, policy, occasion: Occasion::Existing, today: TODAY },
        );
        if !verdict.panicked.is_empty() {
            return Err(format!("panicked: {:?}", verdict.panicked));
        }
        findings.extend(verdict.open().cloned());
    }
    Ok(findings)
}

/// Creates each object through the webhook, checks the block as a file, and compares both with the engine.
pub(crate) fn agree(rule: &Rule, block: &Block, policy: &Policy) -> Result<(), String> {
    for judged in &block.judged {
        let object = &judged.subject.meta().object;
        let expected = expected(rule, judged, block, policy);
        let got = webhook(rule, judged, block, policy)?;
        if expected != got {
            return Err(format!("creating {object}\n  expected: {expected:#?}\n  got: {got:#?}"));
        }
    }
    let (expected, got) = (in_file(rule, block, policy)?, check(rule, block, policy));
    if expected != got {
        return Err(format!("lagward check -o json\n  expected: {expected:#?}\n  got: {got:#?}"));
    }
    Ok(())
}

/// What `lagward check` must print, as `deny 7 /spec/minReplicaCount`, by the engine's verdict.
fn in_file(rule: &Rule, block: &Block, policy: &Policy) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    for finding in engine(block, policy)?.iter().filter(|finding| finding.rule == rule) {
        let place = &finding.report.place;
        let line = block.line(&finding.object, place).unwrap_or_default();
        lines.push(format!("{} {line} {}", finding.level, place.pointer()));
    }
    lines.sort();
    Ok(lines)
}

/// What `lagward check -o json` prints for the block, but by the date of the pages.
fn check(rule: &Rule, block: &Block, policy: &Policy) -> Vec<String> {
    let sources = [block.source()];
    let checked = files::check::check(&sources, policy, TODAY);
    let report = json::render(&Report {
        checked: &checked,
        sources: &sources,
        policy,
        fails_from: None,
        ground: Ground::Files,
    });
    let findings = report["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let open = findings.iter().filter(|finding| finding["code"] == rule.code && finding["exempted"] == false);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<String> = open
        .map(|finding| format!("{} {} {}", text(&finding["level"]), finding["line"], text(&finding["path"])))
        .collect();
    lines.sort();
    lines
}

/// What a request must meet, as `deny spec.minReplicaCount`, by the engine's verdict on the object in a file.
fn expected(rule: &Rule, judged: &Judged, block: &Block, policy: &Policy) -> Vec<String> {
    let own = &judged.subject.meta().object;
    let is_workload = matches!(judged.subject, Subject::Workload(_));
    let mut lines = Vec::new();
    if SILENT_ON_REQUESTS.contains(&rule.code) {
        return lines;
    }
    // A request for a workload also hears of the ScaledObjects that scale it.
    for other in &block.judged {
        let verdict = judge(
            &other.subject,
            || None,
            &Context { world: block, policy, occasion: Occasion::Existing, today: TODAY },
        );
        for finding in verdict.open().filter(|finding| finding.rule == rule) {
            let is_own = finding.object == *own && other.subject.meta().object == *own;
            let is_of_pair = is_workload && finding.needs_pair && is_paired(judged, other, block);
            let is_heard = is_own || (is_of_pair && is_about_both(finding, rule));
            if !is_heard {
                continue;
            }
            let only_warns = (is_workload && finding.needs_pair) || WARNS_ON_REQUESTS.contains(&rule.code);
            let denies = finding.level == Level::Deny && !only_warns;
            lines.push(line(if denies { Level::Deny } else { Level::Warn }, finding, own));
        }
    }
    lines.sort();
    lines
}

fn line(level: Level, finding: &Finding, own: &ObjectRef) -> String {
    match &finding.object {
        object if object == own => format!("{level} {}", finding.report.place),
        object => format!("{level} {object} {}", finding.report.place),
    }
}

/// Pair checks run for either of the two objects; the others only for the object that holds the place.
fn is_about_both(finding: &Finding, rule: &Rule) -> bool {
    let has_pair_check = rule.checks.iter().any(|check| matches!(check, Check::Pair(_)));
    has_pair_check && finding.object.kind == Kind::ScaledObject
}

fn is_paired(judged: &Judged, other: &Judged, block: &Block) -> bool {
    match (&judged.subject, &other.subject) {
        (Subject::Workload(consumer), Subject::Scaler(scaler)) => {
            let found = block.consumer_of(scaler).found();
            found.is_some_and(|found| found.meta.object == consumer.meta.object)
        }
        _ => false,
    }
}

/// What the webhook says of this rule when the object is created.
fn webhook(rule: &Rule, judged: &Judged, block: &Block, policy: &Policy) -> Result<Vec<String>, String> {
    let context = ReviewContext { world: block, look: None, policy, hash: "", today: TODAY };
    let answer = admit(Route::Validate, &review(judged, &block.value(judged)), &context);
    let body = answer.map_err(|error| error.to_string())?.body;
    let answer: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    let response = &answer["response"];
    let causes = response["status"]["details"]["causes"].as_array().map_or(&[][..], Vec::as_slice);
    if response["allowed"].as_bool() != Some(causes.is_empty()) {
        return Err(format!("allowed does not fit the causes: {response}"));
    }
    let mut lines = Vec::new();
    for cause in causes.iter().filter(|cause| cause["reason"] == rule.code) {
        lines.push(format!("deny {}", cause["field"].as_str().unwrap_or_default()));
    }
    let start = format!("{} {}: ", rule.code, rule.name);
    for warning in response["warnings"].as_array().map_or(&[][..], Vec::as_slice) {
        if let Some(text) = warning.as_str().and_then(|warning| warning.strip_prefix(start.as_str())) {
            lines.push(format!("warn {}", place(text)));
        }
    }
    lines.sort();
    Ok(lines)
}

/// `spec.a`, or `ScaledObject payments/consumer spec.a`, at the start of a message.
fn place(text: &str) -> &str {
    let words =
        if Kind::ALL.iter().any(|kind| text.starts_with(&format!("{} ", kind.name()))) { 3 } else { 1 };
    let ends = text.match_indices(' ').map(|(at, _)| at);
    ends.take(words).last().map_or(text, |end| &text[..end])
}

fn review(judged: &Judged, value: &Value) -> Vec<u8> {
    let object = &judged.subject.meta().object;
    let (group, version) = judged.kind.api_version().split_once('/').unwrap_or(("", "v1"));
    let mut request = serde_json::json!({
        "uid": "7f0b2891-916f-4ed6-b7cd-27bff1815a8c",
        "kind": {"group": group, "version": version, "kind": judged.kind.name()},
        "operation": "CREATE",
        "name": object.name,
        "dryRun": false,
        "object": value,
    });
    if let Some(namespace) = &object.namespace {
        request["namespace"] = serde_json::json!(namespace);
    }
    let review = serde_json::json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
    review.to_string().into_bytes()
}
