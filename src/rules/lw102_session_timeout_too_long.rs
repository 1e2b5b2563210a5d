//! LW102 session-timeout-too-long.

use std::time::Duration;

use super::{lw105_session_timeout_out_of_broker_range as lw105, timing};
use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

static WARN_OVER: Param<Duration> = Param {
    key: "warnOver",
    doc: "Session timeouts above this, and above what the grace period asks for, get a warning.",
    default: Duration::from_secs(60),
    range: Duration::from_secs(1)..=Duration::from_secs(1800),
};
pub(super) static DENY_OVER: Param<Duration> = Param {
    key: "denyOver",
    doc: "Session timeouts above this are refused; LW101 never asks for more.",
    default: Duration::from_secs(300),
    range: Duration::from_secs(6)..=Duration::from_secs(1800),
};

pub(super) static RULE: Rule = Rule {
    code: "LW102",
    name: "session-timeout-too-long",
    summary: "After a hard kill, partitions are not consumed for the session timeout",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[&WARN_OVER, &DENY_OVER],
    page: include_str!("lw102_session_timeout_too_long.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    if container.new_protocol() {
        return;
    }
    let Some((session, written)) = container.session.set() else { return };
    let session = *session;
    // What a grace period that cannot be read asks for is not known, so that only the bound on all is left.
    let asked = match consumer.grace_period.value() {
        Some(grace) => timing::need(container, consumer, *grace, cx).map_or(Duration::ZERO, |need| need.full),
        None => Duration::MAX,
    };
    // What the broker demands is never too long.
    let least = cx.get(&lw105::MIN);
    let deny_over = cx.get(&DENY_OVER).max(least);
    let warn_over = cx.get(&WARN_OVER).max(asked).max(least).min(deny_over);
    if session <= warn_over {
        return;
    }
    let is_refused = session > deny_over && !container.is_static();
    let limit = if is_refused { deny_over } else { warn_over };
    let planned = timing::planned_session(container, consumer, cx);
    let while_keda =
        if cx.is_scaled() { ", while their lag makes KEDA add pods that cannot help" } else { "" };
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {}", human(session)),
        want: match planned.filter(|planned| *planned < limit) {
            Some(planned) => format!("must be at most {}; {} is enough", human(limit), human(planned)),
            None => format!("must be at most {}", human(limit)),
        },
        cost: format!(
            "after an OOM kill, a lost node or a SIGKILL the partitions of that pod are not consumed for up to {}{while_keda}",
            human(session)
        ),
        severity: if is_refused { Severity::Firm } else { Severity::Advice },
        basis: Basis::Certain,
        gap: Gap::Distance(session.saturating_sub(limit).as_millis()),
        // For a static member a long one is a choice: its pod is to come back in time.
        fix: planned
            .filter(|planned| *planned < session && !container.is_static())
            .and_then(|planned| timing::set_session(written, planned, container, consumer)),
    });
}
