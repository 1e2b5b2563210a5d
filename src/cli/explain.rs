//! `lagward explain`

use clap::Args;

use super::{Exit, complain, print};
use crate::engine::rule::Rule;
use crate::rules::RULES;

/// Show the page of a rule
#[derive(Args)]
pub(super) struct Explain {
    /// The rule's code or name
    #[arg(value_name = "CODE|NAME")]
    rule: String,
}

impl Explain {
    pub(super) fn run(&self) -> Exit {
        let is_it = |rule: &&&Rule| rule.code.eq_ignore_ascii_case(&self.rule) || rule.name == self.rule;
        if let Some(rule) = RULES.iter().find(is_it) {
            print(rule.page);
            return Exit::Clean;
        }
        let nearest = RULES.iter().flat_map(|rule| [rule.code, rule.name]).min_by_key(|known| {
            strsim::damerau_levenshtein(&self.rule.to_ascii_uppercase(), &known.to_ascii_uppercase())
        });
        let help = nearest.map(|known| format!("did you mean {known}? `lagward rules` lists all"));
        complain(&format!("{:?} is no rule", self.rule), help.as_deref());
        Exit::Failed
    }
}
