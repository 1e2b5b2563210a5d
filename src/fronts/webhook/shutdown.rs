//! From serving to gone, in one direction.

use tokio::sync::watch;

/// Where the server is on its way out. Later phases are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Accepting, and ready.
    Serving,
    /// Not ready any more, but still accepting; every response closes its connection.
    Draining,
    /// Not accepting; what is in flight is finished.
    Stopping,
    /// Everything is dropped at once.
    Aborted,
}

/// The handle by which a server is asked to end. Clones are the same handle.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<Phase>);

impl Shutdown {
    /// A handle of a server that is to serve.
    pub fn new() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }

    /// Asks for the end, as a signal does: the first request drains, the second aborts.
    pub fn request(&self) {
        self.0.send_modify(|phase| {
            *phase = if *phase == Phase::Serving { Phase::Draining } else { Phase::Aborted };
        });
    }

    /// The current phase.
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Moves on to `next`; a phase that is already later stays.
    pub(super) fn advance(&self, next: Phase) {
        self.0.send_if_modified(|phase| {
            let earlier = *phase < next;
            *phase = next.max(*phase);
            earlier
        });
    }

    /// Waits until `phase` or a later one is reached.
    pub(super) async fn reached(&self, phase: Phase) {
        // The sender is `self`, so that it cannot be gone while this waits.
        let _ = self.watch().wait_for(|now| *now >= phase).await;
    }

    pub(super) fn watch(&self) -> watch::Receiver<Phase> {
        self.0.subscribe()
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_request_aborts() {
        let shutdown = Shutdown::new();
        shutdown.request();
        assert_eq!(shutdown.phase(), Phase::Draining);
        shutdown.request();
        assert_eq!(shutdown.phase(), Phase::Aborted);
    }

    #[test]
    fn phases_never_go_back() {
        let shutdown = Shutdown::new();
        shutdown.advance(Phase::Stopping);
        shutdown.advance(Phase::Draining);
        assert_eq!(shutdown.phase(), Phase::Stopping);
    }
}
