//! What is counted of reviews.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::fronts::webhook::log::verdict;
use crate::fronts::webhook::record::{Record, Route};
use crate::rules::RULES;

/// Upper bounds in seconds. A review takes tens of microseconds, so that the first buckets are that fine.
const BUCKETS: [f64; 16] = [
    0.000_025, 0.000_05, 0.000_075, 0.000_1, 0.000_15, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05,
    0.1, 0.5, 1.0, 5.0,
];

/// What reviews did, and how long they took.
#[derive(Debug)]
pub(in crate::fronts::webhook) struct Reviews {
    reviews: Family<ReviewLabels, Counter>,
    findings: Family<FindingLabels, Counter>,
    patches: Family<CodeLabels, Counter>,
    ratcheted: Family<CodeLabels, Counter>,
    would_deny: Family<CodeLabels, Counter>,
    exempted: Family<CodeLabels, Counter>,
    odd: Family<OddLabels, Counter>,
    failed_rules: Family<CodeLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    validate: Histogram,
    mutate: Histogram,
    /// Reviews that panicked.
    pub(in crate::fronts::webhook) panics: Counter,
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
    dry_run: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OddLabels {
    kind: &'static str,
    part: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

impl Default for Reviews {
    fn default() -> Self {
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let of = |route| durations.get_or_create_owned(&RouteLabels { route: label(route) });
        let findings = Family::<FindingLabels, Counter>::default();
        // `increase` does not see the step to a counter's first value: what alerts ask for starts at zero.
        for rule in RULES {
            let _ = findings.get_or_create(&FindingLabels { code: rule.code, level: "deny", dry_run: false });
        }
        Self {
            validate: of(Route::Validate),
            mutate: of(Route::Mutate),
            durations,
            findings,
            reviews: Family::default(),
            patches: Family::default(),
            ratcheted: Family::default(),
            would_deny: Family::default(),
            exempted: Family::default(),
            odd: Family::default(),
            failed_rules: Family::default(),
            panics: Counter::default(),
        }
    }
}

impl Reviews {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("reviews", "AdmissionReviews answered", self.reviews.clone());
        registry.register("findings", "Findings of reviews, by what they did", self.findings.clone());
        registry.register("patches", "Fixes sent as patches", self.patches.clone());
        let help =
            "Findings that only warned because the object was no better before, also among the findings";
        registry.register("ratcheted_findings", help, self.ratcheted.clone());
        let help = "Findings that would deny under `mode: enforce`, also among the findings";
        registry.register("would_deny_findings", help, self.would_deny.clone());
        let help = "Findings that an exemption silenced, not among the findings";
        registry.register("exempted_findings", help, self.exempted.clone());
        let help = "Objects that could not be read: a new one was let in unjudged, an old one had no say";
        registry.register("unreadable_objects", help, self.odd.clone());
        let help = "Time from the last byte of a review to its answer";
        registry.register_with_unit("review_duration", help, Unit::Seconds, self.durations.clone());
        registry.register("review_panics", "Reviews that panicked", self.panics.clone());
        let help = "Rules that panicked and were left out of a review";
        registry.register("rule_panics", help, self.failed_rules.clone());
    }

    /// Counts a review that took `elapsed` from its last byte to its answer.
    pub(in crate::fronts::webhook) fn observe(&self, record: &Record, elapsed: Duration) {
        let Record { kind, operation, dry_run, .. } = *record;
        let (route, verdict) = (label(record.route), verdict(record.outcome));
        self.reviews.get_or_create(&ReviewLabels { route, kind, operation, verdict, dry_run }).inc();
        for (codes, level) in [(&record.denied, "deny"), (&record.warned, "warn")] {
            for code in codes {
                self.findings.get_or_create(&FindingLabels { code, level, dry_run }).inc();
            }
        }
        for (codes, family) in [
            (&record.patched, &self.patches),
            (&record.ratcheted, &self.ratcheted),
            (&record.would_deny, &self.would_deny),
            (&record.exempted, &self.exempted),
            (&record.panicked, &self.failed_rules),
        ] {
            for code in codes {
                family.get_or_create(&CodeLabels { code }).inc();
            }
        }
        if let Some(part) = record.unreadable {
            self.odd.get_or_create(&OddLabels { kind, part: part.name() }).inc();
        }
        let histogram = match record.route {
            Route::Validate => &self.validate,
            Route::Mutate => &self.mutate,
        };
        histogram.observe(elapsed.as_secs_f64());
    }
}

const fn label(route: Route) -> &'static str {
    match route {
        Route::Validate => "validate",
        Route::Mutate => "mutate",
    }
}

#[cfg(test)]
mod tests {
    use crate::fronts::webhook::metrics::Metrics;
    use crate::fronts::webhook::record::{Outcome, Part};

    use super::*;

    fn denied() -> Record {
        Record {
            kind: "ScaledObject",
            namespace: "payments".to_owned(),
            name: "consumer".to_owned(),
            operation: "UPDATE",
            dry_run: true,
            outcome: Outcome::Denied,
            denied: vec!["LW301"],
            warned: vec!["LW201", "LW204"],
            ratcheted: vec!["LW204"],
            exempted: vec!["LW202"],
            panicked: vec!["LW101"],
            unreadable: Some(Part::OldObject),
            ..Record::new(Route::Validate, "uid", "hash")
        }
    }

    fn assert_holds(text: &str, line: &str) {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }

    #[test]
    fn a_review_is_counted_by_what_it_was_and_never_by_name() {
        let metrics = Metrics::new(None, None);
        metrics.reviews.observe(&denied(), Duration::from_micros(40));
        let text = metrics.encode();
        let labels =
            r#"route="validate",kind="ScaledObject",operation="UPDATE",verdict="denied",dry_run="true""#;
        assert_holds(&text, &format!("lagward_reviews_total{{{labels}}} 1"));
        for line in [
            r#"lagward_findings_total{code="LW301",level="deny",dry_run="true"} 1"#,
            r#"lagward_findings_total{code="LW204",level="warn",dry_run="true"} 1"#,
            r#"lagward_ratcheted_findings_total{code="LW204"} 1"#,
            r#"lagward_exempted_findings_total{code="LW202"} 1"#,
            r#"lagward_rule_panics_total{code="LW101"} 1"#,
            r#"lagward_unreadable_objects_total{kind="ScaledObject",part="oldObject"} 1"#,
            r#"lagward_review_duration_seconds_bucket{le="0.000025",route="validate"} 0"#,
            r#"lagward_review_duration_seconds_bucket{le="0.00005",route="validate"} 1"#,
        ] {
            assert_holds(&text, line);
        }
        assert!(!text.contains("consumer") && !text.contains("payments"), "{text}");
    }

    #[test]
    fn the_first_denial_by_a_rule_is_a_step_from_zero() {
        let text = Metrics::new(None, None).encode();
        for rule in RULES {
            let labels = format!(r#"code="{}",level="deny",dry_run="false""#, rule.code);
            assert_holds(&text, &format!("lagward_findings_total{{{labels}}} 0"));
        }
    }
}
