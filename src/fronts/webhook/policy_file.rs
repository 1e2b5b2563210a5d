//! The policy's file, which may be changed while the webhook runs.

use std::path::PathBuf;
use std::sync::Arc;

use super::metrics::{File, Metrics};
use super::policy_reviewer::LivePolicy;
use super::reload::ReloadedFile;
use crate::fronts::files::policy::{self, Loaded, PolicyError};

/// A policy's file, and where its policy is in force.
pub(super) struct PolicyFile {
    pub(super) file: PathBuf,
    pub(super) live: LivePolicy,
}

impl ReloadedFile for PolicyFile {
    const FILE: File = File::Policy;
    type Value = Loaded;
    type Error = PolicyError;

    fn load(&self) -> Result<(String, Loaded), PolicyError> {
        let loaded = policy::load(Some(&self.file))?;
        Ok((loaded.hash.to_string(), loaded))
    }

    fn accept(&self, loaded: Loaded, metrics: &Metrics) {
        let hash = Arc::clone(&loaded.hash);
        self.live.store(Arc::new(loaded));
        metrics.files.policy(&hash);
        tracing::info!(policy = &*hash, "judging by a new policy");
    }
}
