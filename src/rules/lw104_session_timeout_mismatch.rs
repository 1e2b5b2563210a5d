//! LW104 session-timeout-mismatch.

use std::time::Duration;

use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW104",
    name: "session-timeout-mismatch",
    summary: "The declared session timeout is not the one that the client reads",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: true },
    params: &[],
    page: include_str!("lw104_session_timeout_mismatch.md"),
    checks: &[Check::Container(annotation), Check::Pair(triggers)],
};

/// The annotation against the client.
fn annotation(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    let Some((declared, written)) = consumer.declared_session.set() else { return };
    let Some((session, read)) = container.session.set() else { return };
    if container.new_protocol() || declared == session {
        return;
    }
    // One annotation cannot be right for containers that differ.
    let others = consumer.consuming(true).into_iter().filter(|other| !other.new_protocol());
    let others = others.filter_map(|other| other.session.set());
    let agree = others.into_iter().all(|(other, _)| other == session);
    let fix = agree.then(|| Fix::set(written.place.clone(), written.with_exact_duration(*session)));
    cx.report(mismatch(*declared, written, *session, &format!("the client reads it at {}", read.place), fix));
}

/// Each trigger's `sessionTimeout` against the containers of its group.
fn triggers(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let containers = consumer.consuming(true);
    for trigger in &scaler.triggers {
        let Some((declared, written)) = trigger.session_timeout.set() else { continue };
        let of_group = containers.iter().filter(|c| c.consumes_for(trigger, containers.len()));
        let effective: Vec<_> = of_group.filter_map(|container| effective(container, consumer)).collect();
        let Some((session, source)) = effective.iter().find(|(session, _)| session != declared) else { continue };
        let agree = effective.iter().all(|(other, _)| other == session);
        let fix = Fix::set(written.place.clone(), written.with_exact_duration(*session)).at_admission();
        cx.report(mismatch(*declared, written, *session, source, agree.then_some(fix)));
    }
}

/// What counts by precedence: the client's own setting, else the annotation.
fn effective(container: &Container, consumer: &Consumer) -> Option<(Duration, String)> {
    if container.new_protocol() {
        return None;
    }
    let place = |written: &Written| format!("{} {}", consumer.meta.object, written.place);
    if let Some((value, written)) = container.session.set() {
        return Some((*value, format!("the client reads it at {}", place(written))));
    }
    let (value, written) = consumer.declared_session.set()?;
    Some((*value, format!("it is declared at {}", place(written))))
}

fn mismatch(
    declared: Duration,
    written: &Written,
    session: Duration,
    source: &str,
    fix: Option<Fix>,
) -> Report {
    Report {
        place: written.place.clone(),
        found: format!("is {}, but the client's is {}", human(declared), human(session)),
        want: match fix {
            Some(_) => format!("set it to {}", human(session)),
            None => "its containers differ, so make them equal or remove it".to_owned(),
        },
        cost: format!(
            "{source}: whoever reads the other declaration expects the wrong time, and KEDA reads neither"
        ),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(declared.abs_diff(session).as_millis()),
        fix,
    }
}
