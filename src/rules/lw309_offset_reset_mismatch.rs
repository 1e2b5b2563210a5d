//! LW309 offset-reset-mismatch.

use crate::engine::consumer::Consumer;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW309",
    name: "offset-reset-mismatch",
    summary: "KEDA and the client start a group without offsets at different ends of the topic",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw309_offset_reset_mismatch.md"),
    checks: &[Check::Pair(check)],
};

const KEY: &str = "offsetResetPolicy";

fn check(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let containers = consumer.consuming(true);
    for trigger in &scaler.triggers {
        let of_group = containers.iter().filter(|c| c.consumes_for(trigger, containers.len()));
        let read = of_group.filter_map(|container| {
            let (value, written) = container.offset_reset.set()?;
            Some((end(value)?, written))
        });
        let read: Vec<_> = read.collect();
        // With this key KEDA counts no lag for a partition without an offset, whatever the policy is.
        let Some(policy) = policy(trigger).filter(|_| !trigger.is_on("scaleToZeroOnInvalidOffset", cx.keda()))
        else {
            continue;
        };
        let Some((client, written)) = read.iter().find(|(client, _)| *client != policy) else { continue };
        let agree = read.iter().all(|(other, _)| other == client);
        let place = trigger.key(KEY);
        let found = match trigger.text(KEY) {
            Some(_) => format!("is {policy}"),
            None => format!("is not set, so KEDA uses {policy}"),
        };
        cx.report(Report {
            found: format!("{found}, but the client reads {client} at {} {}", consumer.meta.object, written.place),
            want: match agree {
                true => format!("set it to {client}"),
                false => "its containers differ, so make them equal first".to_owned(),
            },
            cost: cost(client).to_owned(),
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: Gap::Value(policy.to_owned()),
            fix: agree.then(|| Fix::set(place.clone(), *client)),
            place,
        });
    }
}

/// What KEDA uses; `None` for a value that it refuses.
fn policy(trigger: &Trigger) -> Option<&'static str> {
    match trigger.text(KEY) {
        None | Some("latest") => Some("latest"),
        Some("earliest") => Some("earliest"),
        Some(_) => None,
    }
}

/// The end of the topic at which a client starts, by the names of the Java client, librdkafka and sarama; `none` and
/// `by_duration` are neither.
fn end(value: &str) -> Option<&'static str> {
    match value.trim().to_ascii_lowercase().as_str() {
        "earliest" | "smallest" | "beginning" | "oldest" => Some("earliest"),
        "latest" | "largest" | "end" | "newest" => Some("latest"),
        _ => None,
    }
}

/// What KEDA counts for a partition without a committed offset (`getLagForPartition`, pkg/scalers/kafka_scaler.go,
/// v2.20.2).
fn cost(client: &str) -> &'static str {
    match client {
        "earliest" => {
            "a new group has the whole topic to read, and KEDA counts 1 message a partition until the first commit: it starts far too few pods"
        }
        _ => {
            "a new group skips what is in the topic, and KEDA counts all of it as lag until the first commit: it starts pods for nothing"
        }
    }
}
