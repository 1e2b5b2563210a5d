//! LW104 session-timeout-mismatch.

use std::time::Duration;

use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
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
    if container.new_protocol || declared == session {
        return;
    }
    let fix = Fix::set(written.place.clone(), written.with_duration(*session));
    cx.report(mismatch(*declared, written, *session, &read.place.to_string(), fix));
}

/// Each trigger's `sessionTimeout` against the containers of its group.
fn triggers(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let containers = consumer.consuming(true);
    for trigger in &scaler.triggers {
        let Some((declared, written)) = trigger.session_timeout.set() else { continue };
        let of_group = containers.iter().filter(|c| consumes(c, trigger, containers.len()));
        let differs = of_group
            .filter_map(|container| effective(container, consumer))
            .find(|(session, _)| session != declared);
        if let Some((session, source)) = differs {
            let fix = Fix::set(written.place.clone(), written.with_duration(session)).at_admission();
            let source = format!("{} {source}", consumer.meta.object);
            cx.report(mismatch(*declared, written, session, &source, fix));
        }
    }
}

/// Whether the container consumes in the trigger's group. One whose group is not known does if it is the only
/// consumer.
fn consumes(container: &Container, trigger: &Trigger, consumers: usize) -> bool {
    match (container.group.value(), trigger.group()) {
        (Some(group), Some(followed)) => **group == *followed,
        _ => consumers == 1,
    }
}

/// What counts by precedence: the client's own setting, else the annotation.
fn effective(container: &Container, consumer: &Consumer) -> Option<(Duration, String)> {
    if container.new_protocol {
        return None;
    }
    let (value, written) = container.session.set().or_else(|| consumer.declared_session.set())?;
    Some((*value, written.place.to_string()))
}

fn mismatch(declared: Duration, written: &Written, session: Duration, source: &str, fix: Fix) -> Report {
    Report {
        place: written.place.clone(),
        found: format!("is {}, but {source} is {}", human(declared), human(session)),
        want: format!("set it to {}", human(session)),
        cost: "whoever reads the declaration reckons with the wrong time: only the client's own value counts, and KEDA reads none".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(declared.abs_diff(session).as_millis()),
        fix: Some(fix),
    }
}
