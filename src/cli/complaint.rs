//! What keeps a command from doing what it was asked for.

use std::fmt::Display;

use super::complain;
use crate::fronts::cluster::configure::NoConfig;
use crate::fronts::files::baseline::BaselineError;
use crate::fronts::files::policy::PolicyError;
use crate::fronts::webhook::serve_error::ServeError;

/// Ends a command: what is wrong, and what to do about it.
#[derive(Debug)]
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) help: Option<String>,
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

    /// Says it on standard error.
    pub(super) fn say(&self) {
        complain(&self.message, self.help.as_deref());
    }
}

impl From<PolicyError> for Complaint {
    fn from(error: PolicyError) -> Self {
        Self::new(error)
    }
}

impl From<BaselineError> for Complaint {
    fn from(error: BaselineError) -> Self {
        Self { message: error.to_string(), help: error.help().map(ToOwned::to_owned) }
    }
}

impl From<NoConfig> for Complaint {
    fn from(error: NoConfig) -> Self {
        Self::new(&error).with_help(error.help())
    }
}

impl From<ServeError> for Complaint {
    fn from(error: ServeError) -> Self {
        Self { message: error.to_string(), help: error.help() }
    }
}
