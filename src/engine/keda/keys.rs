//! Which keys the Kafka scalers read, since when, and from where.
//!
//! Read from pkg/scalers/kafka_scaler.go, apache_kafka_scaler.go and aws/aws_common.go of every minor from v2.10.1
//! to v2.20.2, and of the main branch for what is not released. A version of 10 stands for "in 2.10 or before".

use super::origin::SUFFIX;
use super::{KedaVersion, TriggerKind};

/// A key of one or both scalers.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub form: Form,
    /// What applies without it, as it would be written; `None` where there is no default.
    pub default: Option<&'static str>,
    /// `name` in the metadata is read.
    pub literal: bool,
    /// `nameFromEnv` in the metadata is read.
    pub from_env: bool,
    /// A parameter of that name in a TriggerAuthentication is read.
    pub from_auth: bool,
    kafka: Span,
    apache: Span,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Text,
    /// A whole number, at least this.
    Integer(i64),
    /// A boolean.
    Boolean,
    /// One of a few words.
    OneOf(&'static [&'static str]),
}

/// From which 2.x minor a scaler reads a key, and from which it does not any more.
#[derive(Clone, Copy, Debug)]
struct Span {
    since: u16,
    until: u16,
}

const NEVER: Span = Span { since: u16::MAX, until: u16::MAX };

impl Key {
    const fn new(name: &'static str, form: Form, default: Option<&'static str>) -> Self {
        Self {
            name,
            form,
            default,
            literal: true,
            from_env: false,
            from_auth: false,
            kafka: NEVER,
            apache: NEVER,
        }
    }

    /// A parameter that only a TriggerAuthentication can hold.
    const fn secret(name: &'static str) -> Self {
        Self { literal: false, from_auth: true, ..Self::new(name, Form::Text, None) }
    }

    const fn env(self) -> Self {
        Self { from_env: true, ..self }
    }

    const fn auth(self) -> Self {
        Self { from_auth: true, ..self }
    }

    const fn kafka(self, since: u16) -> Self {
        Self { kafka: Span { since, until: u16::MAX }, ..self }
    }

    const fn apache(self, since: u16) -> Self {
        Self { apache: Span { since, until: u16::MAX }, ..self }
    }

    const fn apache_until(self, since: u16, until: u16) -> Self {
        Self { apache: Span { since, until }, ..self }
    }

    /// Whether the scaler reads the key in this version, from wherever.
    pub fn is_known_to(&self, kind: TriggerKind, version: KedaVersion) -> bool {
        let span = self.span(kind);
        version.is_from(span.since) && !version.is_from(span.until)
    }

    /// The version from which the scaler reads it, if it ever does.
    pub fn since(&self, kind: TriggerKind) -> Option<KedaVersion> {
        let span = self.span(kind);
        (span.since != u16::MAX).then(|| KedaVersion::v2(span.since))
    }

    /// The version from which the scaler does not read it any more.
    pub fn until(&self, kind: TriggerKind) -> Option<KedaVersion> {
        let span = self.span(kind);
        (span.until != u16::MAX).then(|| KedaVersion::v2(span.until))
    }

    fn span(&self, kind: TriggerKind) -> Span {
        match kind {
            TriggerKind::Kafka => self.kafka,
            TriggerKind::ApacheKafka => self.apache,
        }
    }
}

const fn text(name: &'static str) -> Key {
    Key::new(name, Form::Text, None)
}

const fn flag(name: &'static str) -> Key {
    Key::new(name, Form::Boolean, Some("false"))
}

const fn integer(name: &'static str, least: i64, default: &'static str) -> Key {
    Key::new(name, Form::Integer(least), Some(default))
}

const POLICIES: Form = Form::OneOf(&["latest", "earliest"]);
const SWITCH: Form = Form::OneOf(&["enable", "disable"]);

/// Lifts KEDA's cap, unless partitions are spread by one of the next two.
pub const ALLOW_IDLE: &str = "allowIdleConsumers";
/// Counts only partitions that lag.
pub const LIMIT: &str = "limitToPartitionsWithLag";
/// Asks only for as many replicas as divide the partitions evenly.
pub const EVEN: &str = "ensureEvenDistributionOfPartitions";

