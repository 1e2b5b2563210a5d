//! Any bytes are a bad review or answered, and an envelope says what serde_json reads in it.
//!
//! The reader of envelopes passes over what it does not need without checking it, so that it may accept what is no
//! JSON. Of what is JSON it must accept and understand all, but for names of fields that are written with escapes.
#![no_main]
#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used)]

mod reference;
mod support;
#[path = "../../tests/it/verifier.rs"]
mod verifier;

use std::sync::LazyLock;

use lagward::engine::policy::Policy;
use lagward::engine::world::Nothing;
use lagward::fronts::webhook::record::{Answer, BadReview, Route};
use lagward::fronts::webhook::review::{ReviewContext, admit};
use libfuzzer_sys::fuzz_target;
use reference::{Envelope, Verdict};

static POLICY: LazyLock<Policy> = LazyLock::new(|| support::policy("mutate: enforce"));

fuzz_target!(|body: &[u8]| {
    for route in [Route::Validate, Route::Mutate] {
        match (reference::read(body), answer(route, body)) {
            (Verdict::NotJson, _) | (Verdict::Bad, Err(_)) => {}
            (Verdict::Bad, Ok(answer)) => panic!("not refused: {:?}", answer.record),
            (Verdict::Good(_), Err(why)) => panic!("refused: {why}"),
            (Verdict::Good(envelope), Ok(answer)) => compare(route, &envelope, &answer),
        }
    }
});

fn answer(route: Route, body: &[u8]) -> Result<Answer, BadReview> {
    let context =
        ReviewContext { world: &Nothing, look: None, policy: &POLICY, hash: "", today: support::today() };
    admit(route, body, &context)
}

fn compare(route: Route, envelope: &Envelope, found: &Answer) {
    let body = envelope.written();
    verifier::verify(route, &body, &found.body);
    let record = &found.record;
    assert_eq!(record.uid, envelope.uid);
    assert_eq!(record.dry_run, envelope.dry_run);
    assert_eq!(record.operation == "other", !["CREATE", "UPDATE"].contains(&&*envelope.operation));
    assert_eq!(record.namespace, envelope.namespace.as_deref().unwrap_or_default());
    // Both objects were found where they are: written again in an envelope of known shape, they get the same answer.
    let again = answer(route, &body).expect("a readable envelope");
    assert_eq!(String::from_utf8_lossy(&again.body), String::from_utf8_lossy(&found.body));
    assert_eq!(format!("{:?}", again.record), format!("{record:?}"));
}
