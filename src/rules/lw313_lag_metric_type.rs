//! LW313 lag-metric-type.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW313",
    name: "lag-metric-type",
    summary: "The metric type of the trigger makes no scaler, or one that runs away",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw313_lag_metric_type.md"),
    checks: &[Check::Trigger(check)],
};

fn check(trigger: &Trigger, scaler: &Scaler, cx: &mut Cx<'_>) {
    let (severity, cost) = match trigger.metric_type.as_deref() {
        None => return,
        // `GetMetricTargetType`, pkg/scalers/scaler.go, v2.20.2.
        Some("Utilization") => (
            Severity::Firm,
            "KEDA builds no scaler of it: a new ScaledObject scales nothing, a changed one keeps its old autoscaler".to_owned(),
        ),
        // A formula has a metric type of its own, in scalingModifiers.
        Some("Value") if scaler.formula.is_some() => return,
        Some("Value") => (Severity::Advice, runs_away(trigger, scaler, cx)),
        // `validateMetricTarget`, pkg/apis/autoscaling/validation, Kubernetes v1.34.4.
        Some(_) if scaler.formula.is_some() => return,
        Some(_) => (
            Severity::Firm,
            "the API server refuses the HPA that KEDA makes of it: a new ScaledObject scales nothing, a changed one keeps its old autoscaler".to_owned(),
        ),
    };
    let kind = trigger.metric_type.as_deref().unwrap_or_default();
    cx.report(Report {
        place: trigger.place.field("metricType"),
        found: format!("is {kind}"),
        want: "remove it, or write AverageValue, which is the default".to_owned(),
        cost,
        severity,
        basis: Basis::Certain,
        gap: Gap::Value(kind.to_owned()),
        fix: None,
    });
}

/// The HPA multiplies what runs by lag / lagThreshold at every sync (`GetExternalMetricReplicas`,
/// pkg/controller/podautoscaler/replica_calculator.go, Kubernetes v1.34.4).
fn runs_away(trigger: &Trigger, scaler: &Scaler, cx: &Cx<'_>) -> String {
    let threshold = trigger.lag_threshold(cx.keda());
    match (threshold.value(), scaler.max.value()) {
        (Some(threshold), Some(max)) => format!(
            "lagThreshold is then no lag per pod: with {} messages of lag the HPA doubles the pods at every sync, whatever they are already, up to {max}",
            threshold.saturating_mul(2)
        ),
        _ => "lagThreshold is then no lag per pod: with twice as much lag the HPA doubles the pods at every sync, whatever they are already".to_owned(),
    }
}
