//! LW203 replica-bounds-inverted.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Setting};

pub(super) static RULE: Rule = Rule {
    code: "LW203",
    name: "replica-bounds-inverted",
    summary: "The replica bounds contradict each other, and KEDA refuses them",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw203_replica_bounds_inverted.md"),
    checks: &[Check::Scaler(check)],
};

/// Exactly `CheckReplicaCountBoundsAreValid` (apis/keda/v1alpha1/scaledobject_types.go, v2.20.2): an unset
/// minimum is 0 there, but one that is set to 0 counts as 1.
fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let Some(max) = scaler.max.value().copied() else { return };
    if max < 1 {
        cx.report(no_replicas(max));
        return;
    }
    let min = match &scaler.min {
        Setting::Set { value, .. } => (*value).max(1),
        Setting::Defaulted { .. } => 0,
        _ => return,
    };
    if min > max {
        let limit = match scaler.max.set() {
            Some(_) => format!("maxReplicaCount, which is {max}"),
            None => format!("maxReplicaCount, which is {max} when it is not set"),
        };
        let as_read = if scaler.min.value() == Some(&min) { "" } else { ", which KEDA takes for 1 here" };
        cx.report(report(
            Place::fields(&["spec", "minReplicaCount"]),
            format!("is {}{as_read}, above {limit}", scaler.min.value().copied().unwrap_or(min)),
            format!("must be at most {max}"),
            min.abs_diff(max),
        ));
        return;
    }
    if let Some((idle, written)) = scaler.idle.set()
        && *idle >= min
    {
        cx.report(report(
            written.place.clone(),
            match scaler.min.set() {
                Some((written, _)) if *written != min => {
                    format!("is {idle}, not below minReplicaCount, which is {written} and counts as {min}")
                }
                Some(_) => format!("is {idle}, not below minReplicaCount, which is {min}"),
                None => format!("is {idle}, not below minReplicaCount, which is {min} when it is not set"),
            },
            format!("needs a minReplicaCount of at least {}", idle.saturating_add(1)),
            idle.abs_diff(min) + 1,
        ));
    }
}

/// The HPA's maximum is at least 1 (`validateHorizontalPodAutoscalerSpec`, pkg/apis/autoscaling/validation,
/// Kubernetes v1.34.4), and that of a ScaledObject since KEDA 2.20 (config/crd/bases).
fn no_replicas(max: i64) -> Report {
    let (found, want) = (format!("is {max}"), "must be at least 1".to_owned());
    Report {
        cost: "the API server refuses the HPA that KEDA makes of it, or since KEDA 2.20 the ScaledObject: nothing scales".to_owned(),
        ..report(Place::fields(&["spec", "maxReplicaCount"]), found, want, max.abs_diff(1))
    }
}

fn report(place: Place, found: String, want: String, gap: u64) -> Report {
    Report {
        place,
        found,
        want,
        cost: "KEDA refuses the ScaledObject: a new one scales nothing, a changed one keeps its old autoscaler".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(gap.into()),
        fix: None,
    }
}
