//! LW112 autoscaled-member-never-leaves.

use crate::engine::consumer::{Consumer, Container};
use crate::engine::cost::Standstill;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW112",
    name: "autoscaled-member-never-leaves",
    summary: "Every scale-in leaves partitions without a consumer until the session timeout",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw112_autoscaled_member_never_leaves.md"),
    checks: &[Check::Pair(check)],
};

fn check(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    // Where nothing is ever scaled in, nothing is orphaned by it.
    let never_scales = scaler.floor().zip(scaler.max.value().copied()).is_some_and(|(floor, max)| floor >= max);
    let stays = |container: &&Container| {
        let is_streams = container.is_streams && !container.new_protocol();
        (container.is_static() || is_streams) && !container.leaves_on_close
    };
    let Some(container) = consumer.consuming(true).into_iter().find(stays) else { return };
    if never_scales {
        return;
    }
    let what = if container.is_static() { "a static member (group.instance.id)" } else { "Kafka Streams" };
    let standstill = Standstill::of(container, consumer);
    cx.report(Report {
        place: Place::fields(&["spec", "scaleTargetRef", "name"]),
        found: format!("scales {what} in container {}, which does not leave its group when it stops", container.name),
        want: if container.is_static() {
            "scale dynamic members, or keep the number of replicas".to_owned()
        } else {
            "let it leave on close, or use group.protocol=streams".to_owned()
        },
        cost: format!(
            "at every scale-in the partitions of the pods that go are not consumed for {standstill}, while their lag asks for pods again"
        ),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: None,
    });
}
