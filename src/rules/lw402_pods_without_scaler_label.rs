//! LW402 pods-without-scaler-label.

use crate::engine::consumer::Consumer;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::place::Place;
use crate::engine::policy::{LabelName, Param};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

static LABEL: Param<LabelName> = Param {
    key: "label",
    doc: "The label by which the team finds the pods of a ScaledObject in Prometheus.",
    default: LabelName::SCALED_OBJECT,
    range: LabelName::ANY,
};

static REQUIRED: Param<bool> = Param {
    key: "required",
    doc: "Whether pods without the label are reported, too.",
    default: false,
    range: false..=true,
};

pub(super) static RULE: Rule = Rule {
    code: "LW402",
    name: "pods-without-scaler-label",
    summary: "The pods of a scaled consumer are labelled as those of another ScaledObject, or not at all",
    since: "0.1.0",
    levels: Levels::WARN_AT_MOST,
    fixes: Fixes::NONE,
    params: &[&LABEL, &REQUIRED],
    page: include_str!("lw402_pods_without_scaler_label.md"),
    checks: &[Check::Workload(check)],
};

const COST: &str = "KEDA labels the ScaledObject and its HPA, and no pods: a query that finds pods by this label does not see these as the ScaledObject's";

/// An apply is not the time to hear of dashboards: files and running objects are.
fn check(consumer: &Consumer, cx: &mut Cx<'_>) {
    if cx.is_request() {
        return;
    }
    let scalers = cx.scalers();
    let Some(first) = scalers.first().map(|scaler| &scaler.meta.object) else { return };
    let is_one = |value: &str| scalers.iter().any(|scaler| *scaler.meta.object.name == *value);
    let label = cx.get(&LABEL);
    let written = consumer.pod_labels.iter().find(|(key, _)| **key == *label.0);
    let list = Place::fields(&["spec", "template", "metadata", "labels"]);
    let (place, found) = match written {
        Some((_, value)) if is_one(value) => return,
        Some((key, value)) => (list.field(key.to_string()), format!("is {value:?}, and {first} scales these pods")),
        None if cx.get(&REQUIRED) => (list, format!("have no {label}")),
        None => return,
    };
    cx.report(Report {
        place,
        found,
        want: format!("write {label}: {}", first.name),
        cost: COST.to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: None,
    });
}
