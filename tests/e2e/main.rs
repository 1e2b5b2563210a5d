//! lagward on a real Kubernetes API server: etcd, the controllers, KEDA's definitions and webhook, kubectl, and the real
//! `lagward serve`, all on free ports of the loopback.
//!
//! - `cargo test --test e2e -- FILTER` runs some of it, `--nocapture` shows every command and its answer.
//! - `cargo test --test e2e -- --hold` starts the cluster alone, to try things out on it.
//! - `cargo test --release --test e2e -- --crowd 10000` measures an audit of so many pairs.
//! - `cargo bench --test e2e` measures: `bench`.
//!
//! - The harness: `cluster` (started by the first scenario that asks), `lagward` (one process for each policy),
//!   `kubectl` and `client` (the two ways in), `scene` (a namespace for each scenario), `guard` (nothing outlives
//!   the run).
//! - The scenarios: one file a topic, each with its list at the top.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test of its own main, where clippy cannot tell that it is one"
)]

mod bench;
mod certs;
mod client;
mod cluster;
mod components;
mod crowd;
mod fixtures;
mod guard;
mod helm;
mod injector;
mod installed;
mod keda;
mod kubectl;
mod lagward;
#[path = "../../benches/files/measure.rs"]
#[expect(dead_code, reason = "what compares two programs is for a benchmark")]
mod measure;
#[path = "../pages/page.rs"]
#[expect(dead_code, reason = "what is held of a page itself is for another test")]
mod page;
mod ports;
mod process;
mod register;
mod rundir;
mod scenario;
mod scene;
mod tools;
mod wait;
mod webhook;

mod audit;
mod auditing;
mod beside;
mod breakglass;
mod certificates;
mod chart;
mod deny;
mod examples;
mod ground;
mod hostile;
mod installing;
mod mutate;
mod pages;
mod pairs;
mod patches;
mod ratchet;
mod registration;
mod reinvocation;
mod rendered;
mod scalars;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(guard::ROLE) => {
            guard::watch();
            return ExitCode::SUCCESS;
        }
        Some("--hold") => {
            cluster::hold();
            return ExitCode::SUCCESS;
        }
        Some(bench::FLOOR_ROLE) => {
            bench::be_floor();
            return ExitCode::SUCCESS;
        }
        Some("--crowd") => {
            let pairs = std::env::args().nth(2).and_then(|pairs| pairs.parse().ok());
            crowd::measure(pairs.expect("how many pairs"));
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    // `cargo bench` says so.
    if std::env::args().any(|argument| argument == "--bench") {
        return measure();
    }
    let arguments = libtest_mimic::Arguments::from_args();
    scenario::remember_panics();
    if arguments.nocapture {
        kubectl::be_loud();
    }
    let topics = [
        ground::scenarios(),
        registration::scenarios(),
        deny::scenarios(),
        examples::scenarios(),
        mutate::scenarios(),
        ratchet::scenarios(),
        patches::scenarios(),
        audit::scenarios(),
        auditing::scenarios(),
        pages::scenarios(),
        pairs::scenarios(),
        beside::scenarios(),
        reinvocation::scenarios(),
        breakglass::scenarios(),
        hostile::scenarios(),
        certificates::scenarios(),
        installing::scenarios(),
        chart::scenarios(),
        rendered::scenarios(),
        scalars::scenarios(),
    ];
    let conclusion = libtest_mimic::run(&arguments, topics.into_iter().flatten().collect());
    let stopped = lagward::end_all();
    keda::end();
    if let Err(why) = &stopped {
        eprintln!("\nafter the last scenario: {why}");
    }
    let failed = conclusion.has_failed() || stopped.is_err();
    if let Some(cluster) = cluster::started() {
        cluster.end(failed);
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn measure() -> ExitCode {
    let is_good = bench::run();
    keda::end();
    if let Some(cluster) = cluster::started() {
        cluster.end(false);
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
