//! What the manifests register and permit follows from the rule table; what they start is what the programs take.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use lagward::engine::object::Kind;
use lagward::engine::rule::Check;
use lagward::fronts::cluster::Resource;
use lagward::rules::RULES;
use serde_json::Value;

fn documents(path: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests").join(path);
    let name = path.to_string_lossy();
    let text = fs::read_to_string(&path).expect(&name);
    serde_saphyr::from_multiple(&text).expect(&name)
}

fn of_kind(documents: &[Value], kind: &str) -> Value {
    documents.iter().find(|document| document["kind"] == kind).expect("an object of that kind").clone()
}

/// `apps/v1 deployments`, as rules of webhooks and of roles write a kind.
fn resource(kind: Kind) -> String {
    format!("{} {}s", kind.api_version(), kind.name().to_lowercase())
}

fn resources(kinds: impl IntoIterator<Item = Kind>) -> BTreeSet<String> {
    kinds.into_iter().map(resource).collect()
}

const WORKLOADS: [Kind; 2] = [Kind::Deployment, Kind::StatefulSet];

/// What a rule of this shape judges.
fn judged(check: &Check) -> Vec<Kind> {
    match check {
        Check::Workload(_) | Check::Container(_) => WORKLOADS.to_vec(),
        Check::Scaler(_) | Check::Trigger(_) => vec![Kind::ScaledObject],
        Check::Pair(_) => Kind::ALL.to_vec(),
    }
}

fn checks() -> impl Iterator<Item = &'static Check> {
    RULES.iter().flat_map(|rule| rule.checks)
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Every resource that the rules of some webhooks name.
fn registered(webhooks: &[&Value]) -> BTreeSet<String> {
    let rules = webhooks.iter().filter_map(|webhook| webhook["rules"].as_array()).flatten();
    rules
        .flat_map(|rule| {
            assert_eq!(strings(&rule["operations"]), ["CREATE", "UPDATE"]);
            let (group, version) = (strings(&rule["apiGroups"])[0], strings(&rule["apiVersions"])[0]);
            strings(&rule["resources"]).into_iter().map(move |plural| format!("{group}/{version} {plural}"))
        })
        .collect()
}

#[test]
fn what_is_registered_is_what_the_rules_judge() {
    let expected = resources(checks().flat_map(judged));
    for (path, kind) in [
        ("kustomize/registration/validating.yaml", "ValidatingWebhookConfiguration"),
        ("kustomize/components/mutating/mutating.yaml", "MutatingWebhookConfiguration"),
    ] {
        let configuration = of_kind(&documents(path), kind);
        let webhooks: Vec<&Value> = configuration["webhooks"].as_array().expect("webhooks").iter().collect();
        assert_eq!(registered(&webhooks), expected, "{path}");
        for webhook in webhooks {
            assert!(
                webhook["clientConfig"].get("caBundle").is_none(),
                "the manifests have no bundle: {path}"
            );
        }
    }
}

#[test]
fn each_webhook_has_the_kinds_that_deserve_its_failure_policy() {
    let configuration =
        of_kind(&documents("kustomize/registration/validating.yaml"), "ValidatingWebhookConfiguration");
    for (name, kinds, policy) in [
        ("scaledobjects.lagward.dev", vec![Kind::ScaledObject], "Fail"),
        ("workloads.lagward.dev", WORKLOADS.to_vec(), "Ignore"),
    ] {
        let webhooks = configuration["webhooks"].as_array().expect("webhooks");
        let webhook = webhooks.iter().find(|webhook| webhook["name"] == name).expect(name);
        assert_eq!(registered(&[webhook]), resources(kinds), "{name}");
        assert_eq!(webhook["failurePolicy"], policy, "{name}");
    }
}

