//! Where objects come from and where verdicts go: the webhook, files and the cluster.

pub mod cluster;
pub mod files;
pub mod webhook;
