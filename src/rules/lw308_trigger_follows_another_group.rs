//! LW308 trigger-follows-another-group.

use crate::engine::consumer::{Consumer, Container, GroupRivals};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::keda::Origin;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::{Basis, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW308",
    name: "trigger-follows-another-group",
    summary: "KEDA scales by the lag of a group or a topic that the pod does not read",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw308_trigger_follows_another_group.md"),
    checks: &[Check::Pair(check)],
};

fn check(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let containers = consumer.consuming(true);
    let own = Group::of(&containers);
    for trigger in &scaler.triggers {
        match &own {
            Some(own) if own.is_missed_by(trigger, cx) => group(own, trigger, consumer, scaler, cx),
            _ => topic(trigger, &containers, consumer, scaler, cx),
        }
    }
}

/// The one group that all consumers of the pod are told.
struct Group<'a> {
    name: &'a str,
    written: &'a Written,
    /// Code may name another.
    may_differ: bool,
}

impl<'a> Group<'a> {
    /// None where a consumer is told no group or several, since the trigger may follow what nobody sees.
    fn of(containers: &[&'a Container]) -> Option<Self> {
        let read = |container: &&'a Container| {
            let (name, written) = container.group.set()?;
            (container.group_rivals < GroupRivals::Settings).then_some((&**name, written))
        };
        let (name, written) = containers.first().and_then(read)?;
        let is_same = |container: &&'a Container| read(container).is_some_and(|(other, _)| other == name);
        let may_differ = containers.iter().any(|container| container.group_rivals != GroupRivals::None);
        containers.iter().all(is_same).then_some(Self { name, written, may_differ })
    }

    fn is_missed_by(&self, trigger: &Trigger, cx: &Cx<'_>) -> bool {
        matches!(trigger.origin("consumerGroup", cx.keda()), Origin::Literal(text) if !self.is(text))
    }

    fn is_followed_by(&self, trigger: &Trigger, cx: &Cx<'_>) -> bool {
        matches!(trigger.origin("consumerGroup", cx.keda()), Origin::Literal(text) if self.is(text))
    }

    /// As KEDA reads it: before typed parsing it trims nothing, as the client may not either.
    fn is(&self, text: &str) -> bool {
        text == self.name || text == self.written.text()
    }
}

fn group(own: &Group<'_>, trigger: &Trigger, consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    // NestJS reads another group than it is told: it appends this (`ServerKafka`, @nestjs/microservices).
    let Origin::Literal(followed) = trigger.origin("consumerGroup", cx.keda()) else { return };
    if followed.strip_suffix("-server") == Some(own.name) {
        return;
    }
    // Where another trigger follows the pod's group, this one may mean a second group that only code names.
    let is_met = scaler.triggers.iter().any(|other| own.is_followed_by(other, cx));
    let place = trigger.key("consumerGroup");
    cx.report(Report {
        found: match followed.trim() == followed {
            true => format!("is {followed}, but the pod's group is {}", own.name),
            false => format!("is {followed:?} with its spaces, but the pod's group is {}", own.name),
        },
        want: format!("set it to {}", own.name),
        cost: format!(
            "the client reads {} at {} {}: KEDA scales by the lag of another group, whatever that of this one is",
            own.name, consumer.meta.object, own.written.place
        ),
        severity: if own.may_differ || is_met || is_made_of(followed, own.name) { Severity::Advice } else { Severity::Firm },
        basis: Basis::Certain,
        gap: Gap::Value(followed.to_owned()),
        fix: Some(Fix::set(place.clone(), own.name)),
        place,
    });
}

/// A name with something before or behind it, as code makes it of a setting: `prod.orders` of `orders`.
fn is_made_of(followed: &str, own: &str) -> bool {
    let is_separator = |c: char| matches!(c, '-' | '.' | '_' | ':' | '/');
    followed.strip_suffix(own).is_some_and(|before| before.ends_with(is_separator))
        || followed.strip_prefix(own).is_some_and(|behind| behind.starts_with(is_separator))
}

fn topic(
    trigger: &Trigger,
    containers: &[&Container],
    consumer: &Consumer,
    scaler: &Scaler,
    cx: &mut Cx<'_>,
) {
    let Origin::Literal(text) = trigger.origin("topic", cx.keda()) else { return };
    let of_group = containers.iter().filter(|c| c.consumes_for(trigger, containers.len()));
    let of_group: Vec<_> = of_group.copied().collect();
    let Some(written) = only_topic(&of_group) else { return };
    let own = written.text().trim();
    let keda = cx.keda();
    if scaler.triggers.iter().any(|other| other.topics(keda).any(|topic| topic == own)) {
        return;
    }
    let place = trigger.key("topic");
    let is_one = trigger.topics(keda).count() == 1;
    cx.report(Report {
        found: format!("is {}, but the pod's topic is {own}", text.trim()),
        want: format!("set it to {own}, unless the pod reads both"),
        cost: format!(
            "the client is told {own} at {} {}: messages that wait there start no pod",
            consumer.meta.object, written.place
        ),
        severity: Severity::Advice,
        basis: Basis::Certain,
        gap: Gap::Value(text.to_owned()),
        fix: is_one.then(|| Fix::set(place.clone(), own)),
        place,
    });
}

/// The topic that all these containers are told, if it is one and no pattern.
fn only_topic<'a>(containers: &[&'a Container]) -> Option<&'a Written> {
    let first = containers.first()?.topics.first()?;
    let is_same = |other: &Written| other.text().trim() == first.text().trim();
    let is_told = |container: &&Container| !container.topics.is_empty() && container.topics.iter().all(is_same);
    (is_name(first.text().trim()) && containers.iter().all(is_told)).then_some(first)
}

/// A legal name of one topic (`Topic.containsValidPattern`, Apache Kafka).
fn is_name(text: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&text.len()) && text.bytes().all(is_legal)
}
