//! LW110 pod-name-as-static-member.

use crate::engine::consumer::{Consumer, Container, Instance};
use crate::engine::cost::Standstill;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::object::Kind;
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW110",
    name: "pod-name-as-static-member",
    summary: "Pods of a Deployment are static members under names that never come back",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw110_pod_name_as_static_member.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    let Instance::PodName(place) = &container.instance else { return };
    // The pods of a StatefulSet keep their names.
    if consumer.meta.object.kind != Kind::Deployment || container.leaves_on_close {
        return;
    }
    cx.report(Report {
        place: (**place).clone(),
        found: "is the pod's name, and a Deployment gives every new pod a new one".to_owned(),
        want: "remove it, or use a StatefulSet".to_owned(),
        cost: format!(
            "a static member does not leave when it stops and no new pod takes its name: at every rollout, restart and scale-in the partitions of each old pod are not consumed for {}",
            Standstill::of(container, consumer)
        ),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: variable(place, container).map(|place| Fix::new(Safety::Set, vec![Edit::Remove { place }])),
    });
}

/// The environment variable, where it is nothing but the instance id; JVM options hold more than that.
fn variable(place: &Place, container: &Container) -> Option<Place> {
    let name = place.variable()?.replace(['_', '-', '.'], "").to_ascii_lowercase();
    container.removable_variable(place).filter(|_| name.ends_with("instanceid"))
}
