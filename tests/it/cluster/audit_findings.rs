//! What an audit finds, and how it is shown.

use lagward::fronts::cluster::audit::{Scope, audit as judge_all};
use lagward::output::{Ground, Report, table};
use serde_json::{Value, json};

use super::api::{Api, Asked, list, refusal};
use super::audit_run::{audit, drifted, holding, named, page, run, troubled};
use crate::check::sarif_validator;
use crate::support::{consumer, edit, policy, scaler, today};

#[tokio::test]
async fn a_cluster_is_judged_as_a_file_with_its_objects_is() {
    let api = Api::start(holding(troubled())).await;
    let audited = audit(&api, &["-A"]).await;
    let file = json!({"apiVersion": "v1", "kind": "List", "items": troubled()}).to_string();
    let checked = run("", &["check", "-o", "json", "-"], file).await;
    let mut expected = checked.found();
    // Files never show that a workload is nowhere.
    expected.push("LW208 ScaledObject nowhere/orders".to_owned());
    expected.sort();
    assert_eq!(audited.found(), expected);
    for code in ["LW104", "LW206", "LW209", "LW301"] {
        assert!(audited.out.contains(code), "{code} in\n{}", audited.out);
    }
    let remarks = |report: Value| -> Vec<Value> {
        report["remarks"].as_array().unwrap().iter().map(|remark| remark["message"].clone()).collect()
    };
    assert!(!remarks(audited.json()).is_empty(), "the exemption has ended");
    assert_eq!(remarks(audited.json()), remarks(checked.json()));
    assert_eq!((audited.code, &*audited.err), (1, ""));
    assert_eq!(audited.json()["summary"]["objects"], troubled().len());
    assert_eq!(audited.json()["findings"][0].get("file"), None);
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let well = named(&consumer(), "calm", "other");
    let api = Api::start(move |asked| match asked {
        asked if !asked.is_about("deployments") => holding(vec![drifted()])(asked),
        asked if asked.query.contains("continue=n%26xt") => list(1, &[consumer()]),
        _ => page(std::slice::from_ref(&well), "n&xt"),
    })
    .await;
    let audited = audit(&api, &["-A"]).await;
    assert_eq!(audited.found(), ["LW104 ScaledObject shop/orders"]);
    assert_eq!(audited.json()["summary"]["objects"], 3);
    assert!(api.asked().iter().all(|asked| asked.query.contains("limit=500")));
}

#[tokio::test]
async fn only_the_namespaces_that_are_named_are_judged() {
    let api = Api::start(holding(troubled())).await;
    let audited = audit(&api, &["-n", "fight", "-n", "nowhere"]).await;
    assert!(!audited.out.contains("LW104") && audited.out.contains("LW208"), "{}", audited.out);
    let elsewhere = |asked: &Asked| !asked.is_about("kafkatopics") && !asked.path.contains("/namespaces/");
    assert!(!api.asked().iter().any(elsewhere));
    let of_context = audit(&api, &[]).await;
    assert_eq!(of_context.code, 0, "the context has no namespace, so it is default\n{}", of_context.err);
    assert!(api.asked().iter().any(|asked| asked.path.contains("/namespaces/default/")));
}

#[tokio::test]
async fn namespaces_are_listed_for_a_policy_that_selects_by_their_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("lagward.yaml");
    std::fs::write(&policy, "overrides: [{namespaceLabels: {tier: test}, rules: {LW104: {level: off}}}]")
        .expect("a file");
    let policy = policy.display().to_string();
    let labelled = |tier: &str| {
        let namespace = json!({"kind": "Namespace", "metadata": {"name": "shop", "labels": {"tier": tier}}});
        vec![consumer(), drifted(), namespace]
    };
    let arguments = ["-A", "--policy", &policy];
    let api = Api::start(holding(labelled("test"))).await;
    assert_eq!(audit(&api, &arguments).await.found(), [""; 0]);
    assert_eq!(audit(&api, &["-A"]).await.found(), ["LW104 ScaledObject shop/orders"]);
    let asked = api.asked().iter().filter(|asked| asked.is_about("namespaces")).count();
    assert_eq!(asked, 1, "nobody else needs them");
    let api = Api::start(holding(labelled("prod"))).await;
    let audited = audit(&api, &arguments).await;
    assert_eq!((audited.code, audited.found()), (1, vec!["LW104 ScaledObject shop/orders".to_owned()]));
    let api = Api::start(|asked| match asked.is_about("namespaces") {
        true => refusal(403, "Forbidden"),
        false => holding(vec![consumer(), drifted()])(asked),
    })
    .await;
    let audited = audit(&api, &arguments).await;
    assert_eq!(audited.code, 0, "what is not known denies nothing\n{}", audited.out);
    assert!(audited.err.contains("let you list namespaces"), "{}", audited.err);
}

