//! Clients and frameworks that can be recognised, and their defaults.
//!
//! A default is taken only on evidence: an environment variable that nothing else has, or a public image.
//! Sources are Apache Kafka 4.x `ConsumerConfig`, librdkafka 2.x CONFIGURATION.md, and each project's own
//! documentation; code may override every one of them, so a default warns at most.

use std::time::Duration;

use super::sources::{Hit, Hits};
use crate::engine::setting::Reader;
use crate::engine::views;

/// A client or a framework.
#[derive(Debug, PartialEq, Eq)]
pub struct Runtime {
    /// Whose defaults these are, as the end of "the default of ...".
    pub name: &'static str,
    /// `session.timeout.ms` when nothing sets it.
    pub session: Option<Duration>,
    /// `max.poll.interval.ms` when nothing sets it, for clients that enforce it.
    pub poll_interval: Option<Duration>,
    /// How long work in flight may take after SIGTERM when nothing sets it.
    pub drain: Option<Duration>,
    /// Heartbeats go on while the application drains. Where they do not, the broker evicts a member that
    /// drains for longer than the session timeout.
    pub heartbeats_while_draining: bool,
    /// Its groups are named by code or by itself (`connect-<connector>`, `_confluent-ksql-...`), whatever the
    /// environment says.
    pub names_groups: bool,
    /// Its consumers are members of a group. Flink's are not: it calls `assign()` (`KafkaPartitionSplitReader`).
    pub joins_groups: bool,
    /// Its own group is one of workers, and none that consumes a topic.
    pub(super) is_worker: bool,
    /// Environment variables that begin so; whole names where another program may have the prefix.
    env: &'static [&'static str],
    /// Settings that begin so, wherever they are written: its own properties.
    properties: &'static [&'static str],
    /// Images, without registry, tag and digest.
    images: &'static [&'static str],
}

/// Java, librdkafka and franz-go since their 2021 releases (KIP-735).
const CURRENT: Option<Duration> = Some(Duration::from_secs(45));
/// sarama, aiokafka, Vector, Logstash, Telegraf, the OpenTelemetry collector.
const SHORT: Option<Duration> = Some(Duration::from_secs(10));
const POLL: Option<Duration> = Some(Duration::from_secs(300));

const fn runtime(name: &'static str, session: Option<Duration>, poll_interval: Option<Duration>) -> Runtime {
    Runtime {
        name,
        session,
        poll_interval,
        drain: None,
        heartbeats_while_draining: true,
        names_groups: false,
        joins_groups: true,
        is_worker: false,
        env: &[],
        properties: &[],
        images: &[],
    }
}

