//! LW310 unquoted-string.

use crate::engine::consumer::{Consumer, Container};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;
use crate::engine::unquoted::Unquoted;

pub(super) static RULE: Rule = Rule {
    code: "LW310",
    name: "unquoted-string",
    summary: "A number or a boolean stands where the API server accepts only a string",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: true, set: false, at_admission: false },
    params: &[],
    page: include_str!("lw310_unquoted_string.md"),
    checks: &[Check::Scaler(in_triggers), Check::Container(in_environment)],
};

fn in_triggers(scaler: &Scaler, cx: &mut Cx<'_>) {
    scaler.triggers.iter().flat_map(|trigger| &trigger.unquoted).for_each(|unquoted| report(unquoted, cx));
}

fn in_environment(container: &Container, _: &Consumer, cx: &mut Cx<'_>) {
    container.unquoted.iter().for_each(|unquoted| report(unquoted, cx));
}

/// Never says the value, which may be a password of digits.
fn report(unquoted: &Unquoted, cx: &mut Cx<'_>) {
    // The API server refuses it before any webhook sees it.
    if cx.is_request() {
        return;
    }
    cx.report(Report {
        place: unquoted.place.clone(),
        found: format!("is {}, not a string", unquoted.kind),
        want: "put it in quotes".to_owned(),
        cost: "the API server refuses the whole object, and nothing of it is applied".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: Some(Fix::quote(unquoted.place.clone())),
    });
}