/// A Rollout that runs the pods of the Deployment, and a ScaledObject that scales it.
fn rolled() -> Vec<Value> {
    let rollout = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
        "metadata": {"name": "orders-rollout", "namespace": "shop"},
        "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "orders"}}});
    let target = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "orders-rollout"});
    vec![consumer(), edit(&drifted(), "/spec/scaleTargetRef", target), rollout]
}

/// An HPA of the Deployment.
fn autoscaler(name: &str, owners: Value, max: i64) -> Value {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": "shop", "ownerReferences": owners},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "orders"},
            "minReplicas": 2, "maxReplicas": max}})
}

#[tokio::test]
async fn rollouts_and_autoscalers_tell_what_they_tell_in_a_file() {
    let owner = json!([{"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "orders"}]);
    let scaled = vec![
        consumer(),
        scaler(),
        autoscaler("by-hand", json!([]), 5),
        autoscaler("keda-hpa-orders", owner, 200),
    ];
    for (objects, expected) in [
        (rolled(), vec!["LW104 ScaledObject shop/orders"]),
        (scaled, vec!["LW209 ScaledObject shop/orders", "LW212 ScaledObject shop/orders"]),
    ] {
        let file = json!({"apiVersion": "v1", "kind": "List", "items": &objects}).to_string();
        let api = Api::start(holding(objects)).await;
        let audited = audit(&api, &["-A"]).await;
        assert_eq!(audited.found(), expected, "{}", audited.err);
        assert_eq!(run("", &["check", "-o", "json", "-"], file).await.found(), expected);
        assert_eq!(audited.err, "");
    }
}

#[tokio::test]
async fn a_scaled_object_makes_a_consumer_of_what_shows_none() {
    let silent = edit(&consumer(), "/spec/template/spec/containers/0/env", json!([]));
    let silent = edit(&silent, "/spec/template/spec/terminationGracePeriodSeconds", 60.into());
    let objects = vec![silent, edit(&drifted(), "/spec/triggers/0/metadata/sessionTimeout", "45000".into())];
    let file = json!({"apiVersion": "v1", "kind": "List", "items": &objects}).to_string();
    let api = Api::start(holding(objects)).await;
    let found = audit(&api, &["-A"]).await.found();
    assert!(found.contains(&"LW101 ScaledObject shop/orders".to_owned()), "{found:?}");
    assert_eq!(run("", &["check", "-o", "json", "-"], file).await.found(), found);
}

#[tokio::test]
async fn partitions_are_known_from_topics_in_other_namespaces() {
    let topic = json!({"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic",
        "metadata": {"name": "orders", "namespace": "kafka"}, "spec": {"partitions": 4}});
    let api = Api::start(holding(vec![consumer(), scaler(), topic])).await;
    for scope in [&["-A"][..], &["-n", "shop"]] {
        assert!(audit(&api, scope).await.out.contains("LW202"), "12 replicas for 4 partitions");
    }
}

#[tokio::test]
async fn reports_name_no_files() {
    let api = Api::start(holding(troubled())).await;
    let sarif: Value = serde_json::from_str(&audit_as(&api, "sarif").await).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0];
    assert!(location.get("physicalLocation").is_none());
    assert!(
        location["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap().contains("ScaledObject ")
    );
    assert!(sarif_validator().is_valid(&sarif));
    let junit = audit_as(&api, "junit").await;
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let suites: Vec<&str> = junit
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"))
        .filter_map(|node| node.attribute("name"))
        .collect();
    assert_eq!(suites, ["calm", "fight", "nowhere", "old", "shop"]);
    assert!(junit.descendants().all(|node| node.attribute("file").is_none()));
    let text = audit_as(&api, "text").await;
    assert!(text.contains("error[LW104]: ") && !text.contains("-->"), "{text}");
    assert!(text.contains(" in 5 namespaces (10 objects)"), "{text}");
}

async fn audit_as(api: &Api, format: &str) -> String {
    run(&api.kubeconfig(), &["audit", "-A", "-o", format], String::new()).await.out
}

#[tokio::test]
async fn a_table_has_a_block_for_each_workload_with_the_worst_first() {
    let api = Api::start(holding(troubled())).await;
    let policy = policy("profile: strict\n");
    let audited = judge_all(&api.config(), &Scope::All, &policy, today(), &|_| {}).await.unwrap();
    let (checked, sources, targets) = audited.checked();
    let ground = Ground::Cluster(&targets);
    let report = Report { checked: &checked, sources: &sources, policy: &policy, fails_from: None, ground };
    let text = table::render(&report, false);
    let heads: Vec<&str> = text.lines().filter(|line| line.starts_with("Deployment ")).collect();
    let mut once = heads.clone();
    once.dedup();
    assert_eq!(heads, once, "{text}");
    assert!(
        text.contains("\nDeployment shop/orders\n  deny  LW104  ScaledObject  spec.triggers[0]"),
        "{text}"
    );
    let levels: Vec<&str> =
        text.split("\n\n").filter_map(|block| block.lines().nth(1)?.split_whitespace().next()).collect();
    assert!(levels.windows(2).all(|pair| pair[0] != "warn" || pair[1] != "deny"), "{text}");
}
