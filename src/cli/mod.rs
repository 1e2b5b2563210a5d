//! The command line: one file a command.

mod audit;
mod check;
mod complaint;
mod completions;
mod descriptors;
mod explain;
mod fix;
mod init;
mod interrupt;
mod judging;
mod outputs;
mod progress;
mod report;
mod rules;
mod schema;
mod select;
mod serve;

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use complaint::Complaint;

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
    Audit(audit::Audit),
    Rules(rules::Rules),
    Explain(explain::Explain),
    Schema(schema::Schema),
    Init(init::Init),
    Completions(completions::Completions),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let matches = Arguments::command().bin_name(invoked()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let ended = match arguments.command {
        Command::Serve(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Rules(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    let exit = ended.unwrap_or_else(|complaint| {
        complaint.say();
        Exit::Failed
    });
    ExitCode::from(exit as u8)
}

/// What the user typed: kubectl finds the program under the name of a plugin.
fn invoked() -> &'static str {
    let program = std::env::args_os().next().unwrap_or_default();
    let is_plugin = Path::new(&program).file_stem().is_some_and(|stem| stem == "kubectl-lagward");
    if is_plugin { "kubectl lagward" } else { "lagward" }
}

/// Prints all that a command has to say.
fn answer(text: &str) -> Result<Exit, Complaint> {
    match print(text) {
        Ok(()) => Ok(Exit::Clean),
        Err(error) => Err(Complaint::new(format!("cannot write standard output: {error}"))),
    }
}

/// Results go to standard output. A reader that has seen enough (`head`) is no error; a full disk is, since what is
/// left out would not be missed.
fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Where results are no result: beside a filtered text. Nobody is left to be told if this fails.
#[expect(clippy::unnecessary_wraps, reason = "it stands in for `print`")]
fn eprint(text: &str) -> io::Result<()> {
    let _ = anstream::stderr().write_all(text.as_bytes());
    Ok(())
}

/// Everything else goes to standard error: `error: ...`, with a `help:` line where there is one.
fn complain(message: &impl std::fmt::Display, help: Option<&str>) {
    say("error", message, help);
}

/// As [`complain`], for what does not change how the command ends.
fn warn(message: &impl std::fmt::Display, help: Option<&str>) {
    say("warning", message, help);
}

fn say(level: &str, message: &impl std::fmt::Display, help: Option<&str>) {
    let mut text = format!("{level}: {message}\n");
    if let Some(help) = help {
        text += &format!("  help: {help}\n");
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
}
