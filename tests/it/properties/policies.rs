//! Generated policies, and what holds for reading them.

use lagward::engine::policy::Policy;
use lagward::engine::rule::{Level, Rule};
use lagward::rules::RULES;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::generate::{any_json, object};
use super::{config, read, standing};

/// A level that the rule may have.
fn level(rule: &'static Rule) -> impl Strategy<Value = Value> {
    let all = [Level::Off, Level::Warn, Level::Deny].into_iter();
    select(all.filter(|level| *level <= rule.levels.highest).collect::<Vec<_>>())
        .prop_map(|level| json!(level.name()))
}

/// A value that the parameter's own schema allows.
fn parameter(schema: &Value, key: &str) -> BoxedStrategy<Value> {
    match schema["type"].as_str() {
        Some("integer") => {
            let bound = |key: &str| schema[key].as_i64().expect("a bound");
            (bound("minimum")..=bound("maximum").min(3000)).prop_map(Value::from).boxed()
        }
        Some("number") => (0..4000_i64).prop_map(|thousandths| json!(thousandths as f64 / 1000.0)).boxed(),
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        _ if key == "variable" => {
            select(vec!["KAFKA_SESSION_TIMEOUT_MS", "KAFKA_SESSION_TIMEOUT", "BROKER_SESSION_TIMEOUT"])
                .prop_map(Value::from)
                .boxed()
        }
        // Of the two bounds of LW105 one must leave room for the other.
        _ if key == "max" => (600..1800_i64).prop_map(|seconds| json!(format!("{seconds}s"))).boxed(),
        _ => (6..600_i64).prop_map(|seconds| json!(format!("{seconds}s"))).boxed(),
    }
}

/// What a policy may say of one rule.
fn of_rule(rule: &'static Rule) -> impl Strategy<Value = (String, Value)> {
    let params: Vec<_> = rule
        .params
        .iter()
        .map(|param| {
            let value = option::weighted(0.4, parameter(&param.schema(), param.key()));
            value.prop_map(|value| Some((param.key().to_owned(), value?)))
        })
        .collect();
    (option::weighted(0.2, level(rule)), params).prop_map(|(level, params)| {
        let level = level.map(|level| ("level".to_owned(), level));
        let all: Map<String, Value> = params.into_iter().flatten().chain(level).collect();
        (rule.code.to_owned(), Value::Object(all))
    })
}

fn rules() -> impl Strategy<Value = Value> {
    let each: Vec<_> = RULES.iter().map(|rule| option::weighted(0.3, of_rule(rule))).collect();
    each.prop_map(|all| all.into_iter().flatten().collect::<Map<_, _>>().into())
}

/// A valid policy that enforces, with everything else in it.
pub(super) fn policy() -> impl Strategy<Value = Value> {
    let words = |all: &[&'static str]| select(all.to_vec()).prop_map(Value::from);
    let override_ = (words(&["shop", "*", "other"]), rules())
        .prop_map(|(namespace, rules)| json!({"namespaces": [namespace], "rules": rules}));
    let exempt = (words(&["LW101", "LW301"]), words(&["ord*", "web"])).prop_map(
        |(rule, name)| json!({"rule": rule, "names": [name], "reason": "moved", "until": "2027-01-31"}),
    );
    let lists = (vec(override_, 0..2), vec(exempt, 0..2));
    let profile = words(&["strict", "strict", "baseline"]);
    let alignment = words(&["ratio", "ratio", "protocol"]);
    let mutate = words(&["off", "fill", "enforce"]);
    (profile, alignment, mutate, rules(), lists).prop_map(
        |(profile, alignment, mutate, rules, (overrides, exempt))| {
            json!({"profile": profile, "alignment": alignment, "mutate": mutate, "rules": rules,
            "overrides": overrides, "exempt": exempt})
        },
    )
}

/// A policy with one value of it replaced by anything.
fn spoilt() -> impl Strategy<Value = Value> {
    let key = select(vec![
        "profile",
        "mode",
        "alignment",
        "mutate",
        "rules",
        "overrides",
        "exempt",
        "docsUrl",
        "x",
    ]);
    let inner = || (select(RULES.iter().map(|rule| rule.code).collect::<Vec<_>>()), any_json());
    let value = prop_oneof![
        any_json(),
        inner().prop_map(|(code, value)| json!({code: value})),
        inner().prop_map(|(code, value)| json!([{"rule": code, "reason": value, "until": value}])),
        inner().prop_map(
            |(code, value)| json!([{"namespaces": value, "labels": value, "namespaceLabels": value, "rules": {code: value}}])
        ),
    ];
    (policy(), key, value).prop_map(|(mut policy, key, value)| {
        policy[key] = value;
        policy
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_policy_of_the_schema_is_read(policy in policy()) {
        let problems = Policy::read(&policy, RULES).err();
        prop_assert_eq!(problems, None);
    }

    #[test]
    fn any_json_is_a_policy_or_has_a_problem_at_a_place_of_it(value in prop_oneof![any_json(), spoilt()]) {
        let Err(problems) = Policy::read(&value, RULES) else { return Ok(()) };
        prop_assert!(!problems.is_empty());
        for problem in problems {
            prop_assert!(!problem.message.trim().is_empty());
            prop_assert!(value.pointer(&problem.place.pointer()).is_some(), "{problem:?}");
        }
    }

    #[test]
    fn baseline_denies_nothing_that_strict_allows(object in object(), policy in policy()) {
        let with = |profile: &str| {
            let mut policy = policy.clone();
            policy["profile"] = json!(profile);
            super::places(standing(&object, &read(&policy)).denials())
        };
        let strict = with("strict");
        for denial in with("baseline") {
            prop_assert!(strict.contains(&denial), "{denial:?} is not in {strict:?}");
        }
    }
}
