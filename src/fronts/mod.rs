//! Where objects come from and where verdicts go: the webhook and files.

pub mod files;
pub mod webhook;
