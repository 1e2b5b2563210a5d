//! LW209 contested-scale-target.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW209",
    name: "contested-scale-target",
    summary: "Two autoscalers scale one workload",
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
    let rival = cx.rivals().iter().find(|rival| rival.paused.is_none());
    let (name, rival, want) = match (rival, cx.foreign_autoscaler(scaler)) {
        (Some(rival), _) => {
            let want = "put the triggers of both into one ScaledObject";
            (&*rival.meta.object.name, rival.meta.object.to_string(), want.to_owned())
        }
        (None, Some(name)) => {
            let want = "delete it, or let KEDA take it over: scaledobject.keda.sh/transfer-hpa-ownership".to_owned();
            (name, format!("HorizontalPodAutoscaler {name}"), want)
        }
        (None, None) => return,
    };
    cx.report(Report {
        place: Place::fields(&["spec", "scaleTargetRef", "name"]),
        found: format!("is {}, which {rival} scales, too", scaler.target.name),
        want,
        cost: "KEDA's webhook refuses the second, if it is up; else two HPAs each set their own number of pods, and every change rebalances the group".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(name.to_owned()),
        fix: None,
    });
}