static RUNTIMES: &[Runtime] = &[
    Runtime { joins_groups: false, images: &["flink"], ..runtime("Flink", None, None) },
    Runtime {
        drain: Some(Duration::from_secs(60)),
        heartbeats_while_draining: false,
        env: &[
            "VECTOR_CONFIG",
            "VECTOR_GRACEFUL_SHUTDOWN_LIMIT_SECS",
            "VECTOR_LOG_FORMAT",
            "VECTOR_REQUIRE_HEALTHY",
            "VECTOR_SELF_NODE_NAME",
            "VECTOR_WATCH_CONFIG",
        ],
        images: &["timberio/vector"],
        ..runtime("Vector", SHORT, None)
    },
    // Its own variables; NODE_ENV alone may as well be a client on librdkafka.
    Runtime {
        heartbeats_while_draining: false,
        env: &["KAFKAJS_"],
        ..runtime("kafkajs", Some(Duration::from_secs(30)), None)
    },
    Runtime {
        images: &["fluent/fluent-bit", "fluent-bit"],
        ..runtime("Fluent Bit (librdkafka)", CURRENT, POLL)
    },
    Runtime { images: &["logstash/logstash", "logstash"], ..runtime("Logstash", SHORT, POLL) },
    Runtime { images: &["telegraf"], ..runtime("Telegraf", SHORT, None) },
    Runtime {
        images: &["redpandadata/connect"],
        ..runtime("Redpanda Connect's kafka_franz and redpanda inputs", Some(Duration::from_secs(60)), None)
    },
    Runtime {
        images: &[
            "otel/opentelemetry-collector",
            "otel/opentelemetry-collector-contrib",
            "opentelemetry-collector-releases/opentelemetry-collector",
            "opentelemetry-collector-releases/opentelemetry-collector-contrib",
        ],
        ..runtime("the OpenTelemetry collector", SHORT, None)
    },
    Runtime {
        names_groups: true,
        images: &["confluentinc/ksqldb-server", "confluentinc/cp-ksqldb-server"],
        env: &["KSQL_"],
        ..runtime("ksqlDB", CURRENT, POLL)
    },
    Runtime {
        drain: Some(Duration::from_secs(5)),
        names_groups: true,
        is_worker: true,
        env: &[
            "CONNECT_BOOTSTRAP_SERVERS",
            "CONNECT_CONFIG_STORAGE_TOPIC",
            "CONNECT_CONSUMER_",
            "CONNECT_GROUP_ID",
            "CONNECT_KEY_CONVERTER",
            "CONNECT_TASK_SHUTDOWN_GRACEFUL_TIMEOUT_MS",
        ],
        images: &[
            "confluentinc/cp-kafka-connect",
            "confluentinc/cp-kafka-connect-base",
            "confluentinc/cp-server-connect",
            "confluentinc/cp-server-connect-base",
            "debezium/connect",
            "debezium/connect-base",
        ],
        ..runtime("Kafka Connect's sink consumers", CURRENT, POLL)
    },
    Runtime {
        names_groups: true,
        drain: Some(Duration::from_secs(30)),
        env: &["SPRING_"],
        properties: &["spring."],
        ..runtime("Spring Boot (Java client)", CURRENT, POLL)
    },
    Runtime {
        env: &["MP_MESSAGING_", "QUARKUS_"],
        properties: &["mp.messaging.", "quarkus."],
        ..runtime("Quarkus (Java client)", CURRENT, POLL)
    },
    Runtime { env: &["MICRONAUT_"], names_groups: true, ..runtime("Micronaut (Java client)", CURRENT, POLL) },
    Runtime {
        env: &["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS"],
        ..runtime("the Java client", CURRENT, POLL)
    },
    Runtime {
        env: &["DOTNET_", "ASPNETCORE_"],
        ..runtime(".NET's Kafka client (librdkafka)", CURRENT, POLL)
    },
];

/// The first runtime of the table that the container proves.
pub(super) fn recognise(view: &views::Container<'_>, hits: &Hits) -> Option<&'static Runtime> {
    let image = repository(view.image.as_str().unwrap_or_default());
    let names = || view.env.iter().filter_map(|var| var.name.as_str());
    // Most prefixes begin with a letter that no variable begins with, and the others with one that few begin with.
    let initials = names().fold(0_u32, |initials, name| initials | initial(name));
    let is_prefix = |prefix: &str| {
        let first = initial(prefix);
        initials & first != 0 && names().any(|name| initial(name) == first && name.starts_with(prefix))
    };
    RUNTIMES.iter().find(|runtime| {
        runtime.images.iter().any(|known| is_copy_of(image, known))
            || runtime.env.iter().any(|prefix| is_prefix(prefix))
            || runtime.properties.iter().any(|start| hits.all.iter().any(|hit| is_property(hit, start)))
    })
}

/// Whether something is written under a property that the framework itself reads.
fn is_property(hit: &Hit, start: &str) -> bool {
    hit.name.reader == Reader::Java && hit.name.name.starts_with(start)
}

/// The first letter of a name, as one of 32 bits.
fn initial(name: &str) -> u32 {
    name.bytes().next().map_or(0, |letter| 1 << (letter & 31))
}

/// Whether `image` is `known`, perhaps behind a registry's name and path.
fn is_copy_of(image: &str, known: &str) -> bool {
    image.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// An image reference without its tag and digest.
pub(crate) fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A colon before a slash is a registry's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_without_registry_tag_and_digest() {
        assert_eq!(repository("localhost:5000/timberio/vector"), "localhost:5000/timberio/vector");
        assert_eq!(repository("timberio/vector:0.40.0-alpine@sha256:ab"), "timberio/vector");
        assert!(is_copy_of("localhost:5000/timberio/vector", "timberio/vector"));
        assert!(is_copy_of("telegraf", "telegraf"));
        assert!(!is_copy_of("acme/mytelegraf", "telegraf"));
    }
}
