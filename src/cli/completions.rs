//! `lagward completions`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::complaint::Complaint;
use super::{Arguments, Exit, answer};

/// Print a completion script for a shell
#[derive(Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "lagward", &mut script);
        answer(&String::from_utf8_lossy(&script))
    }
}
