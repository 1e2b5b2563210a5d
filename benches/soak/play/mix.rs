//! What is asked: every kind of answer, and what it has to be under each policy.

use std::borrow::Cow;

use lagward::fronts::webhook::record::Route::{self, Mutate, Validate};
use serde_json::{Value, json};

use super::truth::Policy;
use crate::support::{Review, consumer, edit, scaler, set_env};

/// One review that is asked again and again, each time by another uid.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) route: Route,
    /// What stands before the uid and behind it.
    around: [Vec<u8>; 2],
    /// What has to be said, as [`super::answers`] puts it: by the shipped policy, by one that patches, by one that
    /// denies nothing.
    said: [&'static str; 3],
}

impl Case {
    fn new(name: &'static str, route: Route, review: &Review, said: [&'static str; 3]) -> Self {
        let body = review.body();
        let uid = review.uid.as_bytes();
        let at = body.windows(uid.len()).position(|part| part == uid).expect("the uid is in the body");
        let around = [body[..at].to_vec(), body[at + uid.len()..].to_vec()];
        Self { name, route, around, said }
    }

    pub(crate) fn said(&self, policy: Policy) -> &'static str {
        self.said[policy as usize]
    }

    /// The body of the `n`th review.
    pub(crate) fn body(&self, n: u64) -> Vec<u8> {
        let [before, behind] = &self.around;
        [before, format!("705ab4f5-6393-11e8-b7cc-{n:012x}").as_bytes(), behind].concat()
    }
}

/// All cases, which are asked in turn.
pub(crate) fn cases() -> Vec<Case> {
    [scalers(), workloads(), odd_ones()].into_iter().flatten().collect()
}

fn scalers() -> Vec<Case> {
    let good = scaler();
    let no_minimum = edit(&good, "/spec/minReplicaCount", Value::Null);
    let two_wrong = edit(&no_minimum, "/spec/triggers/0/metadata/lagThreshold", json!("1"));
    let labelled = |object: &Value| edit(object, "/metadata/labels", json!({"team": "a"}));
    vec![
        Case::new("clean", Validate, &Review::of(&good), ["silent"; 3]),
        Case::new(
            "denied",
            Validate,
            &Review::of(&no_minimum),
            ["denied LW201", "denied LW201", "noted LW201"],
        ),
        Case::new(
            "denied for two reasons",
            Validate,
            &Review::of(&two_wrong),
            ["denied LW201,LW301", "denied LW201,LW301", "noted LW201,LW301"],
        ),
        Case::new(
            "ratcheted",
            Validate,
            &Review::update(&no_minimum, &labelled(&no_minimum)),
            ["warned LW201", "warned LW201", "noted LW201"],
        ),
        Case::new(
            "made worse",
            Validate,
            &Review::update(&good, &no_minimum),
            ["denied LW201", "denied LW201", "noted LW201"],
        ),
        Case::new("patched", Mutate, &Review::of(&no_minimum), ["silent", "patched", "silent"]),
        Case::new("nothing to patch", Mutate, &Review::of(&good), ["silent"; 3]),
    ]
}

fn workloads() -> Vec<Case> {
    let good = consumer();
    let short = set_env(&good, "KAFKA_SESSION_TIMEOUT_MS", json!("10000"));
    let restarted =
        |object: &Value| edit(object, "/spec/template/metadata", json!({"annotations": {"at": "noon"}}));
    vec![
        Case::new("clean workload", Validate, &Review::of(&good), ["silent"; 3]),
        Case::new(
            "denied workload",
            Validate,
            &Review::of(&short),
            ["denied LW101", "denied LW101", "noted LW101"],
        ),
        Case::new(
            "ratcheted workload",
            Validate,
            &Review::update(&short, &restarted(&short)),
            ["warned LW101", "warned LW101", "noted LW101"],
        ),
        Case::new(
            "dry run",
            Validate,
            &Review::of(&short).dry_run(),
            ["denied LW101", "denied LW101", "noted LW101"],
        ),
        Case::new("patched workload", Mutate, &Review::of(&short), ["silent", "patched", "silent"]),
        Case::new(
            "large",
            Validate,
            &Review::of(&large(&short)),
            ["denied LW101", "denied LW101", "noted LW101"],
        ),
    ]
}

/// The same workload with so many variables that it is judged off the reactor.
fn large(object: &Value) -> Value {
    let value = "x".repeat(1000);
    (0..300).fold(object.clone(), |object, n| set_env(&object, &format!("FILLER_{n}"), json!(value)))
}

/// What clusters do hold, or somebody sends.
fn odd_ones() -> Vec<Case> {
    let bad = edit(&scaler(), "/spec/minReplicaCount", json!(0));
    let of = |object: Cow<'_, str>| Review { object: object.into_owned(), ..Review::of(&bad) };
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    vec![
        Case::new("no number", Validate, &of(r#"{"spec":{"minReplicaCount":1e999}}"#.into()), ["told"; 3]),
        Case::new("nested deeply", Validate, &of(deep.into()), ["silent"; 3]),
        Case::new("no object", Validate, &of("null".into()), ["silent"; 3]),
        Case::new(
            "another kind",
            Validate,
            &Review { kind: "ScaledJob".to_owned(), ..Review::of(&bad) },
            ["silent"; 3],
        ),
        Case::new("deleted", Validate, &Review { operation: "DELETE", ..of("null".into()) }, ["silent"; 3]),
        Case::new(
            "wrong types",
            Mutate,
            &of(r#"{"spec":[{"triggers":7}],"metadata":"x"}"#.into()),
            ["silent"; 3],
        ),
    ]
}
