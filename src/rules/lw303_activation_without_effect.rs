//! LW303 activation-without-effect.

use super::lag::is_not_lag_per_replica;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::policy::{Param, Ratio};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

static RATIO: Param<Ratio> = Param {
    key: "ratio",
    doc: "Where consumers scale to zero, activationLagThreshold must be this many lagThresholds (the write-up's rule is 2); 0 asks for none.",
    default: Ratio { thousandths: 0 },
    range: Ratio { thousandths: 0 }..=Ratio { thousandths: 1_000_000 },
};
static TRANSACTIONAL: Param<bool> = Param {
    key: "transactionalTopics",
    doc: "The topics are written in transactions, whose markers stay as lag: an activation of at least the number of partitions is right there.",
    default: false,
    range: false..=true,
};

pub(super) static RULE: Rule = Rule {
    code: "LW303",
    name: "activation-without-effect",
    summary: "activationLagThreshold does nothing, or leaves messages unread",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[&RATIO, &TRANSACTIONAL],
    page: include_str!("lw303_activation_without_effect.md"),
    checks: &[Check::Trigger(check)],
};

fn check(trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) {
    if is_not_lag_per_replica(trigger, scaler) {
        return;
    }
    let setting = trigger.activation(cx.keda());
    let (Some(activation), Some(floor)) = (setting.value().copied(), scaler.floor()) else { return };
    let place = trigger.key("activationLagThreshold");
    if floor >= 1 && scaler.idle.value().is_none() {
        // A zero is what applies without it, too.
        if activation > 0 && setting.set().is_some() {
            cx.report(Report {
                place,
                found: format!("is {activation}, but minReplicaCount is {floor}"),
                want: "remove it, or scale to zero".to_owned(),
                cost: "with at least one replica KEDA is always active and never looks at the value: it damps no spike".to_owned(),
                severity: Severity::Firm,
                basis: Basis::Certain,
                gap: Gap::Value(activation.to_string()),
                fix: None,
            });
        }
        return;
    }
    if floor > 0 {
        return;
    }
    match cx.get(&RATIO) {
        Ratio { thousandths: 0 } if activation > 0 => waits(activation, trigger, scaler, cx),
        Ratio { thousandths: 0 } => {}
        ratio => wants_ratio(ratio, activation, trigger, cx),
    }
}

/// KEDA activates only when lag exceeds the value, so that as many messages may wait for ever.
fn waits(activation: i64, trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) {
    let covers_markers = cx.watched_partitions(trigger, scaler).is_none_or(|partitions| activation >= partitions);
    if cx.get(&TRANSACTIONAL) && covers_markers {
        return;
    }
    cx.report(Report {
        place: trigger.key("activationLagThreshold"),
        found: format!("is {activation}, and the consumer scales to zero"),
        want: "0 wakes it for every message".to_owned(),
        cost: unread(activation),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(u128::from(activation.unsigned_abs())),
        fix: None,
    });
}

fn wants_ratio(ratio: Ratio, activation: i64, trigger: &Trigger, cx: &mut Cx<'_>) {
    let lag = trigger.lag_threshold(cx.keda());
    let Some(threshold) = lag.value() else { return };
    let wanted = u128::from(threshold.unsigned_abs()) * u128::from(ratio.thousandths) / 1000;
    let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
    if activation == wanted {
        return;
    }
    cx.report(Report {
        place: trigger.key("activationLagThreshold"),
        found: match trigger.activation(cx.keda()).set() {
            Some(_) => format!("is {activation}"),
            None => format!("is not set, so KEDA uses {activation}"),
        },
        want: format!("the policy asks for {wanted} ({ratio} x lagThreshold)"),
        cost: if activation < wanted {
            format!("more than {activation} messages of lag wake the consumer from zero, which a short spike reaches")
        } else {
            unread(activation)
        },
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(u128::from(activation.abs_diff(wanted))),
        fix: None,
    });
}

fn unread(activation: i64) -> String {
    match activation {
        1 => "a single message stays unread for ever when none follows it".to_owned(),
        _ => format!("up to {activation} messages stay unread for ever when no more follow them"),
    }
}
