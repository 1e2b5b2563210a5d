//! What is counted of the files that are read again while the webhook runs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::unix_seconds;

/// What is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fronts::webhook) enum File {
    /// The served certificate and its key.
    Certificate,
    /// The CAs of clients.
    ClientCa,
    /// The policy.
    Policy,
}

/// Certificate, client CA and policy.
#[derive(Debug, Default)]
pub(in crate::fronts::webhook) struct Files {
    not_before: Gauge,
    not_after: Gauge,
    policy: Family<PolicyLabels, Gauge>,
    policy_loaded: Gauge,
    reloads: Family<ReloadLabels, Counter>,
    current: Family<FileLabels, Gauge>,
    failed: Family<FileLabels, Gauge>,
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

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FileLabels {
    file: &'static str,
}

impl Files {
    pub(super) fn register(&self, registry: &mut Registry) {
        let mut timestamp = |name: &str, help: &str, gauge: &Gauge| {
            registry.register_with_unit(name, help, Unit::Seconds, gauge.clone());
        };
        let help = "When the served certificate begins, in Unix time";
        timestamp("certificate_not_before_timestamp", help, &self.not_before);
        let help = "When the served certificate ends, in Unix time";
        timestamp("certificate_not_after_timestamp", help, &self.not_after);
        let help = "When the policy in force was loaded, in Unix time";
        timestamp("policy_loaded_timestamp", help, &self.policy_loaded);
        registry.register("policy", "The policy in force, by its hash", self.policy.clone());
        let help = "New versions of files, by whether they could be used";
        registry.register("reloads", help, self.reloads.clone());
        let help = "Whether the newest version of a file is in use (1) or the last good one stays (0)";
        registry.register("last_reload_successful", help, self.current.clone());
        let help = "When a new version of a file last could not be used, in Unix time";
        registry.register_with_unit("last_reload_error_timestamp", help, Unit::Seconds, self.failed.clone());
    }

    /// Sets from when to when the served certificate is valid.
    pub(in crate::fronts::webhook) fn certificate(&self, not_before: SystemTime, not_after: SystemTime) {
        self.not_before.set(unix_seconds(not_before));
        self.not_after.set(unix_seconds(not_after));
    }

    /// Sets which policy is in force, from now on.
    pub(in crate::fronts::webhook) fn policy(&self, hash: &str) {
        self.policy.clear();
        self.policy.get_or_create(&PolicyLabels { hash: hash.to_owned() }).set(1);
        self.policy_loaded.set(unix_seconds(SystemTime::now()));
    }

    /// A file was read at the start and is watched from now on.
    pub(in crate::fronts::webhook) fn watched(&self, file: File) {
        self.current.get_or_create(&file.labels()).set(1);
    }

    /// Counts a new version of a file.
    pub(in crate::fronts::webhook) fn reloaded(&self, file: File, is_good: bool) {
        let result = if is_good { "ok" } else { "error" };
        self.reloads.get_or_create(&ReloadLabels { file: file.name(), result }).inc();
        self.current.get_or_create(&file.labels()).set(i64::from(is_good));
        if !is_good {
            self.failed.get_or_create(&file.labels()).set(unix_seconds(SystemTime::now()));
        }
    }

    /// Whether the newest version of a file is in use; that of a file that is not watched counts as such.
    pub(in crate::fronts::webhook) fn is_current(&self, file: File) -> bool {
        self.current.get(&file.labels()).is_none_or(|gauge| gauge.get() == 1)
    }

    /// When the served certificate ends.
    pub(in crate::fronts::webhook) fn not_after(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(u64::try_from(self.not_after.get()).unwrap_or(0))
    }
}

impl File {
    /// As logs, labels and checks name it.
    pub(in crate::fronts::webhook) const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::ClientCa => "client-ca",
            Self::Policy => "policy",
        }
    }

    const fn labels(self) -> FileLabels {
        FileLabels { file: self.name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fronts::webhook::metrics::Metrics;

    #[test]
    fn a_file_is_broken_until_a_version_of_it_can_be_used() {
        let metrics = Metrics::new(None, None);
        metrics.files.watched(File::Policy);
        let says = |line: &str| metrics.encode().contains(line);
        assert!(says("lagward_last_reload_successful{file=\"policy\"} 1\n"));
        assert!(!says("lagward_last_reload_error_timestamp_seconds{"));
        metrics.files.reloaded(File::Policy, false);
        assert!(says("lagward_last_reload_successful{file=\"policy\"} 0\n"));
        assert!(says("lagward_reloads_total{file=\"policy\",result=\"error\"} 1\n"));
        assert!(!metrics.files.is_current(File::Policy) && metrics.files.is_current(File::Certificate));
        metrics.files.reloaded(File::Policy, true);
        assert!(metrics.files.is_current(File::Policy));
        assert!(
            says("lagward_last_reload_error_timestamp_seconds{file=\"policy\"} 1"),
            "of when there was one"
        );
    }

    #[test]
    fn the_certificates_term_is_in_seconds() {
        let metrics = Metrics::new(None, None);
        let end = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        metrics.files.certificate(end - Duration::from_secs(60), end);
        let text = metrics.encode();
        assert!(text.contains("lagward_certificate_not_after_timestamp_seconds 1800000000\n"), "{text}");
        assert!(text.contains("lagward_certificate_not_before_timestamp_seconds 1799999940\n"), "{text}");
        assert_eq!(metrics.files.not_after(), end);
    }
}
