//! What configuration files, images and commands say of a container, through the whole of `check`.

use lagward::fronts::files::check::{Checked, check};
use lagward::fronts::files::{Origin, Source};

use crate::support::{policy, today};

fn checked(text: &str) -> Checked {
    let source =
        Source { name: "a.yaml".to_owned(), text: text.to_owned(), folder: ".".into(), origin: Origin::File };
    check(&[source], &policy(""), today())
}

/// A workload with these fields of its container, which mounts these files.
fn pod(container: &str, files: &[(&str, &str)]) -> String {
    let indented = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let data: String = files.iter().map(|(name, text)| format!("  {name}: |\n{}", indented(text))).collect();
    let config = match files {
        [] => String::new(),
        _ => format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{data}---\n"),
    };
    let (mounts, volumes) = match files {
        [] => ("", ""),
        _ => (
            ", volumeMounts: [{name: c, mountPath: /etc/app}]",
            ", volumes: [{name: c, configMap: {name: c}}]",
        ),
    };
    format!(
        "{config}apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  template:\n    spec: {{containers: [{{name: a, {container}{mounts}}}]{volumes}}}\n"
    )
}

/// The codes of what is found in it.
fn codes(text: &str) -> Vec<&'static str> {
    checked(text).findings.iter().map(|located| located.finding.rule.code).collect()
}

/// What LW103 finds.
fn undeclared(text: &str) -> String {
    let checked = checked(text);
    let of_rule = checked.findings.iter().find(|located| located.finding.rule.code == "LW103");
    of_rule.map(|located| located.finding.report.found.clone()).unwrap_or_default()
}

const STOCK: (&str, &str) =
    ("consumer.properties", "bootstrap.servers=localhost:9092\ngroup.id=test-consumer-group\n");

#[test]
fn a_broker_is_no_consumer_though_a_stock_file_lies_in_its_folder() {
    let server = ("server.properties", "broker.id=0\nlog.dirs=/var/lib/kafka\n");
    assert_eq!(codes(&pod("image: kafka", &[STOCK])), ["LW103"]);
    assert_eq!(codes(&pod("image: kafka", &[STOCK, server])), [""; 0]);
    let kraft = ("server.properties", "process.roles=broker,controller\n");
    assert_eq!(codes(&pod("image: kafka", &[STOCK, kraft])), [""; 0]);
    assert_eq!(codes(&pod("command: [./bin/kafka-server-start.sh, /etc/app/s]", &[STOCK])), [""; 0]);
    assert_eq!(codes(&pod("env: [{name: KAFKA_BROKER_ID, value: '1'}]", &[STOCK])), [""; 0]);
}

#[test]
fn a_client_that_mounts_the_brokers_files_is_a_consumer() {
    let server = ("server.properties", "broker.id=0\n");
    let legacy = ("application.properties", "kafka.group.id=orders\nkafka.zookeeper.connect=zk:2181\n");
    assert_eq!(codes(&pod("image: a", &[legacy])), ["LW103"]);
    let client = pod("env: [{name: KAFKA_GROUP_ID, value: orders}]", &[STOCK, server]);
    assert_eq!(codes(&client), ["LW103"]);
}

#[test]
fn flink_assigns_itself_its_partitions() {
    for image in ["flink:1.18", "apache/flink:2.0", "registry:5000/apache/flink"] {
        let flink = format!("image: {image}, args: [taskmanager], env: [{{name: KAFKA_GROUP_ID, value: a}}]");
        assert_eq!(codes(&pod(&flink, &[])), [""; 0], "{image}");
    }
    assert_eq!(codes(&pod("image: acme/my-flink, env: [{name: KAFKA_GROUP_ID, value: a}]", &[])), ["LW103"]);
}

#[test]
fn properties_prove_their_framework_wherever_they_are_written() {
    let spring = "sets no session timeout under a known name, so 45 s applies";
    let file = ("application.properties", "spring.kafka.consumer.group-id=orders\n");
    assert_eq!(undeclared(&pod("image: a", &[file])), spring);
    assert_eq!(undeclared(&pod("args: [-Dspring.kafka.consumer.group-id=orders]", &[])), spring);
    let options = "env: [{name: JAVA_OPTS, value: -Dspring.kafka.consumer.group-id=orders}]";
    assert_eq!(codes(&pod(options, &[])), ["LW108", "LW103"], "Spring's 30 s of shutdown");
    let quarkus = ("application.properties", "mp.messaging.incoming.orders.group.id=orders\n");
    assert_eq!(undeclared(&pod("image: a", &[quarkus])), spring);
}

