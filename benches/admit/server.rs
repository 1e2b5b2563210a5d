//! The servers under load, each a process of its own so that its processor time is its own.

use std::borrow::Cow;
use std::fs;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Lines, Read, Write, stderr, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use clap::ValueEnum;
use lagward::fronts::cluster::Look;
use lagward::fronts::files::policy;
use lagward::fronts::webhook::clerk::{Clerk, LivePolicy};
use lagward::fronts::webhook::intake::Reviewer;
use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::record::{Answer, BadReview, Record, Route};
use lagward::fronts::webhook::run::{Config, Ready, Source, run};
use lagward::fronts::webhook::shutdown::Shutdown;
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing_subscriber::EnvFilter;

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
            Self::Lagward => Arc::new(Clerk::new(live(), None)),
        }
    }
}

fn live() -> LivePolicy {
    Arc::new(ArcSwap::from_pointee(policy::load(None).expect("the shipped policy")))
}

/// Answers a review again and again with nothing around it, and says how long the quickest answer took, in
/// microseconds. That is what even a busy machine measures alike, and what a profiler can look at.
pub(crate) fn alone(role: Role, review: &[u8]) -> f64 {
    let reviewer = role.reviewer();
    let answer = || {
        let started = Instant::now();
        let answer = reviewer.review(Route::Validate, black_box(review), None);
        black_box(answer.expect("an answer"));
        started.elapsed()
    };
    let quickest = (0..10_000).map(|_| answer()).min().unwrap_or_default();
    quickest.as_secs_f64() * 1e6
}

/// Serves until it is told to end. The address and the CA are written to standard output.
pub(crate) fn serve(role: Role) {
    // The subscriber of `lagward serve`: what is logged costs what it costs there.
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new("info")).with_writer(stderr).init();
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config {
        cluster_name: None,
        listen: free,
        http_listen: free,
        certificate: Source::InMemory,
        limits: Limits { drain: Duration::ZERO, ..Limits::default() },
        reviewer: role.reviewer(),
        cluster: None,
        policy: (live(), None),
        clients: None,
        poll: Duration::from_secs(10),
        shutdown: Shutdown::new(),
        on_ready: Box::new(|ready: Ready| {
            let ca = ready.ca_pem.unwrap_or_default();
            write!(stdout(), "{}\n{ca}", ready.listen).expect("the parent reads");
        }),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(config)).expect("it serves");
}

/// The least that a webhook can do: it finds the uid, and both objects as they stand.
struct Floor;

#[derive(Deserialize)]
struct Review<'a> {
    #[serde(borrow)]
    request: Request<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow)]
    uid: Cow<'a, str>,
    #[serde(borrow, rename = "object")]
    _object: Option<&'a RawValue>,
    #[serde(borrow, rename = "oldObject")]
    _old_object: Option<&'a RawValue>,
}

impl Reviewer for Floor {
    fn review(&self, route: Route, body: &[u8], _: Option<&Look>) -> Result<Answer, BadReview> {
        let review: Review<'_> =
            serde_json::from_slice(body).map_err(|error| BadReview(error.to_string()))?;
        let uid = review.request.uid;
        let body = format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{{"uid":"{uid}","allowed":true}}}}"#
        );
        let record = Record { kind: "Deployment", operation: "UPDATE", ..Record::new(route, &uid, "hash") };
        Ok(Answer { body: body.into_bytes(), record, rests_on: None })
    }
}

/// A server that runs, and what is needed to talk to it.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) ca_pem: String,
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
        Self { process, address: address.parse().expect("an address"), ca_pem }
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
    (started.elapsed(), process.resident_mb())
}

/// A process that ends with this value.
pub(crate) struct Process(Child);

impl Process {
    /// The processor time of its threads so far, in user and kernel mode. `schedstat` counts nanoseconds, where
    /// `stat` counts hundredths of a second; a server keeps its threads for as long as it is measured.
    pub(crate) fn processor_time(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("the server runs, on Linux");
        let time = |thread: fs::DirEntry| {
            let stat = fs::read_to_string(thread.path().join("schedstat")).expect("a thread that stays");
            stat.split_whitespace().next().and_then(|time| time.parse::<u64>().ok()).expect("nanoseconds")
        };
        Duration::from_nanos(threads.map(|thread| time(thread.expect("a thread"))).sum())
    }

    /// What the process has in memory, in MB.
    pub(crate) fn resident_mb(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
        let kib = line.split_whitespace().nth(1).expect("a number");
        kib.parse::<f64>().expect("a number") * 1024.0 / 1e6
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.0.id())).expect("the server runs, on Linux")
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
