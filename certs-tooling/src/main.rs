//! The `lagward-certs` command.

fn main() -> std::process::ExitCode {
    lagward_certs::cli::run()
}