#[test]
fn the_webhook_may_look_at_what_pair_rules_compare_and_do_nothing_else() {
    let pairs = checks().filter(|check| matches!(check, Check::Pair(_)));
    let mut expected: BTreeSet<String> = resources(pairs.flat_map(judged));
    // How many partitions a topic has bounds the replicas of a pair.
    expected.insert("kafka.strimzi.io/v1beta2 kafkatopics".to_owned());
    // A policy may select by their labels.
    expected.insert("/v1 namespaces".to_owned());
    let role = of_kind(&documents("kustomize/base/rbac.yaml"), "ClusterRole");
    let mut granted = BTreeSet::new();
    for rule in role["rules"].as_array().expect("rules") {
        assert_eq!(strings(&rule["verbs"]), ["get", "list", "watch"]);
        let group = strings(&rule["apiGroups"])[0];
        granted.extend(strings(&rule["resources"]).iter().map(|plural| format!("{group} {plural}")));
    }
    let unversioned = |resource: &String| {
        let (version, plural) = resource.split_once(' ').expect("two words");
        format!("{} {plural}", version.split('/').next().unwrap_or_default())
    };
    assert_eq!(granted, expected.iter().map(unversioned).collect());
}

#[test]
fn the_audit_may_list_what_it_judges_by_and_do_nothing_else() {
    let role = of_kind(&documents("kustomize/components/audit/rbac.yaml"), "ClusterRole");
    let mut granted = BTreeSet::new();
    for rule in role["rules"].as_array().expect("rules") {
        assert_eq!(strings(&rule["verbs"]), ["list"]);
        let group = strings(&rule["apiGroups"])[0];
        granted.extend(strings(&rule["resources"]).iter().map(|plural| format!("{group} {plural}")));
    }
    let listed = Resource::ALL.map(|resource| format!("{} {}", resource.group(), resource.plural()));
    assert_eq!(granted, BTreeSet::from(listed));
}

#[test]
fn every_policy_that_an_overlay_brings_is_one() {
    for overlay in ["base", "overlays/mutating", "overlays/audit-only"] {
        let policy = format!("{}/manifests/kustomize/{overlay}/lagward.yaml", env!("CARGO_MANIFEST_DIR"));
        let empty = format!("{}/examples/aligned", env!("CARGO_MANIFEST_DIR"));
        let output = Command::new(env!("CARGO_BIN_EXE_lagward"))
            .args(["check", "--policy", &policy, &empty])
            .output()
            .expect("the binary was built with this test");
        assert!(output.status.success(), "{overlay}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A pod must outlive its drain, the longest review in flight, and some seconds more.
#[test]
fn the_grace_period_covers_the_drain_and_the_longest_review() {
    let deployment = of_kind(&documents("kustomize/base/deployment.yaml"), "Deployment");
    let pod = &deployment["spec"]["template"]["spec"];
    let drain =
        strings(&pod["containers"][0]["args"]).into_iter().find_map(|arg| arg.strip_prefix("--drain="));
    let drain: i64 = drain.and_then(|drain| drain.strip_suffix('s')?.parse().ok()).expect("whole seconds");
    let configuration =
        of_kind(&documents("kustomize/registration/validating.yaml"), "ValidatingWebhookConfiguration");
    let timeouts = configuration["webhooks"].as_array().expect("webhooks").iter();
    let timeout = timeouts.filter_map(|webhook| webhook["timeoutSeconds"].as_i64()).max().expect("timeouts");
    assert!(pod["terminationGracePeriodSeconds"].as_i64() >= Some(drain + timeout + 5));
}

#[test]
fn the_versions_of_programs_chart_and_image_are_one() {
    let version = env!("CARGO_PKG_VERSION");
    let chart = &documents("helm/lagward/Chart.yaml")[0];
    assert_eq!((chart["version"].as_str(), chart["appVersion"].as_str()), (Some(version), Some(version)));
    for overlay in ["base", "overlays/default"] {
        let kustomization = &documents(&format!("kustomize/{overlay}/kustomization.yaml"))[0];
        assert_eq!(kustomization["images"][0]["newTag"], version, "{overlay}");
    }
    let file = |name: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
            .expect("a file of the repository")
    };
    let (image, toolchain) = (file("Dockerfile"), file("rust-toolchain.toml"));
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).expect("a channel");
    assert!(image.contains(&format!("FROM rust:{}-alpine", channel.trim_matches('"'))), "{channel}");
    assert!(image.contains(&format!("ARG VERSION={version}\n")), "{version}");
}
