//! `lagward schema`

use clap::Args;

use super::complaint::Complaint;
use super::{Exit, answer};
use crate::engine::policy::schema;
use crate::rules::RULES;

/// Print the JSON Schema of a policy
#[derive(Args)]
pub(super) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        answer(&format!("{:#}\n", schema(RULES)))
    }
}
