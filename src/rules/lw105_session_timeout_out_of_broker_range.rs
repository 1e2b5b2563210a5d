//! LW105 session-timeout-out-of-broker-range.

use std::time::Duration;

use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

/// Both defaults are of Kafka 2.3 and newer (GroupCoordinatorConfig.java; KIP-537 raised the maximum).
pub(super) static MIN: Param<Duration> = Param {
    key: "min",
    doc: "The broker's group.min.session.timeout.ms.",
    default: Duration::from_secs(6),
    range: Duration::from_millis(1)..=Duration::from_secs(3600),
};
pub(super) static MAX: Param<Duration> = Param {
    key: "max",
    doc: "The broker's group.max.session.timeout.ms.",
    default: Duration::from_secs(1800),
    range: Duration::from_secs(6)..=Duration::from_secs(86_400),
};

pub(super) static RULE: Rule = Rule {
    code: "LW105",
    name: "session-timeout-out-of-broker-range",
    summary: "The broker refuses members with this session timeout",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[&MIN, &MAX],
    page: include_str!("lw105_session_timeout_out_of_broker_range.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, _: &Consumer, cx: &mut Cx<'_>) {
    if container.new_protocol() {
        return;
    }
    let Some((session, written)) = container.session.set() else { return };
    let (min, max) = (cx.get(&MIN), cx.get(&MAX));
    if (min..=max).contains(session) {
        return;
    }
    let gap = if *session < min { min.abs_diff(*session) } else { session.abs_diff(max) };
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {}", human(*session)),
        want: format!("the broker accepts {} to {}", human(min), human(max)),
        cost: "the broker answers INVALID_SESSION_TIMEOUT, which is fatal for the client: it never joins the group, lag grows and KEDA adds pods in vain".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(gap.as_millis()),
        fix: None,
    });
}
