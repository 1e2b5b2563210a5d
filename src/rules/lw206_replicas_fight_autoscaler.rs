//! LW206 replicas-fight-autoscaler.

use crate::engine::consumer::Consumer;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW206",
    name: "replicas-fight-autoscaler",
    summary: "The manifest sets the replicas of a workload that KEDA scales",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw206_replicas_fight_autoscaler.md"),
    checks: &[Check::Workload(check)],
};

fn check(consumer: &Consumer, cx: &mut Cx<'_>) {
    // Every object of a cluster has replicas: the API server fills in 1, and the autoscaler writes its own number.
    if cx.is_request() || consumer.meta.is_from_cluster {
        return;
    }
    let Some((replicas, written)) = consumer.replicas.set() else { return };
    let is_same = |min: Option<&i64>, max: Option<&i64>| min == Some(replicas) && max == Some(replicas);
    // Argo sets the replicas of a Deployment whose pods a Rollout runs to 0, and wants them there.
    let mut scalers = cx.scalers().iter();
    let fights = scalers.find(|s| s.paused.is_none() && s.target.kind.is_some() && !is_same(s.min.value(), s.max.value()));
    let Some(scaler) = fights else { return };
    let pods = if *replicas == 1 { "1 pod".to_owned() } else { format!("{replicas} pods") };
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {replicas}, and {} scales the same pods", scaler.meta.object),
        want: "remove it".to_owned(),
        cost: format!(
            "every apply of this manifest sets {pods}, and the autoscaler sets its own number again: each change rebalances the group. If you apply from the client side, take it out with `kubectl apply edit-last-applied` first, or the removal itself scales to 1 once"
        ),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(replicas.to_string()),
        fix: Some(Fix::new(Safety::Set, vec![Edit::Remove { place: written.place.clone() }])),
    });
}
