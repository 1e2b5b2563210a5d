//! The names by which Kafka clients are configured: one table of data, a row a name.
//!
//! A row is written with dots. Names are compared without case and without `.`, `_`, `-` and brackets, so that a row
//! covers the environment variable, the property and the flag at once: that is how Spring, SmallRye and most
//! home-made readers bind them. A `*` stands for anything (a channel, a consumer's name).
//!
//! What is not here is not taken: ZooKeeper's and the broker's session timeouts, request timeouts and
//! `SESSION_TIMEOUT` alone never are (a test names them).

pub(super) use super::key::Key;
use crate::engine::duration::Unit;
use crate::engine::setting::Reader;

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
    /// The lower rank wins. Below [`HOME_MADE`] it does wherever it stands, since a framework says so: Spring reads
    /// `consumer.properties` before `properties`, SmallRye the channel before the connector. Other names rank by where
    /// they stand first.
    pub(super) rank: u8,
    /// Who reads it for certain.
    pub(super) reader: Reader,
    /// For a name without effect: why, and the name to set instead.
    pub(super) why: &'static str,
    pub(super) instead: &'static str,
    /// Beside what it counts.
    pub(super) beside: Beside,
}

/// What else there must be for a name that is too common: web servers and daemons have groups and sessions, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// Nothing.
    Anything,
    /// A broker address.
    Broker,
    /// A broker address or a topic on the same command line: `gunicorn --group app` runs producers, too.
    BrokerFlag,
    /// Something that only consumers have.
    Consumer,
    /// Nothing, but only the pod's name counts: a constant is what a cloud calls its Kafka (`alikafka_post-...`).
    PodName,
}

/// From this rank on no framework ranks the names.
pub(super) const HOME_MADE: u8 = 5;

/// Where a name is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Environment, `-D`, `--name=value` and SPRING_APPLICATION_JSON.
    Anywhere,
    /// The environment only.
    Env,
    /// A flag only.
    Flag,
    /// A client property only: `-X name=value` (kcat), `--consumer-property name=value`, or a key of a client's file.
    Client,
    /// A key of a tool's configuration file only.
    File,
}

impl Name {
    /// Which of a container's clients it configures, where the name alone says so: Kafka Streams and plain consumers
    /// of one application have different settings. Empty for all of them.
    pub(super) fn client(&self) -> &'static str {
        if self.name.contains(".streams.") {
            "streams"
        } else if self.name.starts_with("spring.kafka.consumer.") {
            "consumer"
        } else {
            ""
        }
    }
}

const PLAIN: Name = Name {
    name: "",
    key: Key::Nothing,
    unit: Unit::ByValue,
    read: Read::Anywhere,
    rank: 0,
    reader: Reader::Anybody,
    why: "",
    instead: "",
    beside: Beside::Anything,
};

/// A home-made name.
const fn row(name: &'static str, key: Key, unit: Unit, rank: u8) -> Name {
    Name { name, key, unit, rank, ..PLAIN }
}

/// A name that a framework on the Java client reads.
const fn java(name: &'static str, key: Key, unit: Unit, rank: u8) -> Name {
    Name { reader: Reader::Java, ..row(name, key, unit, rank) }
}

const fn java_env(name: &'static str, key: Key, unit: Unit) -> Name {
    Name { read: Read::Env, ..java(name, key, unit, 0) }
}

const fn only(read: Read, name: &'static str, key: Key, unit: Unit) -> Name {
    Name { read, ..row(name, key, unit, HOME_MADE) }
}

/// A key of a tool's configuration file.
const fn file(name: &'static str, key: Key, unit: Unit) -> Name {
    only(Read::File, name, key, unit)
}

const fn weak(beside: Beside, read: Read, name: &'static str, key: Key, unit: Unit) -> Name {
    Name { beside, rank: 9, ..only(read, name, key, unit) }
}

/// A key of a tool's configuration file that the tool hands to librdkafka.
const fn librdkafka(name: &'static str, key: Key, unit: Unit) -> Name {
    Name { reader: Reader::Librdkafka, ..file(name, key, unit) }
}

/// A property of Kafka Streams that Spring Boot reads and that is no setting of a consumer.
const fn streams(name: &'static str) -> Name {
    java(name, Key::Streams, TEXT, 0)
}

