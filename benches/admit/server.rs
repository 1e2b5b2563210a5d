//! The servers under load, each a process of its own so that its processor time is its own.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Lines, Read, Write, stdout};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use lagward::fronts::webhook::intake::Reviewer;
use lagward::fronts::webhook::policy_reviewer::PolicyReviewer;
use lagward::fronts::webhook::record::Route;
use lagward::fronts::webhook::run::CertificateSource;

use crate::client::Target;
use crate::floor::{self, Floor, live};
use crate::process::Measured;

/// What a server does with a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Reads the envelope and allows.
    Floor,
    /// Judges.
    Lagward,
}

impl Role {
    fn reviewer(self) -> Arc<dyn Reviewer> {
        match self {
            Self::Floor => Arc::new(Floor),
            Self::Lagward => Arc::new(PolicyReviewer::new(live(), None)),
        }
    }
}

/// Answers a review again and again with nothing around it, and says how long the quickest answer took, in
/// microseconds. That is what even a busy machine measures alike, and what a profiler can look at.
pub(crate) fn alone(role: Role, review: &[u8], answers: usize) -> f64 {
    let reviewer = role.reviewer();
    let answer = || {
        let started = Instant::now();
        let answer = reviewer.review(Route::Validate, black_box(review), None);
        black_box(answer.expect("an answer"));
        started.elapsed()
    };
    let quickest = (0..answers).map(|_| answer()).min().unwrap_or_default();
    quickest.as_secs_f64() * 1e6
}

/// Serves until it is told to end. The address and the CA are written to standard output.
pub(crate) fn serve(role: Role) {
    floor::serve(role.reviewer(), CertificateSource::InMemory, |ready| {
        let ca = ready.ca_pem.unwrap_or_default();
        write!(stdout(), "{}\n{ca}", ready.listen).expect("the parent reads");
    });
}

/// A server that runs for as long as this is kept.
pub(crate) struct Server {
    _process: Process,
    pub(crate) target: Target,
}

impl Server {
    pub(crate) fn start(role: Role) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.arg("--serve").arg(role.to_possible_value().expect("a name").get_name());
        // The log is written, as in a cluster, and read by nobody.
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("this program runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let process = Process(child);
        let address = line(&mut lines);
        let mut ca_pem = String::new();
        while !ca_pem.contains("-----END") {
            ca_pem += &line(&mut lines);
            ca_pem.push('\n');
        }
        let address = address.parse().expect("an address");
        let target = Target { address, ca_pem, path: "/validate", process: process.measured() };
        Self { _process: process, target }
    }
}

/// How long the real `lagward serve` takes from its start to its readiness, and what it then holds in memory, in
/// MB.
pub(crate) fn idle() -> (Duration, f64) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lagward"))
        .args(["serve", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("lagward runs");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let process = Process(child);
    while !line(&mut lines).contains("serving") {}
    (started.elapsed(), process.measured().resident_mb())
}

/// A process that ends with this value.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn measured(&self) -> Measured {
        Measured(self.0.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn line(lines: &mut Lines<BufReader<impl Read>>) -> String {
    lines.next().expect("the server says where it is").expect("text")
}
