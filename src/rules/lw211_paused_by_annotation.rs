//! LW211 paused-by-annotation.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW211",
    name: "paused-by-annotation",
    summary: "An annotation keeps KEDA from scaling anything",
    since: "0.1.0",
    // Whatever is said of a paused object only warns.
    levels: Levels::WARN_AT_MOST,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw211_paused_by_annotation.md"),
    checks: &[Check::Scaler(check)],
};

/// KEDA deletes the HPA and stops its loop (`handlePause`, controllers/keda/scaledobject_controller.go, v2.20.2).
fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let Some(written) = &scaler.paused else { return };
    let is_count = written.place.pointer().ends_with("paused-replicas");
    let (found, cost) = match written.raw.trim().parse::<i32>() {
        Ok(count) if is_count => (
            format!("is {count}, so KEDA sets {count} and scales no more"),
            format!("lag may grow as it likes: {count} pods are all that work on it until the annotation is removed"),
        ),
        _ => (
            format!("is {:?}, so KEDA scales nothing", written.raw),
            "lag may grow as it likes: the pods that are there are all that work on it until the annotation is removed".to_owned(),
        ),
    };
    cx.report(Report {
        place: written.place.clone(),
        found,
        want: "remove it when the work is done".to_owned(),
        cost,
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(written.raw.to_string()),
        fix: None,
    });
}
