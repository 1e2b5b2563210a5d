//! The names by which Kafka clients are configured: one table of data, a row a name.
//!
//! A row is written with dots. Names are compared without case and without `.`, `_` and `-`, so that a row
//! covers the environment variable, the property and the flag at once: that is how Spring, SmallRye and most
//! home-made readers bind them. A `*` stands for anything (a channel, a consumer's name).
//!
//! What is not here is not taken: ZooKeeper's and the broker's session timeouts, request timeouts and
//! `SESSION_TIMEOUT` alone never are (a test names them).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::engine::duration::Unit;

/// What a name configures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Session,
    Heartbeat,
    MaxPoll,
    Group,
    Instance,
    Protocol,
    OffsetReset,
    Bootstrap,
    Topic,
    /// How long work in flight may take after SIGTERM.
    Drain,
    /// Only a Kafka broker has it.
    Broker,
}

/// One name.
#[derive(Debug)]
pub(super) struct Name {
    /// The name, with dots.
    pub(super) name: &'static str,
    /// What it configures.
    pub(super) key: Key,
    /// What a bare number means.
    pub(super) unit: Unit,
    /// Where it is read.
    pub(super) read: Read,
    /// Among names of one source the lower rank wins: Spring reads `consumer.properties` before `properties`.
    pub(super) rank: u8,
    /// Too common a name: it counts only beside a broker address, and as a group only if it is no number.
    pub(super) weak: bool,
}

/// Where a name is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Environment, `-D`, `--name=value` and SPRING_APPLICATION_JSON.
    Anywhere,
    /// The environment only.
    Env,
    /// A flag only.
    Flag,
    /// A client property only: `-X name=value` (kcat), `--consumer-property name=value`.
    Client,
}

const fn row(name: &'static str, key: Key, unit: Unit, rank: u8) -> Name {
    Name { name, key, unit, read: Read::Anywhere, rank, weak: false }
}

const fn only(read: Read, name: &'static str, key: Key, unit: Unit) -> Name {
    Name { name, key, unit, read, rank: 0, weak: false }
}

const fn weak(read: Read, name: &'static str, key: Key, unit: Unit) -> Name {
    Name { name, key, unit, read, rank: 9, weak: true }
}

use Key::{
    Bootstrap, Broker, Drain, Group, Heartbeat, Instance, MaxPoll, OffsetReset, Protocol, Session, Topic,
};
use Unit::{ByValue, Framework, Millis, Seconds};

/// Texts have no unit; the column is not read for them.
const TEXT: Unit = ByValue;

