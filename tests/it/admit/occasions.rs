//! When an object is judged: mode, dry run, pairs, names and namespaces.

use jiff::civil::date;
use lagward::engine::consumer::Consumer;
use lagward::engine::judge::{Context, Occasion, judge};
use lagward::engine::object::Labels;
use lagward::engine::policy::Policy;
use lagward::engine::scaler::Scaler;
use lagward::engine::world::{Lookup, Nothing, World};
use lagward::fronts::webhook::record::{Outcome, Route};
use serde_json::{Value, json};

use crate::support::{Known, Reply, Review, ask, consumer, edit, policy, scaler, set_env, subject};

fn validate(review: &Review, policy: &Policy) -> Reply {
    ask(Route::Validate, review, policy, None)
}

fn without_min() -> Value {
    edit(&scaler(), "/spec/minReplicaCount", Value::Null)
}

/// A trigger that declares another session timeout than the consumer reads.
fn mismatched() -> Value {
    edit(&scaler(), "/spec/triggers/0/metadata/sessionTimeout", json!("60s"))
}

#[test]
fn mode_enforce_denies_warn_warns_and_audit_only_records() {
    let review = Review::of(&without_min());
    let denied = validate(&review, &policy("mode: enforce"));
    assert_eq!((denied.allowed, denied.denied.as_slice()), (false, ["LW201".to_owned()].as_slice()));
    let warned = validate(&review, &policy("mode: warn"));
    assert_eq!((warned.allowed, warned.warned()), (true, vec!["LW201"]));
    assert!(warned.warnings[0].ends_with("(denied under mode: enforce)"), "{:?}", warned.warnings);
    let noted = json!({"warned": "LW201", "would-deny": "LW201", "uid": warned.record.uid});
    assert_eq!(warned.annotations, noted);
    let audited = validate(&review, &policy("mode: audit"));
    assert!(audited.allowed && audited.warnings.is_empty());
    assert_eq!(audited.annotations, noted);
    assert_eq!((audited.record.warned, audited.record.would_deny), (vec!["LW201"], vec!["LW201"]));
}

#[test]
fn what_only_warns_in_any_mode_would_not_deny() {
    let assumed = validate(&Review::of(&without_min()), &policy("mode: warn\nrules: {LW201: {level: warn}}"));
    assert_eq!((assumed.warned(), assumed.record.would_deny.len()), (vec!["LW201"], 0));
    let before = Review::update(&without_min(), &without_min());
    let ratcheted = validate(&before, &policy("mode: audit"));
    assert_eq!((ratcheted.record.ratcheted, ratcheted.record.would_deny.len()), (vec!["LW201"], 0));
}

#[test]
fn an_override_sets_the_mode_of_its_objects() {
    let text =
        "mode: warn\noverrides:\n- {namespaces: [shop], mode: enforce}\n- {names: [pay*], mode: audit}\n";
    let policy = policy(text);
    assert_eq!(validate(&Review::of(&without_min()), &policy).denied, ["LW201"]);
    let elsewhere = Review { namespace: "other", ..Review::of(&without_min()) };
    assert!(validate(&elsewhere, &policy).allowed);
    let pay = edit(&without_min(), "/metadata/name", json!("pay-1"));
    assert!(validate(&Review::of(&pay), &policy).warnings.is_empty());
}

