//! Ends the processes of a run for certain: also when the run panics, is interrupted or is killed with -9.
//!
//! A second process of this same binary reads process ids from a pipe. Whatever ends the run closes the pipe,
//! and then the guard kills what is still on its list.

use std::io::{BufRead as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

/// The first argument that makes this binary the guard.
pub(crate) const ROLE: &str = "--guard";

static GUARD: LazyLock<Mutex<Child>> = LazyLock::new(|| Mutex::new(start()));

fn start() -> Child {
    let program = std::env::current_exe().expect("a test knows its own binary");
    Command::new(program)
        .arg(ROLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // A Ctrl-C goes to the whole foreground group: the guard must outlive it.
        .process_group(0)
        .spawn()
        .expect("the guard starts")
}

fn tell(sign: char, child: &Child) {
    let mut guard = GUARD.lock().unwrap_or_else(PoisonError::into_inner);
    let pipe = guard.stdin.as_mut().expect("the guard's input is a pipe");
    writeln!(pipe, "{sign}{}", child.id()).expect("the guard lives as long as the run");
}

/// Starts `command` so that it cannot outlive this run.
pub(crate) fn spawn(command: &mut Command) -> std::io::Result<Child> {
    // The guard is there first, so that nothing runs unguarded for longer than one write.
    LazyLock::force(&GUARD);
    let child = command.process_group(0).spawn()?;
    tell('+', &child);
    Ok(child)
}

/// Takes a process that has been waited for off the list: its id may soon be somebody else's.
pub(crate) fn forget(child: &Child) {
    tell('-', child);
}

/// Asks a process to stop, as the kubelet does.
pub(crate) fn terminate(child: &Child) {
    signal(child.id(), Signal::TERM);
}

fn signal(id: u32, signal: Signal) {
    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    // The only error is that the process has ended, which is what was wanted.
    let _ = kill_process(pid, signal);
}

/// What the guard process does, until its input closes.
pub(crate) fn watch() {
    let mut alive = Vec::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match (line.get(..1), line.get(1..).and_then(|id| id.parse::<u32>().ok())) {
            (Some("+"), Some(id)) => alive.push(id),
            (Some("-"), Some(id)) => alive.retain(|other| *other != id),
            _ => {}
        }
    }
    for id in alive {
        signal(id, Signal::KILL);
    }
}
