//! What came of it.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many failures are kept to be shown.
const SHOWN: usize = 20;

/// What is noted while it is played.
pub(crate) struct Notes {
    started: Instant,
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    right: Vec<Duration>,
    said: BTreeMap<String, usize>,
    dialled: usize,
    wrong: usize,
    failures: Vec<String>,
}

impl Default for Notes {
    fn default() -> Self {
        Self { started: Instant::now(), noted: Mutex::default() }
    }
}

impl Notes {
    /// An answer was what it had to be.
    pub(crate) fn right(&self, said: String, took: Duration) {
        let mut noted = self.lock();
        noted.right.push(took);
        *noted.said.entry(said).or_default() += 1;
    }

    /// A call failed, or an answer was wrong.
    pub(crate) fn wrong(&self, why: String) {
        let after = self.started.elapsed().as_secs_f64();
        let mut noted = self.lock();
        noted.wrong += 1;
        if noted.failures.len() < SHOWN {
            noted.failures.push(format!("after {after:.2} s: {why}"));
        }
    }

    /// A connection was made.
    pub(crate) fn dialled(&self) {
        self.lock().dialled += 1;
    }

    /// The first failures.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.lock().failures.clone()
    }

    pub(crate) fn report(&self) -> Report {
        let noted = std::mem::take(&mut *self.lock());
        let mut latencies = noted.right;
        latencies.sort_unstable();
        Report {
            wrong: noted.wrong,
            failures: noted.failures,
            said: noted.said,
            dialled: noted.dialled,
            took: self.started.elapsed(),
            latencies,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole of it.
#[derive(Debug)]
pub(crate) struct Report {
    /// Calls that failed, and answers that were wrong.
    pub(crate) wrong: usize,
    /// The first of them.
    pub(crate) failures: Vec<String>,
    /// How often each thing was said.
    pub(crate) said: BTreeMap<String, usize>,
    dialled: usize,
    took: Duration,
    /// Sorted; from when a review was due.
    latencies: Vec<Duration>,
}

impl Report {
    /// Answers that were right.
    pub(crate) fn right(&self) -> usize {
        self.latencies.len()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (right, wrong) = (self.right(), self.wrong);
        writeln!(
            f,
            "{} reviews in {:.0} s: {right} right, {wrong} wrong",
            right + wrong,
            self.took.as_secs_f64()
        )?;
        for (said, times) in &self.said {
            writeln!(f, "  {times:>7} {said}")?;
        }
        let percentile = |p: usize| self.latencies.get(right.saturating_sub(1) * p / 1000).copied();
        let [p50, p99, p999, most] = [500, 990, 999, 1000].map(|p| percentile(p).unwrap_or_default());
        writeln!(
            f,
            "{} connections; p50 {p50:.1?}, p99 {p99:.1?}, p99.9 {p999:.1?}, longest {most:.1?}",
            self.dialled
        )?;
        self.failures.iter().try_for_each(|why| writeln!(f, "{why}"))
    }
}
