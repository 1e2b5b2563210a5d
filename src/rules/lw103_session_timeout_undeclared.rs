//! LW103 session-timeout-undeclared.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::json;

use super::timing;
use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::{self, Form, human};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::object::SESSION_ANNOTATION;
use crate::engine::policy::{Param, SessionVariable};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::{Basis, Setting};

static VARIABLE: Param<SessionVariable> = Param {
    key: "variable",
    doc: "The environment variable by which the team's clients read their session timeout; fixes set it.",
    default: SessionVariable(Cow::Borrowed("")),
    range: SessionVariable(Cow::Borrowed(""))..=SessionVariable(Cow::Borrowed("\u{10ffff}")),
};

pub(super) static RULE: Rule = Rule {
    code: "LW103",
    name: "session-timeout-undeclared",
    summary: "Nothing declares the session timeout, so nobody can check it",
    since: "0.1.0",
    levels: Levels::WARN_AT_MOST,
    fixes: Fixes { fill: true, set: false, at_admission: false },
    params: &[&VARIABLE],
    page: include_str!("lw103_session_timeout_undeclared.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    // Where one client of the container is told its own, the others are meant to have the default.
    let mut clients = consumer.containers.iter().filter(|other| other.place == container.place);
    let is_declared =
        clients.any(|client| !client.session.is_undeclared()) || !consumer.declared_session.is_undeclared();
    if container.new_protocol() || is_declared {
        return;
    }
    if cx.scalers().iter().any(|scaler| scaler.declared_sessions().any(|setting| !setting.is_undeclared())) {
        return;
    }
    let planned = timing::planned_session(container, consumer, cx);
    let (found, default) = match &container.session {
        Setting::Assumed { value, why } => {
            let value = human(*value);
            (format!("sets no session timeout under a known name, so {value} applies"), format!("{value} is the default of {why}"))
        }
        _ => ("sets no session timeout under a known name".to_owned(), "the client's default applies, which is between 10 s and 60 s".to_owned()),
    };
    let SessionVariable(variable) = cx.get(&VARIABLE);
    let grace = match consumer.grace_period.value() {
        Some(grace) => format!("the grace period of {}", human(*grace)),
        None => "a grace period".to_owned(),
    };
    let value = planned.map_or_else(|| "it".to_owned(), human);
    cx.report(Report {
        place: container.place.clone(),
        found,
        want: match &*variable {
            "" => format!("set {value} or annotate it"),
            variable => match planned {
                Some(planned) => format!("set {variable} to {}", human(planned)),
                None => format!("set {variable}"),
            },
        },
        cost: format!(
            "{default}: code may set another, and an upgrade may change it (Kafka 3.0 raised it from 10 s to 45 s), so that nobody can compare it with {grace}; set it in the client, or annotate what it has ({SESSION_ANNOTATION})"
        ),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: planned
            .filter(|_| !variable.is_empty())
            .map(|planned| fill(container, &variable, planned)),
    });
}

fn fill(container: &Container, variable: &str, value: Duration) -> Fix {
    let form = match variable.to_ascii_uppercase() {
        name if name.ends_with("MS") => Form::Millis,
        name if name.ends_with("SECONDS") || name.ends_with("SECS") || name == "BROKER_SESSION_TIMEOUT" => {
            Form::Seconds
        }
        _ => Form::Go,
    };
    let place = container.place.field("env").item(container.env_count, Some(variable));
    Fix::fill(place, json!({"name": variable, "value": duration::write(value, form)}))
}
