//! Finds the row of a name in the table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::table::{NAMES, Name, Read};

/// Longer names are not looked up.
const LONGEST: usize = 120;

/// The row of a name that was written in a source of this kind.
pub(super) fn look_up(written: &str, asked: Read) -> Option<&'static Name> {
    // Every variable of every container is looked up, and most are none of ours.
    if written.len() > LONGEST || !ENDS.has(end(written)) {
        return None;
    }
    let mut plain = [0; LONGEST];
    let length = normal(written).zip(&mut plain).map(|(byte, to)| *to = byte).count();
    let plain = &plain[..length];
    let fits = |name: &&'static Name| {
        name.read == asked || (name.read == Read::Anywhere && matches!(asked, Read::Env | Read::Flag))
    };
    if let Ok(at) = EXACT.binary_search_by(|(name, _)| name.as_slice().cmp(plain)) {
        return EXACT[at].1.iter().copied().find(fits);
    }
    let matches = |start: &[u8], end: &[u8]| {
        plain.len() > start.len() + end.len() && plain.starts_with(start) && plain.ends_with(end)
    };
    PATTERNS.iter().find(|(start, end, name)| matches(start, end) && fits(name)).map(|(_, _, name)| *name)
}

/// Without case and separators.
fn normal(name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes().filter(|b| !matches!(b, b'.' | b'_' | b'-')).map(|b| b.to_ascii_lowercase())
}

/// The last two letters of names, each by its lowest five bits: a set that lets no row's name be missed.
struct Ends([u32; 32]);

impl Ends {
    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut ends = Self([0; 32]);
        for (row, column) in names.map(end) {
            ends.0[row] |= 1 << column;
        }
        ends
    }

    fn has(&self, (row, column): (usize, u32)) -> bool {
        self.0[row] >> column & 1 == 1
    }
}

fn end(name: &str) -> (usize, u32) {
    let mut letters = normal(name).rev().map(|letter| letter & 31);
    let (last, before) = (letters.next().unwrap_or_default(), letters.next().unwrap_or_default());
    (usize::from(last), u32::from(before))
}

static ENDS: LazyLock<Ends> = LazyLock::new(|| Ends::of(NAMES.iter().map(|name| name.name)));

/// The rows of each name without a `*`, sorted by it: comparing a few short names takes less than hashing one.
static EXACT: LazyLock<Vec<(Vec<u8>, Vec<&'static Name>)>> = LazyLock::new(|| {
    let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for name in NAMES.iter().filter(|name| !name.name.contains('*')) {
        rows.entry(normal(name.name).collect()).or_default().push(name);
    }
    rows.into_iter().collect()
});

