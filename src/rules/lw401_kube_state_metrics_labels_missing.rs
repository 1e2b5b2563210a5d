//! LW401 kube-state-metrics-labels-missing.

use crate::engine::consumer::Consumer;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::kube_state::{Instead, KubeStateMetrics, KubeStateVersion, PodLabels, UnknownFlag};
use crate::engine::place::Place;
use crate::engine::policy::{LabelName, Param};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

static POD_LABEL: Param<LabelName> = Param {
    key: "podLabel",
    doc: "The label by which the team finds the pods of a ScaledObject in Prometheus.",
    default: LabelName::SCALED_OBJECT,
    range: LabelName::ANY,
};

pub(super) static RULE: Rule = Rule {
    code: "LW401",
    name: "kube-state-metrics-labels-missing",
    summary: "kube-state-metrics does not start, or hides the label by which pods are found",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[&POD_LABEL],
    page: include_str!("lw401_kube_state_metrics_labels_missing.md"),
    checks: &[Check::Workload(check)],
};

const FLAG: &str = "--metric-labels-allowlist";
const DOWN: &str = "kube-state-metrics ends at once: every metric of pods, workloads and HPAs is gone, and alerts on them are silent";
const HIDDEN: &str = "queries that find the pods of a ScaledObject by this label find none, and alerts on them never fire";

fn check(consumer: &Consumer, cx: &mut Cx<'_>) {
    for kube_state in consumer.containers.iter().filter_map(|container| container.kube_state.as_deref()) {
        for flag in &kube_state.unknown {
            cx.report(unknown(flag, kube_state.version));
        }
        labels(kube_state, cx);
    }
}

/// It certainly does not start if the flags of its version are known.
fn unknown(flag: &UnknownFlag, version: Option<KubeStateVersion>) -> Report {
    let is_certain = version.is_some_and(KubeStateVersion::is_known);
    let whose = version.map_or_else(|| "kube-state-metrics".to_owned(), |v| format!("kube-state-metrics {v}"));
    let want = match flag.instead {
        Instead::Flag(name) => format!("write --{name}=..."),
        Instead::Newer(name, minor) => format!("remove it, or run 2.{minor}, which brought --{name}"),
        Instead::Other(what) => what.to_owned(),
        Instead::Value => format!("write {}=...", flag.written),
        Instead::Nothing => "remove it".to_owned(),
    };
    let found = match flag.instead {
        Instead::Value => format!("is {} without a value", flag.written),
        _ => format!("is {}, which {whose} does not have", flag.written),
    };
    Report {
        place: flag.place.clone(),
        found,
        want,
        cost: DOWN.to_owned(),
        severity: if is_certain { Severity::Firm } else { Severity::Advice },
        basis: Basis::Certain,
        gap: Gap::Value(flag.written.to_string()),
        fix: None,
    }
}

fn labels(kube_state: &KubeStateMetrics, cx: &mut Cx<'_>) {
    let wanted = cx.get(&POD_LABEL);
    let missing = |place: &Place, found: &str, severity| Report {
        place: place.clone(),
        found: found.to_owned(),
        want: format!("write {FLAG}=pods=[{wanted}]"),
        cost: if severity == Severity::Firm { DOWN } else { HIDDEN }.to_owned(),
        severity,
        basis: Basis::Certain,
        gap: Gap::Value(found.to_owned()),
        fix: None,
    };
    let report = match &kube_state.pod_labels {
        PodLabels::Unknown => return,
        PodLabels::Some { names, is_all, .. } if *is_all || names.iter().any(|name| wanted.is_shown_by(name)) => {
            return;
        }
        PodLabels::Unset(place) => missing(place, &format!("do not name {FLAG}, so no label of a pod is shown"), Severity::Advice),
        PodLabels::Empty(place) => {
            missing(place, &format!("leaves {FLAG} empty, so no label of a pod is shown"), Severity::Advice)
        }
        PodLabels::Malformed(place) => {
            missing(place, &format!("gives {FLAG} a value that is not of the form pods=[...]"), Severity::Firm)
        }
        PodLabels::OtherResources(place) => {
            missing(place, "names resources, and pods are not among them", Severity::Advice)
        }
        PodLabels::Some { place, .. } => {
            missing(place, &format!("does not name {wanted} among the labels of pods"), Severity::Advice)
        }
    };
    cx.report(report);
}
