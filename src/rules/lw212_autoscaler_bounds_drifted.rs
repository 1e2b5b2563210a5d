//! LW212 autoscaler-bounds-drifted.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW212",
    name: "autoscaler-bounds-drifted",
    summary: "The HPA that KEDA made has other bounds than the ScaledObject",
    since: "0.1.0",
    levels: Levels::WARN_AT_MOST,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw212_autoscaler_bounds_drifted.md"),
    checks: &[Check::Scaler(check)],
};

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    // A request is about to change one of the two; a paused one keeps no HPA.
    if cx.is_request() || scaler.paused.is_some() {
        return;
    }
    let Some(own) = cx.own_autoscaler(scaler) else { return };
    let bounds = [
        ("minReplicaCount", scaler.min.value().map(|min| (*min).max(1)), "minReplicas", own.min),
        ("maxReplicaCount", scaler.max.value().copied(), "maxReplicas", own.max),
    ];
    for (field, wanted, of_hpa, is) in bounds {
        let Some(wanted) = wanted.filter(|wanted| *wanted != is) else { continue };
        cx.report(Report {
            place: Place::fields(&["spec"]).field(field),
            found: format!("asks for {of_hpa} {wanted}, and HorizontalPodAutoscaler {} has {is}", own.name),
            want: "see the conditions and events of the ScaledObject, and the log of keda-operator".to_owned(),
            cost: format!(
                "{is} is what counts: the HPA scales by its own bounds, and KEDA does not bring them up to date"
            ),
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: Gap::Value(is.to_string()),
            fix: None,
        });
    }
}
