//! Findings as JSON: the contract of `-o json`, versioned and only ever added to.

use serde_json::{Value, json};

use super::{Counts, Report};
use crate::engine::fix::Safety;
use crate::engine::object::ObjectRef;
use crate::fronts::files::check::{Failure, Located, Spot};

/// The whole report.
pub fn render(report: &Report<'_>) -> Value {
    let checked = report.checked;
    let counts = Counts::of(&checked.findings);
    let findings: Vec<Value> = checked.findings.iter().map(|located| finding(report, located)).collect();
    let failures = |failures: &[Failure]| -> Vec<Value> {
        failures.iter().map(|failure| self::failure(report, failure)).collect()
    };
    let (errors, skipped) = (failures(&checked.errors), failures(&checked.skipped));
    let remarks: Vec<Value> = checked
        .remarks
        .iter()
        .map(|remark| {
            let mut value = json!({"object": object(&remark.object), "message": remark.text});
            if let Some(spot) = &remark.spot {
                place(report, &mut value, spot);
            }
            value
        })
        .collect();
    json!({
        "version": 1,
        "findings": findings,
        "remarks": remarks,
        "summary": {
            "files": checked.files,
            "objects": checked.objects,
            "deny": counts.deny,
            "warn": counts.warn,
            "exempted": counts.exempted,
            "baselined": counts.baselined,
            "fixed": checked.fixes.fixed,
        },
        "errors": errors,
        "skipped": skipped,
    })
}

fn failure(report: &Report<'_>, failure: &Failure) -> Value {
    let mut value = json!({"message": failure.message});
    if report.has_files() {
        value["file"] = json!(failure.file);
    }
    if let Some((line, column)) = failure.at {
        value["line"] = json!(line);
        value["column"] = json!(column);
    }
    value
}

fn finding(run: &Report<'_>, located: &Located) -> Value {
    let Located { finding, spot, patch, is_baselined, .. } = located;
    let report = &finding.report;
    let mut value = json!({
        "code": finding.rule.code,
        "name": finding.rule.name,
        "level": finding.level.name(),
        "message": format!("{}\n{}", finding.statement(), report.cost),
        "help": report.fix.as_ref().map_or_else(|| report.want.clone(), ToString::to_string),
        "object": object(&finding.object),
        "path": report.place.pointer(),
        "exempted": finding.exempted.is_some(),
        "baselined": is_baselined,
    });
    place(run, &mut value, spot);
    if let (Some(fix), Some(patch)) = (&report.fix, patch) {
        let safety = match fix.safety {
            Safety::Fill => "safe",
            Safety::Set => "unsafe",
        };
        value["fix"] = json!({"safety": safety, "patch": patch});
    }
    value
}

fn object(object: &ObjectRef) -> Value {
    let mut value = json!({
        "apiVersion": object.kind.api_version(),
        "kind": object.kind.name(),
        "name": object.name,
    });
    if let Some(namespace) = &object.namespace {
        value["namespace"] = json!(namespace);
    }
    value
}

/// Lines of rendered text are those of its template's output, and marked as such.
fn place(report: &Report<'_>, value: &mut Value, spot: &Spot) {
    if !report.has_files() {
        return;
    }
    value["file"] = json!(report.name(spot));
    if !report.has_lines(spot) {
        value["rendered"] = json!(true);
    }
    (value["line"], value["column"]) = (json!(spot.start.0), json!(spot.start.1));
    (value["endLine"], value["endColumn"]) = (json!(spot.end.0), json!(spot.end.1));
}
