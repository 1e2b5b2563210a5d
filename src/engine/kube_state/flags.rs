//! The flags of kube-state-metrics, by version.
//!
//! Read from pkg/options/options.go of v2.0.0, v2.10.1, v2.13.0 and v2.15.0; the version that brought one, from
//! CHANGELOG.md. Those from 2.16 on are from docs/developer/cli-arguments.md of its main branch. The ones with an
//! underscore are klog's (`InitFlags`, k8s.io/klog/v2 v2.8.0 to v2.130.1).

use super::KubeStateVersion;

/// One flag.
#[derive(Debug)]
pub(super) struct Flag {
    pub(super) name: &'static str,
    /// It takes no value but with `=`.
    pub(super) is_bool: bool,
    /// The minor version that brought it.
    since: u16,
    /// The minor version that no longer has it.
    until: u16,
}

const fn value(name: &'static str, since: u16) -> Flag {
    Flag { name, is_bool: false, since, until: u16::MAX }
}

const fn switch(name: &'static str, since: u16) -> Flag {
    Flag { name, is_bool: true, since, until: u16::MAX }
}

const FLAGS: &[Flag] = &[
    switch("add_dir_header", 0),
    switch("alsologtostderr", 0),
    value("alsologtostderrthreshold", 16),
    value("apiserver", 0),
    switch("auth-filter", 16),
    switch("auto-gomemlimit", 13),
    value("auto-gomemlimit-ratio", 13),
    value("config", 7),
    switch("continue-without-config", 16),
    switch("continue-without-custom-resource-state-config-file", 16),
    value("custom-resource-state-config", 5),
    value("custom-resource-state-config-file", 5),
    switch("custom-resource-state-only", 7),
    switch("enable-gzip-encoding", 0),
    switch("help", 0),
    value("host", 0),
    value("kubeconfig", 0),
    switch("legacy_stderr_threshold_behavior", 16),
    value("log_backtrace_at", 0),
    value("log_dir", 0),
    value("log_file", 0),
    value("log_file_max_size", 0),
    switch("logtostderr", 0),
    value("metric-allowlist", 0),
    value("metric-annotations-allowlist", 2),
    value("metric-denylist", 0),
    value("metric-labels-allowlist", 0),
    value("metric-opt-in-list", 3),
    value("namespaces", 0),
    value("namespaces-denylist", 3),
    value("node", 7),
    value("object-limit", 16),
    switch("one_output", 0),
    value("pod", 0),
    value("pod-namespace", 0),
    value("port", 0),
    value("resources", 0),
    value("server-idle-timeout", 13),
    value("server-read-header-timeout", 13),
    value("server-read-timeout", 13),
    value("server-write-timeout", 13),
    value("shard", 0),
    switch("skip_headers", 0),
    switch("skip_log_headers", 0),
    value("stderrthreshold", 0),
    value("telemetry-host", 0),
    value("telemetry-port", 0),
    value("tls-config", 1),
    value("total-shards", 0),
    switch("track-unscheduled-pods", 14),
    switch("use-apiserver-cache", 2),
    value("v", 0),
    Flag { name: "version", is_bool: true, since: 0, until: 8 },
    value("vmodule", 0),
];

/// What does what an unknown flag was meant to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// This flag.
    Flag(&'static str),
    /// This flag, which this version does not have: from `2.minor` on.
    Newer(&'static str, u16),
    /// Something else, as the rest of a sentence.
    Other(&'static str),
    /// The flag is right, and lacks its value.
    Value,
    /// Nobody knows what was meant.
    Nothing,
}

/// Flags that kube-state-metrics 1 had, that only a pre-release had, or that only people have.
const OLD: &[(&str, &str)] = &[
    ("collectors", "resources"),
    ("namespace", "namespaces"),
    ("namespace-denylist", "namespaces-denylist"),
    ("metric-whitelist", "metric-allowlist"),
    ("metric-blacklist", "metric-denylist"),
    ("labels-allow-list", "metric-labels-allowlist"),
    ("labels-metric-allow-list", "metric-labels-allowlist"),
    ("pod-label", "metric-labels-allowlist"),
    ("pod-labels", "metric-labels-allowlist"),
];

const OTHER: &[(&str, &str)] = &[
    ("scrape-interval", "remove it: Prometheus sets how often it asks, in scrape_interval"),
    ("version", "remove it: `kube-state-metrics version` prints the version"),
];

/// The flag of this name.
pub(super) fn find(name: &str, version: Option<KubeStateVersion>) -> Option<&'static Flag> {
    let has = |flag: &&Flag| version.is_none_or(|version| (flag.since..flag.until).contains(&version.0));
    FLAGS.iter().find(|flag| flag.name == name).filter(has)
}

/// What was meant by the name of a flag that this version does not have.
pub(super) fn meant(name: &str, version: Option<KubeStateVersion>) -> Instead {
    let known = FLAGS.iter().find(|flag| flag.name == name);
    if let (Some(flag), Some(version)) = (known, version)
        && flag.since > version.0
    {
        return Instead::Newer(flag.name, flag.since);
    }
    if let Some((_, what)) = OTHER.iter().find(|(old, _)| *old == name) {
        return Instead::Other(what);
    }
    if let Some((_, new)) = OLD.iter().find(|(old, _)| *old == name) {
        return Instead::Flag(new);
    }
    let near = FLAGS.iter().filter(|flag| find(flag.name, version).is_some());
    let near = near.filter_map(|flag| Some((slips(name, flag.name)?, flag.name))).min();
    near.map_or(Instead::Nothing, |(_, name)| Instead::Flag(name))
}

/// How many slips of a flag make the name, if so few that nothing else can have been meant.
fn slips(name: &str, flag: &str) -> Option<usize> {
    let most = flag.len() / 4;
    if name.len().abs_diff(flag.len()) > most {
        return None;
    }
    Some(strsim::damerau_levenshtein(&name.to_ascii_lowercase(), flag)).filter(|slips| *slips <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_and_go_with_versions() {
        let has = |name, minor| find(name, Some(KubeStateVersion(minor))).is_some();
        assert!(has("metric-labels-allowlist", 0) && has("metric-labels-allowlist", 30));
        assert!(!has("server-read-timeout", 12) && has("server-read-timeout", 13));
        assert!(has("version", 7) && !has("version", 8));
        assert!(find("version", None).is_some() && find("pod-label", None).is_none());
    }

    #[test]
    fn what_was_meant_is_offered() {
        let of = |name| meant(name, Some(KubeStateVersion(12)));
        assert_eq!(of("collectors"), Instead::Flag("resources"));
        assert_eq!(of("metric-label-allowlist"), Instead::Flag("metric-labels-allowlist"));
        assert_eq!(of("metric-labels-allow-list"), Instead::Flag("metric-labels-allowlist"));
        assert_eq!(of("auto-gomemlimit"), Instead::Newer("auto-gomemlimit", 13));
        assert_eq!(of("leader-elect"), Instead::Nothing);
        assert!(matches!(of("scrape-interval"), Instead::Other(_)));
    }
}
