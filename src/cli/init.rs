//! `lagward init`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::Args;

use super::complaint::Complaint;
use super::{Exit, answer};
use crate::fronts::files::{policy, upwards};

/// Write a policy to start from
///
/// It says what applies without one, with every key explained. A file that exists is left as it is.
#[derive(Args)]
pub(super) struct Init {
    /// The file to write
    #[arg(value_name = "FILE", default_value = upwards::POLICY)]
    file: PathBuf,
}

impl Init {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        let file = self.file.display();
        let written =
            OpenOptions::new().write(true).create_new(true).open(&self.file).and_then(|mut opened| {
                let written = opened.write_all(policy::DEFAULT.as_bytes());
                // Half a policy says something else.
                written.inspect_err(|_| drop(std::fs::remove_file(&self.file)))
            });
        match written {
            Ok(()) => answer(&format!(
                "wrote {file} with the policy that applies by default; change what your team wants otherwise\n"
            )),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(Complaint::new(format!("{file} is there already, and is left as it is")))
            }
            Err(error) => Err(Complaint::new(format!("cannot write {file}: {error}"))),
        }
    }
}
