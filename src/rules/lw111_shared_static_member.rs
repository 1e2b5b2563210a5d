//! LW111 shared-static-member.

use crate::engine::consumer::{Consumer, Container, Instance};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Reader, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW111",
    name: "shared-static-member",
    summary: "Several pods join under one group.instance.id and throw each other out",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw111_shared_static_member.md"),
    checks: &[Check::Container(replicas), Check::Pair(autoscaled)],
};

fn replicas(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    let Instance::Constant(instance) = &container.instance else { return };
    let Some((count, _)) = consumer.replicas.set().filter(|(count, _)| **count > 1) else { return };
    let found = format!("is {} in each of {count} replicas", instance.text());
    cx.report(report(instance.place.clone(), found, *count, container, instance));
}

fn autoscaled(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let Some(max) = scaler.max.value().copied().filter(|max| *max > 1) else { return };
    for container in consumer.consuming(true) {
        let Instance::Constant(instance) = &container.instance else { continue };
        let place = Place::fields(&["spec", "maxReplicaCount"]);
        let is = if scaler.max.set().is_some() { "is" } else { "is not set, so it is" };
        let id = instance.text();
        let name = &container.name;
        let found = format!("{is} {max}, but every pod joins with the group.instance.id {id} of container {name}");
        cx.report(report(place, found, max, container, instance));
    }
}

fn report(place: Place, found: String, count: i64, container: &Container, instance: &Written) -> Report {
    let cost = if container.new_protocol() {
        "the broker lets only the first of them in and answers the others UNRELEASED_INSTANCE_ID: they run, consume nothing, and KEDA adds more of them"
    } else {
        "each join fences the member that has the name (FENCED_INSTANCE_ID): only one consumes at a time, and where the others restart they throw each other out without end"
    };
    Report {
        place,
        found,
        want: "give each pod its own (the pod's name in a StatefulSet), none at all, or run one replica"
            .to_owned(),
        cost: cost.to_owned(),
        // A home-made name may be only a part of what the client is told.
        severity: if instance.reader == Reader::Anybody { Severity::Advice } else { Severity::Firm },
        basis: Basis::Certain,
        gap: Gap::Distance(u128::from(count.unsigned_abs())),
        fix: None,
    }
}
