//! Waiting by asking again, with a deadline: never a fixed sleep.

use std::time::{Duration, Instant};

/// Asks `probe` until it answers `Ok`; its last `Err` says why not.
pub(crate) fn until<T>(
    what: &str,
    within: Duration,
    probe: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    while_alive(what, within, || Ok(()), probe)
}

/// As `until`, but gives up as soon as `alive` says that there is nothing left to wait for.
pub(crate) fn while_alive<T>(
    what: &str,
    within: Duration,
    mut alive: impl FnMut() -> Result<(), String>,
    mut probe: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(5);
    loop {
        alive()?;
        let why = match probe() {
            Ok(answer) => return Ok(answer),
            Err(why) => why,
        };
        if started.elapsed() >= within {
            return Err(format!("waited {} s until {what}, but: {why}", within.as_secs()));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}

/// As `until`, for a scenario: not in time is a failure.
#[track_caller]
pub(crate) fn for_it<T>(what: &str, probe: impl FnMut() -> Result<T, String>) -> T {
    until(what, Duration::from_secs(30), probe).unwrap_or_else(|why| panic!("{why}"))
}