#[rustfmt::skip]
static NAMES: &[Name] = &[
    // Spring Boot. No `spring.kafka.consumer.session-timeout` exists (KafkaProperties.java).
    row("spring.kafka.consumer.properties.session.timeout.ms", Session, Millis, 0),
    row("spring.kafka.properties.session.timeout.ms", Session, Millis, 1),
    row("spring.kafka.streams.properties.session.timeout.ms", Session, Millis, 0),
    row("spring.kafka.streams.properties.consumer.session.timeout.ms", Session, Millis, 0),
    row("spring.kafka.streams.properties.main.consumer.session.timeout.ms", Session, Millis, 0),
    row("spring.cloud.stream.kafka.binder.configuration.session.timeout.ms", Session, Millis, 2),
    row("spring.cloud.stream.kafka.binder.consumer.properties.session.timeout.ms", Session, Millis, 1),
    row("spring.cloud.stream.kafka.bindings.*.consumer.configuration.session.timeout.ms", Session, Millis, 0),
    row("spring.kafka.consumer.heartbeat.interval", Heartbeat, Framework, 0),
    row("spring.kafka.consumer.properties.heartbeat.interval.ms", Heartbeat, Millis, 0),
    row("spring.kafka.properties.heartbeat.interval.ms", Heartbeat, Millis, 1),
    row("spring.kafka.consumer.max.poll.interval", MaxPoll, Framework, 0),
    row("spring.kafka.consumer.properties.max.poll.interval.ms", MaxPoll, Millis, 0),
    row("spring.kafka.properties.max.poll.interval.ms", MaxPoll, Millis, 1),
    row("spring.kafka.consumer.group.id", Group, TEXT, 0),
    row("spring.kafka.streams.application.id", Group, TEXT, 1),
    row("spring.cloud.stream.bindings.*.group", Group, TEXT, 2),
    row("spring.kafka.consumer.properties.group.instance.id", Instance, TEXT, 0),
    row("spring.kafka.properties.group.instance.id", Instance, TEXT, 1),
    row("spring.kafka.consumer.properties.group.protocol", Protocol, TEXT, 0),
    row("spring.kafka.properties.group.protocol", Protocol, TEXT, 1),
    row("spring.kafka.consumer.auto.offset.reset", OffsetReset, TEXT, 0),
    row("spring.kafka.bootstrap.servers", Bootstrap, TEXT, 0),
    row("spring.kafka.consumer.bootstrap.servers", Bootstrap, TEXT, 0),
    row("spring.cloud.stream.kafka.binder.brokers", Bootstrap, TEXT, 0),
    row("spring.lifecycle.timeout.per.shutdown.phase", Drain, Framework, 0),
    // Quarkus, SmallRye, Helidon.
    row("mp.messaging.incoming.*.session.timeout.ms", Session, Millis, 0),
    row("mp.messaging.connector.smallrye.kafka.session.timeout.ms", Session, Millis, 1),
    row("mp.messaging.incoming.*.heartbeat.interval.ms", Heartbeat, Millis, 0),
    row("mp.messaging.incoming.*.max.poll.interval.ms", MaxPoll, Millis, 0),
    row("mp.messaging.incoming.*.group.id", Group, TEXT, 0),
    row("mp.messaging.incoming.*.group.instance.id", Instance, TEXT, 0),
    row("mp.messaging.incoming.*.group.protocol", Protocol, TEXT, 0),
    row("mp.messaging.incoming.*.bootstrap.servers", Bootstrap, TEXT, 0),
    row("mp.messaging.incoming.*.topic", Topic, TEXT, 0),
    row("quarkus.shutdown.timeout", Drain, Framework, 0),
    // Micronaut.
    row("kafka.consumers.*.session.timeout.ms", Session, Millis, 0),
    row("kafka.consumers.*.heartbeat.interval.ms", Heartbeat, Millis, 0),
    row("kafka.consumers.*.max.poll.interval.ms", MaxPoll, Millis, 0),
    row("kafka.consumers.*.group.id", Group, TEXT, 0),
    // Kafka Connect: consumers of sink connectors. The worker's own group is no consumer group.
    only(Read::Env, "connect.consumer.session.timeout.ms", Session, Millis),
    only(Read::Env, "connect.consumer.heartbeat.interval.ms", Heartbeat, Millis),
    only(Read::Env, "connect.consumer.max.poll.interval.ms", MaxPoll, Millis),
    only(Read::Env, "connect.task.shutdown.graceful.timeout.ms", Drain, Millis),
    // ksqlDB.
    row("ksql.ksql.streams.session.timeout.ms", Session, Millis, 1),
    row("ksql.ksql.streams.consumer.session.timeout.ms", Session, Millis, 0),
    // Faust counts seconds.
    only(Read::Env, "broker.session.timeout", Session, Seconds),
    // Vector.
    only(Read::Env, "vector.graceful.shutdown.limit.secs", Drain, Seconds),
    only(Read::Flag, "graceful.shutdown.limit.secs", Drain, Seconds),
    // .NET options binding.
    only(Read::Env, "kafka.consumer.config.session.timeout.ms", Session, Millis),
    // Home-made names, by how often they are seen; SmallRye's global keys and bakdata's chart among them.
    row("kafka.session.timeout.ms", Session, Millis, 5),
    row("kafka.consumer.session.timeout.ms", Session, Millis, 5),
    row("kafka.session.timeout", Session, ByValue, 6),
    row("kafka.consumer.session.timeout", Session, ByValue, 6),
    row("kafka.consumer.group.session.timeout", Session, ByValue, 6),
    row("kafka.consumer.group.session.timeout.ms", Session, Millis, 5),
    row("kafka.heartbeat.interval.ms", Heartbeat, Millis, 5),
    row("kafka.consumer.heartbeat.interval.ms", Heartbeat, Millis, 5),
    row("kafka.heartbeat.interval", Heartbeat, ByValue, 6),
    row("kafka.consumer.heartbeat.interval", Heartbeat, ByValue, 6),
    row("kafka.max.poll.interval.ms", MaxPoll, Millis, 5),
    row("kafka.consumer.max.poll.interval.ms", MaxPoll, Millis, 5),
    row("kafka.max.poll.interval", MaxPoll, ByValue, 6),
    row("kafka.consumer.max.poll.interval", MaxPoll, ByValue, 6),
    row("kafka.group.id", Group, TEXT, 5),
    row("kafka.consumer.group.id", Group, TEXT, 5),
    row("kafka.consumer.group", Group, TEXT, 5),
    row("kafka.group", Group, TEXT, 6),
    row("kafka.cg", Group, TEXT, 6),
    row("kafka.group.instance.id", Instance, TEXT, 5),
    row("kafka.consumer.group.instance.id", Instance, TEXT, 5),
    row("kafka.instance.id", Instance, TEXT, 6),
    row("kafka.group.protocol", Protocol, TEXT, 5),
    row("kafka.auto.offset.reset", OffsetReset, TEXT, 5),
    row("kafka.consumer.auto.offset.reset", OffsetReset, TEXT, 5),
    row("kafka.bootstrap.servers", Bootstrap, TEXT, 5),
    row("kafka.bootstrap.server", Bootstrap, TEXT, 5),
    row("kafka.bootstrap", Bootstrap, TEXT, 5),
    row("kafka.brokers", Bootstrap, TEXT, 5),
    row("kafka.broker", Bootstrap, TEXT, 5),
    row("kafka.broker.list", Bootstrap, TEXT, 5),
    row("kafka.host", Bootstrap, TEXT, 5),
    row("kafka.hosts", Bootstrap, TEXT, 5),
    row("kafka.url", Bootstrap, TEXT, 5),
    row("kafka.topic", Topic, TEXT, 5),
    row("kafka.topics", Topic, TEXT, 5),
    row("kafka.input.topic", Topic, TEXT, 5),
    row("kafka.consumer.topic", Topic, TEXT, 5),
    only(Read::Env, "bootstrap.servers", Bootstrap, TEXT),
    only(Read::Flag, "bootstrap.server", Bootstrap, TEXT),
    only(Read::Flag, "bootstrap.servers", Bootstrap, TEXT),
    only(Read::Flag, "brokers", Bootstrap, TEXT),
    only(Read::Flag, "consumer.group", Group, TEXT),
    weak(Read::Env, "consumer.group", Group, TEXT),
    weak(Read::Env, "consumer.group.id", Group, TEXT),
    weak(Read::Env, "group.id", Group, TEXT),
    weak(Read::Env, "group.instance.id", Instance, TEXT),
    weak(Read::Flag, "group", Group, TEXT),
    weak(Read::Flag, "group.id", Group, TEXT),
    weak(Read::Flag, "session.timeout.ms", Session, Millis),
    weak(Read::Flag, "session.timeout", Session, ByValue),
    // Client properties given one by one.
    only(Read::Client, "session.timeout.ms", Session, Millis),
    only(Read::Client, "heartbeat.interval.ms", Heartbeat, Millis),
    only(Read::Client, "max.poll.interval.ms", MaxPoll, Millis),
    only(Read::Client, "group.id", Group, TEXT),
    only(Read::Client, "group.instance.id", Instance, TEXT),
    only(Read::Client, "group.protocol", Protocol, TEXT),
    only(Read::Client, "auto.offset.reset", OffsetReset, TEXT),
    // A broker, not a consumer.
    only(Read::Env, "kafka.process.roles", Broker, TEXT),
    only(Read::Env, "kafka.cfg.process.roles", Broker, TEXT),
    only(Read::Env, "kafka.advertised.listeners", Broker, TEXT),
    only(Read::Env, "kafka.cfg.advertised.listeners", Broker, TEXT),
];

