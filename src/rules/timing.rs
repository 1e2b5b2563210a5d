//! How session timeout, grace period and shutdown of one workload belong together. Rules that offer fixes take
//! their values from here, so that the fixes of one workload fit each other.

use std::time::Duration;

use super::{lw101_session_timeout_below_grace as lw101, lw102_session_timeout_too_long as lw102};
use super::{lw105_session_timeout_out_of_broker_range as lw105, lw108_grace_period_too_short as lw108};
use crate::engine::consumer::{Consumer, Container, DEFAULT_GRACE, FOREVER, Instance};
use crate::engine::duration::Form;
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::object::Kind;
use crate::engine::policy::Alignment;
use crate::engine::rule::Cx;
use crate::engine::setting::{Basis, Setting, Written};

/// What the session timeout of a container needs to be for a grace period.
pub(super) struct Need {
    /// What the grace period asks for.
    pub(super) full: Duration,
    /// The same, but no more than `limit`.
    pub(super) bounded: Duration,
    /// The least that another rule, the broker and max.poll.interval accept at most, and whose it is: `the broker accepts`.
    pub(super) limit: (Duration, &'static str),
    /// The same when everything is mended: a max.poll.interval that LW107 raises bounds nothing.
    planned: Duration,
}

/// `None` where the session timeout does not depend on the grace period: under `alignment: protocol`, for dynamic
/// members whose heartbeats go on while they drain.
pub(super) fn need(container: &Container, consumer: &Consumer, grace: Duration, cx: &Cx<'_>) -> Option<Need> {
    let full = match cx.alignment() {
        Alignment::Ratio => cx.get(&lw101::RATIO).of(grace),
        Alignment::Protocol if comes_back(container, consumer) || stops_heartbeats(container) => {
            grace.saturating_add(cx.get(&lw101::MARGIN))
        }
        Alignment::Protocol => return None,
    };
    let accepted =
        (cx.get(&lw102::DENY_OVER), "LW102 accepts").min((cx.get(&lw105::MAX), "the broker accepts"));
    let poll = container.poll_interval.value().map(|poll| (*poll, "max.poll.interval.ms allows"));
    let limit = poll.map_or(accepted, |poll| poll.min(accepted));
    let bounded = full.min(limit.0);
    let planned = if is_poll_raised(container) { full.min(accepted.0) } else { bounded };
    Some(Need { full, bounded, limit, planned })
}

/// A static member whose id a new pod takes up again. The pod's name in a Deployment never is (LW110).
fn comes_back(container: &Container, consumer: &Consumer) -> bool {
    let is_new_each_time =
        matches!(container.instance, Instance::PodName(_)) && consumer.meta.object.kind == Kind::Deployment;
    container.is_static() && !is_new_each_time
}

fn is_poll_raised(container: &Container) -> bool {
    let written = container.poll_interval.set().zip(container.session.set());
    written.is_some_and(|((poll, at), (session, _))| poll < session && !at.place.is_reference())
}

/// Whether the client sends no heartbeats while the application drains.
pub(super) fn stops_heartbeats(container: &Container) -> bool {
    container.runtime.is_some_and(|runtime| !runtime.heartbeats_while_draining)
}

/// The session timeout that fits the grace period as it will be when everything is mended; `None` where that cannot be
/// read.
pub(super) fn planned_session(container: &Container, consumer: &Consumer, cx: &Cx<'_>) -> Option<Duration> {
    let grace = planned_grace(consumer, cx)?;
    let wanted = need(container, consumer, grace, cx).map_or(CLIENT_DEFAULT, |need| need.planned);
    Some(wanted.max(cx.get(&lw105::MIN)))
}

/// The grace period as it is, or as LW108 mends it; `None` where it cannot be read.
pub(super) fn planned_grace(consumer: &Consumer, cx: &Cx<'_>) -> Option<Duration> {
    let grace = consumer.grace_period.value().copied()?;
    let wanted = consumer
        .consuming(true)
        .into_iter()
        .filter_map(|container| Shutdown::of(container, consumer).mended(grace, cx.get(&lw108::MARGIN)));
    Some(wanted.fold(grace, Duration::max))
}

/// The session timeout that goes up with a grace period that LW108 raises, where it fitted the old one.
pub(super) fn raised_session(container: &Container, consumer: &Consumer, cx: &Cx<'_>) -> Option<Duration> {
    let grace = consumer.grace_period.value().copied()?;
    let (session, _) = container.session.set().filter(|(_, written)| !written.place.is_reference())?;
    let need = need(container, consumer, grace, cx).filter(|_| planned_grace(consumer, cx) > Some(grace))?;
    let planned = planned_session(container, consumer, cx)?;
    (*session >= need.bounded && *session < planned).then_some(planned)
}

/// The session timeout that the client has or, where nothing in it is known, is declared to have.
pub(super) fn session<'a>(container: &'a Container, consumer: &'a Consumer) -> &'a Setting<Duration> {
    match (&container.session, &consumer.declared_session) {
        (read, declared) if read.is_undeclared() && declared.set().is_some() => declared,
        (read, _) => read,
    }
}

/// Gives the client this session timeout where it reads it, the annotation that declares it the same, and a shorter
/// one heartbeats that fit it. `None` where the value stands in another object.
pub(super) fn set_session(
    written: &Written,
    session: Duration,
    container: &Container,
    consumer: &Consumer,
) -> Option<Fix> {
    if written.place.is_reference() {
        return None;
    }
    let session = if written.form == Some(Form::Seconds) { whole_seconds(session) } else { session };
    let mut edits = vec![Edit::Set { place: written.place.clone(), value: written.with_duration(session) }];
    if let Some((_, declared)) = consumer.declared_session.set() {
        edits.push(Edit::Set { place: declared.place.clone(), value: declared.with_exact_duration(session) });
    }
    let is_shorter = container.session.value().is_some_and(|before| session < *before);
    if let Some((heartbeat, at)) = container.heartbeat.set().filter(|_| is_shorter)
        && *heartbeat > third(session)
        && !at.place.is_reference()
    {
        edits.push(Edit::Set { place: at.place.clone(), value: at.with_duration(third(session)) });
    }
    Some(Fix::new(Safety::Set, edits))
}

/// The longest heartbeat interval that Kafka recommends for a session timeout, in its whole milliseconds.
pub(super) fn third(session: Duration) -> Duration {
    let millis = u64::try_from(session.as_millis() / 3).unwrap_or(u64::MAX);
    Duration::from_millis(millis.max(1))
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

    /// The whole seconds that the grace period needs, if it has too few for certain. Nothing is enough for a hook that
    /// never ends.
    pub(super) fn mended(&self, grace: Duration, margin: Duration) -> Option<Duration> {
        if self.pre_stop == FOREVER {
            return None;
        }
        let drain = self.drain.as_ref().filter(|drain| drain.basis == Basis::Certain);
        let work = drain.map_or(Duration::ZERO, |drain| drain.time);
        let is_short = self.leaves_nothing(grace) || self.pre_stop.saturating_add(work) > grace;
        is_short.then(|| {
            // Without a known drain the application gets what Kubernetes would have given it.
            let rest = drain.map_or(DEFAULT_GRACE, |drain| drain.time.saturating_add(margin));
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
