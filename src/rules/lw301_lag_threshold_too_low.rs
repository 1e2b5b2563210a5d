//! LW301 lag-threshold-too-low.

use super::lw302_lag_threshold_too_high as lw302;
use crate::engine::cost;
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{DEFAULT_LAG_THRESHOLD, Scaler, Trigger};
use crate::engine::setting::{Basis, Setting};

static MIN: Param<i64> = Param {
    key: "min",
    doc: "Lowest lagThreshold where no rates are declared.",
    default: 500,
    range: 1..=1_000_000_000,
};
static RECOMMENDED: Param<i64> = Param {
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
    if is_not_lag_per_replica(trigger, scaler) {
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
            "at the declared peak {messages} messages are processed and not yet committed at any time: that lag alone asks for {pods} pods"
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

/// With a formula, or another metric type, lagThreshold is not the lag per replica that the HPA aims at.
pub(super) fn is_not_lag_per_replica(trigger: &Trigger, scaler: &Scaler) -> bool {
    scaler.formula.is_some() || !trigger.is_average
}

/// Between what lagThreshold makes sense.
pub(super) struct Bounds {
    /// Below it, lag that is always there asks for pods.
    pub(super) low: i64,
    /// Above it, messages wait longer than the team accepts; `None` where that is not declared.
    pub(super) high: Option<i64>,
    reason: &'static str,
    /// The messages that are always lag, and the pods that share them, where these make the lower bound.
    uncommitted: Option<(i64, i64)>,
}

impl Bounds {
    pub(super) fn of(scaler: &Scaler, cx: &mut Cx<'_>) -> Self {
        let mut low = cx.get(&MIN);
        let mut reason = "";
        let uncommitted = uncommitted(scaler, cx).filter(|(messages, pods)| cost::share(*messages, *pods) > low);
        if let Some((messages, pods)) = uncommitted {
            low = cost::share(messages, pods);
            reason = " (what a pod has processed and not yet committed at the declared peak)";
        }
        let high = match (cx.max_delay(), cx.message_time()) {
            (Some(delay), Some(time)) => Some(cost::messages_in(delay, time)),
            _ => None,
        };
        match high {
            Some(high) if high < low => {
                let reason = " (the declared max-delay / message-time)";
                Self { low: high, high: Some(high), reason, uncommitted: None }
            }
            _ => Self { low, high, reason, uncommitted },
        }
    }

    /// Never more than LW302 lets pass.
    fn mended(&self, cx: &Cx<'_>) -> i64 {
        cx.get(&RECOMMENDED).min(self.most(cx)).max(self.low)
    }

    /// The lower bound is the stronger one: what LW301 asks for is never too high.
    pub(super) fn most(&self, cx: &Cx<'_>) -> i64 {
        self.high.unwrap_or_else(|| cx.get(&lw302::MAX)).max(self.low)
    }
}

/// The messages that are always "lag", since they are processed but not yet committed (peak x commit interval), and
/// the pods that can have a partition.
fn uncommitted(scaler: &Scaler, cx: &mut Cx<'_>) -> Option<(i64, i64)> {
    let (rate, interval) = (cx.peak_rate()?, cx.commit_interval()?);
    let max = scaler.max.value().copied()?;
    let pods = max.min(cx.partitions(scaler).unwrap_or(max)).max(1);
    Some((cost::uncommitted(rate, interval), pods))
}

fn always_the_maximum(threshold: i64, trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) -> String {
    let max = scaler.max.value().copied().unwrap_or_default();
    let (pods, whose) = match cx.watched_partitions(trigger, scaler) {
        _ if trigger.allows_idle_consumers(cx.keda()) => (max, format!("the maximum ({max} pods)")),
        Some(count) if count <= max => (count, format!("one pod per partition ({count})")),
        Some(_) => (max, format!("the maximum ({max} pods)")),
        // KEDA's own cap is not known here.
        None => (max, format!("the maximum ({max} pods, or one per partition if that is less)")),
    };
    let lag = cost::lag(pods, threshold);
    let peak = match cx.peak_rate() {
        Some(rate) => format!(", {} of the declared peak,", human(cost::time_of_peak(lag, rate))),
        None => String::new(),
    };
    format!("a lag of {lag} messages{peak} is enough for KEDA to ask for {whose}, and every pod that comes or goes rebalances the group")
}
