//! What KEDA itself reads and refuses in the metadata of its two Kafka scalers, from 2.10 to the newest.
//!
//! [`keys`] says which key is read by which scaler of which version, and from where; [`dialect`] how a value is
//! read; [`parser`] what KEDA's own parser refuses. A test compares the parser with KEDA's on thousands of cases
//! (tests/e2e/keda_parser).

mod conflicts;
mod credentials;
pub mod dialect;
pub mod keys;
mod metadata;
pub mod near;
pub mod origin;
pub mod parser;
mod partitions;
mod security;
mod version;

pub use metadata::Metadata;
pub use origin::Origin;
pub(super) use partitions::count as count_partitions;
pub use version::{KedaVersion, NoVersion};

/// The two Kafka scalers of KEDA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerKind {
    /// `kafka`, on sarama.
    Kafka,
    /// `apache-kafka`, on segmentio/kafka-go.
    ApacheKafka,
}

impl TriggerKind {
    /// The kind that a type of trigger means: KEDA itself knows no other than its exact name.
    pub fn meant_by(name: &str) -> Option<Self> {
        [Self::Kafka, Self::ApacheKafka].into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// `kafka`, `apache-kafka`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::ApacheKafka => "apache-kafka",
        }
    }

    /// Whether KEDA has the scaler in this version (`buildScaler`, pkg/scaling/scalers_builder.go, v2.11.2 and
    /// v2.12.1).
    pub fn exists_in(self, version: KedaVersion) -> bool {
        self == Self::Kafka || version.is_from(12)
    }

    /// The other of the two.
    pub fn other(self) -> Self {
        match self {
            Self::Kafka => Self::ApacheKafka,
            Self::ApacheKafka => Self::Kafka,
        }
    }
}
