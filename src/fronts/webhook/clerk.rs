//! Judges reviews by a policy: the [`Reviewer`] that `lagward serve` runs.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::intake::Reviewer;
use super::record::{Answer, BadReview, Route};
use super::review::{Court, admit};
use crate::engine::policy::Policy;
use crate::engine::world::Nothing;

/// Judges each object alone, by the date of the request.
#[derive(Debug)]
pub struct Clerk {
    policy: Policy,
}

impl Clerk {
    /// Judges by this policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }
}

impl Reviewer for Clerk {
    fn review(&self, route: Route, body: &[u8]) -> Result<Answer, BadReview> {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        admit(route, body, &Court { world: &Nothing, policy: &self.policy, today })
    }
}
