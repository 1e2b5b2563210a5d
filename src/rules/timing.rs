//! How session timeout, grace period and shutdown of one workload belong together. Rules that offer fixes take
//! their values from here, so that the fixes of one workload fit each other.

use std::time::Duration;

use super::{lw101_session_timeout_below_grace as lw101, lw102_session_timeout_too_long as lw102};
use super::{lw105_session_timeout_out_of_broker_range as lw105, lw108_grace_period_too_short as lw108};
use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::Form;
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::policy::Alignment;
use crate::engine::rule::Cx;
use crate::engine::setting::{Basis, Setting, Written};

/// What the session timeout of a container needs to be for a grace period.
pub(super) struct Need {
    /// What the grace period asks for.
    pub(super) full: Duration,
    /// The same, but no more than what other rules and the broker accept.
    pub(super) bounded: Duration,
}

/// `None` where the session timeout does not depend on the grace period: under `alignment: protocol`, for dynamic
/// members whose heartbeats go on while they drain.
pub(super) fn need(container: &Container, grace: Duration, cx: &Cx<'_>) -> Option<Need> {
    let full = match cx.alignment() {
        Alignment::Ratio => cx.get(&lw101::RATIO).of(grace),
        Alignment::Protocol if container.is_static() || stops_heartbeats(container) => {
            grace.saturating_add(cx.get(&lw101::MARGIN))
        }
        Alignment::Protocol => return None,
    };
    let mut bounded = full.min(cx.get(&lw102::DENY_OVER)).min(cx.get(&lw105::MAX));
    if let Some(poll) = container.poll_interval.value() {
        bounded = bounded.min(*poll);
    }
    Some(Need { full, bounded })
}

/// Whether the client sends no heartbeats while the application drains.
pub(super) fn stops_heartbeats(container: &Container) -> bool {
    container.runtime.is_some_and(|runtime| !runtime.heartbeats_while_draining)
}

/// The session timeout that fits the grace period as it will be when everything is mended.
pub(super) fn planned_session(container: &Container, consumer: &Consumer, cx: &Cx<'_>) -> Duration {
    let grace = planned_grace(consumer, cx);
    let wanted = need(container, grace, cx).map_or(CLIENT_DEFAULT, |need| need.bounded);
    wanted.max(cx.get(&lw105::MIN))
}

/// The grace period as it is, or as LW108 mends it.
pub(super) fn planned_grace(consumer: &Consumer, cx: &Cx<'_>) -> Duration {
    let grace = consumer.grace_period.value().copied().unwrap_or_default();
    let wanted = consumer
        .consuming(true)
        .into_iter()
        .filter_map(|container| Shutdown::of(container, consumer).mended(grace, cx.get(&lw108::MARGIN)));
    wanted.fold(grace, Duration::max)
}

/// Gives the client this session timeout where it reads it, and the annotation that declares it the same.
pub(super) fn set_session(written: &Written, session: Duration, consumer: &Consumer) -> Fix {
    let session = if written.form == Some(Form::Seconds) { whole_seconds(session) } else { session };
    let mut edits = vec![Edit::Set { place: written.place.clone(), value: written.with_duration(session) }];
    if let Some((_, declared)) = consumer.declared_session.set() {
        edits.push(Edit::Set { place: declared.place.clone(), value: declared.with_exact_duration(session) });
    }
    Fix::new(Safety::Set, edits)
}

/// `session.timeout.ms` of current Java and librdkafka clients (KIP-735).
const CLIENT_DEFAULT: Duration = Duration::from_secs(45);

/// What has to happen within the grace period of a container.
pub(super) struct Shutdown {
    /// The preStop hook; zero when there is none or its length cannot be known.
    pub(super) pre_stop: Duration,
    /// Work in flight.
    pub(super) drain: Option<Drain>,
}

/// How long work in flight may take after SIGTERM.
pub(super) struct Drain {
    pub(super) time: Duration,
    pub(super) basis: Basis,
    /// Whose time it is, for messages.
    pub(super) source: &'static str,
}

impl Shutdown {
    /// What the framework is told outranks what the team declares, which outranks the framework's default.
    pub(super) fn of(container: &Container, consumer: &Consumer) -> Self {
        let drain = match (&container.drain, &consumer.declared_drain) {
            (Setting::Set { value, .. }, _) => {
                Some(Drain { time: *value, basis: Basis::Certain, source: "the configured shutdown" })
            }
            (_, Setting::Set { value, .. }) => {
                Some(Drain { time: *value, basis: Basis::Certain, source: "the declared drain" })
            }
            (Setting::Assumed { value, why }, _) => {
                Some(Drain { time: *value, basis: Basis::Assumed, source: why })
            }
            _ => None,
        };
        Self { pre_stop: container.pre_stop.value().copied().unwrap_or_default(), drain }
    }

    /// The whole seconds that the grace period needs, if it has too few for certain.
    pub(super) fn mended(&self, grace: Duration, margin: Duration) -> Option<Duration> {
        let drain = self.drain.as_ref().filter(|drain| drain.basis == Basis::Certain);
        let work = drain.map_or(Duration::ZERO, |drain| drain.time);
        let is_short = self.leaves_nothing(grace) || self.pre_stop.saturating_add(work) > grace;
        is_short.then(|| {
            // Without a known drain the application gets what Kubernetes would have given it.
            let rest = drain
                .map_or(crate::engine::consumer::DEFAULT_GRACE, |drain| drain.time.saturating_add(margin));
            whole_seconds(self.pre_stop.saturating_add(rest))
        })
    }

    /// The preStop hook takes it all: the kubelet gives the application 2 s (`minimumGracePeriodInSeconds`,
    /// pkg/kubelet/kuberuntime/kuberuntime_container.go).
    pub(super) fn leaves_nothing(&self, grace: Duration) -> bool {
        self.pre_stop > Duration::ZERO && self.pre_stop >= grace
    }
}

/// Rounded up to whole seconds.
fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0)))
}
