//! What keeps a command from doing what it was asked for.

use std::fmt::Display;
use std::io::Write as _;

use crate::{cluster, ensure};

/// Ends a command: what is wrong, and what to do about it.
pub(super) struct Complaint {
    message: String,
    help: Option<String>,
}

impl Complaint {
    /// A complaint that says all there is to say.
    pub(super) fn new(message: impl Display) -> Self {
        Self { message: message.to_string(), help: None }
    }

    /// With what the user can do about it.
    #[must_use]
    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Says it on standard error: `error: ...`, with a `help:` line where there is one.
    pub(super) fn say(&self) {
        let mut text = format!("error: {}\n", self.message);
        if let Some(help) = &self.help {
            text += &format!("  help: {help}\n");
        }
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}

impl From<cluster::Error> for Complaint {
    fn from(error: cluster::Error) -> Self {
        Self { message: error.to_string(), help: error.help() }
    }
}

impl From<ensure::Error> for Complaint {
    fn from(error: ensure::Error) -> Self {
        Self { message: error.to_string(), help: error.help() }
    }
}
