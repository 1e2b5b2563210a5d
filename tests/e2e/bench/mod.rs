//! What only a real API server can measure: lagward beside a floor server and KEDA's own webhook.
//!
//! `make bench-cluster`; docs/performance.md says how to read it. It fails when a bar does not hold.

#[path = "../../../benches/support/client.rs"]
mod client;
#[path = "../../../benches/support/closed.rs"]
mod closed;
mod fill;
#[path = "../../../benches/support/floor.rs"]
mod floor;
mod latency;
#[path = "../../../benches/snapshot/pairs.rs"]
mod pairs;
#[path = "../../../benches/support/process.rs"]
mod process;
mod report;
mod seats;
mod start;

use std::time::Duration;

use bytes::Bytes;
use clap::Parser;

use self::client::Target;
use self::closed::Closed;
use self::report::Report;
use self::seats::Seats;
use crate::cluster;

pub(crate) use seats::{FLOOR_ROLE, be_floor};

#[derive(Parser)]
struct Options {
    /// Rounds; each measures everybody, one after the other.
    #[arg(long, env = "LAGWARD_BENCH_ROUNDS", default_value_t = 5)]
    rounds: usize,
    /// Seconds of a closed loop.
    #[arg(long, env = "LAGWARD_BENCH_SECONDS", default_value_t = 1.0)]
    seconds: f64,
    /// Dry-run creates of each in a round.
    #[arg(long, default_value_t = 500)]
    requests: usize,
    /// Pairs in the cluster while it is measured; its start is measured with the first thousand.
    #[arg(long, default_value_t = 10_000)]
    pairs: usize,
    /// Connections of a closed loop.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// How many pairs lagward is started with.
const PAIRS_AT_START: usize = 1_000;

/// Measures, prints, and says whether every bar holds.
pub(crate) fn run() -> bool {
    let options = Options::parse();
    let cluster = cluster::shared();
    // They would go on working for the pairs beside what is measured.
    cluster.kill(&["kwok", "kube-scheduler", "kube-controller-manager"]);
    fill::fill(cluster, 0..PAIRS_AT_START);
    let mut report =
        Report { starts: (0..options.rounds).map(|_| start::once(cluster)).collect(), ..Report::default() };
    fill::fill(cluster, PAIRS_AT_START..options.pairs);
    let seats = Seats::take(cluster);
    let reviews: Vec<Bytes> = (0..PAIRS_AT_START).map(|pair| pairs::review(pair).into()).collect();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        report.latencies.push(latency::round(&seats, options.requests));
        let load = |bodies: &[Bytes]| {
            [&seats.floor, &seats.lagward, &seats.keda].map(|target| load(target, bodies, &options))
        };
        report.loads.push(load(&reviews[..1]));
        report.spread.push(load(&reviews));
    }
    report.resident = [&seats.floor, &seats.lagward, &seats.keda].map(|target| target.process.resident_mb());
    println!(
        "{} pairs; {} rounds of {} dry-run creates of each\n",
        options.pairs, options.rounds, options.requests
    );
    println!("{report}");
    report.is_good()
}

/// Reviews of ScaledObjects whose workloads are known, as fast as they are answered.
fn load(target: &Target, bodies: &[Bytes], options: &Options) -> Closed {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let time = Duration::from_secs_f64(options.seconds);
    runtime.block_on(closed::closed(target, bodies, options.connections, time))
}
