//! lagward's reading of trigger metadata against KEDA's own, on thousands of generated triggers per version.
//!
//! `tests/e2e/tools/keda-parser-*` link KEDA and hand each trigger to its constructors. Everything is known here,
//! variables and TriggerAuthentication too, so that the two verdicts have to be equal: no difference is accepted.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "clippy takes only functions marked as tests for tests, not their helpers"
)]

mod generate;
mod oracle;
mod values;

use std::collections::BTreeMap;

use lagward::engine::keda::KedaVersion;
use lagward::engine::keda::parser::{Given, refusals};
use lagward::engine::object::Kind;
use lagward::engine::scaler::Scaler;
use lagward::engine::subject::Subject;
use lagward::engine::world::Lookup;
use serde_json::json;

use generate::{Generator, Trigger};
use oracle::{Answer, ask};

const CASES: usize = 12_000;

#[test]
fn the_newest_keda_and_lagward_agree() {
    compare("keda-parser-2-20", KedaVersion::v2(20));
}

#[test]
fn keda_2_14_and_lagward_agree() {
    compare("keda-parser-2-14", KedaVersion::v2(14));
}

fn compare(program: &str, version: KedaVersion) {
    let mut generator = Generator::new(2026);
    let triggers: Vec<Trigger> = (0..CASES).map(|_| generator.trigger()).collect();
    let answers = ask(program, &triggers);
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for (trigger, answer) in triggers.iter().zip(&answers) {
        *refused.entry(trigger.kind).or_default() += usize::from(answer.is_refused());
        differences.extend(difference(trigger, answer, version));
    }
    for (kind, refused) in &refused {
        let of_kind = triggers.iter().filter(|trigger| trigger.kind == *kind).count();
        println!("KEDA {version} refuses {refused} of {of_kind} triggers of type {kind}");
        assert!(refused * 5 > of_kind && refused * 5 < of_kind * 4, "the cases are too much alike");
    }
    let shown: Vec<&String> = differences.iter().take(20).collect();
    assert!(
        differences.is_empty(),
        "{} of {CASES} differ from KEDA {version}: {shown:#?}",
        differences.len()
    );
}

/// Where KEDA and lagward do not agree, be it on the verdict or on the lag per replica that applies.
fn difference(trigger: &Trigger, answer: &Answer, version: KedaVersion) -> Option<String> {
    let scaler = scaler(trigger);
    let read = scaler.triggers.first().expect("it is a Kafka trigger");
    let env = |name: &str| borrowed(&trigger.resolved_env, name);
    let auth = |name: &str| borrowed(&trigger.auth_params, name);
    let given = Given { metadata: &read.metadata, env: &env, auth: &auth };
    let ours = refusals(read.kind, version, &given);
    let threshold = read.lag_threshold(version).value().copied();
    let agrees =
        ours.is_empty() != answer.is_refused() && (answer.target.is_none() || answer.target == threshold);
    (!agrees).then(|| format!("{trigger:?}\n  KEDA: {answer:?}\n  lagward: {threshold:?} {ours:?}"))
}

fn borrowed<'m>(map: &'m BTreeMap<String, String>, key: &str) -> Lookup<&'m str> {
    map.get(key).map_or(Lookup::Absent, |value| Lookup::Found(value))
}

/// The trigger as it comes out of a ScaledObject.
fn scaler(trigger: &Trigger) -> Scaler {
    let object = json!({
        "metadata": {"name": "consumer"},
        "spec": {"triggers": [{"type": trigger.kind, "metadata": trigger.metadata}]},
    });
    match Subject::distil(Kind::ScaledObject, &object).expect("JSON is always distilled") {
        Subject::Scaler(scaler) => *scaler,
        Subject::Workload(_) => unreachable!("it is a ScaledObject"),
    }
}
