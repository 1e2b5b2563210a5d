//! Objects with a field less, or with another kind of value in it: nothing panics, and nothing is denied that the
//! whole object would not be denied, but for a stated reason.

use std::collections::BTreeSet;

use lagward::engine::judge::{Context, Occasion, judge};
use lagward::engine::policy::Policy;
use lagward::engine::rule::Level;
use serde_json::{Value, json};

use crate::page::Case;
use crate::ways::TODAY;
use crate::world::Block;

/// How a field was changed.
#[derive(Clone, Copy, PartialEq)]
enum Change {
    /// It is gone, or null.
    Gone,
    /// Another kind of value stands there.
    Retyped,
}
use Change::{Gone, Retyped};

/// What may be denied after a change of a field, or of what holds it, and why that is right. A `*` is any item or key.
const REASONS: &[(Change, &str, &[&str], &str)] = &[
    (Gone, "/metadata/annotations/ignore.lagward.dev~1LW201", &["LW201"], "it was exempted"),
    (Gone, "/spec/scaleTargetRef/name", &["LW201"], "what its workload declares is not known any more"),
    (Retyped, "/spec/scaleTargetRef/name", &["LW201"], "what its workload declares is not known any more"),
    (Gone, "/metadata/annotations/autoscaling.keda.sh~1paused", PAUSED, "nobody scales a paused object"),
    (
        Gone,
        "/metadata/annotations/autoscaling.keda.sh~1paused-replicas",
        PAUSED,
        "nobody scales a paused object",
    ),
    (
        Gone,
        "/metadata/annotations/lagward.dev~1consumer",
        &["LW101", "LW105", "LW110"],
        "it said that here is no consumer",
    ),
    (Gone, "/metadata/annotations/lagward.dev~1max-delay", &["LW301"], "it lowered the bound"),
    (Gone, "/metadata/annotations/lagward.dev~1message-time", &["LW301"], "it lowered the bound"),
    (
        Gone,
        "/metadata/annotations/lagward.dev~1partitions",
        &["LW201"],
        "it said that there is one partition",
    ),
    (
        Gone,
        "/spec/triggers/*/metadata/consumerGroup",
        &["LW308"],
        "no trigger follows the pod's group any more",
    ),
    (Gone, "/spec/minReplicaCount", &["LW201", "LW203", "LW301"], "KEDA's default is 0"),
    (Gone, "/spec/maxReplicaCount", &["LW111", "LW201", "LW301"], "KEDA's default is 100"),
    (
        Gone,
        "/spec/advanced/scalingModifiers/formula",
        &["LW301"],
        "the threshold is the lag per replica again",
    ),
    (
        Gone,
        "/spec/advanced/horizontalPodAutoscalerConfig/behavior/*/policies/*/*",
        &["LW205"],
        "a policy has three fields",
    ),
    (Gone, "/spec/scaleTargetRef/envSourceContainerName", &["LW312"], "the first container counts"),
    (Gone, "/spec/triggers/*/type", &["LW202", "LW308"], "one Kafka trigger less is left"),
    (Gone, "/spec/triggers/*/authenticationRef/name", &["LW306"], "nothing supplies credentials any more"),
    (Gone, "/spec/triggers/*/metadata/allowIdleConsumers", &["LW202"], "idle consumers were wanted"),
    (Gone, "/spec/triggers/*/metadata/lagThreshold", &["LW301"], "KEDA's default is 10"),
    (Gone, "/spec/triggers/*/metadata/topic", &["LW307"], "other keys need a topic"),
    (Gone, "/spec/triggers/*/metadata/topicFromEnv", &["LW307"], "other keys need a topic"),
    (Gone, "/spec/triggers/*/metadata/*", &["LW306"], "KEDA needs it"),
    (Gone, "/spec/template/spec/containers/*/name", &["LW312"], "KEDA finds the container by its name"),
    (
        Gone,
        "/spec/template/spec/containers/*/env/*/name",
        &["LW101", "LW102", "LW105", "LW110", "LW308", "LW312"],
        "another source of the setting counts, or none",
    ),
    (
        Gone,
        "/spec/template/spec/containers/*/env/*/value",
        &["LW101", "LW102", "LW105", "LW110", "LW312"],
        "another source of the setting counts, or none",
    ),
    (Gone, "/spec/template/spec/containers/*/command/*", &["LW101"], "another source of the setting counts"),
    (
        Gone,
        "/spec/template/spec/containers/*/env/*/valueFrom/fieldRef/fieldPath",
        &["LW102", "LW110", "LW312"],
        "the member is dynamic",
    ),
    (
        Gone,
        "/spec/template/spec/containers/*/envFrom/*/configMapRef/name",
        &["LW312"],
        "no variable can come from it",
    ),
    (Retyped, "/metadata/annotations/*", PAUSED, "as if it were gone"),
    (
        Retyped,
        "/metadata/annotations/*",
        &["LW101", "LW104", "LW105", "LW110", "LW201", "LW202", "LW301"],
        "a number counts as its text, anything else as if it were gone",
    ),
    (Retyped, "/spec/minReplicaCount", &["LW201", "LW203", "LW301"], "a whole number counts"),
    (Retyped, "/spec/maxReplicaCount", &["LW111", "LW201", "LW301"], "a whole number counts"),
    (Retyped, "/spec/advanced/scalingModifiers/formula", &["LW301"], "it is no formula"),
    (
        Retyped,
        "/spec/advanced/horizontalPodAutoscalerConfig/behavior/*/policies/*/type",
        &["LW205"],
        "the HPA API knows no such type",
    ),
    (Retyped, "/spec/scaleTargetRef/envSourceContainerName", &["LW312"], "the first container counts"),
    (Retyped, "/spec/triggers/*/type", &["LW202", "LW308"], "one Kafka trigger less is left"),
    (Retyped, "/spec/triggers/*/authenticationRef/name", &["LW306"], "nothing supplies credentials any more"),
    (Retyped, "/spec/triggers/*/metadata/*", &["LW310"], "the API server accepts strings only"),
    (
        Retyped,
        "/spec/triggers/*/metadata/*",
        &["LW301", "LW306", "LW307", "LW308", "LW312"],
        "it counts as its text",
    ),
    (Retyped, "/spec/triggers/*/metadata/allowIdleConsumers", &["LW202"], "idle consumers were wanted"),
    (Retyped, "/spec/template/spec/containers/*/name", &["LW312"], "KEDA finds the container by its name"),
    (
        Retyped,
        "/spec/template/spec/containers/*/env/*/name",
        &["LW101", "LW102", "LW105", "LW110", "LW308", "LW312"],
        "another source of the setting counts, or none",
    ),
    (
        Retyped,
        "/spec/template/spec/containers/*/env/*/value",
        &["LW310"],
        "the API server accepts strings only",
    ),
    (
        Retyped,
        "/spec/template/spec/containers/*/env/*/value",
        &["LW101", "LW102", "LW104", "LW105", "LW106", "LW107", "LW110", "LW111", "LW308", "LW312"],
        "it counts as its text",
    ),
    (
        Retyped,
        "/spec/template/spec/containers/*/command/*",
        &["LW101"],
        "another source of the setting counts",
    ),
    (
        Retyped,
        "/spec/template/spec/containers/*/env/*/valueFrom/fieldRef/fieldPath",
        &["LW102", "LW110", "LW312"],
        "the member is dynamic",
    ),
    (Retyped, "/spec/template/spec/containers/*/envFrom", &["LW312"], "no variable can come from it"),
];

