//! The plain port: liveness, readiness and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::Router;
use axum::extract::RawQuery;
use axum::routing::{MethodRouter, get};
use http::header;
use tokio::net::TcpListener;

use super::checks::{Checks, State};
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

    /// Whether there should be traffic, as checks.
    pub fn checks(&self) -> Checks {
        let (serving, shutdown) = (Arc::clone(&self.serving), self.shutdown.clone());
        let is_open = move || if serving.load(Relaxed) { State::Well } else { State::Failed("starting") };
        let is_to_stay = move || match shutdown.phase() {
            Phase::Serving => State::Well,
            _ => State::Failed("shutting down"),
        };
        Checks::new("readyz").and("serving", is_open).and("shutdown", is_to_stay)
    }
}

/// What the probes ask.
pub struct Probes {
    /// `/livez`: whether only a restart helps.
    pub live: Checks,
    /// `/readyz`: whether reviews should come here.
    pub ready: Checks,
}

/// Serves `/livez`, `/readyz` and `/metrics` until `ended`, which is not the webhook's own shutdown: probes
/// are answered until the last review is.
pub async fn serve(listener: TcpListener, probes: Probes, metrics: Arc<Metrics>, ended: Shutdown) {
    let metrics = move || std::future::ready(([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics.encode()));
    let router = Router::new()
        .route("/livez", probe(probes.live))
        .route("/readyz", probe(probes.ready))
        .route("/metrics", get(metrics));
    let limits = Limits { connections: 256, ..Limits::default() };
    let port = Port { transport: Transport::Plain, router, limits, shutdown: ended };
    // Whoever ended it does not wait for probes.
    let _ = Arc::new(port).serve(listener).await;
}

fn probe(checks: Checks) -> MethodRouter {
    let checks = Arc::new(checks);
    get(move |RawQuery(query): RawQuery| std::future::ready(checks.answer(query.as_deref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_only_between_start_and_shutdown() {
        let shutdown = Shutdown::new();
        let readiness = Readiness::new(shutdown.clone());
        let checks = readiness.checks();
        let status = || checks.answer(None).status().as_u16();
        assert_eq!(status(), 503);
        readiness.serving();
        assert_eq!(status(), 200);
        shutdown.request();
        assert_eq!(status(), 503);
    }
}