/// Every key.
pub static KEYS: &[Key] = &[
    text("bootstrapServers").env().kafka(10).apache(12),
    text("consumerGroup").env().kafka(10).apache(12),
    text("topic").env().kafka(10).apache(12),
    integer("lagThreshold", 1, "10").kafka(10).apache(12),
    integer("activationLagThreshold", 0, "0").kafka(10).apache(12),
    Key::new("offsetResetPolicy", POLICIES, Some("latest")).kafka(10).apache(12),
    flag(ALLOW_IDLE).kafka(10).apache(12),
    flag("excludePersistentLag").kafka(10).apache(12),
    flag("scaleToZeroOnInvalidOffset").kafka(10).apache(12),
    flag(LIMIT).kafka(13).apache(13),
    flag(EVEN).kafka(18).apache(18),
    text("partitionLimitation").kafka(10).apache(12),
    Key::new("version", Form::Text, Some("1.0.0")).kafka(10),
    // Not released: on the main branch (8b4f083), for 2.21.
    Key::new("fullMetadata", Form::Boolean, Some("true")).kafka(21),
    Key::new("sasl", Form::Text, Some("none")).auth().kafka(10).apache(12),
    Key::new("tls", SWITCH, Some("disable")).auth().kafka(10).apache(12),
    flag("unsafeSsl").kafka(12),
    Key::new("saslTokenProvider", Form::Text, Some("bearer")).auth().kafka(14),
    text("awsRegion").kafka(14).apache(12),
    text("awsEndpoint").apache_until(12, 17),
    // `GetAwsAuthorization`, pkg/scalers/aws/aws_common.go.
    Key::new("identityOwner", Form::Text, Some("pod")).kafka(14).apache(12),
    text("awsAccessKeyID").env().auth().kafka(14).apache(12),
    Key::secret("awsAccessKeyId").kafka(14).apache(12),
    Key::secret("awsSecretAccessKey").env().kafka(14).apache(12),
    Key::secret("awsSessionToken").kafka(14).apache(12),
    Key::secret("awsRoleArn").kafka(14).apache(12),
    Key::secret("username").kafka(10).apache(12),
    Key::secret("password").kafka(10).apache(12),
    Key::secret("ca").kafka(10).apache(12),
    Key::secret("cert").kafka(10).apache(12),
    Key::secret("key").kafka(10).apache(12),
    Key::secret("keyPassword").kafka(10).apache(12),
    Key::secret("scopes").kafka(10),
    Key::secret("oauthTokenEndpointUri").kafka(10),
    Key::secret("oauthExtensions").kafka(11),
    Key::secret("keytab").kafka(13),
    Key::secret("realm").kafka(13),
    Key::secret("kerberosConfig").kafka(13),
    Key::secret("kerberosServiceName").kafka(14),
    Key::secret("kerberosDisableFAST").kafka(16),
];

/// Whether the scaler has a key of this name in this version.
pub fn is_known_to(name: &str, kind: TriggerKind, version: KedaVersion) -> bool {
    KEYS.iter().any(|key| key.name == name && key.is_known_to(kind, version))
}

/// What a name in the metadata is to a scaler.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// KEDA reads it.
    Read,
    /// It is a parameter of a TriggerAuthentication, and of nothing else.
    OnlyFromAuth(&'static Key),
    /// The key is one of this scaler, but no variable is read for it.
    NotFromEnv(&'static Key),
    /// Another version or the other scaler reads it.
    Elsewhere(&'static Key),
    /// Nobody reads it.
    Nobody,
}

/// What a name in the metadata is to a scaler of a version.
pub fn reading(name: &str, kind: TriggerKind, version: KedaVersion) -> Reading {
    let (base, is_variable) = match name.strip_suffix(SUFFIX) {
        Some(base) => (base, true),
        None => (name, false),
    };
    let Some(key) = KEYS.iter().find(|key| key.name == base) else { return Reading::Nobody };
    let is_read = if is_variable { key.from_env } else { key.literal };
    match (key.is_known_to(kind, version), is_read) {
        (true, true) => Reading::Read,
        (_, false) if !is_variable => Reading::OnlyFromAuth(key),
        (true, false) => Reading::NotFromEnv(key),
        (false, true) => Reading::Elsewhere(key),
        (false, false) => Reading::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_by_some_scalers_in_some_versions_from_some_places() {
        let is_read =
            |name, kind, minor| matches!(reading(name, kind, KedaVersion::v2(minor)), Reading::Read);
        let (kafka, apache) = (TriggerKind::Kafka, TriggerKind::ApacheKafka);
        for (name, kind, minor, expected) in [
            ("lagThreshold", kafka, 10, true),
            ("lagThresholdFromEnv", kafka, 20, false),
            ("topicFromEnv", kafka, 10, true),
            ("ensureEvenDistributionOfPartitions", kafka, 17, false),
            ("ensureEvenDistributionOfPartitions", apache, 18, true),
            ("version", kafka, 20, true),
            ("version", apache, 20, false),
            ("awsEndpoint", apache, 16, true),
            ("awsEndpoint", apache, 17, false),
            ("fullMetadata", kafka, 20, false),
            ("password", kafka, 20, false),
            ("awsSecretAccessKeyFromEnv", apache, 20, true),
            ("sessionTimeout", kafka, 20, false),
        ] {
            assert_eq!(is_read(name, kind, minor), expected, "{name} {kind:?} 2.{minor}");
        }
    }

    #[test]
    fn names_are_unique() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(KEYS.iter().skip(index + 1).all(|other| other.name != key.name), "{}", key.name);
        }
    }
}