/// A World that knows the labels of one namespace, and nothing else.
struct Labelled(&'static str, Box<Labels>);

impl World for Labelled {
    fn consumer_of(&self, _: &Scaler) -> Lookup<&Consumer> {
        Lookup::Unknown
    }

    fn scalers_of(&self, _: &Consumer) -> Lookup<Vec<&Scaler>> {
        Lookup::Unknown
    }

    fn labels_of_namespace(&self, namespace: &str) -> Lookup<&Labels> {
        if namespace == self.0 { Lookup::Found(&self.1) } else { Lookup::Absent }
    }
}

#[test]
fn an_override_and_an_exemption_are_for_namespaces_of_some_labels() {
    let review = Review::of(&without_min());
    let ask = |policy, labels: &[(&str, &str)]| {
        let labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        ask(Route::Validate, &review, &self::policy(policy), Some(&Labelled("shop", labels)))
    };
    let production = "mode: warn\noverrides:\n- {namespaceLabels: {tier: prod, team: shop}, mode: enforce}\n";
    assert_eq!(ask(production, &[("team", "shop"), ("tier", "prod")]).denied, ["LW201"]);
    assert_eq!(ask(production, &[("tier", "prod")]).warned(), ["LW201"]);
    assert_eq!(ask(production, &[("team", "shop"), ("tier", "test")]).warned(), ["LW201"]);
    let exempt = "exempt:\n- {rule: LW201, namespaceLabels: {tier: test}, reason: a sandbox}\n";
    assert!(ask(exempt, &[("tier", "test")]).warnings.is_empty());
    assert_eq!(ask(exempt, &[]).denied, ["LW201"]);
}

#[test]
fn nothing_is_denied_or_patched_while_the_labels_of_a_namespace_are_not_known() {
    let lenient = "overrides:\n- {namespaceLabels: {tier: test}, names: [ord*], mode: audit}\n";
    let policy = policy(&format!("mutate: fill\n{lenient}"));
    let review = Review::of(&without_min());
    let reply = validate(&review, &policy);
    assert_eq!((reply.allowed, reply.warned()), (true, vec!["LW201"]));
    let why = "the policy selects by namespaceLabels, and the labels of namespace \"shop\" are not known, so that LW201 can only warn";
    assert!(reply.warnings.iter().any(|warning| warning.contains(why)), "{:?}", reply.warnings);
    assert_eq!(ask(Route::Mutate, &review, &policy, None).patch, Value::Null);
    // An exemption is in doubt for its own rule alone.
    let exempt = "exempt:\n- {rule: LW201, namespaceLabels: {tier: test}, reason: a sandbox}\n";
    let both = edit(&without_min(), "/spec/triggers/0/metadata/lagThreshold", json!("10"));
    let reply = validate(&Review::of(&both), &self::policy(exempt));
    assert_eq!((reply.denied.as_slice(), reply.warned()), (["LW301".to_owned()].as_slice(), vec!["LW201"]));
    // The other parts of the selector say no, whatever the labels are.
    let other = edit(&without_min(), "/metadata/name", json!("third"));
    assert_eq!(validate(&Review::of(&other), &policy).denied, ["LW201"]);
    assert_ne!(ask(Route::Mutate, &Review::of(&other), &policy, None).patch, Value::Null);
}

#[test]
fn a_dry_run_denies_what_the_object_alone_shows() {
    let reply = validate(&Review::of(&without_min()).dry_run(), &policy(""));
    assert_eq!((reply.denied, reply.record.dry_run), (vec!["LW201".to_owned()], true));
}

#[test]
fn a_pair_denies_the_scaled_object_that_is_really_applied_and_warns_else() {
    let policy = policy("");
    let workload = Known(vec![subject(&consumer())]);
    let of = |review: Review| ask(Route::Validate, &review, &policy, Some(&workload));
    assert_eq!(of(Review::of(&mismatched())).denied, ["LW104"]);
    let dry = of(Review::of(&mismatched()).dry_run());
    assert_eq!((dry.allowed, dry.warned()), (true, vec!["LW104"]));
    let scaled = Known(vec![subject(&mismatched())]);
    let workload = ask(Route::Validate, &Review::of(&consumer()), &policy, Some(&scaled));
    assert_eq!((workload.allowed, workload.warned()), (true, vec!["LW104"]));
    // The place is the other object's: the warning says so.
    let text = &workload.warnings[0];
    assert!(text.contains("ScaledObject shop/orders spec.triggers[0].metadata.sessionTimeout"), "{text}");
    assert!(validate(&Review::of(&mismatched()), &policy).is_silent(), "nothing is known of the workload");
}

#[test]
fn a_fact_of_the_counterpart_makes_a_finding_one_of_the_pair() {
    let one = edit(&edit(&scaler(), "/spec/minReplicaCount", json!(1)), "/spec/maxReplicaCount", json!(50));
    let facts = json!({"lagward.dev/partitions": "12"});
    let declared = Known(vec![subject(&edit(&consumer(), "/metadata/annotations", facts.clone()))]);
    let policy = policy("");
    let real = ask(Route::Validate, &Review::of(&one), &policy, Some(&declared));
    assert_eq!(real.denied, ["LW201", "LW202"]);
    let dry = ask(Route::Validate, &Review::of(&one).dry_run(), &policy, Some(&declared));
    assert_eq!(dry.warned(), ["LW201", "LW202"]);
    assert!(dry.allowed);
    let own = edit(&one, "/metadata/annotations", facts);
    assert_eq!(validate(&Review::of(&own).dry_run(), &policy).denied, ["LW201", "LW202"]);
}

#[test]
fn a_paused_or_controlled_object_only_warns() {
    let policy = policy("");
    let paused =
        edit(&without_min(), "/metadata/annotations", json!({"autoscaling.keda.sh/paused-replicas": "0"}));
    let owned = edit(&without_min(), "/metadata/ownerReferences", json!([{"controller": true}]));
    for (object, codes) in [(&paused, vec!["LW201", "LW211"]), (&owned, vec!["LW201"])] {
        let reply = validate(&Review::of(object), &policy);
        assert_eq!((reply.allowed, reply.warned()), (true, codes));
    }
    let followed = edit(&without_min(), "/metadata/ownerReferences", json!([{"controller": false}]));
    assert_eq!(validate(&Review::of(&followed), &policy).denied, ["LW201"]);
    // A pair is capped by the other object's owner, too.
    let owned = edit(&consumer(), "/metadata/ownerReferences", json!([{"controller": true}]));
    let world = Known(vec![subject(&owned)]);
    let reply = ask(Route::Validate, &Review::of(&mismatched()), &policy, Some(&world));
    assert_eq!((reply.allowed, reply.warned()), (true, vec!["LW104"]));
}

#[test]
fn an_object_without_a_name_is_called_by_its_generate_name() {
    let metadata = json!({"generateName": "orders-", "namespace": "shop"});
    let reply = validate(&Review::of(&edit(&without_min(), "/metadata", metadata)), &policy(""));
    assert_eq!(reply.record.name, "orders-*");
    assert!(
        reply.message.starts_with("1 setting of ScaledObject shop/orders-* is misaligned"),
        "{}",
        reply.message
    );
}

#[test]
fn the_namespace_of_the_request_counts_where_the_object_has_none() {
    let policy = policy("overrides:\n- {namespaces: [shop], rules: {LW201: {level: warn}}}\n");
    let object = edit(&without_min(), "/metadata", json!({"name": "orders"}));
    assert!(validate(&Review::of(&object), &policy).allowed);
    let elsewhere = validate(&Review { namespace: "other", ..Review::of(&object) }, &policy);
    assert_eq!(elsewhere.denied, ["LW201"]);
    assert!(elsewhere.message.contains("ScaledObject other/orders"), "{}", elsewhere.message);
    // The pair is found by it, too.
    let world = Known(vec![subject(&consumer())]);
    let object = edit(&mismatched(), "/metadata", json!({"name": "orders"}));
    assert_eq!(ask(Route::Validate, &Review::of(&object), &policy, Some(&world)).denied, ["LW104"]);
}

#[test]
fn an_exemption_silences_its_rule_and_no_other() {
    let policy = policy("rules: {LW301: {exemptable: false}}");
    let bad = edit(&without_min(), "/spec/triggers/0/metadata/lagThreshold", json!("10"));
    let with = |annotations: Value| {
        validate(&Review::of(&edit(&bad, "/metadata/annotations", annotations)), &policy)
    };
    assert_eq!(with(json!({"ignore.lagward.dev/LW201": "batch; until 2026-11-24"})).denied, ["LW301"]);
    let expired = with(json!({"ignore.lagward.dev/LW201": "batch; until 2026-11-23"}));
    assert_eq!(expired.denied, ["LW201", "LW301"]);
    assert_eq!(expired.warnings, ["exemption ignore.lagward.dev/LW201 ran out on 2026-11-23"]);
    let forbidden = with(json!({"ignore.lagward.dev/LW301": "batch"}));
    assert_eq!(forbidden.denied, ["LW201", "LW301"]);
    assert!(forbidden.warnings[0].contains("the policy forbids"), "{:?}", forbidden.warnings);
}

#[test]
fn nothing_that_kafka_clients_read_is_no_matter() {
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "web"}]}}}});
    let reply = validate(&Review::of(&object), &policy(""));
    assert_eq!(reply.record.outcome, Outcome::Allowed);
    assert!(reply.is_silent());
    assert_eq!(
        validate(&Review::of(&set_env(&consumer(), "KAFKA_SESSION_TIMEOUT_MS", json!("44000"))), &policy(""))
            .denied,
        ["LW101"]
    );
}

#[test]
fn a_target_dangles_where_everything_is_known_and_no_request_hears_of_it() {
    let (policy, empty) = (policy(""), Known::default());
    let codes = |world: &dyn World| {
        let verdict = judge(
            &subject(&scaler()),
            || None,
            &Context { world, policy: &policy, occasion: Occasion::Existing, today: date(2026, 11, 24) },
        );
        verdict.warnings().map(|finding| finding.rule.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&empty), ["LW208"]);
    assert!(codes(&Nothing).is_empty());
    assert!(codes(&Known(vec![subject(&consumer())])).is_empty());
    assert!(ask(Route::Validate, &Review::of(&scaler()), &policy, Some(&empty)).is_silent());
}

#[test]
fn two_scaled_objects_of_one_workload_hear_of_each_other() {
    let other = edit(&scaler(), "/metadata/name", json!("other"));
    let world = Known(vec![subject(&consumer()), subject(&scaler()), subject(&other)]);
    let reply = ask(Route::Validate, &Review::of(&other), &policy(""), Some(&world));
    assert_eq!((reply.allowed, reply.warned()), (true, vec!["LW209"]));
}
