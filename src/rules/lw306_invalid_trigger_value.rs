//! LW306 invalid-trigger-value.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::keda::parser::Fault;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW306",
    name: "invalid-trigger-value",
    summary: "KEDA's own parser refuses a value of the trigger, or misses one",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw306_invalid_trigger_value.md"),
    checks: &[Check::Trigger(check), Check::Scaler(no_such_scaler)],
};

fn check(trigger: &Trigger, _: &Scaler, cx: &mut Cx<'_>) {
    report_refusals(trigger, Fault::Value, cx);
}

/// A type of trigger that this version of KEDA does not have.
fn no_such_scaler(scaler: &Scaler, cx: &mut Cx<'_>) {
    let keda = cx.keda();
    for trigger in scaler.triggers.iter().filter(|trigger| !trigger.kind.exists_in(keda)) {
        let kind = trigger.kind.name();
        cx.report(Report {
            place: trigger.place.field("type"),
            found: format!("is {kind}, which KEDA {keda} does not have"),
            want: format!("write {}, or run KEDA 2.12 or newer", trigger.kind.other().name()),
            cost: refused_late(&format!("KEDA {keda}")),
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: Gap::Value(kind.to_owned()),
            fix: None,
        });
    }
}

fn refused_late(whose: &str) -> String {
    format!("{whose} refuses the trigger only after it was admitted: the scaler is never built, and nothing scales")
}

/// Reports what KEDA refuses in a trigger, by the kind of mistake.
pub(super) fn report_refusals(trigger: &Trigger, fault: Fault, cx: &mut Cx<'_>) {
    let keda = cx.keda();
    // What a newer KEDA refuses is not known for certain.
    let (basis, whose) = match keda.is_known() {
        true => (Basis::Certain, format!("KEDA {keda}")),
        false => (Basis::Assumed, "the newest KEDA that lagward knows".to_owned()),
    };
    for refusal in trigger.refusals(keda).into_iter().filter(|refusal| refusal.fault == fault) {
        cx.report(Report {
            place: trigger.key(refusal.key),
            gap: Gap::Value(refusal.found.clone()),
            found: refusal.found,
            want: refusal.want.into_owned(),
            cost: refused_late(&whose),
            severity: Severity::Firm,
            basis,
            fix: None,
        });
    }
}
