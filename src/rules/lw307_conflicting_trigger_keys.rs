//! LW307 conflicting-trigger-keys.

use super::lw306_invalid_trigger_value::report_refusals;
use crate::engine::keda::parser::Fault;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};

pub(super) static RULE: Rule = Rule {
    code: "LW307",
    name: "conflicting-trigger-keys",
    summary: "Keys of the trigger exclude each other, and KEDA refuses them together",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw307_conflicting_trigger_keys.md"),
    checks: &[Check::Trigger(check)],
};

fn check(trigger: &Trigger, _: &Scaler, cx: &mut Cx<'_>) {
    report_refusals(trigger, Fault::Conflict, cx);
}
