//! How well a watch does: what it has heard, when, and whether that is all there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The state of one watch, shared by the task that runs it and everybody who asks.
#[derive(Clone, Debug)]
pub struct Health(Arc<State>);

#[derive(Debug)]
struct State {
    started: Instant,
    /// Milliseconds from `started` to the last sign of life; 0 before the first.
    heard: AtomicU64,
    /// Milliseconds from `started` to the begin of a list that has not ended; 0 while none runs.
    listing: AtomicU64,
    is_complete: AtomicBool,
    restarts: AtomicU64,
    objects: AtomicUsize,
}

impl Health {
    /// Nothing heard yet.
    pub fn new() -> Self {
        Self(Arc::new(State {
            started: Instant::now(),
            heard: AtomicU64::new(0),
            listing: AtomicU64::new(0),
            is_complete: AtomicBool::new(false),
            restarts: AtomicU64::new(0),
            objects: AtomicUsize::new(0),
        }))
    }

    /// The API server has answered, or sent an event or a bookmark.
    pub(super) fn heard(&self) {
        self.0.heard.store(self.millis(), Relaxed);
    }

    /// A list of everything begins. What is known before it ends is what was known when the watch broke off.
    pub(super) fn lists(&self) {
        // A list that fails is begun again, and has lasted since the first attempt.
        let _ = self.0.listing.compare_exchange(0, self.millis(), Relaxed, Relaxed);
    }

    /// A list has ended.
    pub(super) fn listed(&self) {
        self.0.listing.store(0, Relaxed);
        if self.0.is_complete.swap(true, Relaxed) {
            self.0.restarts.fetch_add(1, Relaxed);
        }
    }

    /// What was watched is no longer there.
    pub(super) fn lost(&self) {
        self.0.is_complete.store(false, Relaxed);
        self.counts(0);
    }

    pub(super) fn counts(&self, objects: usize) {
        self.0.objects.store(objects, Relaxed);
    }

    /// How long ago the API server was last heard; none if never.
    pub fn age(&self) -> Option<Duration> {
        self.since(self.0.heard.load(Relaxed))
    }

    /// All objects have been listed.
    pub fn is_complete(&self) -> bool {
        self.0.is_complete.load(Relaxed)
    }

    /// How often everything was listed anew.
    pub fn restarts(&self) -> u64 {
        self.0.restarts.load(Relaxed)
    }

    /// How many objects are known.
    pub fn objects(&self) -> usize {
        self.0.objects.load(Relaxed)
    }

    /// Everything is known, as it was no longer than `stale` ago.
    pub fn is_current(&self, stale: Duration) -> bool {
        let is_recent = |since: Option<Duration>| since.is_some_and(|since| since <= stale);
        let listing = self.since(self.0.listing.load(Relaxed));
        self.is_complete() && is_recent(self.age()) && listing.is_none_or(|since| since <= stale)
    }

    /// Never 0, which means never.
    fn millis(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn since(&self, millis: u64) -> Option<Duration> {
        (millis > 0).then(|| Duration::from_millis(self.millis().saturating_sub(millis)))
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn only_a_whole_list_that_is_kept_up_is_current() {
        let health = Health::new();
        assert!(!health.is_current(HOUR) && health.age().is_none());
        health.lists();
        health.heard();
        assert!(!health.is_current(HOUR), "it is incomplete");
        health.listed();
        assert!(health.is_current(HOUR));
        assert_eq!(health.restarts(), 0);
        health.lists();
        assert!(health.is_current(HOUR), "it is known as it was a moment ago");
        health.listed();
        assert_eq!(health.restarts(), 1);
        health.lost();
        assert!(!health.is_current(HOUR));
    }

    #[test]
    fn what_is_silent_or_lists_for_too_long_is_stale() {
        let silent = Health::new();
        silent.heard();
        silent.listed();
        std::thread::sleep(Duration::from_millis(5));
        assert!(!silent.is_current(Duration::from_millis(1)));
        let busy = Health::new();
        busy.listed();
        busy.lists();
        std::thread::sleep(Duration::from_millis(5));
        busy.lists();
        busy.heard();
        assert!(!busy.is_current(Duration::from_millis(4)), "a failing list does not make it young");
    }
}