/// The row of a name that was written in a source of this kind.
pub(super) fn look_up(written: &str, asked: Read) -> Option<&'static Name> {
    if written.len() > 120 {
        return None;
    }
    let plain = normal(written);
    let fits = |name: &&'static Name| {
        name.read == asked || (name.read == Read::Anywhere && matches!(asked, Read::Env | Read::Flag))
    };
    if let Some(rows) = EXACT.get(plain.as_str()) {
        return rows.iter().copied().find(fits);
    }
    PATTERNS
        .iter()
        .find(|(start, end, _)| {
            plain.len() > start.len() + end.len() && plain.starts_with(start.as_str()) && plain.ends_with(end)
        })
        .map(|(_, _, name)| *name)
        .filter(fits)
}

/// Without case and separators.
fn normal(name: &str) -> String {
    name.bytes()
        .filter(|b| !matches!(b, b'.' | b'_' | b'-'))
        .map(|b| char::from(b.to_ascii_lowercase()))
        .collect()
}

static EXACT: LazyLock<HashMap<String, Vec<&'static Name>>> = LazyLock::new(|| {
    let mut rows: HashMap<String, Vec<&'static Name>> = HashMap::new();
    for name in NAMES.iter().filter(|name| !name.name.contains('*')) {
        rows.entry(normal(name.name)).or_default().push(name);
    }
    rows
});

static PATTERNS: LazyLock<Vec<(String, String, &'static Name)>> = LazyLock::new(|| {
    let split = |name: &'static Name| {
        let (start, end) = name.name.split_once('*')?;
        Some((normal(start), normal(end), name))
    };
    NAMES.iter().filter_map(split).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

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
                Read::Client => (Read::Client, written),
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
            "SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT",
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
