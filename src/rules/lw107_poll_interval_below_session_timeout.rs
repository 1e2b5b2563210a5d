//! LW107 poll-interval-below-session-timeout.

use super::timing;
use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::{Reader, Setting};

pub(super) static RULE: Rule = Rule {
    code: "LW107",
    name: "poll-interval-below-session-timeout",
    summary: "max.poll.interval.ms ends before the session timeout",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw107_poll_interval_below_session_timeout.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    // Under group.protocol=consumer the session timeout is the broker's (KIP-848).
    if container.new_protocol() {
        return;
    }
    let Some((poll, written)) = container.poll_interval.set() else { return };
    let setting = timing::session(container, consumer);
    let Some(session) = setting.value().copied().filter(|session| poll < session) else { return };
    let found = match setting {
        Setting::Assumed { why, .. } => {
            format!("is {}, and the session timeout of {why} is {} when unset", human(*poll), human(session))
        }
        _ => format!("is {}, and the session timeout is {}", human(*poll), human(session)),
    };
    let is_librdkafka = written.reader == Reader::Librdkafka;
    let session_reaches = container.session.set().is_some_and(|(_, at)| at.reader == Reader::Librdkafka);
    // The fix follows a session timeout that goes up with the grace period.
    let planned = timing::raised_session(container, consumer, cx).map_or(session, |raised| raised.max(session));
    let can_fix = container.session.set().is_some() && !written.place.is_reference();
    cx.report(Report {
        place: written.place.clone(),
        found,
        want: format!("needs at least {}", human(session)),
        cost: match written.reader {
            Reader::Librdkafka => "librdkafka refuses to start: \"`max.poll.interval.ms`must be >= `session.timeout.ms`\"".to_owned(),
            Reader::Java => format!(
                "a member that does not poll leaves after {}, whatever the session timeout says: only one that dies is waited for longer",
                human(*poll)
            ),
            Reader::Anybody => format!(
                "librdkafka (C, Python, .NET, Go, Rust, Node) refuses to start; with Java a member that does not poll leaves after {} all the same",
                human(*poll)
            ),
        },
        severity: if is_librdkafka && session_reaches { Severity::Firm } else { Severity::Advice },
        basis: setting.basis(),
        gap: Gap::Distance(session.saturating_sub(*poll).as_millis()),
        fix: can_fix.then(|| Fix::set(written.place.clone(), written.with_duration(planned))),
    });
}
