//! Where KEDA takes a key from that a variable of the scaled container may supply.

use super::Metadata;
use super::dialect::Dialect;

/// The keys of both scalers that may come from a variable, by `bootstrapServersFromEnv` and so on.
pub const FROM_ENV: [&str; 3] = ["bootstrapServers", "consumerGroup", "topic"];

/// What is behind the name of a key that names a variable.
pub(super) const SUFFIX: &str = "FromEnv";

/// What a key is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// The key itself.
    Literal(&'a str),
    /// The variable of this name.
    Variable(&'a str),
    /// Neither is given.
    Nowhere,
    /// The key itself, whose value is still to be filled in.
    Unknown,
}

impl<'a> Origin<'a> {
    /// Before typed parsing the variable wins over the literal, even one that is not there
    /// (`parseKafkaMetadata`, pkg/scalers/kafka_scaler.go, v2.14.1); since then the literal wins
    /// (`configParamValue`, pkg/scalers/scalersconfig/typed_config.go, v2.20.2).
    pub fn of(metadata: &'a Metadata, key: &str, dialect: Dialect) -> Self {
        let literal = metadata.get(key).and_then(|raw| dialect.text(raw)).filter(|text| !text.is_empty());
        let variable = metadata.from_env(key).filter(|name| !name.is_empty());
        match (literal, variable) {
            (_, Some(name)) if dialect == Dialect::Strict => Self::Variable(name),
            (Some(_), _) if metadata.is_unknown(key) => Self::Unknown,
            (Some(text), _) => Self::Literal(text),
            (None, Some(name)) => Self::Variable(name),
            (None, None) => Self::Nowhere,
        }
    }
}

/// `topicFromEnv` for `topic`.
pub fn from_env(key: &str) -> String {
    format!("{key}{SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::super::{KedaVersion, TriggerKind};
    use super::*;

    fn origin(minor: u16, pairs: &[(&str, &str)]) -> String {
        let metadata: Metadata = pairs.iter().copied().collect();
        let dialect = Dialect::of(TriggerKind::Kafka, KedaVersion::v2(minor));
        format!("{:?}", Origin::of(&metadata, "topic", dialect))
    }

    #[test]
    fn the_variable_won_over_the_literal_before_typed_parsing() {
        let both = [("topic", "orders"), ("topicFromEnv", "TOPIC")];
        assert_eq!(origin(19, &both), "Variable(\"TOPIC\")");
        assert_eq!(origin(20, &both), "Literal(\"orders\")");
    }

    #[test]
    fn an_empty_literal_leaves_the_variable() {
        let pairs = [("topic", " "), ("topicFromEnv", "TOPIC")];
        assert_eq!(origin(20, &pairs), "Variable(\"TOPIC\")");
        assert_eq!(origin(20, &[("topic", ""), ("topicFromEnv", "")]), "Nowhere");
        assert_eq!(origin(19, &[("topic", "orders")]), "Literal(\"orders\")");
    }
}
