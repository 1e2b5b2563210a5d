//! LW202 max-replicas-unbounded.

use crate::engine::cost;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{DEFAULT_MAX, Scaler};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW202",
    name: "max-replicas-unbounded",
    summary: "KEDA may start more consumers than there are partitions",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: true, set: false, at_admission: true },
    params: &[],
    page: include_str!("lw202_max_replicas_unbounded.md"),
    checks: &[Check::Scaler(check)],
};

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let partitions = cx.partitions(scaler);
    match scaler.max.set() {
        None if scaler.max.value().is_some() => unset(scaler, partitions, cx),
        Some((max, _)) => too_many(*max, scaler, partitions, cx),
        None => {}
    }
}

fn unset(scaler: &Scaler, partitions: Option<i64>, cx: &mut Cx<'_>) {
    let place = place();
    let keda = cx.keda();
    let allows_idle = scaler.triggers.iter().any(|trigger| trigger.allows_idle_consumers(keda));
    let cost = match partitions {
        Some(count) if allows_idle => format!(
            "with idle consumers allowed, lag can start {DEFAULT_MAX} pods for {count} partitions: the others are idle, and cost money and rebalances"
        ),
        _ if allows_idle => format!(
            "with idle consumers allowed, lag can start {DEFAULT_MAX} pods whatever the number of partitions: those without one only cost money and rebalance the group"
        ),
        Some(count) => format!(
            "KEDA asks for up to {} pods, one more than there are partitions; a topic that grows raises the bill without anybody deciding it",
            cost::ceiling(DEFAULT_MAX, Some(count), false)
        ),
        None => format!(
            "lag may start up to {DEFAULT_MAX} pods, bounded only by the number of partitions; a topic that grows raises the bill without anybody deciding it"
        ),
    };
    // Never below minReplicaCount, which would invert the bounds, and never what would itself be too many.
    let least = scaler.min.value().copied().unwrap_or(1).max(1);
    let fill = partitions.filter(|count| least <= count.saturating_mul(2)).map(|count| count.max(least));
    cx.report(Report {
        place: place.clone(),
        found: format!("is not set, so KEDA uses {DEFAULT_MAX}"),
        want: match (fill, partitions) {
            (Some(count), Some(partitions)) if count > partitions => {
                format!("set it to {count}, which is minReplicaCount; more than {partitions} pods would share {partitions} partitions")
            }
            (Some(count), _) => format!("set it to {count}, the number of partitions, or fewer"),
            (None, Some(partitions)) => {
                format!("lower minReplicaCount first, which is {least}; then set it to {partitions}, the number of partitions")
            }
            (None, None) => "set it to the number of partitions or fewer".to_owned(),
        },
        cost,
        severity: Severity::Advice,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: fill.map(|count| Fix::fill(place, count).at_admission()),
    });
}

/// Only where the number of partitions is that of the one topic. Whoever asks for idle consumers gets a warning:
/// a few stand-bys are a choice, more than one a partition are not.
fn too_many(max: i64, scaler: &Scaler, partitions: Option<i64>, cx: &mut Cx<'_>) {
    let (Some(partitions), [trigger]) = (partitions, &*scaler.triggers) else { return };
    let bound = partitions.saturating_mul(2);
    if max <= bound || !trigger.has_one_topic() || trigger.metadata.is_unknown("allowIdleConsumers") {
        return;
    }
    cx.report(Report {
        place: place(),
        found: format!("is {max} for {partitions} partitions"),
        want: format!("must be at most {bound}; {partitions} is enough"),
        cost: format!(
            "a partition has one consumer of a group: {} of {max} pods could never work{}",
            max - partitions,
            match trigger.allows_idle_consumers(cx.keda()) {
                true => ", yet KEDA may start them, since idle consumers are allowed".to_owned(),
                false => format!(", and by lag KEDA itself stops at {}", cost::ceiling(max, Some(partitions), false)),
            }
        ),
        severity: if trigger.allows_idle_consumers(cx.keda()) { Severity::Advice } else { Severity::Firm },
        basis: Basis::Certain,
        gap: Gap::Whole(u128::try_from(max - bound).unwrap_or(0)),
        fix: None,
    });
}

fn place() -> Place {
    Place::fields(&["spec", "maxReplicaCount"])
}
