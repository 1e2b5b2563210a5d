//! Finding the API server, and clients that tell when it is heard.

use std::fmt;
use std::time::Duration;

use http::Response;
use http_body_util::BodyExt;
use kube::client::ClientBuilder;
use kube::{Client, Config};
use tower::util::MapResponseLayer;

use super::health::Health;
use super::{Cluster, Pace};

/// Whether to look for a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Watch if a kubeconfig or a service account is there.
    Auto,
    /// Watch, or do not start.
    On,
    /// Judge each object alone.
    Off,
}

/// There is no cluster to watch, though there has to be one.
#[derive(Debug)]
pub struct NoCluster(String);

impl fmt::Display for NoCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot find a cluster to watch: {}", self.0)
    }
}

impl std::error::Error for NoCluster {}

/// How long connecting to the API server may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the API server may say nothing at all. A watch is ended by it before that, and kube has no bound of its
/// own for a list.
const SILENCE: Duration = Duration::from_secs(super::watch::WATCH_SECONDS as u64 + 10);

/// The cluster of the kubeconfig, or the one that this process runs in. Nothing is asked of it yet.
///
/// # Errors
/// Under [`Mode::On`], when there is none.
pub async fn find(mode: Mode, pace: Pace) -> Result<Option<Cluster>, NoCluster> {
    if mode == Mode::Off {
        return Ok(None);
    }
    let config = Config::infer().await.map_err(|error| NoCluster(error.to_string()));
    let cluster = config.and_then(|config| {
        let url = config.cluster_url.clone();
        let cluster = Cluster::new(config, pace).map_err(|error| NoCluster(error.to_string()))?;
        tracing::info!(%url, "watching the cluster");
        Ok(cluster)
    });
    match (cluster, mode) {
        (Ok(cluster), _) => Ok(Some(cluster)),
        (Err(error), Mode::On) => Err(error),
        (Err(error), _) => {
            tracing::info!("{error}; each object is judged alone");
            Ok(None)
        }
    }
}

/// A client for single requests, whose caller bounds their time.
pub(super) fn plain(config: &Config) -> kube::Result<Client> {
    Client::try_from(impatient(config))
}

/// A client for one watch. Each answer, event and bookmark counts as a sign of life.
pub(super) fn watching(config: &Config, health: &Health) -> kube::Result<Client> {
    let mut config = impatient(config);
    config.read_timeout = Some(SILENCE);
    let health = health.clone();
    let listen = MapResponseLayer::new(move |response: Response<_>| {
        let is_good = response.status().is_success();
        if is_good {
            health.heard();
        }
        let health = health.clone();
        response.map(|body| {
            BodyExt::map_frame(body, move |frame| {
                if is_good {
                    health.heard();
                }
                frame
            })
        })
    });
    Ok(ClientBuilder::try_from(config)?.with_layer(&listen).build())
}

fn impatient(config: &Config) -> Config {
    let mut config = config.clone();
    config.connect_timeout = Some(CONNECT);
    // Fifteen hidden retries would make a failure look like a wait.
    config.default_retry = false;
    config
}
