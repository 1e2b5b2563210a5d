//! The plain port: liveness, readiness and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use tokio::net::TcpListener;

use super::limits::Limits;
use super::metrics::{CONTENT_TYPE, Metrics};
use super::server::{Port, Transport};
use super::shutdown::{Phase, Shutdown};

/// Whether reviews are answered: not before [`Readiness::serving`], and not from the moment on that the
/// server is asked to end.
#[derive(Clone, Debug)]
pub struct Readiness {
    serving: Arc<AtomicBool>,
    shutdown: Shutdown,
}

impl Readiness {
    /// Not ready yet.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { serving: Arc::default(), shutdown }
    }

    /// From now on, reviews are answered.
    pub fn serving(&self) {
        self.serving.store(true, Relaxed);
    }

    /// Why there should be no traffic; `None` when ready.
    pub fn obstacle(&self) -> Option<&'static str> {
        if self.shutdown.phase() > Phase::Serving {
            return Some("shutting down");
        }
        if !self.serving.load(Relaxed) {
            return Some("starting");
        }
        None
    }
}

/// Serves `/livez`, `/readyz` and `/metrics` until `ended`, which is not the webhook's own shutdown: probes
/// are answered until the last review is.
pub async fn serve(listener: TcpListener, readiness: Readiness, metrics: Arc<Metrics>, ended: Shutdown) {
    let ready = move || std::future::ready(ready(&readiness));
    let metrics = move || std::future::ready(([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics.encode()));
    let router = Router::new()
        .route("/livez", get(|| std::future::ready("ok\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics));
    let limits = Limits { connections: 256, ..Limits::default() };
    let port = Port { transport: Transport::Plain, router, limits, shutdown: ended };
    // Whoever ended it does not wait for probes.
    let _ = Arc::new(port).serve(listener).await;
}

fn ready(readiness: &Readiness) -> Response {
    match readiness.obstacle() {
        None => "ok\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_only_between_start_and_shutdown() {
        let shutdown = Shutdown::new();
        let readiness = Readiness::new(shutdown.clone());
        assert_eq!(readiness.obstacle(), Some("starting"));
        readiness.serving();
        assert_eq!(readiness.obstacle(), None);
        shutdown.request();
        assert_eq!(readiness.obstacle(), Some("shutting down"));
    }
}
