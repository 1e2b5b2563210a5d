//! Finds the row of a name in the table, and the client that the name configures.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::table::{NAMES, Name, Read};

/// Longer names are not looked up.
const LONGEST: usize = 120;

/// A written name that is in the table.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) row: &'static Name,
    /// Which of a container's clients it configures, such as a channel; empty for all of them.
    pub(super) client: Cow<'static, str>,
}

/// What is known of a name that was written in a source of this kind.
pub(super) fn look_up(written: &str, asked: Read) -> Option<Known> {
    let mut plain = [0; LONGEST];
    let plain = normal(written, &mut plain)?;
    // Every variable of every container is looked up, and most are none of ours.
    if !ENDS.has(plain) {
        return None;
    }
    let fits = |name: &&'static Name| {
        name.read == asked || (name.read == Read::Anywhere && matches!(asked, Read::Env | Read::Flag))
    };
    if let Ok(at) = EXACT.binary_search_by(|(name, _)| by_length(name, plain)) {
        let row = EXACT[at].1.iter().copied().find(fits)?;
        return Some(Known { row, client: Cow::Borrowed(row.client()) });
    }
    let matches = |start: &[u8], end: &[u8]| {
        plain.len() > start.len() + end.len()
            && plain.starts_with(start)
            && plain.ends_with(end)
            && is_cut_after(start.len(), written.bytes())
            && is_cut_after(end.len(), written.bytes().rev())
    };
    let (start, end, row) =
        PATTERNS[initial(plain)].iter().find(|(start, end, name)| matches(start, end) && fits(name))?;
    let between = &plain[start.len()..plain.len() - end.len()];
    let client = match between {
        b"default" => Cow::Borrowed(""),
        own => Cow::Owned(String::from_utf8_lossy(own).into_owned()),
    };
    Some(Known { row, client })
}

/// A name without case and separators; `None` if it is too long. No branch depends on the name: where its separators
/// are cannot be foretold.
fn normal<'a>(name: &str, plain: &'a mut [u8; LONGEST]) -> Option<&'a [u8]> {
    let mut length = 0;
    for byte in name.bytes() {
        let letter = LETTERS[usize::from(byte)];
        *plain.get_mut(length)? = letter;
        length += usize::from(letter != 0);
    }
    plain.get(..length)
}

/// The bytes of names in lower case; separators are 0.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if !is_separator(byte) {
            letters[byte as usize] = byte.to_ascii_lowercase();
        }
        letters[byte as usize + 128] = byte + 128;
        byte += 1;
    }
    letters
};

/// The collector of OpenTelemetry has a slash in front of the name of a receiver: `kafka/orders`.
const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'_' | b'-' | b'[' | b']' | b'/')
}

/// Whether a separator follows these many other characters, so that a `*` stands for whole words:
/// `KAFKA_CONSUMER_SHIPMENTS_...` is none of `kafka.consumers.*`.
fn is_cut_after(count: usize, written: impl Iterator<Item = u8>) -> bool {
    let mut left = count;
    for byte in written {
        match (is_separator(byte), left) {
            (is_separator, 0) => return is_separator || count == 0,
            (false, _) => left -= 1,
            (true, _) => {}
        }
    }
    false
}

/// The last three letters of names, each by its lowest five bits: a set that lets no row's name be missed.
struct Ends([u32; 32 * 32]);

impl Ends {
    fn of(names: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut ends = Self([0; 32 * 32]);
        for name in names {
            let (row, column) = end(&name);
            ends.0[row] |= 1 << column;
        }
        ends
    }

    fn has(&self, name: &[u8]) -> bool {
        let (row, column) = end(name);
        self.0[row] >> column & 1 == 1
    }
}

fn end(name: &[u8]) -> (usize, u32) {
    let [third, second, last] = name.last_chunk().map_or([0; 3], |letters| letters.map(|letter| letter & 31));
    (usize::from(last) << 5 | usize::from(second), u32::from(third))
}

static ENDS: LazyLock<Ends> = LazyLock::new(|| {
    Ends::of(NAMES.iter().map(|row| row.name.rsplit('*').next().map(plain).unwrap_or_default()))
});

/// The rows of each name without a `*`, sorted by it: comparing a few lengths and names takes less than hashing one.
static EXACT: LazyLock<Vec<(Vec<u8>, Vec<&'static Name>)>> = LazyLock::new(|| {
    let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for name in NAMES.iter().filter(|name| !name.name.contains('*')) {
        rows.entry(plain(name.name)).or_default().push(name);
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by(|(one, _), (other, _)| by_length(one, other));
    rows
});

