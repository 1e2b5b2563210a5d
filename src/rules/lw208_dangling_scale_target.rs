//! LW208 dangling-scale-target.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW208",
    name: "dangling-scale-target",
    summary: "The ScaledObject names a workload that is not there",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw208_dangling_scale_target.md"),
    checks: &[Check::Scaler(check)],
};

const COST: &str = "KEDA finds nothing to scale: the ScaledObject is not ready, and the consumer keeps the pods it has";

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let target = &scaler.target;
    if let Some(misspelt) = &target.misspelt {
        // Kinds are case-sensitive: the REST mapper knows no other spelling (`ParseGVKR`, apis/keda/v1alpha1/gvkr.go).
        let found = format!("is {}", misspelt.written);
        cx.report(report("kind", found, format!("write {}", misspelt.right), &misspelt.written));
    } else if let Some(kind) = target.kind
        && !target.name.is_empty()
        && cx.is_dangling()
    {
        let found = format!("is {}, and there is no such {} in its namespace", target.name, kind.name());
        cx.report(report("name", found, format!("name a {} of this namespace", kind.name()), &target.name));
    }
}

fn report(field: &'static str, found: String, want: String, value: &str) -> Report {
    Report {
        place: Place::fields(&["spec", "scaleTargetRef"]).field(field),
        found,
        want,
        cost: COST.to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(value.to_owned()),
        fix: None,
    }
}
