//! lagward's webhook beside the least that a webhook can do, on the same server stack, over TLS.
//!
//! `cargo bench --bench admit [-- --rounds N --seconds S]`; docs/performance.md says how to read it. Exits with 1
//! when a bar does not hold.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on has nothing to report")]
#![expect(clippy::print_stdout, reason = "the report")]
#![expect(clippy::print_stderr, reason = "progress")]

#[path = "../support/client.rs"]
mod client;
#[path = "../support/closed.rs"]
mod closed;
#[path = "../support/floor.rs"]
mod floor;
mod load;
#[path = "../support/process.rs"]
mod process;
mod report;
mod reviews;
mod server;

use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::Parser;

use report::{Report, Sample};
use reviews::Case;
use server::{Role, Server};

#[derive(Parser)]
struct Options {
    /// Rounds; each measures the floor and then every case.
    #[arg(long, env = "LAGWARD_BENCH_ROUNDS", default_value_t = 15)]
    rounds: usize,
    /// Seconds of each of the two loads of a measurement.
    #[arg(long, env = "LAGWARD_BENCH_SECONDS", default_value_t = 0.5)]
    seconds: f64,
    /// Connections of the closed loop.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Reviews per second of the open loop.
    #[arg(long, default_value_t = 2000)]
    rate: u32,
    /// Be one of the servers.
    #[arg(long, hide = true)]
    serve: Option<Role>,
    /// Only answer the review of this case, without a server: for a profiler.
    #[arg(long, value_name = "CASE")]
    profile: Option<Case>,
    /// What answers it.
    #[arg(long, value_name = "ROLE", default_value = "lagward")]
    role: Role,
    /// How often a review is answered without a server.
    #[arg(long, default_value_t = 10_000)]
    answers: usize,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Connections of the open loop: enough that no review waits for one.
const OPEN_CONNECTIONS: usize = 16;

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(role) = options.serve {
        server::serve(role);
        return ExitCode::SUCCESS;
    }
    if let Some(case) = options.profile {
        println!("{:.1} µs", server::alone(options.role, &case.review(), options.answers));
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if runtime.block_on(measure(&options)).is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(options: &Options) -> Report {
    let starts: Vec<_> = (0..options.rounds).map(|_| server::idle()).collect();
    let ready = report::median(starts.iter().map(|(after, _)| after.as_secs_f64() * 1e3));
    let resident = report::median(starts.iter().map(|(_, resident)| *resident));
    println!("lagward serve: ready after {ready:.0} ms, {resident:.1} MB resident when idle");
    let (lagward, floor) = (Server::start(Role::Lagward), Server::start(Role::Floor));
    let reviews = Case::ALL.map(|case| (case, case.review()));
    for (case, review) in &reviews {
        check(*case, &load::once(&lagward.target, review).await);
    }
    let plain = Case::Clean.review();
    print!("without a server: floor {:.1} µs", server::alone(Role::Floor, &plain, options.answers));
    for (case, review) in &reviews {
        print!(", {case} {:.1} µs", server::alone(Role::Lagward, review, options.answers));
    }
    println!(
        "\n{} rounds; closed loop: {} s over {} connections; open loop: {} s at {}/s; {} bytes a review\n",
        options.rounds,
        options.seconds,
        options.connections,
        options.seconds,
        options.rate,
        plain.len()
    );
    let mut report = Report { cases: Case::ALL.map(|case| (case, Vec::new())).into(), ..Report::default() };
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        report.floor.push(sample(&floor, &plain, options).await);
        for ((_, review), (_, samples)) in reviews.iter().zip(&mut report.cases) {
            samples.push(sample(&lagward, review, options).await);
        }
    }
    println!(
        "{report}\nlagward serve: {:.1} MB resident after the load",
        lagward.target.process.resident_mb()
    );
    report
}

async fn sample(server: &Server, review: &Bytes, options: &Options) -> Sample {
    let time = Duration::from_secs_f64(options.seconds);
    Sample {
        closed: closed::closed(&server.target, std::slice::from_ref(review), options.connections, time).await,
        open: load::open(&server.target, review, OPEN_CONNECTIONS, options.rate, time).await,
    }
}

/// A benchmark of the wrong answer is worth nothing.
fn check(case: Case, answer: &str) {
    assert!(answer.contains(r#""allowed":true"#), "{case}: {answer}");
    let is_ratcheted = answer.contains("not new, so it only warns");
    assert_eq!(answer.contains("warnings"), case.warns(), "{case}: {answer}");
    assert_eq!(is_ratcheted, case.warns(), "{case}: {answer}");
}