#[test]
fn spring_reads_a_group_from_its_maps_of_properties_too() {
    let text = "spring.kafka.properties.group.id=common\nspring.kafka.consumer.group-id=own\nspring.kafka.consumer.properties.group.id=orders\n";
    let scaler = "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\nspec: {scaleTargetRef: {name: a}, minReplicaCount: 2, maxReplicaCount: 4, triggers: [{type: kafka, metadata: {bootstrapServers: k, consumerGroup: other, topic: t, lagThreshold: '800'}}]}\n";
    let one = "spring.kafka.consumer.properties.group.id=orders\n";
    let pair = |text: &str| format!("{}{scaler}", pod("image: a", &[("application.properties", text)]));
    assert!(codes(&pair(one)).contains(&"LW308"));
    assert!(codes(&pair(one.replace("consumer.", "").as_str())).contains(&"LW308"));
    // Of several names nobody knows which the code asks for.
    assert!(!codes(&pair(text)).contains(&"LW308"));
}

#[test]
fn properties_of_kafka_streams_are_evidence_of_a_consumer() {
    for name in ["SPRING_KAFKA_STREAMS_PROPERTIES_NUM_STREAM_THREADS", "SPRING_KAFKA_STREAMS_STATE_DIR"] {
        let container = format!("env: [{{name: {name}, value: '2'}}]");
        assert!(codes(&pod(&container, &[])).contains(&"LW103"), "{name}");
    }
}

#[test]
fn vector_and_fluent_bit_are_read_in_their_own_formats() {
    let vector = "[sources.in]\ntype = \"kafka\"\ngroup_id = \"logs\"\nsession_timeout_ms = 20000\n";
    assert_eq!(codes(&pod("image: timberio/vector", &[("vector.toml", vector)])), ["LW108", "LW101"]);
    let fluent = "[INPUT]\n    Name kafka\n    Group_Id logs\n    rdkafka.session.timeout.ms 20000\n";
    assert_eq!(codes(&pod("image: fluent/fluent-bit", &[("fluent-bit.conf", fluent)])), ["LW101"]);
}

#[test]
fn redpanda_connect_has_a_default_of_its_own() {
    let config = ("connect.yaml", "input:\n  kafka_franz:\n    consumer_group: orders\n");
    let found = undeclared(&pod("image: docker.redpanda.com/redpandadata/connect:4.38", &[config]));
    assert_eq!(found, "sets no session timeout under a known name, so 60 s applies");
}

#[test]
fn keda_is_blamed_only_where_it_scales_and_a_static_member_keeps_its_long_timeout() {
    let long = "{name: KAFKA_GROUP_ID, value: a}, {name: KAFKA_SESSION_TIMEOUT_MS, value: '400000'}";
    let text = pod(&format!("env: [{long}]"), &[]);
    let checked = checked(&text);
    let report = &checked.findings[0].finding.report;
    assert!(report.cost.ends_with("not consumed for up to 6 min 40 s"), "{}", report.cost);
    assert!(report.fix.is_some());
    let instance = "{name: KAFKA_GROUP_INSTANCE_ID, valueFrom: {fieldRef: {fieldPath: metadata.name}}}";
    let text = pod(&format!("env: [{long}, {instance}]"), &[]).replace("Deployment", "StatefulSet");
    let checked = self::checked(&text);
    let reports: Vec<_> = checked.findings.iter().map(|located| &located.finding.report).collect();
    assert!(matches!(&*reports, [only] if only.fix.is_none()), "{reports:?}");
}

#[test]
fn what_nothing_heeds_is_remarked() {
    let remarks = |text: &str| -> Vec<String> {
        checked(text)
            .remarks
            .into_iter()
            .map(|remark| format!("{}: {}", remark.object, remark.text))
            .collect()
    };
    let old = "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n---\napiVersion: keda.k8s.io/v1alpha1\nkind: ScaledObject\nmetadata: {name: b, namespace: c}\n";
    assert_eq!(
        remarks(old),
        [
            "Deployment a: extensions/v1beta1 went with Kubernetes 1.16, and the Deployment was not judged: write apps/v1",
            "ScaledObject c/b: keda.k8s.io/v1alpha1 went with KEDA 2.0, and the ScaledObject was not judged: write keda.sh/v1alpha1",
        ]
    );
    let misnamed = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\nspec: {maxReplicas: 3, triggers: [{type: kafka, metadata: {}}]}\n";
    assert_eq!(
        remarks(misnamed),
        ["ScaledObject a: spec.maxReplicas is an HPA's: a ScaledObject has maxReplicaCount"]
    );
}
