//! What holds for every object and every policy, valid or odd.

mod exempting;
mod fronts;
mod generate;
mod judging;
mod mending;
mod policies;

pub(crate) use generate::{object, workload};

use lagward::engine::finding::Finding;
use lagward::engine::judge::{Context, Occasion, Verdict, judge};
use lagward::engine::policy::Policy;
use lagward::engine::world::{Nothing, World};
use lagward::rules::RULES;
use proptest::prelude::ProptestConfig;
use serde_json::Value;

use crate::support::{subject, today};

/// Enough for every day; PROPTEST_CASES asks for more. What fails is printed in full and becomes a test of its own.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }
}

/// The policy of generated JSON.
fn read(value: &Value) -> Policy {
    Policy::read(value, RULES).expect("a valid policy")
}

/// Judges an object as a file is judged.
fn standing(object: &Value, policy: &Policy) -> Verdict {
    judged(object, policy, &Nothing, Occasion::Existing)
}

fn judged(object: &Value, policy: &Policy, world: &dyn World, occasion: Occasion) -> Verdict {
    judge(&subject(object), || None, &Context { world, policy, occasion, today: today() })
}

/// Code and place of each finding, sorted.
fn places<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<(&'static str, String)> {
    let mut places: Vec<_> =
        findings.map(|finding| (finding.rule.code, finding.report.place.to_string())).collect();
    places.sort();
    places
}
