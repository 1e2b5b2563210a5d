//! LW311 topic-missing.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::keda::TriggerKind;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW311",
    name: "topic-missing",
    summary: "The trigger names no topic, so that KEDA sums the lag of several",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw311_topic_missing.md"),
    checks: &[Check::Trigger(check)],
};

/// `getTopicPartitions` of pkg/scalers/kafka_scaler.go and apache_kafka_scaler.go, v2.20.2.
fn check(trigger: &Trigger, _: &Scaler, cx: &mut Cx<'_>) {
    if trigger.text("topic").is_some() || trigger.text("topicFromEnv").is_some() {
        return;
    }
    let cost = match trigger.kind {
        TriggerKind::Kafka => {
            "KEDA sums the lag of every topic for which the group has offsets, also of those that it no longer reads: their lag never shrinks, and pods stay for it"
        }
        TriggerKind::ApacheKafka => {
            "KEDA sums the lag of every topic of the cluster, whoever reads it, and fails while the group has no member"
        }
    };
    cx.report(Report {
        place: trigger.key("topic"),
        found: match trigger.metadata.get("topic") {
            Some(_) => "is empty".to_owned(),
            None => "is not set".to_owned(),
        },
        want: "name the topic; a trigger for each if there are several".to_owned(),
        cost: cost.to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: None,
    });
}
