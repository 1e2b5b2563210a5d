//! Passes for ever, with probes and metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cluster::Cluster;
use crate::ensure::{Wish, ensure};
use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::step::Plan;

/// A pass that takes longer than this beyond its waiting hangs.
const STUCK_AFTER: Duration = Duration::from_secs(300);

/// How `run` runs.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Where probes and metrics are answered, in plain HTTP.
    pub listen: SocketAddr,
    /// The pause between passes: an edited bundle is healed within it.
    pub interval: Duration,
    /// How long API servers need to see a new bundle.
    pub settle: Duration,
}

/// Passes until SIGTERM or SIGINT. A pass that fails is logged and repeated; one that is cut off by a signal is
/// resumed by whoever runs next.
///
/// # Errors
/// When the port cannot be opened or signals cannot be watched.
pub async fn run(cluster: Cluster, plan: Plan, config: Config) -> std::io::Result<()> {
    let listener = TcpListener::bind(config.listen).await?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let health = Arc::new(Health::new(config.settle + config.interval + STUCK_AFTER));
    tracing::info!(listen = %listener.local_addr()?, version = env!("CARGO_PKG_VERSION"), "running");
    tokio::select! {
        served = async { axum::serve(listener, probes(Arc::clone(&health))).await } => served,
        never = passes(&cluster, &plan, config, &health) => never,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}

async fn passes(cluster: &Cluster, plan: &Plan, config: Config, health: &Health) -> ! {
    let wish = Wish { rotate: false, settle: config.settle };
    loop {
        match ensure(cluster, plan, wish).await {
            Ok(report) => health.succeeded(&report),
            Err(error) => {
                tracing::error!(help = error.help(), "{error}");
                health.failed();
            }
        }
        tokio::time::sleep(config.interval).await;
    }
}

/// What the probes say, and what is counted.
struct Health {
    metrics: Metrics,
    last: Mutex<Last>,
    stuck_after: Duration,
}

struct Last {
    pass: Instant,
    succeeded: bool,
}

impl Health {
    fn new(stuck_after: Duration) -> Self {
        let last = Mutex::new(Last { pass: Instant::now(), succeeded: false });
        Self { metrics: Metrics::new(), last, stuck_after }
    }

    fn succeeded(&self, report: &crate::ensure::Report) {
        self.metrics.succeeded(report);
        self.ended(true);
    }

    fn failed(&self) {
        self.metrics.failed();
        self.ended(false);
    }

    fn ended(&self, succeeded: bool) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Last { pass: Instant::now(), succeeded };
    }

    /// Alive while passes end, however.
    fn live(&self) -> Response {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).pass;
        answer(last.elapsed() < self.stuck_after, "no pass has ended for too long")
    }

    /// Ready when the last pass has left everything as it should be.
    fn ready(&self) -> Response {
        let succeeded = self.last.lock().unwrap_or_else(PoisonError::into_inner).succeeded;
        answer(succeeded, "no pass has succeeded, or the last one failed: see the log")
    }
}

fn answer(ok: bool, otherwise: &'static str) -> Response {
    if ok {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("{otherwise}\n")).into_response()
}

fn probes(health: Arc<Health>) -> Router {
    let (live, ready) = (Arc::clone(&health), Arc::clone(&health));
    let metrics =
        move || std::future::ready(([(header::CONTENT_TYPE, CONTENT_TYPE)], health.metrics.encode()));
    Router::new()
        .route("/livez", get(move || std::future::ready(live.live())))
        .route("/readyz", get(move || std::future::ready(ready.ready())))
        .route("/metrics", get(metrics))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_with_the_last_pass_and_alive_while_passes_end() {
        let health = Health::new(Duration::from_secs(3600));
        assert_eq!(health.ready().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(health.live().status(), StatusCode::OK);
        health.ended(true);
        assert_eq!(health.ready().status(), StatusCode::OK);
        health.failed();
        assert_eq!(health.ready().status(), StatusCode::SERVICE_UNAVAILABLE);
        let stuck = Health::new(Duration::ZERO);
        assert_eq!(stuck.live().status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
