//! The cluster as World: watches keep a [`snapshot`] of what stands around an object, and a live look confirms what
//! would deny.
//!
//! A list or a watch is decoded into `row`s, which keep of each object what other objects are judged by, `packed`.
//! A review reads the Snapshot through a [`reading`]. What no watch knows for certain is unknown, and never denies.

pub mod audit;
pub mod audited;
mod beside;
pub mod configure;
pub mod connect;
pub mod health;
mod listing;
mod live;
mod metrics;
mod packed;
pub mod reading;
mod recent;
mod resource;
mod round;
mod row;
pub mod snapshot;
mod watch;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use kube::{Client, Config};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use live::Look;
pub use resource::Resource;

use health::Health;
use reading::{Known, Reading};
use snapshot::Snapshot;
use watch::Watch;

/// How patient the watches are. [`Pace::default`] is right for a real API server; tests pass less.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long the API server may be silent before what it said counts no longer. It says something at least once
    /// a minute.
    pub stale: Duration,
    /// How long to wait before looking again for a resource that is not there.
    pub rediscover: Duration,
    /// How long one look at a counterpart may take.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            stale: Duration::from_secs(180),
            rediscover: Duration::from_secs(60),
            look: Duration::from_millis(300),
        }
    }
}

/// What is known of a cluster.
pub struct Cluster {
    config: Config,
    pace: Pace,
    live: Client,
    store: Arc<Store>,
    /// In the order of [`Resource::WATCHED`].
    watches: [(Resource, Health); 5],
    /// Ends the watches with the cluster.
    ended: CancellationToken,
    _end: DropGuard,
}

impl Cluster {
    /// The cluster that `config` leads to. Nothing is asked of it before [`Cluster::watch`].
    ///
    /// # Errors
    /// When the configuration is of no use, such as a CA that is none.
    pub fn new(config: Config, pace: Pace) -> kube::Result<Self> {
        let live = connect::plain(&config)?;
        let watches = Resource::WATCHED.map(|resource| (resource, Health::new()));
        let ended = CancellationToken::new();
        let end = ended.clone().drop_guard();
        Ok(Self { config, pace, live, store: Arc::default(), watches, ended, _end: end })
    }

    /// Starts the watches. They have a thread of their own, so that decoding a long list keeps no review waiting, and
    /// what that leaves of the heap is not where reviews allocate.
    pub fn watch(&self) {
        let [deployments, stateful_sets, scaled_objects, topics, namespaces] =
            self.watches.clone().map(|(resource, health)| {
                let (store, rediscover) = (Arc::clone(&self.store), self.pace.rediscover);
                Watch { resource, store, health, config: self.config.clone(), rediscover }
            });
        let all = async move {
            tokio::join!(
                deployments.run::<row::Deployments>(),
                stateful_sets.run::<row::StatefulSets>(),
                scaled_objects.run::<row::ScaledObjects>(),
                topics.run::<row::KafkaTopics>(),
                namespaces.run::<row::Namespaces>(),
            )
        };
        let ended = self.ended.clone();
        let run = move || -> std::io::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(ended.run_until_cancelled_owned(all));
            Ok(())
        };
        let complain = |error| tracing::error!(%error, "the cluster cannot be watched");
        let run = move || run().unwrap_or_else(complain);
        if let Err(error) = std::thread::Builder::new().name("watches".to_owned()).spawn(run) {
            complain(error);
        }
    }

    /// What is known, as it stays until the reading is dropped. It must not be kept over an await: the watches wait
    /// for it.
    pub fn read(&self) -> Reading<RwLockReadGuard<'_, Snapshot>> {
        let known = Known::by(|resource| {
            self.health(resource).is_some_and(|health| health.is_current(self.pace.stale))
        });
        Reading::new(self.store.guard(), known)
    }

    /// How the watch of a resource does, if it is watched.
    pub fn health(&self, resource: Resource) -> Option<&Health> {
        self.watches.iter().find(|(watched, _)| *watched == resource).map(|(_, health)| health)
    }
}

/// Without the configuration, which holds credentials.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("watches", &self.watches).finish_non_exhaustive()
    }
}

/// The Snapshot behind its lock. A panic while it was held leaves a Snapshot that lacks at most one object.
#[derive(Default)]
struct Store(RwLock<Snapshot>);

impl Store {
    fn guard(&self) -> RwLockReadGuard<'_, Snapshot> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(&self, change: impl FnOnce(&mut Snapshot) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}
