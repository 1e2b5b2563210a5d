//! Which objects of a folder belong together.

use super::{in_file, run};
use crate::support::folder;

fn workload(kind: &str, name: &str, env: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - name: app\n        env: [{env}]\n"
    )
}

fn scaler(name: &str, target: &str, more: &str) -> String {
    format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         scaleTargetRef: {{{target}}}\n  minReplicaCount: 2\n  maxReplicaCount: 40\n  triggers:\n  - type: kafka\n    metadata: \
         {{bootstrapServers: 'kafka:9092', consumerGroup: orders, topic: orders, lagThreshold: '800'{more}}}\n"
    )
}

fn topic(partitions: u32) -> String {
    format!(
        "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {{name: orders, namespace: kafka}}\nspec: {{partitions: {partitions}}}\n"
    )
}

const OTHER_GROUP: &str = "{name: KAFKA_GROUP_ID, value: returns}, {name: KAFKA_SESSION_TIMEOUT, value: 45s}";
const SAME_GROUP: &str = "{name: KAFKA_GROUP_ID, value: orders}, {name: KAFKA_SESSION_TIMEOUT, value: 45s}";

/// The codes and files of what is found in this folder.
fn found(files: &[(&str, &str)], codes: &str) -> Vec<(String, String)> {
    let folder = folder(files);
    let mut found = super::found(folder.path(), &["--select", codes, "."]);
    found.sort();
    found
}

#[test]
fn each_environment_of_a_monorepo_is_judged_by_its_own_objects() {
    let so = scaler("orders", "name: orders", "");
    let (dev, prod) =
        (workload("Deployment", "orders", OTHER_GROUP), workload("Deployment", "orders", SAME_GROUP));
    let (few, many) = (topic(3), topic(40));
    let files = [
        ("envs/dev/scaledobject.yaml", &*so),
        ("envs/dev/deployment.yaml", &*dev),
        ("envs/dev/topic.yaml", &*few),
        ("envs/prod/scaledobject.yaml", &*so),
        ("envs/prod/deployment.yaml", &*prod),
        ("envs/prod/topic.yaml", &*many),
    ];
    assert_eq!(found(&files, "LW202,LW308"), in_file("envs/dev/scaledobject.yaml", &["LW202", "LW308"]));
}

#[test]
fn what_stands_in_the_same_file_outranks_the_folder() {
    let so = scaler("orders", "name: orders", "");
    let own = format!("{so}---\n{}---\n{}", workload("Deployment", "orders", SAME_GROUP), topic(40));
    let others = format!("{}---\n{}", workload("Deployment", "orders", OTHER_GROUP), topic(3));
    assert_eq!(found(&[("app/all.yaml", &own), ("app/old.yaml", &others)], "LW202,LW308"), []);
}

#[test]
fn a_target_with_several_definitions_is_unknown_and_that_is_said_once() {
    let so = scaler("orders", "name: orders", "");
    let (one, other) =
        (workload("Deployment", "orders", OTHER_GROUP), workload("Deployment", "orders", SAME_GROUP));
    let folder = folder(&[("apps/so.yaml", &so), ("envs/dev/d.yaml", &one), ("envs/prod/d.yaml", &other)]);
    let said = run(folder.path(), &["check", "--select", "LW308", "."]);
    assert_eq!(said.code, 0, "{}", said.out);
    let text = format!("{}{}", said.out, said.err);
    assert_eq!(text.matches("Deployment shop/orders is defined more than once").count(), 1, "{text}");
}

#[test]
fn stateful_sets_and_the_workloads_of_rollouts_are_found() {
    let set = format!(
        "{}---\n{}",
        workload("StatefulSet", "orders", OTHER_GROUP),
        scaler("orders", "kind: StatefulSet, name: orders", "")
    );
    assert_eq!(found(&[("a.yaml", &set)], "LW308"), in_file("a.yaml", &["LW308"]));
    // A Deployment of that name is another workload.
    let deployment = format!(
        "{}---\n{}",
        workload("Deployment", "orders", OTHER_GROUP),
        set.split("---\n").nth(1).unwrap()
    );
    assert_eq!(found(&[("a.yaml", &deployment)], "LW308"), []);
    let rollout = |spec: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: orders-rollout, namespace: shop}}\nspec: {{{spec}}}\n---\n{}---\n{}",
            workload("Deployment", "orders", OTHER_GROUP)
                .replace("spec:\n  template", "spec:\n  replicas: 0\n  template"),
            scaler("orders", "apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: orders-rollout", "")
        )
    };
    let by_reference = rollout("workloadRef: {apiVersion: apps/v1, kind: Deployment, name: orders}");
    assert_eq!(found(&[("a.yaml", &by_reference)], "LW206,LW208,LW308"), in_file("a.yaml", &["LW308"]));
    assert_eq!(found(&[("a.yaml", &rollout("template: {}"))], "LW206,LW208,LW308"), []);
}

