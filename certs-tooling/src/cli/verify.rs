//! `lagward-certs verify`

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::Args;
use tokio::time::Instant;

use super::complaint::Complaint;
use super::target::Target;
use super::terms::{moment, pause};
use super::{Exit, print};
use crate::verify::{Shown, dial};

/// Short against the two minutes that a kubelet takes to renew a mounted Secret.
const PAUSE: Duration = Duration::from_secs(2);

/// Dial the webhook as the API server does, and say whether it is trusted
///
/// Waits for as long as --within says: a kubelet takes up to two minutes to hand on a new Secret.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    target: Target,
    /// Where the server is [default: port 443 of the service]
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
    /// The name it has to be valid for [default: that of the service]
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
    /// Trust this file instead of the bundles of the webhook configurations
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How long to go on trying
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = pause)]
    within: Duration,
}

/// A bundle, and whose it is.
struct Trust {
    whose: String,
    ca_bundle: Vec<u8>,
}

impl Verify {
    pub(super) async fn run(self) -> Result<Exit, Complaint> {
        let deadline = Instant::now() + self.within;
        loop {
            let outcome = self.attempt().await;
            if Instant::now() + PAUSE < deadline && !matches!(outcome, Ok((Exit::Clean, _))) {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let (exit, report) = outcome?;
            print(&report);
            return Ok(exit);
        }
    }

    async fn attempt(&self) -> Result<(Exit, String), Complaint> {
        let (name, trusts, now) = match &self.ca {
            Some(file) => self.trust_in_file(file)?,
            None => self.trust_of_cluster().await?,
        };
        let address = self.address.clone().unwrap_or_else(|| format!("{name}:443"));
        let shown = dial(&address, &name).await.map_err(Complaint::new)?;
        Ok(render(&address, &name, &shown, &trusts, now))
    }

    fn trust_in_file(&self, file: &PathBuf) -> Result<(String, Vec<Trust>, SystemTime), Complaint> {
        let host = self.address.as_ref().and_then(|address| address.rsplit_once(':')).map(|(host, _)| host);
        let name = self.server_name.as_deref().or(host).map(ToOwned::to_owned).ok_or_else(|| {
            Complaint::new("--ca needs --address").with_help("for example --address localhost:8443")
        })?;
        let ca_bundle = std::fs::read(file)
            .map_err(|error| Complaint::new(format!("cannot read {}: {error}", file.display())))?;
        let trust = Trust { whose: file.display().to_string(), ca_bundle };
        Ok((name, vec![trust], SystemTime::now()))
    }

    async fn trust_of_cluster(&self) -> Result<(String, Vec<Trust>, SystemTime), Complaint> {
        let cluster = self.target.connect(None).await?;
        let (published, now) = cluster.published().await?;
        let name = self.server_name.clone().unwrap_or_else(|| self.target.server_name(&cluster));
        let trusts = published.into_iter().map(|(whose, ca_bundle)| Trust { whose, ca_bundle }).collect();
        Ok((name, trusts, now))
    }
}

fn render(address: &str, name: &str, shown: &Shown, trusts: &[Trust], now: SystemTime) -> (Exit, String) {
    let end = shown.end().map_or_else(|| "unknown".to_owned(), moment);
    let mut text = format!(
        "address: {address}\nchain: {}\nnames: {}\nends: {end}\n",
        shown.chain().join(" <- "),
        shown.names().join(", "),
    );
    let mut exit = Exit::Clean;
    for Trust { whose, ca_bundle } in trusts {
        // Writing to a String cannot fail.
        let _ = match shown.accepted(ca_bundle, name, now) {
            Ok(()) => writeln!(text, "{whose}: trusts it for {name}"),
            Err(fault) => {
                exit = Exit::Refused;
                writeln!(text, "{whose}: does not trust it for {name}: {fault}")
            }
        };
    }
    (exit, text)
}
