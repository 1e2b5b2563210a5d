//! Both programs in one file, by the name that it is called by: in an image, what they share need not be there twice.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let program = std::env::args_os().next().unwrap_or_default();
    if Path::new(&program).file_name().is_some_and(|name| name == "lagward-certs") {
        return lagward_certs::cli::run();
    }
    lagward::cli::run()
}
