//! Runs of whole processes, timed.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command line.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    program: String,
    arguments: Vec<String>,
}

impl Run {
    pub(crate) fn new(program: &str, arguments: &[&str], files: &[PathBuf]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        let files = files.iter().map(|file| file.display().to_string());
        Self { program: program.to_owned(), arguments: arguments.chain(files).collect() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Its time in milliseconds; how it ends says what it found, not whether it ran.
    fn time(&self) -> io::Result<f64> {
        let start = Instant::now();
        self.command().status()?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }

    fn line(&self) -> String {
        format!("{} {}", self.program, self.arguments.join(" "))
    }
}

/// The median times of two commands whose runs alternate.
pub(crate) fn compare(one: &Run, other: &Run, rounds: usize) -> io::Result<(f64, f64)> {
    one.time()?;
    other.time()?;
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ones.push(one.time()?);
        others.push(other.time()?);
    }
    Ok((middle(ones), middle(others)))
}

/// The median time of one command.
pub(crate) fn median(run: &Run, rounds: usize) -> io::Result<f64> {
    run.time()?;
    let times = (0..rounds).map(|_| run.time()).collect::<io::Result<Vec<f64>>>()?;
    Ok(middle(times))
}

/// The time of one run, and the most MB that it had in memory, as the kernel counts it.
pub(crate) fn resident(run: &Run) -> io::Result<(f64, f64)> {
    let start = Instant::now();
    let mut child = run.command().spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0.0;
    while child.try_wait()?.is_none() {
        if let Some(now) = high_water(&std::fs::read_to_string(&status).unwrap_or_default()) {
            most = now;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok((start.elapsed().as_secs_f64() * 1e3, most))
}

/// hyperfine's own table of the same commands, where it is installed.
pub(crate) fn hyperfine(ours: &Run, theirs: Option<&Run>) {
    let mut command = Command::new("hyperfine");
    command.args(["--shell=none", "--warmup=2", "--ignore-failure", "--command-name=lagward", &ours.line()]);
    if let Some(theirs) = theirs {
        command.args(["--command-name=kube-score", &theirs.line()]);
    }
    let _ = command.status();
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// `VmHWM:    12345 kB`
fn high_water(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1e3)
}
