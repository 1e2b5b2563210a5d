//! `lagward serve`

use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::complaint::Complaint;
use super::{Exit, descriptors};
use crate::engine::duration::{Unit, parse};
use crate::fronts::cluster::connect::{self, Mode, NoCluster};
use crate::fronts::cluster::{Cluster, Pace};
use crate::fronts::files::policy;
use crate::fronts::webhook::limits::Limits;
use crate::fronts::webhook::policy_reviewer::PolicyReviewer;
use crate::fronts::webhook::run::{CertificateSource, ClientSource, Config, Ready, run};
use crate::fronts::webhook::shutdown::Shutdown;

/// Run the admission webhook
///
/// Without --cert and --key it serves on loopback with a certificate made in memory, for trying it out.
#[derive(Args)]
pub(super) struct Serve {
    /// Where to answer reviews over TLS [default: [::]:8443 with a certificate, else 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR", env = "LAGWARD_LISTEN")]
    listen: Option<SocketAddr>,
    /// Where to answer probes and metrics in plain HTTP [default: [::]:8080 with a certificate, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "LAGWARD_HTTP_LISTEN")]
    http_listen: Option<SocketAddr>,
    /// The certificate chain (PEM), leaf first
    #[arg(long, value_name = "FILE", env = "LAGWARD_CERT", requires = "key")]
    cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE", env = "LAGWARD_KEY", requires = "cert")]
    key: Option<PathBuf>,
    /// The policy to judge by [default: the one that is shipped]
    #[arg(long, value_name = "FILE", env = "LAGWARD_POLICY")]
    policy: Option<PathBuf>,
    /// Answer only clients with a certificate of one of these CAs (PEM)
    #[arg(long, value_name = "FILE", env = "LAGWARD_CLIENT_CA")]
    client_ca: Option<PathBuf>,
    /// The common name or DNS name that a client's certificate must have; may be given more than once
    #[arg(
        long = "client-name",
        value_name = "NAME",
        env = "LAGWARD_CLIENT_NAME",
        value_delimiter = ',',
        requires = "client_ca"
    )]
    client_names: Vec<String>,
    /// How long to keep accepting connections after SIGTERM [default: 15s with a certificate, else 0s]
    #[arg(long, value_name = "DURATION", env = "LAGWARD_DRAIN", value_parser = drain)]
    drain: Option<Duration>,
    /// How often to look for new versions of certificate, client CA and policy
    ///
    /// The kubelet takes up to a minute or two to bring one.
    #[arg(long, value_name = "DURATION", default_value = "10s", env = "LAGWARD_POLL", value_parser = poll)]
    poll: Duration,
    /// Watch the cluster of the kubeconfig or of the service account, to judge pairs
    #[arg(long, value_enum, default_value_t = Watch::Auto, env = "LAGWARD_WATCH")]
    watch: Watch,
    /// The value of the label `cluster` of every metric, for a Prometheus that scrapes many clusters
    #[arg(long, value_name = "NAME", env = "LAGWARD_CLUSTER", value_parser = label)]
    cluster: Option<String>,
    /// How to write the log
    #[arg(long, value_enum, default_value_t = Log::Text, env = "LAGWARD_LOG")]
    log: Log,
}

#[derive(Clone, Copy, ValueEnum)]
enum Watch {
    /// If there is a kubeconfig or a service account
    Auto,
    /// Refuse to start without one
    On,
    /// Judge each object alone
    Off,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Log {
    Text,
    Json,
}

impl Serve {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        let loaded = policy::load(self.policy.as_deref())?;
        self.start_log();
        descriptors::lift();
        let runtime = tokio::runtime::Runtime::new()
            .map_err(|error| Complaint::new(format!("cannot start the runtime: {error}")))?;
        // The clients of a cluster start on the runtime that is entered.
        let _entered = runtime.enter();
        let cluster = runtime.block_on(self.watch.cluster()).map_err(|error| {
            Complaint::new(error).with_help("name a kubeconfig in KUBECONFIG, or use --watch off")
        })?;
        runtime.block_on(run(self.config(loaded, cluster)))?;
        Ok(Exit::Clean)
    }

