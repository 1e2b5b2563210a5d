//! LW207 interval-without-effect.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW207",
    name: "interval-without-effect",
    summary: "A period is set that KEDA does not use for this consumer",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw207_interval_without_effect.md"),
    checks: &[Check::Scaler(check)],
};

/// KEDA's own loop only moves a consumer from and to zero or idleReplicaCount (`RequestScale`,
/// pkg/scaling/executor/scale_scaledobjects.go, v2.20.2); between the bounds the HPA asks on its own.
fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let Some(min) = scaler.min.value().copied().filter(|min| *min >= 1) else { return };
    if !scaler.idle.is_undeclared() {
        return;
    }
    if let Some((seconds, written)) = scaler.cooldown_period.set() {
        let cost = "KEDA waits that long before it scales to zero, which this consumer never does; what delays scale-in here is the HPA's scaleDown.stabilizationWindowSeconds";
        report(*seconds, written, min, cost, cx);
    }
    // Polling counts where the HPA sees what was polled last, where a poll compares with the one before it, and
    // where failed polls add up to a fallback.
    let compares = |name| scaler.triggers.iter().any(|trigger| trigger.is_on(name, cx.keda()));
    if scaler.uses_cached_metrics || scaler.has_fallback || compares("excludePersistentLag") {
        return;
    }
    if let Some((seconds, written)) = scaler.polling_interval.set() {
        let cost = "KEDA polls to wake a consumer from zero, where this one never is; between its bounds the HPA asks every 15 s, regardless of this value";
        report(*seconds, written, min, cost, cx);
    }
}

fn report(seconds: i64, written: &Written, min: i64, cost: &str, cx: &mut Cx<'_>) {
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {seconds}, but minReplicaCount is {min}"),
        want: "remove it".to_owned(),
        cost: cost.to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(seconds.to_string()),
        fix: None,
    });
}
