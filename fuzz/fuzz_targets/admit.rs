//! Any object in a good envelope is answered: twice alike, by the API server's own checks, and a patch leaves nothing
//! to patch.
#![no_main]
#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used)]

mod support;
#[path = "../../tests/it/verifier.rs"]
mod verifier;

use std::sync::LazyLock;

use lagward::engine::policy::Policy;
use lagward::fronts::webhook::record::{Part, Route};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use support::{Known, Review, ask, consumer, policy, scaler, subject};

static POLICIES: LazyLock<[Policy; 3]> =
    LazyLock::new(|| ["", "mutate: fill", "mutate: enforce"].map(policy));

/// What may stand around the object: a workload and its ScaledObject, both in order.
static NEIGHBOURS: LazyLock<Known> = LazyLock::new(|| Known(vec![subject(&consumer()), subject(&scaler())]));

fuzz_target!(|input: (u8, &str)| {
    let (choices, text) = input;
    // An update is written as both objects, with this between them.
    let (new, old) = text.split_once("\n---\n").map_or((text, None), |(new, old)| (new, Some(old)));
    if !is_json(new) || !old.is_none_or(is_json) {
        return;
    }
    let (api_version, kind) =
        [("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("keda.sh/v1alpha1", "ScaledObject")]
            [usize::from(choices % 3)];
    let mut review = Review::text(api_version, kind, new.to_owned());
    if let Some(old) = old {
        review = Review { operation: "UPDATE", old: old.to_owned(), ..review };
    }
    review.dry_run = choices & 0x10 != 0;
    let policy = &POLICIES[usize::from(choices / 3 % 3)];
    let world = (choices & 0x20 != 0).then_some(&*NEIGHBOURS as _);
    ask(Route::Validate, &review, policy, world);
    let patched = ask(Route::Mutate, &review, policy, world);
    if patched.patch.is_null() {
        return;
    }
    assert_ne!(patched.record.unreadable, Some(Part::Object), "an object that cannot be read is not patched");
    let object = serde_json::from_str(new).expect("what was patched was read");
    let again = Review { object: patched.patched(&object).to_string(), ..review };
    assert!(ask(Route::Mutate, &again, policy, world).patch.is_null(), "a patch of what was patched");
});

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}
