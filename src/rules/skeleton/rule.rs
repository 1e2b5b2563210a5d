//! LW000 some-bad-pattern.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW000",
    name: "some-bad-pattern",
    summary: "What goes wrong, in one sentence",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("page.md"),
    checks: &[Check::Scaler(check)],
};

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    if &*scaler.meta.object.name != "replace-me" {
        return;
    }
    cx.report(Report {
        place: Place::fields(&["metadata", "name"]),
        found: "is replace-me".to_owned(),
        want: "say which value passes".to_owned(),
        cost: "say what it costs, in numbers of this object".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: None,
    });
}