#[test]
fn a_workload_with_two_autoscalers_is_contested() {
    let hpa = |metadata: &str| {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: old, namespace: shop{metadata}}}\nspec:\n  \
             scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: orders}}\n"
        )
    };
    let so = scaler("orders", "name: orders", "");
    let foreign = hpa("");
    assert_eq!(found(&[("so.yaml", &so), ("hpa.yaml", &foreign)], "LW209"), in_file("so.yaml", &["LW209"]));
    assert_eq!(found(&[("dev/so.yaml", &so), ("prod/hpa.yaml", &foreign)], "LW209"), []);
    let own = hpa(
        ", ownerReferences: [{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: orders, controller: true}]",
    );
    assert_eq!(found(&[("so.yaml", &so), ("hpa.yaml", &own)], "LW209"), []);
    let adopting = so
        .replace(
            "namespace: shop}",
            "namespace: shop, annotations: {scaledobject.keda.sh/transfer-hpa-ownership: 'true'}}",
        )
        .replace("  minReplica", "  advanced: {horizontalPodAutoscalerConfig: {name: old}}\n  minReplica");
    assert_eq!(found(&[("so.yaml", &adopting), ("hpa.yaml", &foreign)], "LW209"), []);
    let second = scaler("second", "name: orders", "");
    assert_eq!(
        found(&[("a.yaml", &so), ("b.yaml", &second)], "LW209"),
        [in_file("a.yaml", &["LW209"]), in_file("b.yaml", &["LW209"])].concat()
    );
}

#[test]
fn what_keda_counts_are_the_partitions_that_the_trigger_leaves() {
    let cost = |files: &[(&str, &str)]| {
        let folder = folder(files);
        run(folder.path(), &["check", "--select", "LW301", "."]).out
    };
    let low = |more: &str| scaler("orders", "name: orders", more).replace("'800'", "'10'");
    let (topic, limited) = (topic(12), low(", partitionLimitation: '0-3,20'"));
    let said = cost(&[("so.yaml", &low("")), ("topic.yaml", &topic)]);
    assert!(
        said.contains("a lag of 120 messages is enough for KEDA to ask for one pod per partition (12)"),
        "{said}"
    );
    let said = cost(&[("so.yaml", &limited), ("topic.yaml", &topic)]);
    assert!(
        said.contains("a lag of 40 messages is enough for KEDA to ask for one pod per partition (4)"),
        "{said}"
    );
    let said = cost(&[("so.yaml", &limited)]);
    assert!(said.contains("the maximum (40 pods, or one per partition if that is less)"), "{said}");
    let lists = low("")
        .replace("type: kafka", "type: apache-kafka")
        .replace("topic: orders", "topic: 'orders,returns'");
    let returns = topic.replace("name: orders", "name: returns");
    let said = cost(&[("so.yaml", &lists), ("topic.yaml", &format!("{topic}---\n{returns}"))]);
    assert!(
        said.contains("a lag of 240 messages is enough for KEDA to ask for one pod per partition (24)"),
        "{said}"
    );
}

#[test]
fn a_name_without_effect_has_one_where_a_mounted_file_refers_to_it() {
    let with = |value: &str| {
        let env = "{name: SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT, value: '45000'}";
        let mount = "        volumeMounts: [{name: config, mountPath: /app/config}]\n      volumes: [{name: config, configMap: {name: orders}}]\n";
        let map = format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: orders, namespace: shop}}\ndata:\n  application.yml: |\n    \
             spring.kafka.consumer.properties.session.timeout.ms: {value}\n"
        );
        found(&[("all.yaml", &(workload("Deployment", "orders", env) + mount + &map))], "LW115")
    };
    assert_eq!(with("${SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT}"), []);
    assert_eq!(with("${ORDERS_TIMEOUT}"), in_file("all.yaml", &["LW115"]));
}
