//! LW101 session-timeout-below-grace.

use std::time::Duration;

use super::timing;
use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::policy::{Alignment, Param, Ratio};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Setting, Written};

pub(super) static RATIO: Param<Ratio> = Param {
    key: "ratio",
    doc: "Under `alignment: ratio`, the session timeout is at least this many grace periods.",
    default: Ratio { thousandths: 1500 },
    range: Ratio { thousandths: 0 }..=Ratio { thousandths: 10_000 },
};
pub(super) static MARGIN: Param<Duration> = Param {
    key: "margin",
    doc: "Under `alignment: protocol`, how much longer than the grace period the session timeout is: a restart's start and join.",
    default: Duration::from_secs(15),
    range: Duration::ZERO..=Duration::from_secs(3600),
};

pub(super) static RULE: Rule = Rule {
    code: "LW101",
    name: "session-timeout-below-grace",
    summary: "The session timeout ends before a pod must have stopped",
    since: "0.1.0",
    levels: Levels::JUDGEMENT,
    fixes: Fixes { fill: false, set: true, at_admission: true },
    params: &[&RATIO, &MARGIN],
    page: include_str!("lw101_session_timeout_below_grace.md"),
    checks: &[Check::Container(in_workload), Check::Pair(in_scaler)],
};

/// A session timeout, where it is written, and whether the client reads it there: what only an annotation or a
/// trigger declares is a wish.
struct Declared<'a> {
    session: Duration,
    written: &'a Written,
    is_read: bool,
}

fn in_workload(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    let read = container.session.set().map(|found| (found, true));
    let declared = read.or_else(|| consumer.declared_session.set().map(|found| (found, false)));
    let Some(((session, written), is_read)) = declared else { return };
    check(&Declared { session: *session, written, is_read }, container, consumer, cx);
}

/// Where nothing in the workload declares a session timeout, what its ScaledObject declares counts.
fn in_scaler(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    if !consumer.declared_session.is_undeclared() {
        return;
    }
    for container in consumer.consuming(true).into_iter().filter(|c| c.session.is_undeclared()) {
        for (session, written) in scaler.declared_sessions().filter_map(Setting::set) {
            check(&Declared { session: *session, written, is_read: false }, container, consumer, cx);
        }
    }
}

fn check(declared: &Declared<'_>, container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    // Under group.protocol=consumer the broker holds the session timeout (KIP-848).
    if container.new_protocol() {
        return;
    }
    let Some(grace) = consumer.grace_period.value().copied() else { return };
    let Some(need) = timing::need(container, consumer, grace, cx) else { return };
    let session = declared.session;
    if session >= need.full {
        return;
    }
    let is_short = session < need.bounded;
    let want = if is_short { need.bounded } else { need.full };
    let can_fix = is_short && declared.is_read;
    cx.report(Report {
        place: declared.written.place.clone(),
        found: format!("is {}, but the pod has {} to stop", human(session), human(grace)),
        want: if is_short {
            format!("needs at least {}{}", human(want), explain(need.full, want, cx))
        } else {
            let (most, accepts) = need.limit;
            format!(
                "shorten the grace period: it asks for a session timeout of {}, and {accepts} at most {}",
                human(want),
                human(most)
            )
        },
        cost: cost(container, session, grace),
        severity: if can_fix { Severity::Judgement } else { Severity::Advice },
        basis: Basis::Certain,
        gap: Gap::Distance((want.saturating_sub(session)).as_millis()),
        fix: can_fix.then(|| fix(container, consumer, declared.written, cx)).flatten(),
    });
}

fn explain(full: Duration, want: Duration, cx: &Cx<'_>) -> String {
    match cx.alignment() {
        _ if full > want => format!(", the most that is accepted ({} would fit the grace period)", human(full)),
        Alignment::Ratio => format!(" ({} x the grace period)", cx.get(&RATIO)),
        Alignment::Protocol => format!(" (the grace period + {})", human(cx.get(&MARGIN))),
    }
}

fn cost(container: &Container, session: Duration, grace: Duration) -> String {
    let (session, grace) = (human(session), human(grace));
    if container.is_static() {
        return format!(
            "a static member that takes {grace} to stop is given up after {session}: two rebalances for every restart, which static membership was to avoid"
        );
    }
    let evicted = "its partitions move, its commits are refused and its messages are processed twice";
    match container.runtime {
        // The ratio is the team's rule; the message does not claim more of it than is true.
        Some(runtime) if runtime.heartbeats_while_draining => format!(
            "{} sends heartbeats until it closes, so that it is evicted only if the close takes longer than {session}: {evicted}",
            runtime.name
        ),
        Some(runtime) => format!(
            "{} sends no heartbeats while it drains, which may take {grace}, and is evicted after {session}: {evicted}",
            runtime.name
        ),
        None => format!(
            "it may drain for {grace}, and a client that sends no heartbeats meanwhile is evicted after {session}: {evicted}"
        ),
    }
}

fn fix(container: &Container, consumer: &Consumer, written: &Written, cx: &Cx<'_>) -> Option<Fix> {
    let planned = timing::planned_session(container, consumer, cx)?;
    let fix = timing::set_session(written, planned, container, consumer)?;
    // The webhook mends a whole environment variable, never a part of a command line.
    Some(if written.is_variable() { fix.at_admission() } else { fix })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::engine::judge::{Context, Occasion, judge};
    use crate::engine::object::Kind;
    use crate::engine::policy::Policy;
    use crate::engine::subject::Subject;
    use crate::engine::world::Nothing;
    use crate::rules::RULES;

    #[test]
    fn what_is_in_the_way_of_a_longer_session_timeout_is_named() {
        let wanted = |grace: u64, session: &str, poll: &str| {
            let env = [("KAFKA_SESSION_TIMEOUT_MS", session), ("KAFKA_MAX_POLL_INTERVAL_MS", poll)];
            let env = env.map(|(name, value)| json!({"name": name, "value": value}));
            let pod = json!({"terminationGracePeriodSeconds": grace, "containers": [{"name": "app", "env": env}]});
            let subject = Subject::distil(Kind::Deployment, &json!({"spec": {"template": {"spec": pod}}})).unwrap();
            let policy = Policy::new(RULES);
            let today = jiff::civil::date(2026, 11, 24);
            let context = Context { world: &Nothing, policy: &policy, occasion: Occasion::Existing, today };
            let verdict = judge(&subject, || None, &context);
            let finding = verdict.findings.iter().find(|finding| finding.rule.code == "LW101").unwrap();
            finding.report.want.clone()
        };
        assert_eq!(
            wanted(30, "30000", "30000"),
            "shorten the grace period: it asks for a session timeout of 45 s, and max.poll.interval.ms allows at most 30 s"
        );
        assert_eq!(
            wanted(600, "300000", "900000"),
            "shorten the grace period: it asks for a session timeout of 15 min, and LW102 accepts at most 5 min"
        );
    }
}
