//! LW204 idle-replicas-not-zero.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW204",
    name: "idle-replicas-not-zero",
    summary: "KEDA and its autoscaler pull the idle consumer to different sizes",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw204_idle_replicas_not_zero.md"),
    checks: &[Check::Scaler(check)],
};

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let Some((idle, written)) = scaler.idle.set() else { return };
    if *idle <= 0 {
        return;
    }
    // The HPA's minimum is at least 1 (`GetHPAMinReplicas`, apis/keda/v1alpha1/scaledobject_types.go, v2.20.2).
    let min = scaler.min.value().copied().unwrap_or(0).max(1);
    let cost = if *idle < min {
        format!(
            "without lag KEDA scales to {idle}, and its HPA, which rests only at 0, back to {min}: pods come and go while nothing happens, and each rebalances the group"
        )
    } else {
        format!(
            "KEDA refuses it beside a minimum of {min}, and beside a higher one KEDA and its HPA would scale the pods up and down in turn"
        )
    };
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {idle}"),
        want: "0 is the only value that KEDA supports; or remove it".to_owned(),
        cost,
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(idle.to_string()),
        fix: None,
    });
}
