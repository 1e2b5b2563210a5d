//! LW106 heartbeat-too-slow.

use std::time::Duration;

use super::timing::{self, third};
use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::{Reader, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW106",
    name: "heartbeat-too-slow",
    summary: "Heartbeats are too far apart for the session timeout",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw106_heartbeat_too_slow.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    // Under group.protocol=consumer the broker holds both (KIP-848), and LW109 speaks.
    if container.new_protocol() {
        return;
    }
    let Some((heartbeat, written)) = container.heartbeat.set() else { return };
    let setting = timing::session(container, consumer);
    let Some(session) = setting.value().copied() else { return };
    let third = third(session);
    if *heartbeat <= third {
        return;
    }
    let is_refused = *heartbeat >= session;
    // A home-made name may never reach the client; one that a client is bound to does.
    let reader = |setting: Option<(&Duration, &Written)>| setting.map_or(Reader::Anybody, |(_, at)| at.reader);
    let readers = [reader(container.heartbeat.set()), reader(container.session.set())];
    let is_certain = is_refused && readers.iter().all(|reader| *reader != Reader::Anybody);
    let bound = if is_refused { session } else { third };
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {}, and the session timeout is {}", human(*heartbeat), human(session)),
        want: format!("needs at most {}, a third of it", human(third)),
        cost: cost(*heartbeat, session, readers[0]),
        severity: if is_certain { Severity::Firm } else { Severity::Advice },
        basis: setting.basis(),
        gap: Gap::Distance(heartbeat.saturating_sub(bound).as_millis()),
        fix: setting.set().and_then(|_| fix(written, session, container, consumer, cx)),
    });
}

fn cost(heartbeat: Duration, session: Duration, reader: Reader) -> String {
    if heartbeat < session {
        let lost = session.as_millis() / heartbeat.as_millis().max(1);
        let lost = if lost == 1 { "one lost heartbeat is".to_owned() } else { format!("{lost} lost heartbeats are") };
        return format!(
            "{lost} enough for the broker to give the member up: a pause of the network is a rebalance, and what was not committed is processed twice"
        );
    }
    let evicted = "the broker gives the member up between two heartbeats, so that the group rebalances without end";
    match reader {
        Reader::Java => "the Java client refuses to start: \"Heartbeat must be set lower than the session timeout\"".to_owned(),
        Reader::Librdkafka => format!("librdkafka starts all the same, and {evicted}"),
        Reader::Anybody => format!("Java, sarama and kafkajs refuse to start; librdkafka starts, and {evicted}"),
    }
}

/// A third of the session timeout as it is and as it will be, since other fixes may raise or lower it.
fn fix(
    written: &Written,
    session: Duration,
    container: &Container,
    consumer: &Consumer,
    cx: &Cx<'_>,
) -> Option<Fix> {
    let planned = timing::planned_session(container, consumer, cx).unwrap_or(session).min(session);
    let value = written.with_duration(third(planned));
    (!written.place.is_reference()).then(|| Fix::set(written.place.clone(), value))
}
