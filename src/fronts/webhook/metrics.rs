//! What the webhook counts, as OpenMetrics text.
//!
//! Labels are bounded: routes, kinds, codes and statuses, never the name of an object.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::log::verdict;
use super::record::{Record, Route};

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds. A review takes tens of microseconds, so that the first buckets are that fine.
const BUCKETS: [f64; 16] = [
    0.000_025, 0.000_05, 0.000_075, 0.000_1, 0.000_15, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05,
    0.1, 0.5, 1.0, 5.0,
];

/// Every metric of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reviews: Family<ReviewLabels, Counter>,
    findings: Family<FindingLabels, Counter>,
    patches: Family<PatchLabels, Counter>,
    validate: Histogram,
    mutate: Histogram,
    refused: Family<RefusedLabels, Counter>,
    not_after: Gauge,
    policy: Family<PolicyLabels, Gauge>,
    policy_loaded: Gauge,
    reloads: Family<ReloadLabels, Counter>,
    /// Reviews that panicked.
    pub(super) panics: Counter,
    /// TLS handshakes that failed or took too long.
    pub(super) handshake_failures: Counter,
    /// Open connections of the TLS port.
    pub(super) connections: Gauge,
    /// Bytes of bodies held; also the counter that bounds them.
    pub(super) body_bytes: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReviewLabels {
    route: &'static str,
    kind: &'static str,
    operation: &'static str,
    verdict: &'static str,
    dry_run: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FindingLabels {
    code: &'static str,
    level: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PatchLabels {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PolicyLabels {
    hash: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    file: &'static str,
    result: &'static str,
}

impl Metrics {
    /// Metrics at zero.
    pub fn new() -> Self {
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let of = |route| durations.get_or_create_owned(&RouteLabels { route: label(route) });
        let mut metrics = Self {
            registry: Registry::with_prefix("lagward"),
            validate: of(Route::Validate),
            mutate: of(Route::Mutate),
            reviews: Family::default(),
            findings: Family::default(),
            patches: Family::default(),
            refused: Family::default(),
            not_after: Gauge::default(),
            policy: Family::default(),
            policy_loaded: Gauge::default(),
            reloads: Family::default(),
            panics: Counter::default(),
            handshake_failures: Counter::default(),
            connections: Gauge::default(),
            body_bytes: Gauge::default(),
        };
        metrics.register_reviews(durations);
        metrics.register_server();
        metrics
    }

    /// Shows what `collector` knows as well.
    #[must_use]
    pub fn with(mut self, collector: Option<Box<dyn Collector>>) -> Self {
        if let Some(collector) = collector {
            self.registry.register_collector(collector);
        }
        self
    }

    /// Counts a review that took `elapsed` from its last byte to its answer.
    pub fn observe(&self, record: &Record, elapsed: Duration) {
        let labels = ReviewLabels {
            route: label(record.route),
            kind: record.kind,
            operation: record.operation,
            verdict: verdict(record.outcome),
            dry_run: record.dry_run,
        };
        self.reviews.get_or_create(&labels).inc();
        for (codes, level) in [(&record.denied, "deny"), (&record.warned, "warn")] {
            for code in codes {
                self.findings.get_or_create(&FindingLabels { code, level }).inc();
            }
        }
        for code in &record.patched {
            self.patches.get_or_create(&PatchLabels { code }).inc();
        }
        let histogram = match record.route {
            Route::Validate => &self.validate,
            Route::Mutate => &self.mutate,
        };
        histogram.observe(elapsed.as_secs_f64());
    }

    /// Counts a request that got no review.
    pub(super) fn refused(&self, status: StatusCode) {
        self.refused.get_or_create(&RefusedLabels { status: status.as_u16() }).inc();
    }

    /// Sets when the served certificate ends.
    pub(super) fn certificate(&self, not_after: SystemTime) {
        self.not_after.set(unix_seconds(not_after));
    }

    /// Sets which policy is in force, from now on.
    pub(super) fn policy(&self, hash: &str) {
        self.policy.clear();
        self.policy.get_or_create(&PolicyLabels { hash: hash.to_owned() }).set(1);
        self.policy_loaded.set(unix_seconds(SystemTime::now()));
    }

    /// Counts a new version of a file: `certificate`, `client-ca` or `policy`.
    pub(super) fn reloaded(&self, file: &'static str, is_good: bool) {
        let result = if is_good { "ok" } else { "error" };
        self.reloads.get_or_create(&ReloadLabels { file, result }).inc();
    }

    /// The OpenMetrics text, to be sent as [`CONTENT_TYPE`].
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(16 << 10);
        // Writing to a String cannot fail, and no metric here has an encoder of its own that could.
        let _ = text::encode(&mut out, &self.registry);
        out
    }

    fn register_reviews(&mut self, durations: Family<RouteLabels, Histogram>) {
        let registry = &mut self.registry;
        registry.register("reviews", "AdmissionReviews answered", self.reviews.clone());
        registry.register("findings", "Findings of reviews, by what they did", self.findings.clone());
        registry.register("patches", "Fixes sent as patches", self.patches.clone());
        let help = "Time from the last byte of a review to its answer";
        registry.register_with_unit("review_duration", help, Unit::Seconds, durations);
        registry.register("refused_requests", "Requests that got no review, by status", self.refused.clone());
        registry.register("review_panics", "Reviews that panicked", self.panics.clone());
    }

    fn register_server(&mut self) {
        let registry = &mut self.registry;
        registry.register("connections", "Open connections of the admission port", self.connections.clone());
        let help = "Bytes of request bodies held at the moment";
        registry.register_with_unit("in_flight_body", help, Unit::Bytes, self.body_bytes.clone());
        let help = "TLS handshakes that failed or took too long";
        registry.register("tls_handshake_failures", help, self.handshake_failures.clone());
        let help = "When the served certificate ends, in Unix time";
        registry.register_with_unit(
            "certificate_not_after_timestamp",
            help,
            Unit::Seconds,
            self.not_after.clone(),
        );
        registry.register("policy", "The policy in force, by its hash", self.policy.clone());
        let help = "When the policy in force was loaded, in Unix time";
        registry.register_with_unit(
            "policy_loaded_timestamp",
            help,
            Unit::Seconds,
            self.policy_loaded.clone(),
        );
        registry.register(
            "reloads",
            "New versions of files, by whether they could be used",
            self.reloads.clone(),
        );
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", build);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn unix_seconds(time: SystemTime) -> i64 {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

const fn label(route: Route) -> &'static str {
    match route {
        Route::Validate => "validate",
        Route::Mutate => "mutate",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fronts::webhook::record::Outcome;

    fn denied() -> Record {
        Record {
            route: Route::Validate,
            uid: "u".to_owned(),
            kind: "ScaledObject",
            namespace: "payments".to_owned(),
            name: "consumer".to_owned(),
            operation: "UPDATE",
            dry_run: true,
            policy: "hash".into(),
            outcome: Outcome::Denied,
            denied: vec!["LW301"],
            warned: vec!["LW201", "LW204"],
            patched: vec![],
        }
    }

    #[test]
    fn a_review_is_counted_by_what_it_was_and_never_by_name() {
        let metrics = Metrics::new();
        metrics.observe(&denied(), Duration::from_micros(40));
        let text = metrics.encode();
        let labels =
            r#"route="validate",kind="ScaledObject",operation="UPDATE",verdict="denied",dry_run="true""#;
        assert!(text.contains(&format!("lagward_reviews_total{{{labels}}} 1\n")), "{text}");
        assert!(text.contains(r#"lagward_findings_total{code="LW301",level="deny"} 1"#), "{text}");
        assert!(text.contains(r#"lagward_findings_total{code="LW204",level="warn"} 1"#), "{text}");
        assert!(
            text.contains(r#"lagward_review_duration_seconds_bucket{le="0.000025",route="validate"} 0"#),
            "{text}"
        );
        assert!(
            text.contains(r#"lagward_review_duration_seconds_bucket{le="0.00005",route="validate"} 1"#),
            "{text}"
        );
        assert!(!text.contains("consumer") && !text.contains("payments"), "{text}");
    }

    #[test]
    fn the_text_is_complete_and_names_its_units() {
        let metrics = Metrics::new();
        metrics.refused(StatusCode::PAYLOAD_TOO_LARGE);
        metrics.certificate(UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        let text = metrics.encode();
        assert!(text.contains("lagward_refused_requests_total{status=\"413\"} 1\n"), "{text}");
        assert!(text.contains("lagward_certificate_not_after_timestamp_seconds 1800000000\n"), "{text}");
        assert!(text.contains("# UNIT lagward_in_flight_body_bytes bytes\n"), "{text}");
        assert!(text.contains("lagward_build_info{version="), "{text}");
        assert!(text.ends_with("# EOF\n"), "{text}");
    }
}
