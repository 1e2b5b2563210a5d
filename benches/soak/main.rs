//! A soak: `cargo bench --bench soak [-- --minutes N --rate N]` (docs/performance.md). Exits with 1 when a single call
//! failed, a single answer was wrong, or too few were asked.

#![expect(clippy::expect_used, reason = "a soak that cannot go on has nothing to report")]
#![expect(clippy::print_stdout, reason = "the report")]
#![expect(clippy::print_stderr, reason = "progress")]

#[path = "../../tests/it/mounted.rs"]
mod mounted;
mod play;
#[path = "../../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests need more of it")]
mod support;
#[path = "../../tests/it/verifier.rs"]
mod verifier;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use play::{Plan, play};

#[derive(Parser)]
struct Options {
    /// How long the load goes on, at least.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Reviews per second.
    #[arg(long, default_value_t = 400)]
    rate: u32,
    /// How many answers there have to be.
    #[arg(long, default_value_t = 100_000)]
    at_least: usize,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Rests of the script.
const RESTS: f64 = 7.0;

fn main() -> ExitCode {
    let options = Options::parse();
    let plan = Plan {
        lagward: env!("CARGO_BIN_EXE_lagward").into(),
        rate: options.rate,
        rest: Duration::from_secs_f64(options.minutes * 60.0 / RESTS),
        requests: 50,
        timeout: Duration::from_secs(3),
        endpoints_delay: Duration::from_secs(1),
        // What is shipped.
        drain: Duration::from_secs(15),
        poll: Duration::from_secs(1),
        say: |what| eprintln!("{what}"),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let report = match runtime.block_on(play(plan)) {
        Ok(report) => report,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    println!("{report}");
    if report.wrong > 0 || report.right() < options.at_least { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
