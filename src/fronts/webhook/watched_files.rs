//! The files that are watched while the webhook runs, and what probes say of them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::checks::{Checks, State};
use super::metrics::Metrics;
use super::probes::{Probes, Readiness};
use super::reload::{ReloadedFile, poll_for_changes};

/// The files that are watched, each with a check of the file and one of the task that looks at it.
pub(super) struct WatchedFiles<'a> {
    pub(super) probes: Probes,
    metrics: &'a Arc<Metrics>,
    poll: Duration,
}

impl<'a> WatchedFiles<'a> {
    /// None yet.
    pub(super) fn new(readiness: &Readiness, metrics: &'a Arc<Metrics>, poll: Duration) -> Self {
        // That it is answered says that the reactor runs.
        let live = Checks::new("livez").and("ping", || State::Well);
        let ready = readiness.checks().and("certificate-term", term(metrics));
        Self { probes: Probes { live, ready }, metrics, poll }
    }

    /// Watches `file` from now on. `version` is the one in use.
    pub(super) fn watch<F: ReloadedFile>(mut self, file: F, version: String) -> Self {
        self.metrics.files.watched(F::FILE);
        // It ends with the runtime; were it to end before, only a restart would bring new versions.
        let task = tokio::spawn(poll_for_changes(file, version, self.poll, Arc::clone(self.metrics)));
        let is_watched = move || match task.is_finished() {
            true => State::Failed("the task that reloads it has stopped"),
            false => State::Well,
        };
        let metrics = Arc::clone(self.metrics);
        let is_current = move || match metrics.files.is_current(F::FILE) {
            true => State::Well,
            false => State::Unwell("the newest version cannot be used, the last good one stays"),
        };
        self.probes.live = self.probes.live.and(F::FILE.name(), is_watched);
        self.probes.ready = self.probes.ready.and(F::FILE.name(), is_current);
        self
    }
}

/// Whether the API server would accept the served certificate by its age. If not, taking the pod away would help
/// nobody: a call to no pod fails like one to this.
fn term(metrics: &Arc<Metrics>) -> impl Fn() -> State + use<> {
    let metrics = Arc::clone(metrics);
    move || if metrics.files.not_after() < SystemTime::now() { State::Unwell("expired") } else { State::Well }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::fronts::webhook::metrics::File;
    use crate::fronts::webhook::shutdown::Shutdown;

    /// A file whose new version brings its reader down.
    struct Trap;

    impl ReloadedFile for Trap {
        const FILE: File = File::Policy;
        type Value = ();
        type Error = Infallible;

        fn load(&self) -> Result<(String, ()), Infallible> {
            Ok(("new".to_owned(), ()))
        }

        fn accept(&self, (): (), _: &Metrics) {
            panic!("this test panics on purpose");
        }
    }

    #[tokio::test]
    async fn a_file_that_nobody_looks_at_any_more_asks_for_a_restart() {
        let (metrics, readiness) = (Arc::new(Metrics::new(None, None)), Readiness::new(Shutdown::new()));
        let files = WatchedFiles::new(&readiness, &metrics, Duration::from_millis(1));
        let files = files.watch(Trap, "old".to_owned());
        let status = || files.probes.live.answer(None).status().as_u16();
        assert_eq!(status(), 200);
        while status() == 200 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(status(), 503);
    }

    #[tokio::test]
    async fn a_certificate_that_has_ended_is_not_well() {
        let metrics = Arc::new(Metrics::new(None, None));
        let term = term(&metrics);
        let now = SystemTime::now();
        metrics.files.certificate(now, now + Duration::from_secs(3600));
        assert_eq!(term(), State::Well);
        metrics.files.certificate(now, now - Duration::from_secs(3600));
        assert_eq!(term(), State::Unwell("expired"));
    }
}
