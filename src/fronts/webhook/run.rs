//! The whole webhook from a plain configuration: listeners, certificate, signals, end.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::certificate::{Certificate, CertificateError};
use super::intake::{Intake, Reviewer};
use super::limits::Limits;
use super::metrics::Metrics;
use super::probes::{self, Readiness};
use super::server::{self, Aborted};
use super::shutdown::{Phase, Shutdown};
use super::tls::{Resolver, server_config};

/// What `lagward serve` is told.
pub struct Config {
    /// Where reviews are answered, over TLS. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where probes and metrics are answered, in plain HTTP.
    pub http_listen: SocketAddr,
    /// What is shown to clients.
    pub certificate: Source,
    /// The bounds of the server, the drain delay among them.
    pub limits: Limits,
    /// What judges.
    pub reviewer: Arc<dyn Reviewer>,
    /// The hash of the policy it judges by, for the log.
    pub policy_hash: String,
    /// The handle that ends the server. SIGTERM and SIGINT request it too.
    pub shutdown: Shutdown,
    /// Called once, when both ports are open and reviews are answered.
    pub on_ready: Box<dyn FnOnce(Ready) + Send>,
}

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From PEM files.
    Files {
        /// The chain, leaf first.
        cert: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// Made now, for localhost.
    InMemory,
}

/// What was bound.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The address of reviews.
    pub listen: SocketAddr,
    /// The address of probes and metrics.
    pub http_listen: SocketAddr,
    /// The CA of a certificate made in memory, as PEM: what a client needs to trust it.
    pub ca_pem: Option<String>,
}

/// Why the webhook did not serve, or did not end as it should.
#[derive(Debug)]
pub enum ServeError {
    /// A port could not be opened.
    Listen {
        /// The flag that names the address.
        flag: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// There is no certificate to serve.
    Certificate(CertificateError),
    /// TLS could not be set up.
    Tls(rustls::Error),
    /// Signals could not be watched.
    Signals(io::Error),
    /// A second signal ended it at once.
    Aborted(Aborted),
}

/// Binds both ports, serves until SIGTERM or SIGINT (or [`Config::shutdown`]), drains, and returns.
///
/// # Errors
/// When a port, the certificate or the signals cannot be had, or when a second signal cut the drain short.
pub async fn run(config: Config) -> Result<(), ServeError> {
    let (certificate, ca_pem) = certificate(&config.certificate).map_err(ServeError::Certificate)?;
    let tls = server_config(Resolver::new(&certificate)).map_err(ServeError::Tls)?;
    let (listener, listen) = bind("--listen", config.listen).await?;
    let (http_listener, http_listen) = bind("--http-listen", config.http_listen).await?;
    watch_signals(&config.shutdown).map_err(ServeError::Signals)?;

    let metrics = Arc::new(Metrics::new());
    metrics.certificate(certificate.not_after());
    if certificate.not_after() < SystemTime::now() {
        tracing::warn!("the certificate has expired: the API server will not accept it");
    }
    let readiness = Readiness::new(config.shutdown.clone());
    let ended = Shutdown::new();
    let probes = probes::serve(http_listener, readiness.clone(), Arc::clone(&metrics), ended.clone());
    let probes = tokio::spawn(probes);

    let intake = Intake::new(config.reviewer, metrics, config.policy_hash, config.limits);
    readiness.serving();
    (config.on_ready)(Ready { listen, http_listen, ca_pem });
    let served = server::serve(listener, tls, intake, config.shutdown).await;

    ended.advance(Phase::Aborted);
    // It ends at once, and whether it panicked changes nothing any more.
    let _ = probes.await;
    served.map_err(ServeError::Aborted)
}

impl ServeError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Listen { flag, source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => {
                    Some(format!("stop what listens there, or choose another port with {flag}"))
                }
                io::ErrorKind::PermissionDenied => Some(format!("choose a port from 1024 on with {flag}")),
                io::ErrorKind::AddrNotAvailable => {
                    Some(format!("choose an address of this machine with {flag}"))
                }
                _ => None,
            },
            Self::Certificate(error) => error.help().map(ToOwned::to_owned),
            Self::Tls(_) | Self::Signals(_) | Self::Aborted(_) => None,
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, source, .. } => {
                write!(f, "cannot listen on {address}: ")?;
                match source.kind() {
                    io::ErrorKind::AddrInUse => f.write_str("address in use"),
                    io::ErrorKind::PermissionDenied => f.write_str("permission denied"),
                    io::ErrorKind::AddrNotAvailable => f.write_str("not an address of this machine"),
                    _ => source.fmt(f),
                }
            }
            Self::Certificate(error) => error.fmt(f),
            Self::Tls(error) => write!(f, "cannot set up TLS: {error}"),
            Self::Signals(error) => write!(f, "cannot watch for signals: {error}"),
            Self::Aborted(Aborted) => {
                f.write_str("ended at once by a second signal; requests in flight were dropped")
            }
        }
    }
}

impl std::error::Error for ServeError {}

fn certificate(source: &Source) -> Result<(Certificate, Option<String>), CertificateError> {
    match source {
        Source::Files { cert, key } => Ok((Certificate::from_files(cert, key)?, None)),
        Source::InMemory => {
            let (certificate, ca_pem) = Certificate::in_memory(&["localhost", "127.0.0.1", "::1"])?;
            Ok((certificate, Some(ca_pem)))
        }
    }
}

async fn bind(flag: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let refused = |source| ServeError::Listen { flag, address, source };
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        // `[::]` means every address, and a kernel without IPv6 has only the other ones.
        Err(error) if is_any_v6(address) && no_ipv6(&error) => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await.map_err(refused)?
        }
        Err(error) => return Err(refused(error)),
    };
    let bound = listener.local_addr().map_err(refused)?;
    Ok((listener, bound))
}

fn is_any_v6(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

fn no_ipv6(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn watch_signals(shutdown: &Shutdown) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let shutdown = shutdown.clone();
    tokio::spawn(async move {
        loop {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            shutdown.request();
            tracing::info!(
                "{name}: {}",
                match shutdown.phase() {
                    Phase::Aborted => "ending at once",
                    _ => "draining; a second signal ends at once",
                }
            );
        }
    });
    Ok(())
}
