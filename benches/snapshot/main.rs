//! The Snapshot filled without a cluster: what a pair takes, and whether a review takes longer among many.
//!
//! `cargo bench --bench snapshot [-- PAIRS]`; docs/performance.md says how to read it. Exits with 1 when a bar does
//! not hold.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on has nothing to report")]
#![expect(clippy::print_stdout, reason = "the report")]

mod pairs;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use jiff::civil::date;
use lagward::engine::policy::Policy;
use lagward::engine::world::World;
use lagward::fronts::cluster::Resource;
use lagward::fronts::cluster::reading::{Known, Reading};
use lagward::fronts::cluster::snapshot::{Entry, Id, Snapshot};
use lagward::fronts::files::policy;
use lagward::fronts::webhook::record::Route;
use lagward::fronts::webhook::review::{ReviewContext, admit};

/// The most bytes that a pair may take.
const BYTES_A_PAIR: f64 = 1500.0;
/// How much longer a review may take among all pairs than among a hundredth of them: what a busy machine differs.
const SLOWER: f64 = 1.25;

fn main() -> ExitCode {
    let most = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let policy = policy::load(None).expect("the shipped policy").policy;
    // Whatever is allocated once is there before the first measurement.
    let warm = fill_aside(100);
    review(&warm, &policy, 100);
    drop(warm);
    let few = fill_aside(most / 100);
    let (alone, among_few) =
        (review(&Snapshot::default(), &policy, most / 100), review(&few, &policy, most / 100));
    drop(few);
    let idle = resident();
    let snapshot = fill_aside(most);
    let bytes = (resident() - idle) / most as f64;
    let among_all = review(&snapshot, &policy, most);
    println!("{most} pairs: {bytes:.0} B resident a pair (bar {BYTES_A_PAIR:.0} B)");
    println!(
        "a review of a ScaledObject: {alone:.1} µs without pairs, {among_few:.1} µs among {}, {among_all:.1} µs among {most}",
        most / 100
    );
    let is_good = bytes <= BYTES_A_PAIR && among_all <= among_few * SLOWER;
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Fills it in a thread of its own, as the watches do.
fn fill_aside(pairs: usize) -> Snapshot {
    std::thread::spawn(move || fill(pairs)).join().expect("it is filled")
}

fn fill(pairs: usize) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for number in 0..pairs {
        let (namespace, name) = pairs::name(number);
        let id = Id::new(&namespace, &name);
        for (resource, text) in [
            (Resource::Deployments, pairs::deployment(number)),
            (Resource::ScaledObjects, pairs::scaled_object(number)),
        ] {
            let entry = Entry::read(resource, &text).expect("it is JSON");
            snapshot.insert(resource, id.clone(), entry);
        }
    }
    snapshot
}

/// How long the quickest of many reviews takes, in microseconds: what even a busy machine measures alike.
fn review(snapshot: &Snapshot, policy: &Policy, pairs: usize) -> f64 {
    let all = Known::by(|_| true);
    // Spread over all pairs, so that nothing stays in a cache by chance.
    let one = |turn: usize| {
        let body = pairs::review(turn.wrapping_mul(7919) % pairs.max(1));
        let started = Instant::now();
        let world = Reading::new(snapshot, all);
        let context = ReviewContext {
            world: &world as &dyn World,
            look: None,
            policy,
            hash: "",
            today: date(2026, 11, 24),
        };
        black_box(admit(Route::Validate, body.as_bytes(), &context).expect("an answer"));
        started.elapsed()
    };
    let mut times: Vec<f64> = (0..20_000).map(|turn| one(turn).as_secs_f64() * 1e6).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 10]
}

/// The bytes of memory that this process has.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line on memory");
    let kibibytes: f64 = line.trim_end_matches("kB").trim().parse().expect("a number");
    kibibytes * 1024.0
}
