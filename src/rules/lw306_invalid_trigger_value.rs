//! LW306 invalid-trigger-value.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::keda::parser::Fault;
use crate::engine::rehearsal::{Effect, Plan};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW306",
    name: "invalid-trigger-value",
    summary: "KEDA's own parser refuses a value of the trigger, or misses one",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw306_invalid_trigger_value.md"),
    checks: &[Check::Trigger(check), Check::Scaler(no_such_scaler), Check::Scaler(misspelt_scaler)],
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

/// A type that is a scaler's name but for its case. The right one is written where nothing else is wrong with the
/// trigger, which no rule has judged so far.
fn misspelt_scaler(scaler: &Scaler, cx: &mut Cx<'_>) {
    let (basis, whose) = parser(cx);
    let keda = cx.keda();
    let mut plan = Plan::new(scaler);
    for (index, trigger) in scaler.triggers.iter().enumerate().filter(|(_, t)| t.kind.exists_in(keda)) {
        let Some(misspelt) = &trigger.misspelt else { continue };
        let (place, kind) = (trigger.place.field("type"), trigger.kind.name());
        let helps = trigger.refusals(keda).is_empty()
            && plan.try_out(&place, cx, |scaler| scaler.correct_type(index)) == Effect::Helps;
        cx.report(Report {
            place: place.clone(),
            found: format!("is {misspelt}, and KEDA's names of scalers are in lower case"),
            want: format!("write {kind}"),
            cost: refused_late(&whose),
            severity: Severity::Firm,
            basis,
            gap: Gap::Value(misspelt.to_string()),
            fix: helps.then(|| Fix::set(place, kind)),
        });
    }
}

fn refused_late(whose: &str) -> String {
    format!("{whose} refuses the trigger only after it was admitted: the scaler is never built, and nothing scales")
}

/// How sure it is what KEDA refuses, and which KEDA: of a newer one nothing is known for certain.
fn parser(cx: &Cx<'_>) -> (Basis, String) {
    let keda = cx.keda();
    match keda.is_known() {
        true => (Basis::Certain, format!("KEDA {keda}")),
        false => (Basis::Assumed, "the newest KEDA that lagward knows".to_owned()),
    }
}

/// Reports what KEDA refuses in a trigger, by the kind of mistake.
pub(super) fn report_refusals(trigger: &Trigger, fault: Fault, cx: &mut Cx<'_>) {
    let (basis, whose) = parser(cx);
    for refusal in trigger.refusals(cx.keda()).into_iter().filter(|refusal| refusal.fault == fault) {
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