/// A name with a `*`: what stands before and behind it.
type Pattern = (Vec<u8>, Vec<u8>, &'static Name);

/// The most exact ones first.
static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let split = |name: &'static Name| {
        let (start, end) = name.name.split_once('*')?;
        Some((normal(start).collect(), normal(end).collect(), name))
    };
    let mut patterns: Vec<Pattern> = NAMES.iter().filter_map(split).collect();
    patterns.sort_by_key(|(start, end, _)| std::cmp::Reverse(start.len() + end.len()));
    patterns
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::discover::table::Key;

    fn env(name: &str) -> Option<Key> {
        look_up(name, Read::Env).map(|name| name.key)
    }

    #[test]
    fn every_row_is_found_as_environment_variable_or_flag() {
        for row in NAMES {
            let written = row.name.replace('*', "orders");
            let (asked, written) = match row.read {
                Read::Anywhere | Read::Env => (Read::Env, written.replace('.', "_").to_uppercase()),
                Read::Flag => (Read::Flag, written.replace('.', "-")),
                read @ (Read::Client | Read::File) => (read, written),
            };
            let found = look_up(&written, asked).map(|name| name.name);
            assert_eq!(found, Some(row.name), "{written}");
        }
    }

    #[test]
    fn spring_names_bind_with_and_without_underscores() {
        assert_eq!(env("SPRING_KAFKA_CONSUMER_GROUPID"), Some(Key::Group));
        assert_eq!(env("SPRING_KAFKA_CONSUMER_GROUP_ID"), Some(Key::Group));
        assert_eq!(env("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE"), Some(Key::Drain));
    }

    #[test]
    fn names_of_public_deployments_are_known() {
        for (key, names) in [
            (
                Key::Session,
                "SPRING_KAFKA_CONSUMER_PROPERTIES_SESSION_TIMEOUT_MS SPRING_KAFKA_PROPERTIES_SESSION_TIMEOUT_MS \
                 SPRING_KAFKA_STREAMS_PROPERTIES_SESSION_TIMEOUT_MS \
                 SPRING_CLOUD_STREAM_KAFKA_BINDER_CONFIGURATION_SESSION_TIMEOUT_MS \
                 SPRING_CLOUD_STREAM_KAFKA_BINDER_CONSUMERPROPERTIES_SESSION_TIMEOUT_MS \
                 MP_MESSAGING_INCOMING_ORDERS_SESSION_TIMEOUT_MS \
                 MP_MESSAGING_CONNECTOR_SMALLRYE_KAFKA_SESSION_TIMEOUT_MS KAFKA_CONSUMERS_DEFAULT_SESSION_TIMEOUT_MS \
                 CONNECT_CONSUMER_SESSION_TIMEOUT_MS KSQL_KSQL_STREAMS_SESSION_TIMEOUT_MS \
                 KSQL_KSQL_STREAMS_CONSUMER_SESSION_TIMEOUT_MS BROKER_SESSION_TIMEOUT Kafka__SessionTimeoutMs \
                 Kafka__Consumer__SessionTimeoutMs KAFKA_SESSION_TIMEOUT_MS KAFKA_SESSION_TIMEOUT \
                 KAFKA_CONSUMER_SESSION_TIMEOUT_MS KAFKA_CONSUMER_SESSION_TIMEOUT KAFKA_CONSUMER_GROUP_SESSION_TIMEOUT",
            ),
            (
                Key::Group,
                "SPRING_KAFKA_CONSUMER_GROUPID SPRING_KAFKA_CONSUMER_GROUP_ID SPRING_KAFKA_STREAMS_APPLICATIONID \
                 SPRING_KAFKA_STREAMS_APPLICATION_ID SPRING_CLOUD_STREAM_BINDINGS_INPUT_GROUP \
                 MP_MESSAGING_INCOMING_ORDERS_GROUP_ID APP_APPLICATION_ID APP_GROUP_ID Kafka__GroupId Kafka__ConsumerGroupId \
                 Kafka__ConsumerGroup KAFKA_GROUP_ID KAFKA_CONSUMER_GROUP KAFKA_CONSUMER_GROUP_ID CONSUMER_GROUP \
                 CONSUMER_GROUP_ID GROUP_ID KAFKA_GROUP KAFKA_CG",
            ),
            (
                Key::Bootstrap,
                "SPRING_KAFKA_BOOTSTRAPSERVERS SPRING_KAFKA_BOOTSTRAP_SERVERS SPRING_KAFKA_CONSUMER_BOOTSTRAP_SERVERS \
                 SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS APP_BOOTSTRAP_SERVERS Kafka__BootstrapServers \
                 KAFKA_BOOTSTRAP_SERVERS KAFKA_BOOTSTRAP_SERVER KAFKA_BROKERS KAFKA_BROKER KAFKA_BROKER_LIST KAFKA_HOST \
                 KAFKA_HOSTS KAFKA_URL BOOTSTRAP_SERVERS KAFKA_BOOTSTRAP",
            ),
            (
                Key::Topic,
                "KAFKA_TOPIC KAFKA_TOPICS KAFKA_INPUT_TOPIC KAFKA_CONSUMER_TOPIC APP_INPUT_TOPICS Kafka__Topic Kafka__Topics \
                 MP_MESSAGING_INCOMING_ORDERS_TOPIC",
            ),
            (
                Key::Heartbeat,
                "SPRING_KAFKA_CONSUMER_HEARTBEATINTERVAL SPRING_KAFKA_CONSUMER_HEARTBEAT_INTERVAL \
                 KAFKA_HEARTBEAT_INTERVAL KAFKA_HEARTBEAT_INTERVAL_MS KAFKA_CONSUMER_HEARTBEAT_INTERVAL_MS",
            ),
            (
                Key::MaxPoll,
                "SPRING_KAFKA_CONSUMER_MAXPOLLINTERVAL KAFKA_MAX_POLL_INTERVAL_MS KAFKA_CONSUMER_MAX_POLL_INTERVAL_MS \
                 KAFKA_MAX_POLL_INTERVAL",
            ),
            (Key::Instance, "KAFKA_GROUP_INSTANCE_ID GROUP_INSTANCE_ID KAFKA_INSTANCE_ID"),
            (Key::Rebalance, "KAFKA_REBALANCE_TIMEOUT KAFKA_REBALANCE_TIMEOUT_MS"),
            (
                Key::Drain,
                "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE \
                 VECTOR_GRACEFUL_SHUTDOWN_LIMIT_SECS CONNECT_TASK_SHUTDOWN_GRACEFUL_TIMEOUT_MS QUARKUS_SHUTDOWN_TIMEOUT",
            ),
            (Key::Leaves, "SPRING_KAFKA_STREAMS_LEAVEGROUPONCLOSE SPRING_KAFKA_STREAMS_LEAVE_GROUP_ON_CLOSE"),
            (Key::Nothing, "SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT_MS"),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(env(name), Some(key), "{name}");
            }
        }
    }

    #[test]
    fn false_friends_are_never_taken() {
        for name in [
            "KAFKA_ZOOKEEPER_SESSION_TIMEOUT_MS",
            "KAFKA_CFG_ZOOKEEPER_SESSION_TIMEOUT_MS",
            "ZOO_MAX_SESSION_TIMEOUT",
            "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS",
            "KAFKA_GROUP_MAX_SESSION_TIMEOUT_MS",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS",
            "KAFKA_GROUP_CONSUMER_SESSION_TIMEOUT_MS",
            "KAFKA_BROKER_SESSION_TIMEOUT_MS",
            "SESSION_TIMEOUT",
            "SESSION_TIMEOUT_MS",
            "KAFKA_TRANSACTION_TIMEOUT_MS",
            "KAFKA_REQUEST_TIMEOUT_MS",
            "HTTP_SESSION_TTL",
            "CONNECT_GROUP_ID",
        ] {
            assert_eq!(env(name), None, "{name}");
        }
    }

    #[test]
    fn a_plain_client_property_is_no_environment_variable() {
        assert_eq!(env("session.timeout.ms"), None);
        assert_eq!(look_up("session.timeout.ms", Read::Client).map(|n| n.key), Some(Key::Session));
    }
}
