//! What the webhook counts, as OpenMetrics text.
//!
//! Labels are bounded: routes, kinds, codes and statuses, never the name of an object.

mod files;
mod reviews;
mod server;

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub(super) use files::File;
use files::Files;
use reviews::Reviews;
use server::Server;
pub(super) use server::Shed;

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Every metric of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pub(super) reviews: Reviews,
    pub(super) server: Server,
    pub(super) files: Files,
}

impl Metrics {
    /// Metrics at zero, and what `collector` knows. Each has the label `cluster` if there is one, for a Prometheus that
    /// scrapes many clusters.
    pub fn new(cluster: Option<&str>, collector: Option<Box<dyn Collector>>) -> Self {
        let cluster = cluster.map(|name| (Cow::Borrowed("cluster"), Cow::Owned(name.to_owned())));
        let mut registry = Registry::with_prefix_and_labels("lagward", cluster.into_iter());
        let (reviews, server, files) = (Reviews::default(), Server::default(), Files::default());
        reviews.register(&mut registry);
        server.register(&mut registry);
        files.register(&mut registry);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", build);
        if let Some(collector) = collector {
            registry.register_collector(collector);
        }
        Self { registry, reviews, server, files }
    }

    /// The OpenMetrics text, to be sent as [`CONTENT_TYPE`].
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(16 << 10);
        // Writing to a String cannot fail, and no metric here has an encoder of its own that could.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

/// Counts one thing for as long as it is there.
pub(super) struct Counted<'a>(&'a Gauge);

impl<'a> Counted<'a> {
    pub(super) fn new(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn unix_seconds(time: SystemTime) -> i64 {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    use http::StatusCode;

    use super::*;
    use crate::fronts::webhook::record::{Part, Record, Route};

    /// Every metric with a sample: one without is not shown.
    fn all(cluster: Option<&str>) -> String {
        let metrics = Metrics::new(cluster, None);
        let codes = vec!["LW301"];
        let record = Record {
            denied: codes.clone(),
            ratcheted: codes.clone(),
            exempted: codes.clone(),
            patched: codes.clone(),
            panicked: codes,
            unreadable: Some(Part::Object),
            ..Record::new(Route::Validate, "uid", "hash")
        };
        metrics.reviews.observe(&record, Duration::ZERO);
        metrics.server.refused(StatusCode::PAYLOAD_TOO_LARGE);
        metrics.files.policy("hash");
        metrics.files.reloaded(File::Policy, false);
        metrics.encode()
    }

    #[test]
    fn every_metric_says_what_it_is_and_in_which_unit() {
        let text = all(None);
        let described = |what: &str, name: &str| {
            let start = format!("{what} {name} ");
            text.lines().any(|line| line.starts_with(&start))
        };
        let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        for name in names {
            assert!(described("# HELP", name), "{name} has no HELP");
            let has_unit = name.ends_with("_seconds") || name.ends_with("_bytes");
            assert_eq!(described("# UNIT", name), has_unit, "{name}");
        }
        assert!(text.ends_with("# EOF\n"), "{text}");
    }

    /// Alerts and dashboard are held against that list by tests/it/monitoring.
    #[test]
    fn what_is_shown_is_what_the_list_of_metrics_says() {
        #[derive(serde::Deserialize)]
        struct Source {
            source: String,
            metrics: BTreeMap<String, BTreeSet<String>>,
        }
        let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for sample in all(None).lines().filter(|line| !line.starts_with('#')) {
            let (series, _) = sample.rsplit_once(' ').expect("a value");
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let labels = labels.trim_end_matches('}').split(',').filter_map(|label| label.split_once('='));
            shown.entry(name.to_owned()).or_default().extend(labels.map(|(name, _)| name.to_owned()));
        }
        let list = include_str!("../../../../tests/data/metrics.yaml");
        let list: Vec<Source> = serde_saphyr::from_str(list).expect("a list");
        let own = list.into_iter().find(|source| source.source == "src/fronts/webhook/metrics");
        assert_eq!(shown, own.expect("this source").metrics);
    }

    #[test]
    fn a_cluster_is_named_on_every_sample() {
        let text = all(Some("eu-1 \"blue\""));
        for sample in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(sample.contains(r#"cluster="eu-1 \"blue\"""#), "{sample}");
        }
        assert!(!all(None).contains("cluster="));
    }
}
