//! Asks for an answer and takes it apart. Every answer of every test goes through the verifier.

use jiff::civil::{Date, date};
use lagward::engine::consumer::Consumer;
use lagward::engine::policy::Policy;
use lagward::engine::scaler::Scaler;
use lagward::engine::subject::Subject;
use lagward::engine::world::{Lookup, Nothing, World, is_pair};
use lagward::fronts::webhook::record::{Outcome, Record, Route};
use lagward::fronts::webhook::review::{ReviewContext, admit};
use serde_json::Value;

use super::Review;
use crate::verifier;

/// The day of all tests.
pub(crate) fn today() -> Date {
    date(2026, 11, 24)
}

/// The policy of this YAML.
pub(crate) fn policy(yaml: &str) -> Policy {
    lagward::fronts::files::policy::read("lagward.yaml", yaml).expect("a policy").policy
}

/// A World that knows exactly these objects.
#[derive(Debug, Default)]
pub(crate) struct Known(pub(crate) Vec<Subject>);

impl World for Known {
    fn consumer_of(&self, scaler: &Scaler) -> Lookup<&Consumer> {
        let found = self.0.iter().find_map(|subject| match subject {
            Subject::Workload(consumer) if is_pair(consumer, scaler) => Some(&**consumer),
            _ => None,
        });
        found.map_or(Lookup::Absent, Lookup::Found)
    }

    fn scalers_of(&self, consumer: &Consumer) -> Lookup<Vec<&Scaler>> {
        let found = self.0.iter().filter_map(|subject| match subject {
            Subject::Scaler(scaler) if is_pair(consumer, scaler) => Some(&**scaler),
            _ => None,
        });
        let found: Vec<&Scaler> = found.collect();
        if found.is_empty() { Lookup::Absent } else { Lookup::Found(found) }
    }
}

/// A verified answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) allowed: bool,
    /// The codes of `details.causes`, in their order.
    pub(crate) denied: Vec<String>,
    pub(crate) message: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) annotations: Value,
    /// The operations, null without a patch.
    pub(crate) patch: Value,
    pub(crate) record: Record,
}

impl Reply {
    /// The codes that the warnings begin with, each once.
    pub(crate) fn warned(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self
            .warnings
            .iter()
            .filter_map(|text| text.split(' ').next().filter(|word| word.starts_with("LW")))
            .collect();
        codes.dedup();
        codes
    }

    /// The object with the patch applied.
    pub(crate) fn patched(&self, object: &Value) -> Value {
        let mut object = object.clone();
        let patch: json_patch::Patch = serde_json::from_value(self.patch.clone()).expect("a patch");
        json_patch::patch(&mut object, &patch).expect("a patch that applies");
        object
    }

    /// Allowed without a word.
    pub(crate) fn is_silent(&self) -> bool {
        self.allowed
            && self.warnings.is_empty()
            && self.patch.is_null()
            && self.record.outcome == Outcome::Allowed
    }
}

/// Judges by this policy, in a World that knows nothing.
pub(crate) fn context(policy: &Policy) -> ReviewContext<'_> {
    ReviewContext { world: &Nothing, look: None, policy, hash: "", today: today() }
}

/// Answers a review by this policy, in a World that knows nothing unless it is given.
pub(crate) fn ask(route: Route, review: &Review, policy: &Policy, world: Option<&dyn World>) -> Reply {
    let nobody = context(policy);
    let context = ReviewContext { world: world.unwrap_or(nobody.world), ..nobody };
    let body = review.body();
    let answer = admit(route, &body, &context).expect("a readable envelope");
    let again = admit(route, &body, &context).expect("a readable envelope");
    assert_eq!(answer.body, again.body, "two answers to one review");
    let response = verifier::verify(route, &body, &answer.body);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let texts = |value: &Value, key: &str| {
        let items = value.as_array().into_iter().flatten();
        items.map(|item| text(if key.is_empty() { item } else { &item[key] })).collect()
    };
    Reply {
        allowed: response["allowed"] == true,
        denied: texts(&response["status"]["details"]["causes"], "reason"),
        message: text(&response["status"]["message"]),
        warnings: texts(&response["warnings"], ""),
        annotations: response["auditAnnotations"].clone(),
        patch: verifier::operations(&response),
        record: answer.record,
    }
}
