//! The `lagward` command.

fn main() -> std::process::ExitCode {
    lagward::cli::run()
}
