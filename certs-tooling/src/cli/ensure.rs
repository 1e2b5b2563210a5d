//! `lagward-certs ensure`

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::Duration;

use clap::Args;
use tracing_subscriber::EnvFilter;

use super::complaint::Complaint;
use super::target::{Store, Target};
use super::terms::{Terms, duration, moment, pause};
use super::{Exit, print};
use crate::cluster::Cluster;
use crate::ensure::{Report, Wish, ensure};
use crate::step::Plan;

/// Make the certificate and the trust in it what they should be, once
///
/// Issues what is missing or ends soon, and heals what was changed. Safe to repeat, to run twice at once and to
/// kill at any moment: the next run goes on.
#[derive(Args)]
pub(super) struct Ensure {
    #[command(flatten)]
    upkeep: Upkeep,
    /// Replace the certificate although it is fine
    #[arg(long)]
    rotate: bool,
}

/// The flags of `ensure` and `run`.
#[derive(Args)]
pub(super) struct Upkeep {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    terms: Terms,
    /// A further DNS name or address of the server; may be repeated
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// How long before its end a certificate is replaced
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration)]
    renew_before: Duration,
    /// How long API servers are given to see a new bundle before a certificate is served that needs it
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = pause)]
    pub(super) settle: Duration,
}

impl Ensure {
    pub(super) async fn run(self) -> Result<Exit, Complaint> {
        start_log(false);
        let (cluster, plan) = self.upkeep.prepare().await?;
        let wish = Wish { rotate: self.rotate, settle: self.upkeep.settle };
        let report = ensure(&cluster, &plan, wish).await?;
        print(&render(&report));
        Ok(Exit::Clean)
    }
}

impl Upkeep {
    pub(super) async fn prepare(&self) -> Result<(Cluster, Plan), Complaint> {
        if self.renew_before >= self.terms.lifetime {
            return Err(Complaint::new("--renew-before has to be shorter than --lifetime")
                .with_help("a certificate that is due as soon as it is issued would be replaced for ever"));
        }
        let cluster = self.target.connect(Some(&self.store)).await?;
        let mut names = vec![self.target.server_name(&cluster)];
        names.extend(self.name.iter().cloned());
        Ok((cluster, Plan { order: self.terms.order(names), renew_before: self.renew_before }))
    }
}

fn render(report: &Report) -> String {
    let mut text = String::new();
    for done in &report.done {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{done}");
    }
    if report.done.is_empty() {
        text.push_str("nothing to do\n");
    }
    let _ = writeln!(text, "next: {}; trusted CAs: {}", moment(report.until), report.trusted);
    text
}

/// The log goes to standard error. `RUST_LOG` narrows or widens it; `ensure` reports by itself.
pub(super) fn start_log(json: bool) {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| if json { "info" } else { "warn" }.to_owned());
    let log = tracing_subscriber::fmt().with_env_filter(filter(&wanted)).with_writer(std::io::stderr);
    if json {
        log.json().flatten_event(true).init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).init();
    }
}

/// kube's client logs the whole body of an answer that it cannot read: whatever is wanted, not of a Secret.
fn filter(wanted: &str) -> EnvFilter {
    EnvFilter::new(format!("{wanted},{}", SILENCED.join(",")))
}

const SILENCED: [&str; 2] = ["kube_client=error", "kube_client::client=error"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_body_of_an_answer_is_ever_logged() {
        for wanted in ["info", "trace", "kube_client=trace", "kube_client::client=debug", "?!"] {
            let filter = filter(wanted).to_string();
            for silenced in SILENCED {
                assert!(filter.contains(silenced), "{wanted}: {filter}");
            }
            assert!(!filter.contains("kube_client=trace") && !filter.contains("client=debug"), "{filter}");
        }
    }
}
