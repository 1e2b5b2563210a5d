//! Judges reviews by a policy: the [`Reviewer`] that `lagward serve` runs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::intake::Reviewer;
use super::record::{Answer, BadReview, Route};
use super::review::{Court, admit};
use crate::engine::world::Nothing;
use crate::fronts::files::policy::Loaded;

/// The policy in force. Whoever swaps it changes what the next review is judged by.
pub type LivePolicy = Arc<ArcSwap<Loaded>>;

/// Judges each object alone, by the date of the request.
#[derive(Debug)]
pub struct Clerk {
    policy: LivePolicy,
}

impl Clerk {
    /// Judges by this policy.
    pub fn new(policy: LivePolicy) -> Self {
        Self { policy }
    }
}

impl Reviewer for Clerk {
    fn review(&self, route: Route, body: &[u8]) -> Result<Answer, BadReview> {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        // One review is judged by one policy, however often it is swapped meanwhile.
        let loaded = self.policy.load();
        admit(route, body, &Court { world: &Nothing, policy: &loaded.policy, hash: &loaded.hash, today })
    }
}
