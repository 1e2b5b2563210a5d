//! `lagward-certs run`

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use super::Exit;
use super::complaint::Complaint;
use super::ensure::{Upkeep, start_log};
use super::terms::duration;
use crate::run::{Config, run};

/// Do what `ensure` does, again and again, with probes and metrics
#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    upkeep: Upkeep,
    /// The pause between passes: an edited bundle is healed within it
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    interval: Duration,
    /// Where to answer /livez, /readyz and /metrics in plain HTTP
    #[arg(long, value_name = "ADDR", default_value = "[::]:8080")]
    http_listen: SocketAddr,
}

impl Run {
    pub(super) async fn run(self) -> Result<Exit, Complaint> {
        start_log(true);
        let (cluster, plan) = self.upkeep.prepare().await?;
        let config = Config { listen: self.http_listen, interval: self.interval, settle: self.upkeep.settle };
        let refused = |error| Complaint::new(format!("cannot listen on {}: {error}", self.http_listen));
        run(cluster, plan, config).await.map_err(refused)?;
        Ok(Exit::Clean)
    }
}