/// What examples of paused objects have in them.
const PAUSED: &[&str] = &["LW201", "LW203", "LW306"];

/// A denial: the object and the code. Places move when an item of a list goes.
type Denial = (String, &'static str);

/// Tries every field of every object of a case.
pub(crate) fn run(case: &Case) -> Result<(), String> {
    let values = Block::read(&case.text)?.values();
    let whole = denials(&values, &case.policy)?;
    for (index, value) in values.iter().enumerate() {
        let mut fields = Vec::new();
        collect(value, String::new(), &mut fields);
        for field in fields.iter().filter(|field| !is_identity(field)) {
            let try_out = |change, new: Value| {
                let mut changed = values.clone();
                changed[index] = new;
                try_out(&changed, &whole, change, field, case).map_err(|why| {
                    format!("line {}: {field} as {:?}: {why}", case.line, changed[index].pointer(field))
                })
            };
            let gone = try_out(Gone, without(value, field))?;
            // The API server drops nulls; in annotations they become empty texts, and in lists they are items.
            let null = try_out(Gone, with(value, field, Value::Null))?;
            if gone != null && !field.starts_with("/metadata/annotations/") && !is_item(field) {
                return Err(format!("line {}: {field} is not judged as null as it is without it", case.line));
            }
            for other in others(value, field) {
                try_out(Retyped, with(value, field, other))?;
            }
        }
    }
    Ok(())
}

/// What is denied after a change; an error if that is new and not stated.
fn try_out(
    changed: &[Value],
    whole: &BTreeSet<Denial>,
    change: Change,
    field: &str,
    case: &Case,
) -> Result<BTreeSet<Denial>, String> {
    let denials = denials(changed, &case.policy)?;
    match denials.difference(whole).find(|(_, code)| !is_stated(change, field, code)) {
        Some((object, code)) => Err(format!("{code} denies {object}")),
        None => Ok(denials),
    }
}

/// Without identity it would be another object.
fn is_identity(field: &str) -> bool {
    matches!(field, "/apiVersion" | "/kind" | "/metadata" | "/metadata/name" | "/metadata/namespace")
}

fn is_item(field: &str) -> bool {
    field.rsplit('/').next().is_some_and(|last| last.parse::<usize>().is_ok())
}

fn is_stated(change: Change, field: &str, code: &str) -> bool {
    let is_about = |pattern: &str| {
        // A field goes with all that is in it.
        let mut parts = pattern.split('/');
        field.split('/').all(|part| parts.next().is_some_and(|pattern| pattern == "*" || pattern == part))
    };
    REASONS.iter().any(|(of, pattern, codes, _)| *of == change && is_about(pattern) && codes.contains(&code))
}

/// Values of other kinds than the one that stands there.
fn others(value: &Value, field: &str) -> impl Iterator<Item = Value> {
    let old = value.pointer(field).map(std::mem::discriminant);
    let all = [json!(7), json!("x"), json!([])];
    all.into_iter().filter(move |other| old != Some(std::mem::discriminant(other)))
}

fn with(value: &Value, field: &str, new: Value) -> Value {
    let mut changed = value.clone();
    if let Some(old) = changed.pointer_mut(field) {
        *old = new;
    }
    changed
}

fn without(value: &Value, field: &str) -> Value {
    let mut changed = value.clone();
    let (parent, last) = field.rsplit_once('/').unwrap_or_default();
    let last = last.replace("~1", "/").replace("~0", "~");
    match changed.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.remove(&last);
        }
        Some(Value::Array(list)) => {
            if let Ok(index) = last.parse::<usize>() {
                list.remove(index);
            }
        }
        _ => {}
    }
    changed
}

fn collect(value: &Value, at: String, fields: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                fields.push(at.clone());
                collect(value, at, fields);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                fields.push(format!("{at}/{index}"));
                collect(value, format!("{at}/{index}"), fields);
            }
        }
        _ => {}
    }
}

fn denials(values: &[Value], policy: &Policy) -> Result<BTreeSet<Denial>, String> {
    let block = Block::of(values)?;
    let mut denials = BTreeSet::new();
    for judged in &block.judged {
        let verdict = judge(
            &judged.subject,
            || None,
            &Context { world: &block, policy, occasion: Occasion::Existing, today: TODAY },
        );
        if !verdict.panicked.is_empty() {
            return Err(format!("panicked: {:?}", verdict.panicked));
        }
        let denied = verdict.open().filter(|finding| finding.level == Level::Deny);
        denials.extend(denied.map(|finding| (finding.object.to_string(), finding.rule.code)));
    }
    Ok(denials)
}
