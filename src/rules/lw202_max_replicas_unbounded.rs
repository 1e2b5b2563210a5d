//! LW202 max-replicas-unbounded.

use crate::engine::cost::{self, Cap, counted};
use crate::engine::keda::keys::ALLOW_IDLE;
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
    let is_uncapped = scaler.triggers.iter().any(|trigger| Cap::of(trigger, keda) == Cap::Off);
    let cost = match most_by_lag(DEFAULT_MAX, scaler, cx) {
        _ if is_uncapped => {
            let partitions = partitions.map(|count| format!("for {}", counted(count, "partition")));
            let partitions = partitions.as_deref().unwrap_or("whatever the number of partitions");
            format!(
                "with idle consumers allowed, lag can start {DEFAULT_MAX} pods {partitions}: those without one only cost money and rebalance the group"
            )
        }
        Some((pods, watched)) => format!(
            "KEDA asks for up to {} for {}; a topic that grows raises the bill without anybody deciding it",
            counted(pods, "pod"),
            counted(watched, "partition")
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
                format!("set it to {count}, which is minReplicaCount; more than {} would share {}", counted(partitions, "pod"), counted(partitions, "partition"))
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
    if max <= bound || !trigger.has_one_topic() || trigger.metadata.is_unknown(ALLOW_IDLE) {
        return;
    }
    let keda = cx.keda();
    let by_lag = match most_by_lag(max, scaler, cx) {
        _ if Cap::of(trigger, keda) == Cap::Off => {
            ", yet KEDA may start them, since idle consumers are allowed".to_owned()
        }
        Some((pods, _)) => format!(", and by lag KEDA itself stops at {pods}"),
        None => String::new(),
    };
    cx.report(Report {
        place: place(),
        found: format!("is {max} for {}", counted(partitions, "partition")),
        want: format!("must be at most {bound}; {partitions} is enough"),
        cost: format!(
            "a partition has one consumer of a group: {} of {max} pods could never work{by_lag}",
            max - partitions
        ),
        severity: if trigger.is_on(ALLOW_IDLE, keda) { Severity::Advice } else { Severity::Firm },
        basis: Basis::Certain,
        gap: Gap::Whole(u128::try_from(max - bound).unwrap_or(0)),
        fix: None,
    });
}

/// How many pods KEDA asks for by the lag of the one trigger, and for how many partitions, which are those that it
/// watches.
fn most_by_lag(max: i64, scaler: &Scaler, cx: &mut Cx<'_>) -> Option<(i64, i64)> {
    let [trigger] = &*scaler.triggers else { return None };
    let watched = cx.watched_partitions(trigger, scaler)?;
    Some((cost::ceiling(max, Some(watched), Cap::of(trigger, cx.keda())), watched))
}

fn place() -> Place {
    Place::fields(&["spec", "maxReplicaCount"])
}
