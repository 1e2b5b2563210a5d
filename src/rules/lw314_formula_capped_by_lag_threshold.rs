//! LW314 formula-capped-by-lag-threshold.

use crate::engine::cost::{Cap, SPREADING, counted};
use crate::engine::keda::keys::ALLOW_IDLE;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Formula, Scaler, Trigger};
use crate::engine::setting::{Basis, Setting};

pub(super) static RULE: Rule = Rule {
    code: "LW314",
    name: "formula-capped-by-lag-threshold",
    summary: "A formula gets less lag than there is",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw314_formula_capped_by_lag_threshold.md"),
    checks: &[Check::Trigger(check)],
};

/// KEDA caps the lag before it gives it to the formula (`getTotalLag`, pkg/scalers/kafka_scaler.go, v2.20.2), by the
/// lagThreshold of the trigger, which has no other use there.
fn check(trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) {
    let (Some(formula), Some(name)) = (&scaler.formula, &trigger.name) else { return };
    let keda = cx.keda();
    if Cap::of(trigger, keda) == Cap::Off || !formula.reads(name) {
        return;
    }
    let setting = trigger.lag_threshold(keda);
    let Some(threshold) = setting.value().copied() else { return };
    if is_the_cap_of_the_replicas(formula, name, threshold) {
        return;
    }
    let default = if matches!(setting, Setting::Set { .. }) { "" } else { ", the default" };
    // These cap whatever allowIdleConsumers says, and KEDA refuses the first of them beside it.
    let spreading: Vec<&str> = SPREADING.into_iter().filter(|key| trigger.is_on(key, keda)).collect();
    let (key, is) = spreading.first().map_or((ALLOW_IDLE, "is not true"), |key| (key, "is true"));
    let cap = format!("{is}, so KEDA caps the lag at lagThreshold ({threshold}{default})");
    let (found, cost) = match cx.watched_partitions(trigger, scaler) {
        Some(count) => (
            format!("{cap} x {}", counted(count, "partition")),
            format!(
                "{} messages or more reach the formula as {}",
                threshold.saturating_mul(count.saturating_add(1)),
                threshold.saturating_mul(count)
            ),
        ),
        None => (
            format!("{cap} x partitions"),
            format!("with 10 partitions, {} messages or more reach the formula as {}", threshold.saturating_mul(11), threshold.saturating_mul(10)),
        ),
    };
    cx.report(Report {
        place: trigger.key(key),
        found,
        want: match &*spreading {
            [] => "set it to \"true\" and bound the pods by maxReplicaCount".to_owned(),
            keys => format!(
                "remove {}, set {ALLOW_IDLE} to \"true\" and bound the pods by maxReplicaCount",
                keys.join(" and ")
            ),
        },
        cost,
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(threshold.to_string()),
        fix: None,
    });
}

/// A formula that is this lag and nothing else, with a target no higher than lagThreshold, is capped at one pod a
/// partition or more.
fn is_the_cap_of_the_replicas(formula: &Formula, name: &str, threshold: i64) -> bool {
    let target = formula.target.filter(|target| *target > 0.0);
    let threshold = i32::try_from(threshold).map_or(f64::INFINITY, f64::from);
    formula.text.trim() == name && target.is_some_and(|target| target <= threshold)
}
