//! What a deployment declares and what is said of it, from the names in its manifest to the findings: one row a
//! mistake, or an innocent look-alike. Under `alignment: protocol`, which asks nothing of clients whose heartbeats go on
//! while they drain.

use lagward::fronts::files::check::check;
use lagward::fronts::files::{Origin, Source};

use crate::support::{policy, today};

/// A workload with this pod, behind it a ScaledObject where there is one.
struct Row {
    what: &'static str,
    kind: &'static str,
    pod: &'static str,
    scaler: Option<&'static str>,
    said: &'static [&'static str],
}

const ROW: Row = Row { what: "", kind: "Deployment", pod: "", scaler: None, said: &[] };
const BY_KEDA: Option<&str> = Some("orders");

const ROWS: &[Row] = &[
    Row {
        what: "Spring's own 30 s of shutdown are all of the grace period",
        pod: "containers: [{name: a, env: [{name: SPRING_KAFKA_CONSUMER_GROUPID, value: orders}]}]",
        said: &["LW103 warn", "LW108 warn"],
        ..ROW
    },
    Row {
        what: "with a preStop hook they are more",
        pod: "containers: [{name: a, env: [{name: SPRING_KAFKA_CONSUMER_GROUPID, value: orders}], lifecycle: {preStop: {sleep: {seconds: 10}}}}]",
        said: &["LW103 warn", "LW108 warn"],
        ..ROW
    },
    Row {
        what: "a short session timeout beside a long grace period is right for Java",
        pod: "{terminationGracePeriodSeconds: 300, containers: [{name: a, env: [{name: JAVA_OPTS, value: -Dkafka.session.timeout.ms=10000}]}]}",
        ..ROW
    },
    Row {
        what: "7.5 minutes of orphaned partitions",
        pod: "{terminationGracePeriodSeconds: 300, containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '450000'}]}]}",
        said: &["LW102 deny"],
        ..ROW
    },
    Row {
        what: "the pod's name as a static member of a Deployment",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '60000'}, {name: KAFKA_GROUP_INSTANCE_ID, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]",
        said: &["LW110 deny"],
        ..ROW
    },
    Row {
        what: "and of a StatefulSet, whose pods keep their names",
        kind: "StatefulSet",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '60000'}, {name: KAFKA_GROUP_INSTANCE_ID, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]",
        ..ROW
    },
    Row {
        what: "one static member for all pods",
        pod: "containers: [{name: a, env: [{name: SPRING_KAFKA_CONSUMER_PROPERTIES_SESSION_TIMEOUT_MS, value: '60000'}, {name: SPRING_KAFKA_CONSUMER_PROPERTIES_GROUP_INSTANCE_ID, value: worker}, {name: SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE, value: 20s}]}]",
        scaler: BY_KEDA,
        said: &["LW111 deny", "LW112 warn"],
        ..ROW
    },
    Row {
        what: "a poll interval below the default session timeout of librdkafka",
        pod: "containers: [{name: a, env: [{name: DOTNET_ENVIRONMENT, value: prod}, {name: KAFKA_MAX_POLL_INTERVAL_MS, value: '30000'}]}]",
        said: &["LW103 warn", "LW107 warn"],
        ..ROW
    },
    Row {
        what: "a session timeout where the broker holds it",
        pod: "containers: [{name: a, env: [{name: KAFKA_GROUP_PROTOCOL, value: consumer}, {name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]}]",
        said: &["LW109 warn"],
        ..ROW
    },
    Row {
        what: "the same under Spring's names, where the client's version is not known either",
        pod: "containers: [{name: a, env: [{name: SPRING_KAFKA_PROPERTIES_GROUP_PROTOCOL, value: consumer}, {name: SPRING_KAFKA_PROPERTIES_SESSION_TIMEOUT_MS, value: '45000'}, {name: SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE, value: 20s}]}]",
        said: &["LW109 warn"],
        ..ROW
    },
    Row {
        what: "a unit under a name in milliseconds",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: 30s}]}]",
        said: &["LW114 warn"],
        ..ROW
    },
    Row {
        what: "30 of what",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT, value: '30'}]}]",
        said: &["LW114 warn"],
        ..ROW
    },
    Row {
        what: "ZooKeeper's session is another one",
        pod: "containers: [{name: a, env: [{name: KAFKA_ZOOKEEPER_SESSION_TIMEOUT_MS, value: '6000'}]}]",
        ..ROW
    },
    Row {
        what: "less than the broker accepts",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '5000'}]}]",
        said: &["LW105 deny"],
        ..ROW
    },
    Row {
        what: "heartbeats that come after the session has ended",
        pod: "containers: [{name: a, env: [{name: SPRING_KAFKA_CONSUMER_HEARTBEAT_INTERVAL, value: 15s}, {name: SPRING_KAFKA_CONSUMER_PROPERTIES_SESSION_TIMEOUT_MS, value: '10000'}, {name: SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE, value: 20s}]}]",
        said: &["LW106 deny"],
        ..ROW
    },
    Row {
        what: "a name that Spring does not read",
        pod: "containers: [{name: a, env: [{name: SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT, value: '30000'}, {name: SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE, value: 20s}]}]",
        said: &["LW103 warn", "LW115 warn"],
        ..ROW
    },
    Row {
        what: "a preStop hook that takes all of the grace period",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}], lifecycle: {preStop: {exec: {command: [sh, -c, sleep 40]}}}}]",
        said: &["LW108 deny"],
        ..ROW
    },
    Row {
        what: "Vector's own 60 s of shutdown",
        pod: "containers: [{name: a, image: 'timberio/vector:0.40.0', env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]}]",
        said: &["LW108 warn"],
        ..ROW
    },
    Row {
        what: "a trigger that follows another group",
        pod: "containers: [{name: a, env: [{name: KAFKA_GROUP_ID, value: order}, {name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]}]",
        scaler: BY_KEDA,
        said: &["LW308 deny"],
        ..ROW
    },
    Row {
        what: "a trigger beside a pod whose group nobody knows",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]}]",
        scaler: BY_KEDA,
        ..ROW
    },
    Row {
        what: "Kafka Streams does not leave when it stops",
        pod: "containers: [{name: a, env: [{name: SPRING_KAFKA_STREAMS_APPLICATION_ID, value: orders}, {name: SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE, value: 20s}]}]",
        scaler: BY_KEDA,
        said: &["LW103 warn", "LW112 warn"],
        ..ROW
    },
    Row {
        what: "a ConfigMap that is not in the input is unknown, not the default",
        pod: "containers: [{name: a, env: [{name: KAFKA_SESSION_TIMEOUT_MS, valueFrom: {configMapKeyRef: {name: a, key: s}}}]}]",
        ..ROW
    },
    Row {
        what: "a shell that stays in front of the application",
        pod: "containers: [{name: a, command: [sh, -c, 'java -jar app.jar; true'], env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]}]",
        said: &["LW113 warn"],
        ..ROW
    },
    Row {
        what: "kafkajs sends no heartbeats while it drains",
        pod: "{terminationGracePeriodSeconds: 60, containers: [{name: a, env: [{name: KAFKAJS_NO_PARTITIONER_WARNING, value: '1'}, {name: KAFKA_SESSION_TIMEOUT_MS, value: '30000'}]}]}",
        said: &["LW101 deny"],
        ..ROW
    },
    Row {
        what: "NODE_ENV may be another client",
        pod: "{terminationGracePeriodSeconds: 60, containers: [{name: a, env: [{name: NODE_ENV, value: production}, {name: KAFKA_SESSION_TIMEOUT_MS, value: '30000'}]}]}",
        ..ROW
    },
];

