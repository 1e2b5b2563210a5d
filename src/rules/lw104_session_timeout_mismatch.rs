//! LW104 session-timeout-mismatch.

use std::time::Duration;

use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Setting, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW104",
    name: "session-timeout-mismatch",
    summary: "The declared session timeout is not the one that the client reads",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: true },
    params: &[],
    page: include_str!("lw104_session_timeout_mismatch.md"),
    checks: &[Check::Container(annotation), Check::Pair(in_scaler)],
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

/// What the ScaledObject declares against every container, and each trigger's `sessionTimeout` against those of its
/// group.
fn in_scaler(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let containers = consumer.consuming(true);
    declared(&scaler.declared_session, &containers, (consumer, scaler), cx);
    for trigger in &scaler.triggers {
        let of_group = containers.iter().copied().filter(|c| c.consumes_for(trigger, containers.len()));
        declared(&trigger.session_timeout, &of_group.collect::<Vec<_>>(), (consumer, scaler), cx);
    }
}

fn declared(
    setting: &Setting<Duration>,
    containers: &[&Container],
    (consumer, scaler): (&Consumer, &Scaler),
    cx: &mut Cx<'_>,
) {
    let Some((declared, written)) = setting.set() else { return };
    let effective: Vec<_> = containers.iter().filter_map(|container| effective(container, consumer, scaler)).collect();
    let Some((session, source)) = effective.iter().find(|(session, _)| session != declared) else { return };
    let agree = effective.iter().all(|(other, _)| other == session);
    let fix = Fix::set(written.place.clone(), written.with_exact_duration(*session)).at_admission();
    cx.report(mismatch(*declared, written, *session, source, agree.then_some(fix)));
}

/// What counts by precedence: the client's own setting, else the annotation, that of the workload first.
fn effective(container: &Container, consumer: &Consumer, scaler: &Scaler) -> Option<(Duration, String)> {
    if container.new_protocol() {
        return None;
    }
    if let Some((value, written)) = container.session.set() {
        return Some((*value, format!("the client reads it at {} {}", consumer.meta.object, written.place)));
    }
    let by_workload = consumer.declared_session.set().map(|declared| (declared, &consumer.meta));
    let by_scaler = || scaler.declared_session.set().map(|declared| (declared, &scaler.meta));
    let ((value, written), meta) = by_workload.or_else(by_scaler)?;
    Some((*value, format!("it is declared at {} {}", meta.object, written.place)))
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
