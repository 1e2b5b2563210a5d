//! `lagward explain`

use clap::Args;

use super::complaint::Complaint;
use super::select::{find, not_a_rule};
use super::{Exit, answer};

/// Show the page of a rule
#[derive(Args)]
pub(super) struct Explain {
    /// The rule's code or name
    #[arg(value_name = "CODE|NAME")]
    rule: String,
}

impl Explain {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        let rule = find(&self.rule).ok_or_else(|| not_a_rule(&self.rule))?;
        answer(rule.page)
    }
}