fn manifest(row: &Row) -> String {
    let pod = if row.pod.starts_with('{') { row.pod.to_owned() } else { format!("{{{}}}", row.pod) };
    let mut text = format!(
        "apiVersion: apps/v1\nkind: {}\nmetadata: {{name: orders}}\nspec: {{template: {{spec: {pod}}}}}\n",
        row.kind
    );
    if let Some(group) = row.scaler {
        text += &format!(
            "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: orders}}\nspec:\n  \
             scaleTargetRef: {{name: orders}}\n  minReplicaCount: 2\n  maxReplicaCount: 8\n  triggers:\n  - type: kafka\n    \
             metadata: {{bootstrapServers: 'kafka:9092', consumerGroup: {group}, topic: orders, lagThreshold: '800'}}\n"
        );
    }
    text
}

#[test]
fn each_declaration_gets_what_it_deserves() {
    let policy = policy("alignment: protocol");
    for row in ROWS {
        let source = Source {
            name: "orders.yaml".to_owned(),
            text: manifest(row),
            folder: ".".into(),
            origin: Origin::File,
        };
        let checked = check(&[source], &policy, today());
        assert!(checked.errors.is_empty(), "{}: {:?}", row.what, checked.errors);
        let mut said: Vec<String> = checked
            .findings
            .iter()
            .map(|located| format!("{} {}", located.finding.rule.code, located.finding.level))
            .collect();
        said.sort();
        assert_eq!(said, row.said, "{}", row.what);
    }
}
