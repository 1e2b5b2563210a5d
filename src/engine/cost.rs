//! What a mistake costs, in numbers of the object at hand: how long partitions stand still, how many pods KEDA asks
//! for, how much of a peak that is. Rules take their numbers from here.

use std::fmt::{self, Display};
use std::time::Duration;

use super::consumer::{Consumer, Container};
use super::duration::human;
use super::keda::KedaVersion;
use super::keda::keys::{ALLOW_IDLE, EVEN, LIMIT};
use super::scaler::Trigger;
use super::setting::Setting;

/// How long the partitions of a pod stand still that goes without leaving its group: after SIGKILL, an OOM kill or
/// the loss of a node, and at every stop of a member that never leaves.
///
/// The broker gives a member up when its last heartbeat is one session timeout ago (KIP-62), so that it is at least
/// the session timeout less one heartbeat interval, and at most the session timeout; a rebalance follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standstill {
    /// The session timeout as the client reads it, or as it is declared.
    Session(Duration),
    /// A client's default, and whose.
    Default(Duration, &'static str),
    /// Under `group.protocol=consumer` the broker holds it: `group.consumer.session.timeout.ms`, 45 s unless it is
    /// configured, and between 45 s and 60 s by the broker's own bounds (GroupCoordinatorConfig, Apache Kafka 4.0).
    Broker,
    /// Nothing in the input says it.
    Unknown,
}

impl Standstill {
    /// That of a container: its client's own setting outranks what is declared.
    pub fn of(container: &Container, consumer: &Consumer) -> Self {
        if container.new_protocol() {
            return Self::Broker;
        }
        match (&container.session, &consumer.declared_session) {
            (Setting::Set { value, .. }, _) => Self::Session(*value),
            (read, Setting::Set { value, .. }) if read.is_undeclared() => Self::Session(*value),
            (Setting::Assumed { value, why }, _) => Self::Default(*value, why),
            _ => Self::Unknown,
        }
    }
}

/// The end of "its partitions stand still for ...".
impl Display for Standstill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(time) => write!(f, "up to {} (the session timeout)", human(*time)),
            Self::Default(time, whose) => {
                write!(f, "up to {}, the default of {whose} where no code sets another", human(*time))
            }
            Self::Broker => f.write_str("the broker's session timeout (45 s, or up to 60 s)"),
            Self::Unknown => f.write_str("the session timeout, which is not known here"),
        }
    }
}

/// How KEDA caps the lag of a trigger, and with it the replicas (`getTotalLag`, pkg/scalers/kafka_scaler.go and
/// apache_kafka_scaler.go, v2.12.1 to v2.20.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// Not at all: idle consumers are allowed.
    Off,
    /// At one replica more than partitions, since `totalLag / lagThreshold > partitions` is a division of integers and
    /// lets a rest through.
    Partitions,
    /// At the partitions: `ensureEvenDistributionOfPartitions` makes the lag a multiple of lagThreshold by one of
    /// their factors.
    Even,
}

impl Cap {
    /// That of a trigger. What spreads partitions caps though idle consumers are allowed.
    pub fn of(trigger: &Trigger, keda: KedaVersion) -> Self {
        let is_on = |key| trigger.is_on(key, keda);
        if is_on(EVEN) {
            Self::Even
        } else if is_on(ALLOW_IDLE) && !is_on(LIMIT) {
            Self::Off
        } else {
            Self::Partitions
        }
    }
}

/// What caps though idle consumers are allowed.
pub const SPREADING: [&str; 2] = [LIMIT, EVEN];

/// The most replicas that KEDA asks for: maxReplicaCount, or what the cap leaves of it.
pub fn ceiling(max: i64, partitions: Option<i64>, cap: Cap) -> i64 {
    match (partitions, cap) {
        (None, _) | (_, Cap::Off) => max,
        (Some(count), Cap::Partitions) => max.min(count.saturating_add(1)),
        (Some(count), Cap::Even) => max.min(count),
    }
}

