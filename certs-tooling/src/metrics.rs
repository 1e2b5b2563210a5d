//! What `run` counts, as OpenMetrics text.

use std::time::SystemTime;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::ensure::{Done, Report};

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Every metric of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    passes: Family<PassLabels, Counter>,
    actions: Family<ActionLabels, Counter>,
    last_success: Gauge,
    renewal: Gauge,
    trusted: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PassLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    action: &'static str,
}

impl Metrics {
    /// Metrics at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("lagward_certs"),
            passes: Family::default(),
            actions: Family::default(),
            last_success: Gauge::default(),
            renewal: Gauge::default(),
            trusted: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    /// Counts a pass that came to its end.
    pub fn succeeded(&self, report: &Report) {
        self.passes.get_or_create(&PassLabels { outcome: "success" }).inc();
        for done in &report.done {
            let action = match done {
                Done::Issued(_) => "issued",
                Done::Published => "published",
                Done::Promoted => "promoted",
                Done::Tidied => "tidied",
            };
            self.actions.get_or_create(&ActionLabels { action }).inc();
        }
        self.last_success.set(seconds(SystemTime::now()));
        self.renewal.set(seconds(report.until));
        self.trusted.set(i64::try_from(report.trusted).unwrap_or(i64::MAX));
    }

    /// Counts a pass that did not.
    pub fn failed(&self) {
        self.passes.get_or_create(&PassLabels { outcome: "failure" }).inc();
    }

    /// The OpenMetrics text, to be sent as [`CONTENT_TYPE`].
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(2 << 10);
        // Writing to a String cannot fail, and no metric here has an encoder of its own that could.
        let _ = text::encode(&mut out, &self.registry);
        out
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("passes", "Passes over the Secret and the configurations", self.passes.clone());
        registry.register("actions", "What passes did", self.actions.clone());
        let help = "When a pass last succeeded, in Unix time";
        registry.register_with_unit("last_success_timestamp", help, Unit::Seconds, self.last_success.clone());
        let help = "When the next pass has something to do, in Unix time";
        registry.register_with_unit("next_action_timestamp", help, Unit::Seconds, self.renewal.clone());
        registry.register("trusted_authorities", "CAs that the API server trusts", self.trusted.clone());
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", build);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn seconds(time: SystemTime) -> i64 {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::step::Why;

    #[test]
    fn passes_and_what_they_did_are_counted() {
        let metrics = Metrics::new();
        let until = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let done = vec![Done::Issued(Why::Missing), Done::Published, Done::Promoted];
        metrics.succeeded(&Report { done, until, trusted: 2 });
        metrics.failed();
        let text = metrics.encode();
        for line in [
            "lagward_certs_passes_total{outcome=\"failure\"} 1\n",
            "lagward_certs_actions_total{action=\"promoted\"} 1\n",
            "lagward_certs_next_action_timestamp_seconds 1800000000\n",
            "lagward_certs_trusted_authorities 2\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }
}
