//! The command line: one file a command.

mod check;
mod explain;
mod fix;
mod rules;
mod schema;
mod serve;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// How a command ends. Usage errors end with 2 too, by clap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to complain about.
    Clean = 0,
    /// Findings at or above `--fail-on`.
    Findings = 1,
    /// Input that could not be read, or a command that could not run.
    Failed = 2,
}

/// Keeps Kafka consumers, pod lifecycle and KEDA autoscaling aligned.
#[derive(Parser)]
#[command(name = "lagward", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Rules(rules::Rules),
    Explain(explain::Explain),
    Schema(schema::Schema),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let exit = match Arguments::parse().command {
        Command::Serve(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Rules(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Schema(command) => command.run(),
    };
    ExitCode::from(exit as u8)
}

/// Results go to standard output. A reader that has seen enough (`head`) is no error.
fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Where results are no result: beside a filtered text.
fn eprint(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Everything else goes to standard error: `error: ...`, with a `help:` line where there is one.
fn complain(message: &impl std::fmt::Display, help: Option<&str>) {
    let mut text = format!("error: {message}\n");
    if let Some(help) = help {
        text += &format!("  help: {help}\n");
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
}
