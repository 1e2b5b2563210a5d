//! Generated objects and policies: mostly values as people write them, and some that no schema lets through.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A name with what its values are made of.
type Named = (&'static str, fn() -> BoxedStrategy<Value>);

/// Any JSON of no great size.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(|number: f64| json!(number + 0.5)),
        "[ -~äü🦀\\t\\n]{0,8}".prop_map(Value::from),
        select(vec!["off", "strict", "LW201", "45s", "2027-01-31", "*", "[", "{a"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[a-zA-Z0-9.]{0,6}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Mostly this, sometimes unset, now and then odd.
fn mostly(valid: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![16 => valid, 3 => Just(Value::Null), 1 => any_json()].boxed()
}

fn whole(range: std::ops::Range<i64>) -> BoxedStrategy<Value> {
    prop_oneof![9 => range.prop_map(Value::from), 1 => any::<i64>().prop_map(Value::from)].boxed()
}

/// A duration in one of the forms that people use.
pub(super) fn duration() -> impl Strategy<Value = String> {
    let seconds = prop_oneof![3 => 1..120_i64, 2 => 120..2000_i64];
    (seconds, 0..7, 0..1000_i64).prop_map(|(seconds, form, millis)| match form {
        0 => format!("{}", seconds * 1000),
        1 => format!("{}", seconds * 1000 + millis),
        2 => format!("{seconds}s"),
        3 => format!("{}m{}s", seconds / 60, seconds % 60),
        4 => format!("PT{seconds}S"),
        5 => format!(" {seconds}.5s "),
        _ => seconds.to_string(),
    })
}

fn text(texts: &[&'static str]) -> BoxedStrategy<Value> {
    select(texts.to_vec()).prop_map(Value::from).boxed()
}

fn time() -> BoxedStrategy<Value> {
    duration().prop_map(Value::from).boxed()
}

/// Names under which a client or a framework reads a time.
const TIMES: &[&str] = &[
    "KAFKA_SESSION_TIMEOUT_MS",
    "KAFKA_SESSION_TIMEOUT",
    "SPRING_KAFKA_CONSUMER_PROPERTIES_SESSION_TIMEOUT_MS",
    "BROKER_SESSION_TIMEOUT",
    "KAFKA_HEARTBEAT_INTERVAL_MS",
    "KAFKA_MAX_POLL_INTERVAL_MS",
    "SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE",
    "VECTOR_GRACEFUL_SHUTDOWN_LIMIT_SECS",
];

/// Names that make a consumer, or seem to.
const OTHERS: &[&str] = &[
    "KAFKA_BROKERS",
    "KAFKA_TOPIC",
    "KAFKA_GROUP_ID",
    "KAFKA_GROUP_INSTANCE_ID",
    "KAFKA_AUTO_OFFSET_RESET",
    "DOTNET_ENVIRONMENT",
    "SPRING_PROFILES_ACTIVE",
    "VECTOR_LOG",
    "JAVA_OPTS",
    "KAFKA_PROCESS_ROLES",
    "HOME",
];

fn other_variable() -> impl Strategy<Value = Value> {
    let plain = (text(OTHERS), mostly(text(&["orders", "kafka:9092", "", "7"])))
        .prop_map(|(name, value)| json!({"name": name, "value": value}));
    let protocol = text(&["consumer", "classic"])
        .prop_map(|value| json!({"name": "KAFKA_GROUP_PROTOCOL", "value": value}));
    prop_oneof![12 => plain, 1 => protocol]
}

fn timed_variable() -> impl Strategy<Value = Value> {
    let plain = (text(TIMES), mostly(time())).prop_map(|(name, value)| json!({"name": name, "value": value}));
    let elsewhere =
        text(TIMES).prop_map(|name| json!({"name": name, "valueFrom": {"secretKeyRef": {"name": "s"}}}));
    let option = duration().prop_map(|value| {
        let options = format!("-Xmx1g -Dkafka.session.timeout.ms={} -ea", value.trim());
        json!({"name": "JAVA_TOOL_OPTIONS", "value": options})
    });
    let nested = duration().prop_map(|value| {
        let properties = json!({"spring": {"kafka": {"properties": {"session.timeout.ms": value}}}});
        json!({"name": "SPRING_APPLICATION_JSON", "value": properties.to_string()})
    });
    prop_oneof![8 => plain, 1 => elsewhere, 1 => option, 1 => nested]
}

fn container(is_timed: bool) -> impl Strategy<Value = Value> {
    let times = if is_timed { 0..4_usize } else { 0..1 };
    let env = (vec(other_variable(), 0..4), vec(timed_variable(), times))
        .prop_map(|(others, times)| Value::from([others, times].concat()));
    let hook = prop_oneof![
        whole(0..90).prop_map(|seconds| json!({"preStop": {"sleep": {"seconds": seconds}}})),
        (0..90).prop_map(
            |s| json!({"preStop": {"exec": {"command": ["sh", "-c", format!("sleep {s}; stop")]}}})
        ),
    ];
    let args = duration().prop_map(move |value| match is_timed {
        true => json!(["--kafka.session.timeout.ms", value]),
        false => json!(["--group", "orders"]),
    });
    let optional = |value: BoxedStrategy<Value>| prop_oneof![4 => Just(Value::Null), 1 => mostly(value)];
    let probe = whole(1..60).prop_map(|seconds| json!({"terminationGracePeriodSeconds": seconds}));
    let image = text(&["registry.example.com/app:1", "timberio/vector:0.40", "confluentinc/ksqldb-server"]);
    (mostly(env.boxed()), mostly(image), optional(hook.boxed()), optional(args.boxed()), optional(probe.boxed()))
        .prop_map(|(env, image, hook, args, probe)| {
            json!({"env": env, "image": image, "lifecycle": hook, "args": args, "livenessProbe": probe})
        })
}

/// Annotations of these names; a null is left out.
fn annotations(names: &'static [Named]) -> impl Strategy<Value = Value> {
    let each: Vec<_> = names
        .iter()
        .map(|(name, value)| option::weighted(0.15, mostly(value())).prop_map(move |value| (*name, value)))
        .collect();
    each.prop_map(|all| {
        let given = all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
    })
}

fn count() -> BoxedStrategy<Value> {
    whole(1..200).prop_map(|number| Value::from(number.to_string())).boxed()
}

fn reason() -> BoxedStrategy<Value> {
    text(&["batch", "batch; until 2027-01-31", "batch; until 2026-01-31", "", "until soon", "x; until soon"])
}

const DECLARED: &[Named] = &[
    ("kafka.session.timeout.seconds", time),
    ("lagward.dev/drain", time),
    ("lagward.dev/consumer", || text(&["c0", "false", "nobody"])),
];

const FACTS: &[Named] = &[
    ("lagward.dev/partitions", count),
    ("lagward.dev/peak-rate", count),
    ("lagward.dev/message-time", time),
    ("lagward.dev/commit-interval", time),
    ("lagward.dev/max-delay", time),
    ("ignore.lagward.dev/LW101", reason),
    ("ignore.lagward.dev/LW301", reason),
    ("ignore.lagward.dev/LW201", reason),
    ("autoscaling.keda.sh/paused", || text(&["true", "false"])),
];

fn metadata(annotations: Value, is_owned: bool) -> Value {
    let owners = if is_owned { json!([{"controller": true}]) } else { Value::Null };
    json!({"name": "orders", "namespace": "shop", "annotations": annotations, "ownerReferences": owners})
}

fn merged(left: Value, right: Value) -> Value {
    let maps = [left, right].into_iter().filter_map(|value| value.as_object().cloned());
    maps.flatten().collect()
}

/// A Deployment or a StatefulSet; one that is not timed sets no time that a client or a framework reads.
pub(crate) fn workload(is_timed: bool) -> impl Strategy<Value = Value> {
    let declared = if is_timed { annotations(DECLARED).boxed() } else { Just(json!({})).boxed() };
    let kind = text(&["Deployment", "StatefulSet"]);
    let owned = proptest::bool::weighted(0.05);
    (kind, declared, annotations(FACTS), owned, mostly(whole(1..700)), vec(container(is_timed), 0..4)).prop_map(
        |(kind, declared, facts, is_owned, grace, mut containers)| {
            for (index, container) in containers.iter_mut().enumerate() {
                container["name"] = json!(format!("c{index}"));
            }
            let pod = json!({"terminationGracePeriodSeconds": grace, "containers": containers});
            let metadata = metadata(merged(declared, facts), is_owned);
            json!({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {"template": {"spec": pod}}})
        },
    )
}

fn trigger() -> impl Strategy<Value = Value> {
    let number = |range| mostly(whole(range).prop_map(|number| Value::from(number.to_string())).boxed());
    let kind =
        prop_oneof![8 => Just("kafka"), 2 => Just("apache-kafka"), 1 => Just("Kafka"), 1 => Just("cron")];
    let metric = prop_oneof![8 => Just(Value::Null), 1 => text(&["AverageValue", "Value"])];
    let topic = text(&["orders", "orders,returns", ""]);
    let session = prop_oneof![2 => Just(Value::Null), 1 => mostly(time())];
    let servers = prop_oneof![9 => Just(json!("kafka:9092")), 1 => Just(Value::Null)];
    // Misspelt, misplaced, secret and unknown keys.
    let stray = ["lagTreshold", "consumergroup", "maxReplicaCount", "password", "sasl", "version", "x"];
    let stray = option::weighted(0.2, (select(stray.to_vec()), mostly(text(&["800", "none", "2.0.0"]))));
    let session = (session, servers, stray);
    (kind, metric, topic, number(1..2000), number(0..2000), session, text(&["true", "false"])).prop_map(
        |(kind, metric, topic, lag, activation, (session, servers, stray), idle)| {
            let mut trigger = json!({"type": kind, "metricType": metric, "metadata": {
                "bootstrapServers": servers, "consumerGroup": "orders", "topic": topic, "lagThreshold": lag,
                "activationLagThreshold": activation, "sessionTimeout": session, "allowIdleConsumers": idle,
            }});
            if let Some((key, value)) = stray {
                trigger["metadata"][key] = value;
            }
            trigger
        },
    )
}

/// A ScaledObject for the workload.
pub(super) fn scaler() -> impl Strategy<Value = Value> {
    let idle = prop_oneof![3 => Just(Value::Null), 1 => mostly(whole(0..4))];
    let formula =
        prop_oneof![9 => Just(Value::Null), 1 => Just(json!({"scalingModifiers": {"formula": "a"}}))];
    let bounds = (mostly(whole(0..6)), mostly(whole(1..300)), idle, formula);
    let owned = proptest::bool::weighted(0.05);
    (bounds, vec(trigger(), 0..4), annotations(FACTS), owned).prop_map(
        |((min, max, idle, advanced), triggers, facts, is_owned)| {
            let target = json!({"name": "orders"});
            json!({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata(facts, is_owned),
                "spec": {"scaleTargetRef": target, "minReplicaCount": min, "maxReplicaCount": max,
                    "idleReplicaCount": idle, "advanced": advanced, "triggers": triggers}})
        },
    )
}

pub(crate) fn object() -> impl Strategy<Value = Value> {
    prop_oneof![workload(true), scaler()]
}
