//! LW301 lag-threshold-too-low.

use super::lag::{Bounds, is_not_lag_per_replica};
use crate::engine::cost::{self, Cap, counted};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{DEFAULT_LAG_THRESHOLD, Scaler, Trigger};
use crate::engine::setting::{Basis, Setting};

pub(super) static MIN: Param<i64> = Param {
    key: "min",
    doc: "Lowest lagThreshold where no rates are declared.",
    default: 500,
    range: 1..=1_000_000_000,
};
pub(super) static RECOMMENDED: Param<i64> = Param {
    key: "recommended",
    doc: "What a fix writes, unless the declared rates ask for another value.",
    default: 800,
    range: 1..=1_000_000_000,
};

pub(super) static RULE: Rule = Rule {
    code: "LW301",
    name: "lag-threshold-too-low",
    summary: "So little lag asks for another pod that KEDA always wants the maximum",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: true, set: true, at_admission: true },
    params: &[&MIN, &RECOMMENDED],
    page: include_str!("lw301_lag_threshold_too_low.md"),
    checks: &[Check::Trigger(check)],
};

fn check(trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) {
    if is_not_lag_per_replica(trigger, scaler) || scaler.is_fixed() {
        return;
    }
    let setting = trigger.lag_threshold(cx.keda());
    let Some(threshold) = setting.value().copied() else { return };
    let bounds = Bounds::of(scaler, cx);
    if threshold >= bounds.low {
        return;
    }
    let place = trigger.key("lagThreshold");
    let (found, fix) = match setting {
        Setting::Set { .. } => {
            (format!("is {threshold}"), Fix::set(place.clone(), bounds.mended(cx).to_string()))
        }
        _ => (
            format!("is not set, so KEDA uses {threshold}"),
            Fix::fill(place.clone(), bounds.mended(cx).to_string()),
        ),
    };
    // Ten and less is KEDA's own default or stricter; what lies between is the team's judgement.
    let is_judgement = threshold > DEFAULT_LAG_THRESHOLD;
    let cost = match bounds.uncommitted {
        Some((messages, pods)) => format!(
            "at the declared peak {messages} messages are processed and not yet committed at any time: that lag alone asks for {}",
            counted(pods, "pod")
        ),
        None => always_the_maximum(threshold, trigger, scaler, cx),
    };
    cx.report(Report {
        place,
        found,
        want: format!("needs at least {}{}", bounds.low, bounds.reason),
        cost,
        severity: if is_judgement { Severity::Judgement } else { Severity::Firm },
        basis: Basis::Certain,
        gap: Gap::Distance(u128::from(bounds.low.abs_diff(threshold))),
        fix: Some(fix.at_admission()),
    });
}

fn always_the_maximum(threshold: i64, trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) -> String {
    let max = scaler.max.value().copied().unwrap_or_default();
    let most = counted(max, "pod");
    let (pods, whose) = match cx.watched_partitions(trigger, scaler) {
        _ if Cap::of(trigger, cx.keda()) == Cap::Off => (max, format!("the maximum ({most})")),
        Some(count) if count <= max => (count, format!("one pod per partition ({count})")),
        Some(_) => (max, format!("the maximum ({most})")),
        // KEDA's own cap is not known here.
        None => (max, format!("the maximum ({most}, or one per partition if that is less)")),
    };
    let lag = cost::lag(pods, threshold);
    let peak = match cx.peak_rate() {
        Some(rate) => format!(", {} of the declared peak,", human(cost::time_of_peak(lag, rate))),
        None => String::new(),
    };
    let lag = counted(lag, "message");
    format!("a lag of {lag}{peak} is enough for KEDA to ask for {whose}, and every pod that comes or goes rebalances the group")
}
