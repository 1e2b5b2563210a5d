//! One watch: kube's watcher, its events into the Snapshot, and what is said when it fails.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Error, Event, watcher};
use kube::{Api, Config};

use super::Store;
use super::connect::watching;
use super::health::Health;
use super::resource::Resource;
use super::row::{Row, Watched};
use super::snapshot::{Entry, Id, Snapshot};

/// How long the API server keeps one watch, in seconds. kube notices a watch that hangs 5 s later.
pub(super) const WATCH_SECONDS: u32 = 60;
/// The pause before a new list where the API server will not go on from the last one.
const RELIST: Duration = Duration::from_secs(1);
/// Objects in one page of a list: kube holds the text of a page twice, and malloc keeps what that took.
const PAGE: u32 = 100;

/// One watch, from the start of the process to its end.
pub(super) struct Watch {
    pub(super) resource: Resource,
    pub(super) store: Arc<Store>,
    pub(super) health: Health,
    pub(super) config: Config,
    /// How long to wait before looking again for a resource that the API server does not have.
    pub(super) rediscover: Duration,
}

impl Watch {
    /// Watches for ever: whatever fails is tried again.
    pub(super) async fn run<W: Watched>(self) {
        let client = match watching(&self.config, &self.health) {
            Ok(client) => client,
            Err(error) => return tracing::error!(%error, "the cluster cannot be watched"),
        };
        let mut is_said = false;
        loop {
            for api in self.resource.apis() {
                let was_there = self.follow::<W>(Api::all_with(client.clone(), &api)).await;
                is_said &= !was_there;
            }
            if !is_said {
                let (resource, group) = (self.resource.plural(), self.resource.group());
                let pause = self.rediscover.as_secs();
                tracing::info!(
                    resource,
                    group,
                    "the API server does not have them; looking again every {pause} s"
                );
                is_said = true;
            }
            tokio::time::sleep(self.rediscover).await;
        }
    }

    /// Follows one API until the API server says that it does not have it, and says whether it had.
    async fn follow<W: Watched>(&self, api: Api<Row<W>>) -> bool {
        let config = watcher::Config::default().page_size(PAGE).timeout(WATCH_SECONDS);
        let start = || watcher(api.clone(), config.clone()).default_backoff();
        let mut events = pin!(start());
        let mut aside = Snapshot::default();
        let mut said = None;
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    if !matches!(event, Event::Init) {
                        said = None;
                    }
                    self.take(event, &mut aside);
                }
                Err(error) if is_missing(&error) => break,
                // kube would ask for the same version again and again.
                Err(Error::WatchStartFailed(kube::Error::Api(status))) if status.code == 410 => {
                    tokio::time::sleep(RELIST).await;
                    events.set(start());
                }
                Err(error) => self.complain(&error, &mut said),
            }
        }
        let was_there = self.health.is_complete();
        self.health.lost();
        self.store.write(|snapshot| snapshot.swap(self.resource, &mut Snapshot::default()));
        was_there
    }

    /// A list is put together aside and takes effect as a whole.
    fn take<W: Watched>(&self, event: Event<Row<W>>, aside: &mut Snapshot) {
        match event {
            Event::Init => {
                self.health.lists();
                *aside = Snapshot::default();
            }
            Event::InitApply(row) => {
                if let Some((id, entry)) = self.open(row) {
                    aside.insert(self.resource, id, entry);
                }
            }
            Event::InitDone => {
                self.store.write(|snapshot| snapshot.swap(self.resource, aside));
                *aside = Snapshot::default();
                self.health.listed();
                self.count();
                let (resource, objects) = (self.resource.plural(), self.health.objects());
                tracing::info!(resource, objects, "watching");
            }
            Event::Apply(row) => {
                if let Some((id, entry)) = self.open(row) {
                    self.store.write(|snapshot| snapshot.insert(self.resource, id, entry));
                    self.count();
                }
            }
            Event::Delete(row) => {
                if let Some((id, _)) = row.into_parts() {
                    self.store.write(|snapshot| snapshot.remove(self.resource, &id));
                    self.count();
                }
            }
        }
    }

    fn open<W: Watched>(&self, row: Row<W>) -> Option<(Id, Entry)> {
        let is_unreadable = row.is_unreadable();
        let parts = row.into_parts();
        if is_unreadable {
            let object = parts.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default();
            tracing::warn!(
                resource = self.resource.plural(),
                object,
                "an object cannot be read, and counts as unknown"
            );
        }
        parts
    }

    fn count(&self) {
        self.health.counts(self.store.guard().len(self.resource));
    }

    /// Says once what is wrong, until that changes or is over. An error of kube's own may quote what an object holds.
    fn complain(&self, error: &Error, said: &mut Option<String>) {
        let (trouble, is_expected) = describe(error);
        let resource = self.resource.plural();
        if is_expected || said.as_ref() == Some(&trouble) {
            tracing::debug!(resource, "{trouble}");
            return;
        }
        tracing::warn!(resource, "{trouble}; trying again");
        *said = Some(trouble);
    }
}

fn is_missing(error: &Error) -> bool {
    status(error).is_some_and(|(code, _)| code == 404)
}

/// What is wrong, and whether that happens to a watch in good health.
fn describe(error: &Error) -> (String, bool) {
    match (status(error), error) {
        (Some((410, _)), _) => ("the watch has expired".to_owned(), true),
        (Some((403, _)), _) => (
            "the API server forbids to list or watch them: see the RBAC that lagward needs".to_owned(),
            false,
        ),
        (Some((code, reason)), _) => (format!("the API server answers {code} {reason}"), false),
        (None, Error::WatchFailed(_)) => ("the watch broke off".to_owned(), true),
        (None, Error::NoResourceVersion) => ("the API server sends no resourceVersion".to_owned(), false),
        (None, _) => ("the API server cannot be reached or understood".to_owned(), false),
    }
}

fn status(error: &Error) -> Option<(u16, &str)> {
    match error {
        Error::WatchError(status) => Some((status.code, &status.reason)),
        Error::InitialListFailed(kube::Error::Api(status))
        | Error::WatchStartFailed(kube::Error::Api(status))
        | Error::WatchFailed(kube::Error::Api(status)) => Some((status.code, &status.reason)),
        _ => None,
    }
}
