//! What a process costs, as Linux counts it.

use std::fs;
use std::time::Duration;

/// A process by its id, which runs for as long as it is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured(pub(crate) u32);

impl Measured {
    /// The processor time of its threads so far, in user and kernel mode. `schedstat` counts nanoseconds, where
    /// `stat` counts hundredths of a second; a server keeps its threads for as long as it is measured.
    pub(crate) fn processor_time(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0)).expect("the process runs, on Linux");
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
        fs::read_to_string(format!("/proc/{}/{file}", self.0)).expect("the process runs, on Linux")
    }
}
