//! LW201 min-replicas-too-low.

use std::time::Duration;

use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{DEFAULT_POLLING, Scaler};
use crate::engine::setting::Basis;

static MIN: Param<i64> =
    Param { key: "min", doc: "Fewest replicas of a consumer.", default: 2, range: 1..=1000 };
static ALLOW_SCALE_TO_ZERO: Param<bool> = Param {
    key: "allowScaleToZero",
    doc: "Accepts consumers that scale to zero; meant for an override.",
    default: false,
    range: false..=true,
};

pub(super) static RULE: Rule = Rule {
    code: "LW201",
    name: "min-replicas-too-low",
    summary: "KEDA may leave too few consumers while it is quiet",
    since: "0.1.0",
    levels: Levels::JUDGEMENT,
    fixes: Fixes { fill: true, set: true, at_admission: true },
    params: &[&MIN, &ALLOW_SCALE_TO_ZERO],
    page: include_str!("lw201_min_replicas_too_low.md"),
    checks: &[Check::Scaler(check)],
};

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let (Some(floor), Some(max)) = (scaler.floor(), scaler.max.value()) else { return };
    if cx.get(&ALLOW_SCALE_TO_ZERO) {
        return;
    }
    // One partition or one replica at the most leaves nothing for a second consumer.
    let mut need = cx.get(&MIN).min(*max);
    if floor >= need {
        return;
    }
    need = need.min(cx.partitions(scaler).unwrap_or(need));
    if floor >= need {
        return;
    }
    let place = crate::engine::place::Place::fields(&["spec", "minReplicaCount"]);
    let idle = scaler.idle.set();
    let (place, found) = match (idle, scaler.min.set()) {
        (Some((idle, written)), _) => {
            (written.place.clone(), format!("is {idle}, so KEDA keeps {floor} while it is quiet"))
        }
        (None, Some((min, _))) => (place, format!("is {min}")),
        (None, None) => (place, "is not set, so KEDA scales to 0".to_owned()),
    };
    cx.report(Report {
        place,
        found,
        want: match idle {
            Some(_) => format!("remove it and keep minReplicaCount at {need} or more"),
            None => format!("needs at least {need}"),
        },
        cost: cost(floor, scaler),
        severity: Severity::Judgement,
        basis: Basis::Certain,
        gap: Gap::Whole(u128::try_from(need - floor).unwrap_or(0)),
        fix: Some(fix(scaler, need)),
    });
}

fn cost(floor: i64, scaler: &Scaler) -> String {
    let seconds = scaler.polling_interval.value().copied().unwrap_or(DEFAULT_POLLING);
    let polling = human(Duration::from_secs(seconds.unsigned_abs()));
    match floor {
        0 => format!(
            "without lag KEDA removes every consumer: the next message waits for polling ({polling}), a pod start and a rebalance"
        ),
        1 => "when that pod is replaced or its node is lost, nothing consumes until a new one has started and joined the group".to_owned(),
        _ => format!("with {floor} consumers, the loss of one leaves {} until a new one has started and joined the group", floor - 1),
    }
}

fn fix(scaler: &Scaler, need: i64) -> Fix {
    let place = crate::engine::place::Place::fields(&["spec", "minReplicaCount"]);
    let mut edits = Vec::new();
    let idle = scaler.idle.set();
    if let Some((_, written)) = idle {
        edits.push(Edit::Remove { place: written.place.clone() });
    }
    let min = scaler.min.set();
    if scaler.min.value().is_none_or(|min| *min < need) {
        edits.push(Edit::Set { place, value: need.into() });
    }
    let safety = if idle.is_none() && min.is_none() { Safety::Fill } else { Safety::Set };
    Fix::new(safety, edits).at_admission()
}