/// Short names first.
fn by_length(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// A name with a `*`: what stands before and behind it.
type Pattern = (Vec<u8>, Vec<u8>, &'static Name);

/// By the first letter of what they match, the most exact ones first.
static PATTERNS: LazyLock<[Vec<Pattern>; 32]> = LazyLock::new(|| {
    let split = |name: &'static Name| {
        let (start, end) = name.name.split_once('*')?;
        Some((plain(start), plain(end), name))
    };
    let mut patterns: Vec<Pattern> = NAMES.iter().filter_map(split).collect();
    patterns.sort_by_key(|(start, end, _)| std::cmp::Reverse(start.len() + end.len()));
    let may_begin = |letter: usize, start: &[u8]| start.is_empty() || initial(start) == letter;
    let of = |letter| patterns.iter().filter(|(start, ..)| may_begin(letter, start)).cloned().collect();
    std::array::from_fn(of)
});

fn initial(plain: &[u8]) -> usize {
    plain.first().map_or(0, |letter| usize::from(letter & 31))
}

fn plain(name: &str) -> Vec<u8> {
    normal(name, &mut [0; LONGEST]).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::discover::table::Key;

    fn env(name: &str) -> Option<Key> {
        look_up(name, Read::Env).map(|known| known.row.key)
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
            let found = look_up(&written, asked).map(|known| known.row.name);
            assert_eq!(found, Some(row.name), "{written}");
        }
    }

    #[test]
    fn spring_names_bind_with_and_without_underscores() {
        assert_eq!(env("SPRING_KAFKA_CONSUMER_GROUPID"), Some(Key::Group));
        assert_eq!(env("SPRING_KAFKA_CONSUMER_GROUP_ID"), Some(Key::Group));
        assert_eq!(env("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE"), Some(Key::Drain));
    }

    /// Names that were seen in public deployments.
    const SEEN: &[(Key, &str)] = &[
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
             KAFKA_CONSUMER_SESSION_TIMEOUT_MS KAFKA_CONSUMER_SESSION_TIMEOUT KAFKA_CONSUMER_GROUP_SESSION_TIMEOUT \
             KAFKA_SESSION_TIMEOUT_SECONDS KAFKA_SESSION_TIMEOUT_SECS KAFKA_SESSION_TIMEOUT_SEC \
             GALAXY_KAFKA_SESSION_TIMEOUT_MS SP_KAFKA_SESSION_TIMEOUT ConsumerConfig__SessionTimeoutMs \
             CONSENSUS__KAFKA__CONSUMER__SESSION_TIMEOUT_MS \
             SPRING_CLOUD_STREAM_KAFKA_STREAMS_BINDER_CONFIGURATION_SESSION_TIMEOUT_MS \
             SPRING_CLOUD_STREAM_KAFKA_DEFAULT_CONSUMER_CONFIGURATION_SESSION_TIMEOUT_MS \
             spring.kafka.consumer.properties[session.timeout.ms]",
        ),
        (
            Key::Group,
            "SPRING_KAFKA_CONSUMER_GROUPID SPRING_KAFKA_CONSUMER_GROUP_ID SPRING_KAFKA_CONSUMER_PROPERTIES_GROUP_ID \
             SPRING_KAFKA_PROPERTIES_GROUP_ID SPRING_KAFKA_STREAMS_APPLICATIONID \
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
        (Key::Streams, "SPRING_KAFKA_STREAMS_STATE_DIR SPRING_KAFKA_STREAMS_PROPERTIES_NUM_STREAM_THREADS"),
        (Key::Broker, "KAFKA_BROKER_ID KAFKA_ZOOKEEPER_CONNECT KAFKA_ADVERTISED_HOST_NAME"),
        (Key::Nothing, "SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT SPRING_KAFKA_CONSUMER_SESSION_TIMEOUT_MS"),
    ];

    #[test]
    fn names_of_public_deployments_are_known() {
        for (key, names) in SEEN {
            for name in names.split_whitespace() {
                assert_eq!(env(name), Some(*key), "{name}");
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
    fn a_star_stands_for_whole_words() {
        for name in ["KAFKA_CONSUMER_SHIPMENTS_SESSION_TIMEOUT_MS", "KAFKA_CONSUMERSCHEMA_SESSION_TIMEOUT_MS"]
        {
            assert_eq!(env(name), None, "{name}");
        }
        assert_eq!(env("kafka.consumers.orders.session.timeout.ms"), Some(Key::Session));
        assert_eq!(env("KAFKA_CONSUMERS_MY_ORDERS_SESSIONTIMEOUTMS"), Some(Key::Session));
    }

    #[test]
    fn the_text_of_a_star_names_the_client() {
        let client = |name| look_up(name, Read::Env).map(|known| known.client.into_owned());
        assert_eq!(client("MP_MESSAGING_INCOMING_MY_ORDERS_GROUP_ID").as_deref(), Some("myorders"));
        assert_eq!(client("kafka.consumers.default.group.id").as_deref(), Some(""));
        assert_eq!(client("SPRING_KAFKA_STREAMS_PROPERTIES_SESSION_TIMEOUT_MS").as_deref(), Some("streams"));
        assert_eq!(client("SPRING_KAFKA_PROPERTIES_SESSION_TIMEOUT_MS").as_deref(), Some(""));
    }

    #[test]
    fn a_receiver_may_have_a_name_of_its_own() {
        let known = look_up("receivers.kafka/orders.session_timeout", Read::File);
        let known = known.map(|known| (known.row.key, known.client.into_owned()));
        assert_eq!(known, Some((Key::Session, "orders".to_owned())));
    }

    #[test]
    fn a_dead_letter_topic_is_not_consumed() {
        assert_eq!(env("MP_MESSAGING_INCOMING_ORDERS_DEAD_LETTER_QUEUE_TOPIC"), Some(Key::DeadLetter));
    }

    #[test]
    fn a_plain_client_property_is_no_environment_variable() {
        assert_eq!(env("session.timeout.ms"), None);
        assert_eq!(
            look_up("session.timeout.ms", Read::Client).map(|known| known.row.key),
            Some(Key::Session)
        );
    }
}
