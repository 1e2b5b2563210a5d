//! Configuration files in ConfigMaps of the input, as containers mount them.

use crate::support::folder;

/// The codes of what is found where a container with these fields mounts a ConfigMap with one file.
fn found(file: &str, text: &str, container: &str) -> Vec<String> {
    let text = text.replace('\n', "\n    ");
    let yaml = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config, namespace: shop}}\ndata:\n  {file}: |\n    {text}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app, namespace: shop}}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - name: app\n        volumeMounts: [{{name: c, mountPath: /etc/app}}]\n        {container}\n      \
         volumes: [{{name: c, configMap: {{name: config}}}}]\n---\n\
         apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: app, namespace: shop}}\nspec:\n  \
         scaleTargetRef: {{name: other}}\n  minReplicaCount: 2\n  maxReplicaCount: 12\n  triggers:\n  - type: kafka\n    \
         metadata: {{bootstrapServers: 'kafka:9092', consumerGroup: orders, topic: orders, lagThreshold: '800'}}\n"
    )
    .replace("{name: other}", if container.contains("# scaled") { "{name: app}" } else { "{name: other}" });
    let folder = folder(&[("all.yaml", &yaml)]);
    super::found(folder.path(), &["--ignore", "LW208", "all.yaml"])
        .into_iter()
        .map(|(code, _)| code)
        .collect()
}

const CONSUMER: &str = "env: [{name: KAFKA_GROUP_ID, value: orders}]";

#[test]
fn sessions_and_groups_of_other_programs_are_no_consumers() {
    for (file, text) in [
        ("config.yml", "session: {timeout_ms: 1800000}\nredis: {url: 'redis://r'}"),
        ("web.properties", "server.port=8080\nsession.timeout.ms=1800000"),
        ("config.yaml", "application: {id: storefront}\nserver: {port: 8080}"),
        ("config.yaml", "user_id: 1000\ngroup_id: 1000\nbrokers: [kafka:9092]"),
    ] {
        assert_eq!(found(file, text, "image: acme/web:1"), [] as [&str; 0], "{text}");
    }
    assert_eq!(found("web.properties", "session.timeout.ms=1800000", CONSUMER), [] as [&str; 0]);
}

#[test]
fn a_clients_own_file_is_read() {
    let long = "session.timeout.ms=\\\n  1800000\nmax.poll.interval.ms 1800000";
    let client = format!("bootstrap.servers=kafka:9092\ngroup.id=orders\n{long}");
    assert_eq!(found("app.properties", &client, "image: acme/app:1"), ["LW102"]);
    assert_eq!(found("consumer.properties", "session.timeout.ms=1800000", CONSUMER), ["LW102"]);
    let yaml = "brokers: [kafka:9092]\ngroup_id: orders\nsession_timeout_ms: 1800000";
    assert_eq!(found("config.yaml", yaml, "image: acme/app:1"), ["LW102"]);
}

#[test]
fn fluent_bit_hands_its_keys_to_librdkafka() {
    let text = "pipeline:\n  inputs:\n  - name: kafka\n    group_id: orders\n    rdkafka.session.timeout.ms: 45000\n    \
                rdkafka.max.poll.interval.ms: 30000";
    assert_eq!(found("fluent-bit.yaml", text, "image: fluent/fluent-bit:3.1"), ["LW107"]);
}

#[test]
fn a_format_that_is_not_read_may_set_anything() {
    for (file, text) in [
        (
            "pipeline.conf",
            "input {\n  kafka {\n    group_id => \"orders\"\n    session_timeout_ms => 45000\n  }\n}",
        ),
        ("application.conf", "akka.kafka.consumer.kafka-clients {\n  group.id = \"orders\"\n}"),
        ("vector.toml", "[sources.in]\nsession_timeout_ms = 45000"),
        ("relay", "receivers: {kafka: {session_timeout: 45s}}"),
    ] {
        assert_eq!(found(file, text, "image: acme/app:1 # scaled"), [] as [&str; 0], "{file}");
        assert_eq!(found(file, text, CONSUMER), [] as [&str; 0], "{file}");
    }
    assert_eq!(found("ca.crt", "-----BEGIN CERTIFICATE-----", CONSUMER), ["LW103"]);
    assert_eq!(found("log.yaml", "level: info", CONSUMER), ["LW103"]);
}

#[test]
fn jvm_options_and_json_of_a_config_map_are_read() {
    let options = "-Dspring.kafka.consumer.properties.session.timeout.ms=1800000";
    let json =
        "{\"spring\": {\"kafka\": {\"consumer\": {\"properties\": {\"session.timeout.ms\": 1800000}}}}}";
    let key = "valueFrom: {configMapKeyRef: {name: config, key: text}}";
    for (name, text) in [("JAVA_TOOL_OPTIONS", options), ("SPRING_APPLICATION_JSON", json)] {
        assert_eq!(found("text", text, &format!("env: [{{name: {name}, {key}}}]")), ["LW102"], "{name}");
        assert_eq!(found(name, text, "envFrom: [{configMapRef: {name: config}}]"), ["LW102"], "{name}");
    }
    let overridden =
        "env: [{name: JAVA_TOOL_OPTIONS, value: -Xmx1g}]\n        envFrom: [{configMapRef: {name: config}}]";
    assert_eq!(found("JAVA_TOOL_OPTIONS", options, overridden), [] as [&str; 0]);
}
