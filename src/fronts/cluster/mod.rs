//! The cluster as World: watches keep a [`snapshot`] of what stands around an object, and a live look confirms what
//! would deny.
//!
//! A list or a watch is decoded into `row`s, which keep of each object what other objects are judged by, `packed`.
//! A review reads the Snapshot through a [`reading`]. What no watch knows for certain is unknown, and never denies.

pub mod audit;
pub mod audited;
pub mod configure;
pub mod connect;
pub mod health;
mod listing;
mod live;
mod metrics;
mod packed;
pub mod reading;
mod resource;
mod round;
mod row;
pub mod snapshot;
mod watch;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use kube::{Client, Config};

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
    pace: Pace,
    live: Client,
    store: Arc<Store>,
    watches: [Watching; 4],
}

/// One watch, as it is seen from outside.
struct Watching {
    resource: Resource,
    health: Health,
    client: Client,
}

impl Cluster {
    /// The cluster that `config` leads to. Nothing is asked of it before [`Cluster::watch`].
    ///
    /// # Errors
    /// When the configuration is of no use, such as a CA that is none.
    pub fn new(config: &Config, pace: Pace) -> kube::Result<Self> {
        let watching = |resource| -> kube::Result<Watching> {
            let health = Health::new();
            Ok(Watching { resource, client: connect::watching(config, &health)?, health })
        };
        let [one, two, three, four] = Resource::ALL.map(watching);
        let watches = [one?, two?, three?, four?];
        Ok(Self { pace, live: connect::plain(config)?, store: Arc::default(), watches })
    }

    /// Starts the watches, which go on until the runtime ends.
    pub fn watch(&self) {
        for Watching { resource, health, client } in &self.watches {
            let watch = Watch {
                resource: *resource,
                store: Arc::clone(&self.store),
                health: health.clone(),
                client: client.clone(),
                rediscover: self.pace.rediscover,
            };
            match resource {
                Resource::Deployments => tokio::spawn(watch.run::<row::Deployments>()),
                Resource::StatefulSets => tokio::spawn(watch.run::<row::StatefulSets>()),
                Resource::ScaledObjects => tokio::spawn(watch.run::<row::ScaledObjects>()),
                Resource::KafkaTopics => tokio::spawn(watch.run::<row::KafkaTopics>()),
            };
        }
    }

    /// What is known, as it stays until the reading is dropped. It must not be kept over an await: the watches wait
    /// for it.
    pub fn read(&self) -> Reading<RwLockReadGuard<'_, Snapshot>> {
        let known = Known::by(|resource| self.health(resource).is_current(self.pace.stale));
        Reading::new(self.store.guard(), known)
    }

    /// How the watch of a resource does.
    pub fn health(&self, resource: Resource) -> &Health {
        // In the order of `Resource::ALL`.
        &self.watches[resource as usize].health
    }
}

/// Without the configuration, which holds credentials.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watches = self.watches.iter().map(|watch| (watch.resource, &watch.health));
        f.debug_map().entries(watches).finish()
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
