//! LW210 scale-up-too-eager.

use std::time::Duration;

use super::lw205_scale_down_too_eager::REBALANCE;
use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Setting};

pub(super) static RULE: Rule = Rule {
    code: "LW210",
    name: "scale-up-too-eager",
    summary: "Pods are added faster than a slow group can rebalance",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw210_scale_up_too_eager.md"),
    checks: &[Check::Pair(check)],
};

/// From here on a rebalance may wait very long for the slowest member.
const LONG_POLL: Duration = Duration::from_secs(600);

fn check(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let up = &scaler.behavior.up;
    let rebalance = cx.get(&REBALANCE);
    let is_long = |seconds: i64| u128::from(seconds.unsigned_abs()) * 1000 >= rebalance.as_millis();
    let Some(window) = up.window.value().copied() else { return };
    let is_slow = up.allows_only(|policy| policy.period.value().is_some_and(|period| is_long(*period)));
    if is_long(window) || is_slow || scaler.is_fixed() {
        return;
    }
    let containers = consumer.consuming(true);
    let Some(why) = containers.iter().find_map(|container| stops_the_group(container)) else { return };
    let pace = match (&up.window, up.policies.is_empty()) {
        (Setting::Defaulted { .. }, true) => "is not set, so the HPA adds 4 pods or doubles them every 15 s".to_owned(),
        (_, true) => "adds 4 pods or doubles them every 15 s".to_owned(),
        (_, false) => format!("adds pods more often than every {}", human(rebalance)),
    };
    let seconds = rebalance.as_millis().div_ceil(1000);
    cx.report(Report {
        place: up.place(),
        found: format!("{pace}, and {why}"),
        want: format!("give it a stabilizationWindowSeconds or a policy's periodSeconds of at least {seconds}"),
        cost: "each step comes before the group has settled from the last one: its consumers rebalance instead of working, and lag asks for the next step".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Distance(seconds.saturating_sub(window.unsigned_abs().into())),
        fix: None,
    });
}

/// Why a rebalance of this client's group is expensive, if it is told so.
fn stops_the_group(container: &Container) -> Option<String> {
    if container.new_protocol() {
        return None;
    }
    if let Some((assignors, _)) = container.assignors.set()
        && let Some(eager) = assignors.split(',').map(str::trim).find(|name| is_eager(name))
    {
        let name = eager.rsplit('.').next().unwrap_or(eager);
        return Some(format!("the assignor {name} takes all partitions from all consumers at every rebalance"));
    }
    let (poll, _) = container.poll_interval.set()?;
    (*poll > LONG_POLL)
        .then(|| format!("a rebalance may wait {} (max.poll.interval.ms) for the slowest consumer", human(*poll)))
}

/// One eager assignor in the list makes the whole member eager (`ConsumerCoordinator`, Kafka 3.x: the protocol that
/// all of its assignors support). Other names are somebody's own.
fn is_eager(assignor: &str) -> bool {
    let name = assignor.rsplit('.').next().unwrap_or(assignor).to_ascii_lowercase();
    matches!(
        name.trim_end_matches("assignor").trim_end_matches(['-', '_']),
        "range" | "roundrobin" | "round-robin" | "sticky"
    )
}
