//! LW115 setting-without-effect.

use crate::engine::consumer::{Consumer, Container, Idle};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW115",
    name: "setting-without-effect",
    summary: "A setting stands under a name that no client reads",
    since: "0.1.0",
    // An application's own configuration file may refer to the name.
    levels: Levels::WARN_AT_MOST,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw115_setting_without_effect.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, _: &Consumer, cx: &mut Cx<'_>) {
    for Idle { written, why, instead } in &container.without_effect {
        let instead = match written.place.variable() {
            Some(_) if written.is_variable() => instead.replace('-', "").replace('.', "_").to_ascii_uppercase(),
            _ => (*instead).to_owned(),
        };
        cx.report(Report {
            place: written.place.clone(),
            found: format!("is {:?} and does nothing: {why}", written.text()),
            want: format!("the name is {instead}"),
            cost: "the client keeps its default, unless code or a file of the application refers to this name"
                .to_owned(),
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: Gap::Value(written.text().to_owned()),
            fix: None,
        });
    }
}