/// `1 pod`, `2 pods`.
pub fn counted(count: i64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The replicas that the HPA aims at for this lag: `ceil(lag / lagThreshold)` after KEDA's cap, between one and the
/// ceiling (`GetExternalPerPodMetricReplicas`, pkg/controller/podautoscaler/replica_calculator.go, Kubernetes v1.34).
pub fn replicas(lag: i64, threshold: i64, max: i64, partitions: Option<i64>, allows_idle: bool) -> i64 {
    let threshold = threshold.max(1);
    let capped = match partitions {
        Some(count) if !allows_idle && lag / threshold > count => count.saturating_mul(threshold),
        _ => lag,
    };
    let wanted = u128::from(capped.max(0).unsigned_abs()).div_ceil(u128::from(threshold.unsigned_abs()));
    whole(wanted).min(max).max(1)
}

/// A lag that asks for this many replicas, each of which then has lagThreshold of it.
pub fn lag(replicas: i64, threshold: i64) -> i64 {
    threshold.max(1).saturating_mul(replicas.max(0))
}

/// How long the declared peak needs to write so many messages.
pub fn time_of_peak(messages: i64, per_second: i64) -> Duration {
    let millis =
        u128::from(messages.max(0).unsigned_abs()) * 1000 / u128::from(per_second.max(1).unsigned_abs());
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// How long one pod needs for so many messages.
pub fn time_to_process(messages: i64, each: Duration) -> Duration {
    let nanos = each.as_nanos().saturating_mul(u128::from(messages.max(0).unsigned_abs()));
    Duration::from_millis(u64::try_from(nanos / 1_000_000).unwrap_or(u64::MAX))
}

/// The messages that one pod may have before it and still be done in time.
pub fn messages_in(delay: Duration, each: Duration) -> i64 {
    whole(delay.as_nanos() / each.as_nanos().max(1)).max(1)
}

/// The messages that are lag at any time though they are processed: those since the last commit, at the peak.
pub fn uncommitted(per_second: i64, interval: Duration) -> i64 {
    let messages = u128::from(per_second.max(0).unsigned_abs()).saturating_mul(interval.as_millis());
    whole(messages.div_ceil(1000))
}

/// So many things, shared out: what the one with the most has.
pub fn share(all: i64, among: i64) -> i64 {
    whole(u128::from(all.max(0).unsigned_abs()).div_ceil(u128::from(among.max(1).unsigned_abs())))
}

fn whole(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_incident_in_numbers() {
        // 48 partitions, the default threshold of 10, and a peak of 12,000 messages a second.
        assert_eq!(ceiling(100, Some(48), Cap::Partitions), 49);
        assert_eq!(ceiling(142, Some(48), Cap::Off), 142);
        assert_eq!(lag(48, 10), 480);
        assert_eq!(time_of_peak(480, 12_000), Duration::from_millis(40));
        assert_eq!(uncommitted(24_000, Duration::from_secs(5)), 120_000);
        assert_eq!(share(120_000, 48), 2500);
        assert_eq!(time_to_process(800, Duration::from_millis(112)), Duration::from_millis(89_600));
        assert_eq!(messages_in(Duration::from_secs(60), Duration::from_millis(112)), 535);
    }

    proptest! {
        #[test]
        fn no_lag_asks_for_more_than_the_ceiling_and_some_lag_asks_for_all_of_it(
            lag in 0..i64::MAX, threshold in 1..10_000_i64, max in 1..1000_i64,
            partitions in proptest::option::of(1..1000_i64), allows_idle: bool,
        ) {
            let most = ceiling(max, partitions, if allows_idle { Cap::Off } else { Cap::Partitions });
            prop_assert!(replicas(lag, threshold, max, partitions, allows_idle) <= most);
            // One message more than the partitions bear is what slips through the integer division.
            let some = super::lag(most, threshold).min(super::lag(most - 1, threshold) + 1);
            prop_assert_eq!(replicas(some, threshold, max, partitions, allows_idle), most);
        }

        #[test]
        fn a_lag_asks_for_the_replicas_that_it_is_named_for(
            wanted in 1..500_i64, threshold in 1..10_000_i64, spare in 0..500_i64,
        ) {
            let partitions = Some(wanted + spare);
            prop_assert_eq!(replicas(lag(wanted, threshold), threshold, wanted + spare, partitions, false), wanted);
        }

        #[test]
        fn a_higher_threshold_never_asks_for_more_replicas(
            lag in 0..1_000_000_i64, threshold in 1..10_000_i64, more in 0..10_000_i64, max in 1..1000_i64,
        ) {
            prop_assert!(replicas(lag, threshold + more, max, None, true) <= replicas(lag, threshold, max, None, true));
        }

        #[test]
        fn what_fits_into_a_delay_is_processed_within_it(millis in 1..100_000_u64, each in 1..1000_u64) {
            let (delay, each) = (Duration::from_millis(millis.max(each)), Duration::from_millis(each));
            let messages = messages_in(delay, each);
            prop_assert!(time_to_process(messages, each) <= delay);
            prop_assert!(time_to_process(messages + 1, each) > delay);
        }

        #[test]
        fn nothing_overflows(a: i64, b: i64, c: i64, seconds: u64) {
            let time = Duration::from_secs(seconds);
            let _ = (ceiling(a, Some(b), Cap::Partitions), replicas(a, b, c, Some(a), false), lag(a, b), time_of_peak(a, b));
            let _ = (time_to_process(a, time), messages_in(time, time), uncommitted(a, time), share(a, b));
        }
    }
}
