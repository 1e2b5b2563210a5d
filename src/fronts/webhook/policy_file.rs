//! The policy's file, which may be changed while the webhook runs.

use std::path::PathBuf;
use std::sync::Arc;

use super::metrics::{File, Metrics};
use super::policy_reviewer::LivePolicy;
use super::reload::Load;
use crate::fronts::files::policy::{self, Loaded};

/// A policy's file, and where its policy is in force.
pub(super) struct PolicyFile {
    pub(super) file: PathBuf,
    pub(super) live: LivePolicy,
    pub(super) metrics: Arc<Metrics>,
}

impl Load for PolicyFile {
    type Value = Loaded;

    fn load(&self) -> (String, Result<Loaded, String>) {
        match policy::load(Some(&self.file)) {
            Ok(loaded) => (loaded.hash.to_string(), Ok(loaded)),
            Err(error) => (error.to_string(), Err(error.to_string())),
        }
    }

    fn accept(&self, loaded: Loaded) {
        let hash = Arc::clone(&loaded.hash);
        // Before it is said: whoever reads the metric may rely on it.
        self.live.store(Arc::new(loaded));
        self.metrics.policy(&hash);
        self.metrics.reloaded(File::Policy, true);
        tracing::info!(policy = &*hash, "judging by a new policy");
    }

    fn reject(&self, why: &str) {
        self.metrics.reloaded(File::Policy, false);
        tracing::error!("the new policy cannot be used, the last good one stays: {why}");
    }
}
