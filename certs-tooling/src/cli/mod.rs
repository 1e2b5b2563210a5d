//! The command line: one file a command.

mod complaint;
mod ensure;
mod issue;
mod run;
mod target;
mod terms;
mod verify;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use complaint::Complaint;

/// How a command ends. Usage errors end with 2 too, by clap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// All is well.
    Clean = 0,
    /// `verify` found something wrong.
    Refused = 1,
    /// The command could not do what it was asked for.
    Failed = 2,
}

/// Issues and rotates the certificate of lagward's webhook, and keeps the API server's trust in it.
#[derive(Parser)]
#[command(name = "lagward-certs", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Issue(issue::Issue),
    Ensure(ensure::Ensure),
    Run(run::Run),
    Verify(verify::Verify),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Issue(command) => command.run(),
        Command::Ensure(command) => start(command.run()),
        Command::Run(command) => start(command.run()),
        Command::Verify(command) => start(command.run()),
    };
    let exit = ended.unwrap_or_else(|complaint| {
        complaint.say();
        Exit::Failed
    });
    ExitCode::from(exit as u8)
}

fn start(command: impl Future<Output = Result<Exit, Complaint>>) -> Result<Exit, Complaint> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Complaint::new(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(command)
}

/// Results go to standard output. A reader that has seen enough (`head`) is no error.
fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}
