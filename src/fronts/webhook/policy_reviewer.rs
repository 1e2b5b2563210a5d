//! Judges reviews by a policy: the [`Reviewer`] that `lagward serve` runs.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::intake::{Looking, Reviewer};
use super::record::{Answer, BadReview, Route};
use super::review::{ReviewContext, admit};
use crate::engine::object::ObjectRef;
use crate::engine::world::{Nothing, World};
use crate::fronts::cluster::{Cluster, Look};
use crate::fronts::files::policy::Loaded;

/// The policy in force. Whoever swaps it changes what the next review is judged by.
pub type LivePolicy = Arc<ArcSwap<Loaded>>;

/// Judges each object by what is known of the cluster, and by the date of the request.
#[derive(Debug)]
pub struct PolicyReviewer {
    policy: LivePolicy,
    cluster: Option<Arc<Cluster>>,
}

impl PolicyReviewer {
    /// Judges by this policy, each object alone if no cluster is known.
    pub fn new(policy: LivePolicy, cluster: Option<Arc<Cluster>>) -> Self {
        Self { policy, cluster }
    }
}

impl Reviewer for PolicyReviewer {
    fn review(&self, route: Route, body: &[u8], look: Option<&Look>) -> Result<Answer, BadReview> {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        // One review is judged by one policy, however often it is swapped meanwhile.
        let loaded = self.policy.load();
        let reading = self.cluster.as_ref().map(|cluster| cluster.read());
        let world: &dyn World = reading.as_ref().map_or(&Nothing, |reading| reading);
        admit(route, body, &ReviewContext { world, look, policy: &loaded.policy, hash: &loaded.hash, today })
    }

    fn look<'a>(&'a self, target: &'a ObjectRef, within: Duration) -> Looking<'a> {
        match &self.cluster {
            Some(cluster) => Box::pin(async move { Some(cluster.look(target, within).await) }),
            None => Box::pin(ready(None)),
        }
    }
}
