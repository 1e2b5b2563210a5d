//! Objects that pass every rule, to be spoiled by the tests.

use lagward::engine::consumer::Consumer;
use lagward::engine::object::Kind;
use lagward::engine::scaler::Scaler;
use lagward::engine::subject::Subject;
use serde_json::{Value, json};

/// A Deployment whose consumer is configured well: 45 s of session timeout, 30 s of grace.
pub(crate) fn consumer() -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "orders", "namespace": "shop"},
        "spec": {"template": {"spec": {
            "terminationGracePeriodSeconds": 30,
            "containers": [{
                "name": "app",
                "image": "registry.example.com/orders:1",
                "env": [
                    {"name": "KAFKA_BROKERS", "value": "kafka:9092"},
                    {"name": "KAFKA_GROUP_ID", "value": "orders"},
                    {"name": "KAFKA_SESSION_TIMEOUT_MS", "value": "45000"},
                ],
            }],
        }}},
    })
}

/// A ScaledObject for it that has all that is asked for.
pub(crate) fn scaler() -> Value {
    json!({
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "orders", "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"name": "orders"},
            "minReplicaCount": 2,
            "maxReplicaCount": 12,
            "triggers": [trigger("orders")],
        },
    })
}

/// A good trigger of this name.
pub(crate) fn trigger(name: &str) -> Value {
    json!({
        "type": "kafka",
        "name": name,
        "metadata": {
            "bootstrapServers": "kafka:9092",
            "consumerGroup": "orders",
            "topic": "orders",
            "lagThreshold": "800",
        },
    })
}

/// The object with the value at this JSON pointer replaced; its parents must be there. `null` removes a member.
pub(crate) fn edit(object: &Value, pointer: &str, value: Value) -> Value {
    let mut object = object.clone();
    let (parent, last) = pointer.rsplit_once('/').expect("a pointer");
    let last = last.replace("~1", "/").replace("~0", "~");
    match object.pointer_mut(parent).expect("a parent") {
        Value::Array(items) => items[last.parse::<usize>().expect("an index")] = value,
        Value::Object(map) if value.is_null() => {
            map.remove(&last);
        }
        parent => parent[&last] = value,
    }
    object
}

/// The workload with this variable of its first container set; `null` removes it.
pub(crate) fn set_env(object: &Value, name: &str, value: Value) -> Value {
    let env = &object["spec"]["template"]["spec"]["containers"][0]["env"];
    let mut env = env.as_array().expect("an environment").clone();
    env.retain(|variable| variable["name"] != name);
    if !value.is_null() {
        env.push(json!({"name": name, "value": value}));
    }
    edit(object, "/spec/template/spec/containers/0/env", Value::Array(env))
}

/// The object, distilled.
pub(crate) fn subject(object: &Value) -> Subject {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let kind = Kind::of(text("apiVersion"), text("kind")).expect("a kind that is judged");
    Subject::distil(kind, object).expect("a value that can be distilled")
}

/// The workload, distilled.
pub(crate) fn as_consumer(object: &Value) -> Consumer {
    let workload = match subject(object) {
        Subject::Workload(consumer) => Some(*consumer),
        Subject::Scaler(_) => None,
    };
    workload.expect("a workload")
}

/// The ScaledObject, distilled.
pub(crate) fn as_scaler(object: &Value) -> Scaler {
    let scaler = match subject(object) {
        Subject::Scaler(scaler) => Some(*scaler),
        Subject::Workload(_) => None,
    };
    scaler.expect("a ScaledObject")
}
