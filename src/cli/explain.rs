//! `lagward explain`

use clap::Args;

use super::select::{did_you_mean, find};
use super::{Exit, answer, complain};

/// Show the page of a rule
#[derive(Args)]
pub(super) struct Explain {
    /// The rule's code or name
    #[arg(value_name = "CODE|NAME")]
    rule: String,
}

impl Explain {
    pub(super) fn run(&self) -> Exit {
        if let Some(rule) = find(&self.rule) {
            return answer(rule.page);
        }
        complain(&format!("{:?} is not a rule", self.rule), did_you_mean(&self.rule).as_deref());
        Exit::Failed
    }
}
