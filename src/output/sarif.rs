//! SARIF 2.1.0, as code scanning reads it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Base, Report};
use crate::digest::sha256;
use crate::engine::policy::Profile;
use crate::engine::rule::{Level, Rule};
use crate::fronts::files::check::{Located, Spot};
use crate::fronts::files::suggest::{Replacement, suggest};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Paths are relative to this, and whoever reads the report knows where it is.
const ROOT: &str = "%SRCROOT%";

/// The whole report: one run.
pub fn render(report: &Report<'_>, base: &Base) -> Value {
    let mut twins = HashMap::new();
    let findings = &report.checked.findings;
    let mut suggested = suggest(findings, report.sources);
    let results = findings.iter().enumerate().map(|(index, located)| {
        let mut result = result(report, base, located, &mut twins);
        if let Some(replacements) = suggested.remove(&index) {
            result["fixes"] = json!([fix(report, base, located, &replacements)]);
        }
        result
    });
    let results: Vec<Value> = results.collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "lagward",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Value::from_iter(report.policy.rules.iter().map(|rule| descriptor(report, rule))),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository"}}},
            "invocations": [{
                "executionSuccessful": report.checked.errors.is_empty(),
                "toolExecutionNotifications": notifications(report, base),
            }],
            "results": results,
        }],
    })
}

fn descriptor(report: &Report<'_>, rule: &Rule) -> Value {
    let level = match report.policy.profile {
        Profile::Strict => rule.levels.strict,
        Profile::Baseline => rule.levels.baseline,
    };
    let page = if rule.page.is_empty() { rule.summary } else { rule.page };
    json!({
        "id": rule.code,
        "name": pascal(rule.name),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": page, "markdown": page},
        "helpUri": format!("{}#{}", report.policy.docs_url, rule.code),
        "defaultConfiguration": {"level": level_name(level)},
        "properties": {
            "tags": ["kafka", "keda", "reliability"],
            "precision": "very-high",
            "problem.severity": if level == Level::Deny { "error" } else { "warning" },
        },
    })
}

fn result(report: &Report<'_>, base: &Base, located: &Located, twins: &mut HashMap<String, usize>) -> Value {
    let finding = &located.finding;
    let index = report.policy.rules.iter().position(|rule| **rule == *finding.rule);
    let place = finding.report.place.keyed();
    let identity = fingerprint(located);
    // Code scanning takes two results with one fingerprint in one file for the same alert.
    let twin = twins.entry(format!("{} {identity}", report.name(&located.spot))).or_default();
    *twin += 1;
    let mut location = json!({});
    if report.has_files() {
        location["physicalLocation"] = physical(report, base, &located.spot);
    }
    location["logicalLocations"] = json!([{
        "name": place,
        "fullyQualifiedName": format!("{} {place}", finding.object),
    }]);
    let mut result = json!({
        "ruleId": finding.rule.code,
        "level": level_name(finding.level),
        "message": {"text": super::message(located)},
        "locations": [location],
        "partialFingerprints": {
            "lagward/v1": identity,
            // The only one that GitHub reads; its upload computes one from the line where none is given.
            "primaryLocationLineHash": format!("{}:{twin}", &identity[..16]),
        },
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    if let Some(why) = suppressed(located) {
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": why}]);
    }
    result
}

fn fix(report: &Report<'_>, base: &Base, located: &Located, replacements: &[Replacement]) -> Value {
    let what = located.finding.report.fix.as_ref().map(ToString::to_string).unwrap_or_default();
    let replacements = replacements.iter().map(|Replacement { start, end, text }| {
        json!({
            "deletedRegion": {"startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1},
            "insertedContent": {"text": text},
        })
    });
    json!({
        "description": {"text": what},
        "artifactChanges": [{
            "artifactLocation": artifact(&file(report, base, &located.spot)),
            "replacements": Value::from_iter(replacements),
        }],
    })
}

fn suppressed(located: &Located) -> Option<String> {
    match &located.finding.exempted {
        Some(reason) => Some(reason.to_string()),
        None => located.is_baselined.then(|| "in the baseline".to_owned()),
    }
}

/// Stays while lines move and triggers are reordered.
fn fingerprint(located: &Located) -> String {
    let finding = &located.finding;
    let identity = [finding.rule.code, &finding.object.to_string(), &finding.report.place.keyed()].join("\n");
    let mut fingerprint = sha256([identity]);
    fingerprint.truncate(32);
    fingerprint
}

fn physical(report: &Report<'_>, base: &Base, spot: &Spot) -> Value {
    let file = file(report, base, spot);
    let ((line, column), (end_line, end_column)) = (spot.start, spot.end);
    let region = if report.has_lines(spot) {
        json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
    } else {
        json!({"startLine": 1})
    };
    json!({"artifactLocation": artifact(&file), "region": region})
}

fn file(report: &Report<'_>, base: &Base, spot: &Spot) -> String {
    report.source(spot).map_or_else(String::new, |source| base.path(source))
}

fn artifact(file: &str) -> Value {
    if file.starts_with('/') {
        return json!({"uri": format!("file://{}", encode(file))});
    }
    json!({"uri": encode(file), "uriBaseId": ROOT})
}

/// What could not be read, and what is no finding.
fn notifications(report: &Report<'_>, base: &Base) -> Vec<Value> {
    let unread = [(&report.checked.errors, "error"), (&report.checked.skipped, "note")];
    let unread =
        unread.into_iter().flat_map(|(failures, level)| failures.iter().map(move |failure| (failure, level)));
    let unread = unread.map(|(failure, level)| {
        if !report.has_files() {
            return json!({"level": level, "message": {"text": failure.message}});
        }
        let source = report.sources.iter().find(|source| source.name == failure.file);
        let file = source.map_or_else(|| failure.file.clone(), |source| base.path(source));
        let mut physical = json!({"artifactLocation": artifact(&file)});
        if let Some((line, column)) = failure.at {
            physical["region"] = json!({"startLine": line, "startColumn": column});
        }
        json!({"level": level, "message": {"text": failure.message}, "locations": [{"physicalLocation": physical}]})
    });
    let remarks = report.checked.remarks.iter().map(|remark| {
        let text = format!("{}: {}", remark.object, remark.text);
        let mut notification = json!({"level": "warning", "message": {"text": text}});
        if let Some(spot) = &remark.spot {
            notification["locations"] = json!([{"physicalLocation": physical(report, base, spot)}]);
        }
        notification
    });
    unread.chain(remarks).collect()
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Off => "none",
    }
}

/// `min-replicas-too-low` as SARIF wants names: `MinReplicasTooLow`.
fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    name.split('-').map(word).collect()
}

/// A path as a part of a URI.
fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte as char);
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(encode("k8s/grün 1.yaml"), "k8s/gr%C3%BCn%201.yaml");
        assert_eq!(artifact("/a b.yaml"), json!({"uri": "file:///a%20b.yaml"}));
    }

    #[test]
    fn a_rule_name_becomes_a_sarif_name() {
        assert_eq!(pascal("min-replicas-too-low"), "MinReplicasTooLow");
    }
}
