//! `lagward-certs run`

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use super::ensure::{Upkeep, start_log};
use super::terms::duration;
use super::{Exit, fail};
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
    pub(super) async fn run(self) -> Exit {
        start_log(true);
        let (cluster, plan) = match self.upkeep.prepare().await {
            Ok(prepared) => prepared,
            Err(exit) => return exit,
        };
        let config = Config { listen: self.http_listen, interval: self.interval, settle: self.upkeep.settle };
        match run(cluster, plan, config).await {
            Ok(()) => Exit::Clean,
            Err(error) => fail(&format!("cannot listen on {}: {error}", self.http_listen), None),
        }
    }
}
