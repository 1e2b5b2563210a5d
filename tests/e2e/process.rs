//! A process of the run, with its output in a file.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{guard, wait};

/// How much of a log is shown when something fails.
const TAIL_LINES: usize = 20;

/// A process that runs for as long as its owner wants it, and no longer than the run.
pub(crate) struct Process {
    name: String,
    child: Mutex<Child>,
    log: PathBuf,
}

impl Process {
    /// Starts `program` with its output in `NAME.log` in `dir`.
    pub(crate) fn start(
        name: &str,
        dir: &Path,
        program: &Path,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<Self, String> {
        let log = dir.join(format!("{name}.log"));
        let output = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = output.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).stdout(output).stderr(errors);
        // Somebody's own cluster is none of a test's business.
        command.env_remove("KUBECONFIG").env("HOME", dir);
        let child = guard::spawn(&mut command).map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(Self { name: name.to_owned(), child: Mutex::new(child), log })
    }

    /// What the process has written so far.
    pub(crate) fn output(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The end of its output, under a title, for a failure's report.
    pub(crate) fn tail(&self) -> String {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        let from = lines.len().saturating_sub(TAIL_LINES);
        format!("--- {}, the end of {}\n{}", self.name, self.log.display(), lines[from..].join("\n"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child().id()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// An error when the process has ended by itself.
    pub(crate) fn still_runs(&self) -> Result<(), String> {
        match self.child().try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(format!("{} ended by itself: {status}", self.name)),
            Err(error) => Err(format!("{}: {error}", self.name)),
        }
    }

    /// Asks it to stop and waits for it.
    pub(crate) fn stop(&self, within: Duration) -> Result<ExitStatus, String> {
        guard::terminate(&self.child());
        let status = wait::until(&format!("{} ends after SIGTERM", self.name), within, || {
            let status = self.child().try_wait().map_err(|error| error.to_string())?;
            status.ok_or_else(|| "it still runs".to_owned())
        })?;
        guard::forget(&self.child());
        Ok(status)
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        let mut child = self.child();
        // Both fail only when it has ended already.
        let _ = child.kill();
        let _ = child.wait();
        guard::forget(&child);
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
