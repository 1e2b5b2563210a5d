//! LW302 lag-threshold-too-high.

use super::lag::{Bounds, is_not_lag_per_replica};
use crate::engine::cost;
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

pub(super) static MAX: Param<i64> = Param {
    key: "max",
    doc: "Highest lagThreshold where no tolerated delay is declared.",
    default: 1000,
    range: 1..=1_000_000_000,
};

pub(super) static RULE: Rule = Rule {
    code: "LW302",
    name: "lag-threshold-too-high",
    summary: "Messages wait long before KEDA adds a pod",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[&MAX],
    page: include_str!("lw302_lag_threshold_too_high.md"),
    checks: &[Check::Trigger(check)],
};

fn check(trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) {
    if is_not_lag_per_replica(trigger, scaler) || scaler.is_fixed() {
        return;
    }
    let setting = trigger.lag_threshold(cx.keda());
    let Some((threshold, written)) = setting.set() else { return };
    let threshold = *threshold;
    let bounds = Bounds::of(scaler, cx);
    let high = bounds.most(cx);
    if threshold <= high {
        return;
    }
    let cost = match cx.message_time() {
        Some(time) => {
            let wait = human(cost::time_to_process(threshold, time));
            format!("at {} a message, a pod may be {wait} behind before KEDA adds another", human(time))
        }
        None => format!("every pod may be {threshold} messages behind before KEDA adds another"),
    };
    let reason = if bounds.high.is_some() { " (the declared max-delay / message-time)" } else { "" };
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {threshold}"),
        want: format!("must be at most {high}{reason}"),
        cost,
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(u128::from(threshold.abs_diff(high))),
        fix: None,
    });
}