    fn config(self, loaded: policy::Loaded, cluster: Option<Arc<Cluster>>) -> Config {
        let certificate = match (self.cert, self.key) {
            (Some(cert), Some(key)) => CertificateSource::Files { cert, key },
            _ => CertificateSource::InMemory,
        };
        let is_local = matches!(certificate, CertificateSource::InMemory);
        let host = if is_local { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        let default_drain = if is_local { Duration::ZERO } else { Duration::from_secs(15) };
        let policy_hash = Arc::clone(&loaded.hash);
        let live = Arc::new(ArcSwap::from_pointee(loaded));
        let names = self.client_names;
        Config {
            listen: self.listen.unwrap_or_else(|| SocketAddr::new(host, 8443)),
            http_listen: self.http_listen.unwrap_or_else(|| SocketAddr::new(host, 8080)),
            certificate,
            limits: Limits { drain: self.drain.unwrap_or(default_drain), ..Limits::default() },
            reviewer: Arc::new(PolicyReviewer::new(Arc::clone(&live), cluster.clone())),
            cluster,
            policy: (live, self.policy),
            clients: self.client_ca.map(|ca| ClientSource { ca, names }),
            cluster_name: self.cluster,
            poll: self.poll,
            shutdown: Shutdown::new(),
            on_ready: Box::new(move |ready| greet(&ready, &policy_hash)),
        }
    }

    /// The log goes to standard error. `RUST_LOG` narrows or widens it.
    fn start_log(&self) {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
        // kube logs whole answers of the API server that it cannot read.
        let quiet = ["kube_client=off", "kube_runtime=off"].into_iter().filter_map(|text| text.parse().ok());
        let filter = quiet.fold(filter, EnvFilter::add_directive);
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        // A log that nobody reads is no reason to panic in the middle of a review.
        let log = log.log_internal_errors(false);
        match self.log {
            Log::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
            Log::Json => log.json().flatten_event(true).init(),
        }
        // A panic's message may quote what an object contains; its place does not.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "panicked");
        }));
    }
}

impl Watch {
    async fn cluster(self) -> Result<Option<Arc<Cluster>>, NoCluster> {
        let mode = match self {
            Self::Auto => Mode::Auto,
            Self::On => Mode::On,
            Self::Off => Mode::Off,
        };
        Ok(connect::find(mode, Pace::default()).await?.map(Arc::new))
    }
}

/// Says what was bound; with a certificate made in memory also what to type next.
fn greet(ready: &Ready, policy: &str) {
    let Ready { listen, http_listen, ca_pem } = ready;
    tracing::info!(%listen, %http_listen, policy, version = env!("CARGO_PKG_VERSION"), "serving");
    if ca_pem.is_none() {
        return;
    }
    // Whoever came by `cargo run` has none on the PATH.
    let program = std::env::args().next().unwrap_or_else(|| "lagward".to_owned());
    let text = format!(
        "\nlagward serves on https://{listen} with a certificate made in memory, for this machine only.\n\
         Try it from another terminal, in the repository:\n\n  \
         curl -sk https://{listen}/validate -H 'content-type: application/json' \\\n    \
         -d @examples/incident/review.json\n  \
         {program} check examples/incident\n\n"
    );
    let _ = std::io::Write::write_all(&mut anstream::stderr(), text.as_bytes());
}

/// A Go duration; 0 is one here.
fn drain(text: &str) -> Result<Duration, String> {
    if matches!(text, "0" | "0s") {
        return Ok(Duration::ZERO);
    }
    parse(text, Unit::Go).map(|(value, _)| value).map_err(|_| "must be a duration such as 15s".to_owned())
}

/// A Go duration that leaves time for something else.
fn poll(text: &str) -> Result<Duration, String> {
    let often = parse(text, Unit::Go).ok().filter(|(value, _)| *value >= Duration::from_millis(10));
    often.map(|(value, _)| value).ok_or_else(|| "must be a duration of at least 10ms, such as 10s".to_owned())
}

/// A label's value that can be read in a query.
fn label(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 253 || text.chars().any(char::is_control) {
        return Err("must be a name of 1 to 253 bytes without control characters".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_looked_at_every_so_often_but_not_all_the_time() {
        assert_eq!(poll("100ms"), Ok(Duration::from_millis(100)));
        for bad in ["0s", "1ms", "10", "often"] {
            assert!(poll(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cluster_is_called_by_something_that_can_be_asked_for() {
        assert_eq!(label("eu-1").as_deref(), Ok("eu-1"));
        for bad in ["", "eu\n1", &"x".repeat(254)] {
            assert!(label(bad).is_err(), "{bad}");
        }
    }
}
