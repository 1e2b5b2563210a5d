//! The whole webhook from a plain configuration: listeners, certificate, signals, end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::certificate::{Certificate, CertificateError};
use super::clients::{ClientFile, Clients};
use super::intake::Reviewer;
use super::limits::Limits;
use super::metrics::Metrics;
use super::policy_file::PolicyFile;
use super::policy_reviewer::LivePolicy;
use super::probes::{self, Readiness};
use super::serve_error::ServeError;
use super::server;
use super::shutdown::{Phase, Shutdown};
use super::tls::{CertificateFiles, Resolver, server_config};
use super::watched_files::WatchedFiles;
use crate::fronts::cluster::Cluster;

/// What `lagward serve` is told.
pub struct Config {
    /// Where reviews are answered, over TLS. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where probes and metrics are answered, in plain HTTP.
    pub http_listen: SocketAddr,
    /// What is shown to clients.
    pub certificate: CertificateSource,
    /// The bounds of the server, the drain delay among them.
    pub limits: Limits,
    /// What judges.
    pub reviewer: Arc<dyn Reviewer>,
    /// What it knows of a cluster, which is watched from the start.
    pub cluster: Option<Arc<Cluster>>,
    /// The policy it judges by, and the file that it was read from, which is read again when it changes.
    pub policy: (LivePolicy, Option<PathBuf>),
    /// Which clients may ask; `None` for any.
    pub clients: Option<ClientSource>,
    /// The value of the label `cluster` of every metric.
    pub cluster_name: Option<String>,
    /// How often files are looked at.
    pub poll: Duration,
    /// The handle that ends the server. SIGTERM and SIGINT request it too.
    pub shutdown: Shutdown,
    /// Called once, when both ports are open and reviews are answered.
    pub on_ready: Box<dyn FnOnce(Ready) + Send>,
}

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub enum CertificateSource {
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

/// Whose certificates clients must have.
#[derive(Clone, Debug)]
pub struct ClientSource {
    /// The CAs, as PEM.
    pub ca: PathBuf,
    /// The names of which a client must have one; empty for any name.
    pub names: Vec<String>,
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

/// Binds both ports, serves until SIGTERM or SIGINT (or [`Config::shutdown`]), drains, and returns.
///
/// # Errors
/// When a port, the certificate or the signals cannot be had, or when a second signal cut the drain short.
pub async fn run(config: Config) -> Result<(), ServeError> {
    let (certificate, ca_pem) = certificate(&config.certificate).map_err(ServeError::Certificate)?;
    let watches = config.cluster.as_ref().map(Cluster::collector);
    let metrics = Arc::new(Metrics::new(config.cluster_name.as_deref(), watches));
    let resolver = Arc::new(Resolver::new(&certificate));
    let clients = config.clients.map(clients).transpose()?;
    let verifier = clients.as_ref().map(|(file, _)| Arc::clone(&file.clients) as _);
    let tls = server_config(Arc::clone(&resolver), verifier).map_err(ServeError::Tls)?;
    let (listener, listen) = bind("--listen", config.listen).await?;
    let (http_listener, http_listen) = bind("--http-listen", config.http_listen).await?;
    watch_signals(&config.shutdown).map_err(ServeError::Signals)?;

    metrics.files.certificate(certificate.not_before(), certificate.not_after());
    if certificate.not_after() < SystemTime::now() {
        tracing::warn!("the certificate has expired: the API server will not accept it");
    }
    let readiness = Readiness::new(config.shutdown.clone());
    let mut files = WatchedFiles::new(&readiness, &metrics, config.poll);
    if let CertificateSource::Files { cert, key } = config.certificate {
        files = files.watch(CertificateFiles { cert, key, resolver }, certificate.fingerprint());
    }
    if let Some((file, version)) = clients {
        files = files.watch(file, version);
    }
    let (live, file) = config.policy;
    let policy = live.load_full().hash.to_string();
    metrics.files.policy(&policy);
    if let Some(file) = file {
        files = files.watch(PolicyFile { file, live }, policy);
    }

    if let Some(cluster) = config.cluster {
        cluster.watch();
    }
    let ended = Shutdown::new();
    let probes = probes::serve(http_listener, files.probes, Arc::clone(&metrics), ended.clone());
    let probes = tokio::spawn(probes);

    readiness.serving();
    (config.on_ready)(Ready { listen, http_listen, ca_pem });
    let served = server::serve(listener, tls, config.reviewer, metrics, config.limits, config.shutdown).await;

    ended.advance(Phase::Aborted);
    // It ends at once, and whether it panicked changes nothing any more.
    let _ = probes.await;
    served.map_err(ServeError::Aborted)
}

fn certificate(source: &CertificateSource) -> Result<(Certificate, Option<String>), CertificateError> {
    match source {
        CertificateSource::Files { cert, key } => Ok((Certificate::from_files(cert, key)?, None)),
        CertificateSource::InMemory => {
            let (certificate, ca_pem) = Certificate::in_memory(&["localhost", "127.0.0.1", "::1"])?;
            Ok((certificate, Some(ca_pem)))
        }
    }
}

fn clients(source: ClientSource) -> Result<(ClientFile, String), ServeError> {
    let (clients, version) = Clients::from_file(&source.ca, source.names).map_err(ServeError::Clients)?;
    Ok((ClientFile { ca: source.ca, clients: Arc::new(clients) }, version))
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
