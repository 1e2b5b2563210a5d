//! LW312 env-source-unresolved.

use crate::engine::consumer::{Consumer, Container};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::keda::Origin;
use crate::engine::keda::dialect::Dialect;
use crate::engine::keda::origin::{FROM_ENV, from_env};
use crate::engine::place::Place;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;
use crate::engine::variables::Holding;

pub(super) static RULE: Rule = Rule {
    code: "LW312",
    name: "env-source-unresolved",
    summary: "The trigger names a variable that the container does not have",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw312_env_source_unresolved.md"),
    checks: &[Check::Pair(check)],
};

fn check(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    // Without containers KEDA takes no variables at all, and there is nothing to compare.
    if consumer.env_source(None).is_none() {
        return;
    }
    let named = scaler.target.env_source.as_deref();
    let Some(source) = consumer.env_source(named) else {
        cx.report(without_container(named.unwrap_or_default(), consumer, severity(cx)));
        return;
    };
    for trigger in &scaler.triggers {
        for key in FROM_ENV {
            let Origin::Variable(variable) = trigger.origin(key, cx.keda()) else { continue };
            let held = source.variables.get(variable);
            if held != Holding::Value {
                cx.report(unresolved(key, variable, held, source, trigger, consumer, cx));
            }
        }
    }
}

/// The workload may be applied after its ScaledObject, so that a request is only told.
fn severity(cx: &Cx<'_>) -> Severity {
    if cx.is_request() { Severity::Advice } else { Severity::Firm }
}

/// KEDA gives up before it reads any trigger (`ResolveContainerEnv`, pkg/scaling/resolver/scale_resolvers.go).
fn without_container(name: &str, consumer: &Consumer, severity: Severity) -> Report {
    Report {
        place: Place::fields(&["spec", "scaleTargetRef", "envSourceContainerName"]),
        found: format!("is {name}, and {} has no such container", consumer.meta.object),
        want: "name one of its containers, or remove it for the first".to_owned(),
        cost: "KEDA builds none of the triggers, whether they read variables or not: nothing scales".to_owned(),
        severity,
        basis: Basis::Certain,
        gap: Gap::Value(name.to_owned()),
        fix: None,
    }
}

fn unresolved(
    key: &str,
    variable: &str,
    held: Holding,
    source: &Container,
    trigger: &Trigger,
    consumer: &Consumer,
    cx: &Cx<'_>,
) -> Report {
    let keda = cx.keda();
    let is_other = |other: &&Container| {
        !other.is_sidecar() && other.place != source.place && other.variables.get(variable) == Holding::Value
    };
    let other = consumer.containers.iter().find(is_other);
    let is_strict = Dialect::of(trigger.kind, keda) == Dialect::Strict;
    Report {
        place: trigger.key(from_env(key)),
        found: match held {
            Holding::Nothing => format!("names {variable}, which is empty in container {}", source.name),
            Holding::Skipped => {
                format!("names {variable}, a field of the pod in container {}, which KEDA skips", source.name)
            }
            Holding::Missing | Holding::Value => {
                format!("names {variable}, which container {} does not have", source.name)
            }
        },
        want: match other {
            Some(other) => format!("set spec.scaleTargetRef.envSourceContainerName to {}", other.name),
            None => format!("give it that variable, or write {key} itself"),
        },
        cost: cost(key, is_strict).to_owned(),
        severity: severity(cx),
        // What a newer KEDA does is not known for certain.
        basis: if keda.is_known() { Basis::Certain } else { Basis::Assumed },
        gap: Gap::Value(variable.to_owned()),
        fix: None,
    }
}

/// `parseKafkaMetadata`, pkg/scalers/kafka_scaler.go, v2.14.1, takes it for empty; `configParamValue`,
/// pkg/scalers/scalersconfig/typed_config.go, v2.20.2, for absent.
fn cost(key: &str, is_strict: bool) -> &'static str {
    match (key, is_strict) {
        ("topic", _) => "KEDA takes the topic for not given, without an error, and sums the lag of several topics",
        ("consumerGroup", true) => {
            "KEDA takes the group for the empty one, without an error: the lag of this consumer is never looked at"
        }
        (_, true) => "KEDA takes the address for empty, without an error: it finds no broker, and nothing scales",
        _ => "KEDA refuses the trigger only after it was admitted: the scaler is never built, and nothing scales",
    }
}