/// A name that looks as if Spring Boot read it (KafkaProperties.java has no such property).
const fn not_spring(name: &'static str, instead: &'static str) -> Name {
    Name { why: "Spring Boot has no such property", instead, ..row(name, Key::Nothing, Unit::ByValue, 9) }
}

use Key::{
    Assignor, Bootstrap, Broker, DeadLetter, Drain, Group, Heartbeat, Instance, Leaves, MaxPoll, OffsetReset,
    Protocol, Rebalance, Session, Topic,
};
use Unit::{ByValue, Go, Millis, Quarkus, Seconds, Spring};

/// Texts have no unit; the column is not read for them.
const TEXT: Unit = ByValue;

#[rustfmt::skip]
pub(super) static NAMES: &[Name] = &[
    // Spring Boot. No `spring.kafka.consumer.session-timeout` exists (KafkaProperties.java).
    java("spring.kafka.consumer.properties.session.timeout.ms", Session, Millis, 0),
    java("spring.kafka.properties.session.timeout.ms", Session, Millis, 3),
    java("spring.kafka.streams.properties.session.timeout.ms", Session, Millis, 2),
    java("spring.kafka.streams.properties.consumer.session.timeout.ms", Session, Millis, 1),
    java("spring.kafka.streams.properties.main.consumer.session.timeout.ms", Session, Millis, 0),
    java("spring.cloud.stream.kafka.binder.configuration.session.timeout.ms", Session, Millis, 2),
    java("spring.cloud.stream.kafka.binder.consumer.properties.session.timeout.ms", Session, Millis, 1),
    java("spring.cloud.stream.kafka.bindings.*.consumer.configuration.session.timeout.ms", Session, Millis, 0),
    java("spring.cloud.stream.kafka.default.consumer.configuration.session.timeout.ms", Session, Millis, 1),
    java("spring.cloud.stream.kafka.streams.binder.configuration.session.timeout.ms", Session, Millis, 2),
    java("spring.cloud.stream.kafka.streams.binder.consumer.properties.session.timeout.ms", Session, Millis, 1),
    java("spring.kafka.consumer.heartbeat.interval", Heartbeat, Spring, 0),
    java("spring.kafka.consumer.properties.heartbeat.interval.ms", Heartbeat, Millis, 0),
    java("spring.kafka.properties.heartbeat.interval.ms", Heartbeat, Millis, 1),
    java("spring.kafka.consumer.max.poll.interval", MaxPoll, Spring, 0),
    java("spring.kafka.consumer.properties.max.poll.interval.ms", MaxPoll, Millis, 0),
    java("spring.kafka.properties.max.poll.interval.ms", MaxPoll, Millis, 1),
    // `KafkaProperties.Consumer.buildProperties`: `consumer.properties` are put over `group-id`, that over `properties`.
    java("spring.kafka.consumer.properties.group.id", Group, TEXT, 0),
    java("spring.kafka.consumer.group.id", Group, TEXT, 1),
    java("spring.kafka.properties.group.id", Group, TEXT, 2),
    java("spring.kafka.streams.application.id", Group, TEXT, 1),
    java("spring.cloud.stream.bindings.*.group", Group, TEXT, 2),
    java("spring.kafka.consumer.properties.group.instance.id", Instance, TEXT, 0),
    java("spring.kafka.properties.group.instance.id", Instance, TEXT, 1),
    java("spring.kafka.consumer.properties.group.protocol", Protocol, TEXT, 0),
    java("spring.kafka.properties.group.protocol", Protocol, TEXT, 1),
    java("spring.kafka.consumer.auto.offset.reset", OffsetReset, TEXT, 0),
    java("spring.kafka.bootstrap.servers", Bootstrap, TEXT, 0),
    java("spring.kafka.consumer.bootstrap.servers", Bootstrap, TEXT, 0),
    java("spring.cloud.stream.kafka.binder.brokers", Bootstrap, TEXT, 0),
    java("spring.lifecycle.timeout.per.shutdown.phase", Drain, Spring, 0),
    streams("spring.kafka.streams.auto.startup"),
    streams("spring.kafka.streams.bootstrap.servers"),
    streams("spring.kafka.streams.cleanup.on.startup"),
    streams("spring.kafka.streams.cleanup.on.shutdown"),
    streams("spring.kafka.streams.replication.factor"),
    streams("spring.kafka.streams.state.dir"),
    streams("spring.kafka.streams.state.store.cache.max.size"),
    streams("spring.kafka.streams.properties.commit.interval.ms"),
    streams("spring.kafka.streams.properties.default.deserialization.exception.handler"),
    streams("spring.kafka.streams.properties.default.key.serde"),
    streams("spring.kafka.streams.properties.default.value.serde"),
    streams("spring.kafka.streams.properties.num.standby.replicas"),
    streams("spring.kafka.streams.properties.num.stream.threads"),
    streams("spring.kafka.streams.properties.processing.guarantee"),
    streams("spring.kafka.streams.properties.replication.factor"),
    streams("spring.kafka.streams.properties.state.dir"),
    // Quarkus, SmallRye, Helidon.
    java("mp.messaging.incoming.*.session.timeout.ms", Session, Millis, 0),
    java("mp.messaging.connector.smallrye.kafka.session.timeout.ms", Session, Millis, 1),
    java("mp.messaging.incoming.*.heartbeat.interval.ms", Heartbeat, Millis, 0),
    java("mp.messaging.incoming.*.max.poll.interval.ms", MaxPoll, Millis, 0),
    java("mp.messaging.incoming.*.group.id", Group, TEXT, 0),
    java("mp.messaging.incoming.*.group.instance.id", Instance, TEXT, 0),
    java("mp.messaging.incoming.*.group.protocol", Protocol, TEXT, 0),
    java("mp.messaging.incoming.*.bootstrap.servers", Bootstrap, TEXT, 0),
    java("mp.messaging.incoming.*.topic", Topic, TEXT, 0),
    java("mp.messaging.incoming.*.dead.letter.queue.topic", DeadLetter, TEXT, 0),
    java("quarkus.shutdown.timeout", Drain, Quarkus, 0),
    // Micronaut.
    java("kafka.consumers.*.session.timeout.ms", Session, Millis, 0),
    java("kafka.consumers.*.heartbeat.interval.ms", Heartbeat, Millis, 0),
    java("kafka.consumers.*.max.poll.interval.ms", MaxPoll, Millis, 0),
    java("kafka.consumers.*.group.id", Group, TEXT, 0),
    // Kafka Connect: consumers of sink connectors. The worker's own group is no consumer group.
    java_env("connect.consumer.session.timeout.ms", Session, Millis),
    java_env("connect.consumer.heartbeat.interval.ms", Heartbeat, Millis),
    java_env("connect.consumer.max.poll.interval.ms", MaxPoll, Millis),
    java_env("connect.task.shutdown.graceful.timeout.ms", Drain, Millis),
    // ksqlDB.
    java("ksql.ksql.streams.session.timeout.ms", Session, Millis, 1),
    java("ksql.ksql.streams.consumer.session.timeout.ms", Session, Millis, 0),
    java("spring.kafka.consumer.properties.partition.assignment.strategy", Assignor, TEXT, 0),
    java("spring.kafka.properties.partition.assignment.strategy", Assignor, TEXT, 1),
    java("spring.kafka.streams.properties.group.protocol", Protocol, TEXT, 0),
    java("spring.kafka.streams.properties.group.instance.id", Instance, TEXT, 0),
    java("mp.messaging.incoming.*.partition.assignment.strategy", Assignor, TEXT, 0),
    java("mp.messaging.incoming.*.auto.offset.reset", OffsetReset, TEXT, 0),
    java("mp.messaging.connector.smallrye.kafka.bootstrap.servers", Bootstrap, TEXT, 1),
    java("quarkus.kafka.streams.application.id", Group, TEXT, 0),
    java("kafka.streams.session.timeout.ms", Session, Millis, 1),
    java("kafka.streams.consumer.session.timeout.ms", Session, Millis, 0),
    java("kafka.consumers.*.group.instance.id", Instance, TEXT, 0),
    java("kafka.consumers.*.auto.offset.reset", OffsetReset, TEXT, 0),
    // MirrorMaker 1 and 2 in properties files and Connect's environment.
    java_env("connect.consumer.group.instance.id", Instance, TEXT),
    java_env("connect.consumer.group.protocol", Protocol, TEXT),
    // Faust counts seconds.
    only(Read::Env, "broker.session.timeout", Session, Seconds),
    // Vector.
    only(Read::Env, "vector.graceful.shutdown.limit.secs", Drain, Seconds),
    only(Read::Flag, "graceful.shutdown.limit.secs", Drain, Seconds),
    // .NET options binding.
    only(Read::Env, "kafka.consumer.config.session.timeout.ms", Session, Millis),
    only(Read::Env, "consumer.config.session.timeout.ms", Session, Millis),
    // Home-made names, by how often they are seen; SmallRye's global keys and bakdata's chart among them.
    row("kafka.session.timeout.ms", Session, Millis, 5),
    row("kafka.consumer.session.timeout.ms", Session, Millis, 5),
    row("kafka.session.timeout", Session, ByValue, 6),
    row("kafka.consumer.session.timeout", Session, ByValue, 6),
    row("kafka.consumer.group.session.timeout", Session, ByValue, 6),
    row("kafka.consumer.group.session.timeout.ms", Session, Millis, 5),
    row("kafka.session.timeout.seconds", Session, Seconds, 5),
    row("kafka.session.timeout.secs", Session, Seconds, 5),
    row("kafka.session.timeout.sec", Session, Seconds, 5),
    row("kafka.consumer.session.timeout.seconds", Session, Seconds, 5),
    row("kafka.consumer.session.timeout.secs", Session, Seconds, 5),
    row("kafka.consumer.session.timeout.sec", Session, Seconds, 5),
    only(Read::Env, "*.kafka.session.timeout.ms", Session, Millis),
    only(Read::Env, "*.kafka.session.timeout", Session, ByValue),
    only(Read::Env, "*.kafka.consumer.session.timeout.ms", Session, Millis),
    only(Read::Env, "*.kafka.consumer.session.timeout", Session, ByValue),
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
    Name { beside: Beside::PodName, ..row("kafka.instance.id", Instance, TEXT, 6) },
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
    weak(Beside::Broker, Read::Env, "consumer.group", Group, TEXT),
    weak(Beside::Broker, Read::Env, "consumer.group.id", Group, TEXT),
    weak(Beside::Broker, Read::Env, "group.id", Group, TEXT),
    weak(Beside::Broker, Read::Env, "group.instance.id", Instance, TEXT),
    weak(Beside::BrokerFlag, Read::Flag, "group", Group, TEXT),
    weak(Beside::Broker, Read::Flag, "group.id", Group, TEXT),
    weak(Beside::Consumer, Read::Flag, "session.timeout.ms", Session, Millis),
    weak(Beside::Consumer, Read::Flag, "session.timeout", Session, ByValue),
    row("kafka.partition.assignment.strategy", Assignor, TEXT, 5),
    row("kafka.consumer.partition.assignment.strategy", Assignor, TEXT, 5),
    row("kafka.consumer.group.protocol", Protocol, TEXT, 5),
    row("kafka.rebalance.timeout.ms", Rebalance, Millis, 5),
    row("kafka.rebalance.timeout", Rebalance, ByValue, 6),
    row("kafka.offset.reset", OffsetReset, TEXT, 6),
    row("kafka.broker.url", Bootstrap, TEXT, 6),
    row("kafka.brokers.list", Bootstrap, TEXT, 6),
    row("kafka.server", Bootstrap, TEXT, 6),
    row("kafka.servers", Bootstrap, TEXT, 6),
    row("kafka.consumer.topics", Topic, TEXT, 5),
    row("kafka.topic.name", Topic, TEXT, 6),
    // bakdata's streams chart.
    only(Read::Env, "app.application.id", Group, TEXT),
    only(Read::Env, "app.group.id", Group, TEXT),
    only(Read::Env, "app.input.topics", Topic, TEXT),
    only(Read::Env, "app.bootstrap.servers", Bootstrap, TEXT),
    // Benthos and Redpanda Connect, the OpenTelemetry collector, Vector, Telegraf, in their files.
    file("input.*.session.timeout", Session, Go),
    file("input.*.heartbeat.interval", Heartbeat, Go),
    file("input.*.consumer.group", Group, TEXT),
    file("input.*.instance.id", Instance, TEXT),
    file("receivers.kafka.session.timeout", Session, Go),
    file("receivers.kafka.*.session.timeout", Session, Go),
    file("receivers.kafka.heartbeat.interval", Heartbeat, Go),
    file("receivers.kafka.group.id", Group, TEXT),
    file("receivers.kafka.group.instance.id", Instance, TEXT),
    file("sources.*.session.timeout.ms", Session, Millis),
    file("sources.*.group.id", Group, TEXT),
    librdkafka("sources.*.librdkafka.options.session.timeout.ms", Session, Millis),
    // Client properties given one by one.
    only(Read::Client, "session.timeout.ms", Session, Millis),
    only(Read::Client, "heartbeat.interval.ms", Heartbeat, Millis),
    only(Read::Client, "max.poll.interval.ms", MaxPoll, Millis),
    only(Read::Client, "group.id", Group, TEXT),
    only(Read::Client, "group.instance.id", Instance, TEXT),
    only(Read::Client, "group.protocol", Protocol, TEXT),
    only(Read::Client, "auto.offset.reset", OffsetReset, TEXT),
    only(Read::Client, "partition.assignment.strategy", Assignor, TEXT),
    only(Read::Client, "bootstrap.servers", Bootstrap, TEXT),
    only(Read::Client, "brokers", Bootstrap, TEXT),
    only(Read::Client, "consumer.session.timeout.ms", Session, Millis),
    only(Read::Client, "application.id", Group, TEXT),
    // Fluent Bit, in both of its formats.
    librdkafka("pipeline.inputs.rdkafka.session.timeout.ms", Session, Millis),
    librdkafka("pipeline.inputs.rdkafka.heartbeat.interval.ms", Heartbeat, Millis),
    librdkafka("pipeline.inputs.rdkafka.max.poll.interval.ms", MaxPoll, Millis),
    file("pipeline.inputs.group.id", Group, TEXT),
    // Names that no reader has: they look right and do nothing.
    not_spring("spring.kafka.consumer.session.timeout", "spring.kafka.consumer.properties.session.timeout.ms"),
    not_spring("spring.kafka.consumer.session.timeout.ms", "spring.kafka.consumer.properties.session.timeout.ms"),
    not_spring("spring.kafka.session.timeout", "spring.kafka.consumer.properties.session.timeout.ms"),
    not_spring("spring.kafka.session.timeout.ms", "spring.kafka.consumer.properties.session.timeout.ms"),
    not_spring("spring.kafka.consumer.heartbeat.interval.ms", "spring.kafka.consumer.heartbeat-interval"),
    not_spring("spring.kafka.consumer.max.poll.interval.ms", "spring.kafka.consumer.max-poll-interval"),
    not_spring("spring.kafka.listener.session.timeout", "spring.kafka.consumer.properties.session.timeout.ms"),
    not_spring("spring.kafka.group.id", "spring.kafka.consumer.group-id"),
    // What makes a static member or Kafka Streams leave its group (bakdata's charts; Spring Boot's pull request 50432).
    only(Read::Env, "volatile.group.instance.id", Leaves, TEXT),
    only(Read::Env, "*.volatile.group.instance.id", Leaves, TEXT),
    java("spring.kafka.streams.leave.group.on.close", Leaves, TEXT, 0),
    // A broker, not a consumer.
    only(Read::Env, "kafka.process.roles", Broker, TEXT),
    only(Read::Env, "kafka.cfg.process.roles", Broker, TEXT),
    only(Read::Env, "kafka.advertised.listeners", Broker, TEXT),
    only(Read::Env, "kafka.cfg.advertised.listeners", Broker, TEXT),
    only(Read::Env, "kafka.broker.id", Broker, TEXT),
    only(Read::Env, "kafka.cfg.broker.id", Broker, TEXT),
    only(Read::Env, "kafka.zookeeper.connect", Broker, TEXT),
    only(Read::Env, "kafka.cfg.zookeeper.connect", Broker, TEXT),
    only(Read::Env, "kafka.advertised.host.name", Broker, TEXT),
    file("broker.id", Broker, TEXT),
    file("process.roles", Broker, TEXT),
];
