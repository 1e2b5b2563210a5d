//! LW209 contested-scale-target.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW209",
    name: "contested-scale-target",
    summary: "Two ScaledObjects scale one workload",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw209_contested_scale_target.md"),
    checks: &[Check::Scaler(check)],
};

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    // A paused one has no HPA and sets nothing.
    if scaler.paused.is_some() {
        return;
    }
    let Some(rival) = cx.rivals().iter().find(|rival| rival.paused.is_none()) else { return };
    cx.report(Report {
        place: Place::fields(&["spec", "scaleTargetRef", "name"]),
        found: format!("is {}, which {} scales, too", scaler.target.name, rival.meta.object),
        want: "put the triggers of both into one ScaledObject".to_owned(),
        cost: "KEDA's webhook refuses the second, if it is up; else two HPAs each set their own number of pods, and every change rebalances the group".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(rival.meta.object.name.to_string()),
        fix: None,
    });
}
