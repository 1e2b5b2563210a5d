//! Accepting connections, and the order in which the server ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::connection::drive;
use super::intake::{Intake, Reviewer};
use super::limits::Limits;
use super::metrics::{Counted, Metrics};
use super::shutdown::{Phase, Shutdown};

/// The server was told twice to end, and dropped what was in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

/// Serves the reviews of `reviewer` over TLS until `shutdown` is requested: then every response closes its connection, after
/// [`Limits::drain`] nothing more is accepted, and after [`Limits::finish`] at the latest this returns.
///
/// # Errors
/// When the shutdown was requested twice, so that connections were dropped.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    reviewer: Arc<dyn Reviewer>,
    metrics: Arc<Metrics>,
    limits: Limits,
    shutdown: Shutdown,
) -> Result<(), Aborted> {
    let intake = Intake::new(reviewer, Arc::clone(&metrics), limits.clone());
    let transport = Transport::Tls(TlsAcceptor::from(tls), metrics);
    let port = Port { transport, router: Arc::new(intake).router(), limits, shutdown };
    Arc::new(port).serve(listener).await
}

/// One listening port: what is spoken on it, and to whom it leads.
pub(super) struct Port {
    pub(super) transport: Transport,
    pub(super) router: Router,
    pub(super) limits: Limits,
    pub(super) shutdown: Shutdown,
}

/// How bytes come in.
pub(super) enum Transport {
    /// As they are.
    Plain,
    /// Encrypted; connections and failed handshakes are counted.
    Tls(TlsAcceptor, Arc<Metrics>),
}

impl Port {
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) -> Result<(), Aborted> {
        let tasks = TaskTracker::new();
        tokio::select! {
            biased;
            () = self.stopping() => {}
            () = self.accept(&listener, &tasks) => {}
        }
        self.accept_queued(&listener, &tasks).await;
        drop(listener);
        self.finish(&tasks).await
    }

    /// Waits for the end of accepting: the drain time after the first request to shut down.
    async fn stopping(&self) {
        self.shutdown.reached(Phase::Draining).await;
        tokio::select! {
            () = sleep(self.limits.drain) => self.shutdown.advance(Phase::Stopping),
            () = self.shutdown.reached(Phase::Stopping) => {}
        }
    }

    async fn accept(self: &Arc<Self>, listener: &TcpListener, tasks: &TaskTracker) {
        let slots = Arc::new(Semaphore::new(self.limits.connections));
        let mut pause = Pause::default();
        // The semaphore is never closed.
        while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
            match listener.accept().await {
                Ok((socket, peer)) => {
                    pause = Pause::default();
                    tasks.spawn(Arc::clone(self).connection(socket, peer, Some(slot)));
                }
                Err(error) => {
                    let after = pause.next();
                    tracing::warn!(%error, ?after, "cannot accept a connection");
                    sleep(after).await;
                }
            }
        }
    }

    /// Takes what the kernel has accepted already: closing the listener would reset it, and to its client
    /// that is a failed call.
    async fn accept_queued(self: &Arc<Self>, listener: &TcpListener, tasks: &TaskTracker) {
        while self.shutdown.phase() < Phase::Aborted {
            let next = std::future::poll_fn(|cx| match listener.poll_accept(cx) {
                std::task::Poll::Ready(accepted) => std::task::Poll::Ready(accepted.ok()),
                std::task::Poll::Pending => std::task::Poll::Ready(None),
            });
            let Some((socket, peer)) = next.await else { return };
            tasks.spawn(Arc::clone(self).connection(socket, peer, None));
        }
    }

    async fn finish(&self, tasks: &TaskTracker) -> Result<(), Aborted> {
        tasks.close();
        tokio::select! {
            biased;
            () = self.shutdown.reached(Phase::Aborted) => return Err(Aborted),
            () = tasks.wait() => return Ok(()),
            () = sleep(self.limits.finish) => {}
        }
        tracing::warn!(connections = tasks.len(), "dropped connections that did not end in time");
        self.shutdown.advance(Phase::Aborted);
        Ok(())
    }

    async fn connection(
        self: Arc<Self>,
        socket: TcpStream,
        peer: SocketAddr,
        slot: Option<OwnedSemaphorePermit>,
    ) {
        let _slot = slot;
        // A response is one small write; waiting for more to send would only delay it.
        let _ = socket.set_nodelay(true);
        let phase = self.shutdown.watch();
        let (acceptor, metrics) = match &self.transport {
            Transport::Plain => return drive(socket, self.router.clone(), &self.limits, phase).await,
            Transport::Tls(acceptor, metrics) => (acceptor, metrics),
        };
        let _open = Counted::new(&metrics.server.connections);
        let handshake = timeout(self.limits.handshake, acceptor.accept(socket));
        let tls = tokio::select! {
            tls = handshake => tls,
            () = self.shutdown.reached(Phase::Aborted) => return,
        };
        match tls {
            Ok(Ok(tls)) => return drive(tls, self.router.clone(), &self.limits, phase).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
        }
        metrics.server.handshake_failures.inc();
    }
}

/// The wait after an accept that failed. Out of descriptors, accept fails again at once: without a wait it
/// would take the processor from the connections that could give some back.
#[derive(Default)]
struct Pause(u32);

impl Pause {
    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(1);

    fn next(&mut self) -> Duration {
        let wait = Self::FIRST * 2_u32.pow(self.0.min(7));
        self.0 += 1;
        wait.min(Self::LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_accepts_wait_longer_and_longer_up_to_a_second() {
        let mut pause = Pause::default();
        assert_eq!(pause.next(), Duration::from_millis(10));
        assert_eq!(pause.next(), Duration::from_millis(20));
        for _ in 0..100 {
            pause.next();
        }
        assert_eq!(pause.next(), Duration::from_secs(1));
    }
}
