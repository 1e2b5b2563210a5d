//! What KEDA's own parser refuses.
//!
//! KEDA parses a trigger only after it was admitted, so that whoever applied it never sees the error: the scaler is
//! not built and nothing scales. This says the same before. Every refusal is named at once, where KEDA stops at
//! the first before 2.20.

use std::borrow::Cow;

use super::dialect::Dialect;
use super::keys::{Form, KEYS, Key};
use super::origin::{Origin, from_env};
use super::{KedaVersion, Metadata, TriggerKind, partitions};
use crate::engine::world::Lookup;

/// What a scaler is built from, as far as it is known. An answer of `Unknown` makes no refusal.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The trigger's metadata.
    pub metadata: &'a Metadata,
    /// A variable of the container that KEDA takes variables from.
    pub env: &'a dyn Fn(&str) -> Lookup<&'a str>,
    /// A parameter of the TriggerAuthentication.
    pub auth: &'a dyn Fn(&str) -> Lookup<&'a str>,
}

/// One reason for which KEDA does not build the scaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KedaRefusal {
    /// The key of the metadata that it is about.
    pub key: &'static str,
    /// What kind of mistake it is.
    pub fault: Fault,
    /// What is there: the end of a sentence about the key.
    pub found: String,
    /// What would pass.
    pub want: Cow<'static, str>,
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A value that cannot be read, or is missing.
    Value,
    /// Keys that exclude each other.
    Conflict,
}

/// Everything that KEDA refuses in this trigger.
pub fn refusals<'a>(kind: TriggerKind, version: KedaVersion, given: &'a Given<'a>) -> Vec<KedaRefusal> {
    let version = version.known();
    let dialect = Dialect::of(kind, version);
    let mut parser = Parser { kind, version, dialect, given, refusals: Vec::new() };
    parser.required("bootstrapServers");
    parser.required("consumerGroup");
    for key in KEYS.iter().filter(|key| key.literal && key.is_known_to(kind, version)) {
        parser.form(key);
    }
    parser.partitions();
    parser.client_version();
    parser.conflicts();
    parser.security();
    parser.refusals
}

pub(super) struct Parser<'p> {
    pub(super) kind: TriggerKind,
    pub(super) version: KedaVersion,
    pub(super) dialect: Dialect,
    pub(super) given: &'p Given<'p>,
    pub(super) refusals: Vec<KedaRefusal>,
}

impl<'p> Parser<'p> {
    /// A key of the metadata as it counts.
    pub(super) fn literal(&self, key: &str) -> Option<&'p str> {
        self.dialect.text(self.given.metadata.get(key)?)
    }

    pub(super) fn is_typed(&self) -> bool {
        self.dialect != Dialect::Strict
    }

    /// Says what is wrong with a key, unless its value is still to be filled in.
    pub(super) fn refuse(
        &mut self,
        key: &'static str,
        fault: Fault,
        found: impl Into<String>,
        want: impl Into<Cow<'static, str>>,
    ) {
        if self.given.metadata.is_unknown(key) {
            return;
        }
        self.refusals.push(KedaRefusal { key, fault, found: found.into(), want: want.into() });
    }

    /// A key that may come from a variable.
    pub(super) fn with_env(&self, key: &str) -> Lookup<&'p str> {
        match Origin::of(self.given.metadata, key, self.dialect) {
            Origin::Literal(text) => Lookup::Found(text),
            Origin::Nowhere => Lookup::Absent,
            Origin::Unknown => Lookup::Unknown,
            Origin::Variable(name) => match (self.given.env)(name) {
                Lookup::Found(value) => self.dialect.text(value).map_or(Lookup::Absent, Lookup::Found),
                Lookup::Absent if !self.is_typed() => Lookup::Found(""),
                answer => answer,
            },
        }
    }

    fn required(&mut self, key: &'static str) {
        if self.with_env(key) != Lookup::Absent {
            return;
        }
        let variable = from_env(key);
        let names_variable = self.given.metadata.from_env(key).is_some_and(|name| !name.is_empty());
        let found = match self.given.metadata.get(key) {
            None if names_variable => format!("is missing, and {variable} names a variable without a value"),
            None => "is missing".to_owned(),
            Some(_) => "is empty, which KEDA takes for missing".to_owned(),
        };
        self.refuse(key, Fault::Value, found, format!("set it, or {variable}"));
    }

    /// Numbers, booleans and words.
    fn form(&mut self, key: &Key) {
        // What security() reads, and reads only sometimes.
        if key.from_auth || (key.name == "unsafeSsl" && !self.is_typed()) {
            return;
        }
        let Some(text) = self.literal(key.name) else { return };
        match key.form {
            Form::Text => {}
            Form::Integer(least) => self.integer(key.name, text, least),
            Form::Boolean => {
                self.boolean(key.name, text);
            }
            // An empty word counts as absent, but one of spaces does not before typed parsing.
            Form::OneOf(_) if text.is_empty() => {}
            Form::OneOf(words) => self.one_of(key.name, text, words),
        }
    }

    fn integer(&mut self, key: &'static str, text: &str, least: i64) {
        let want = || format!("must be a whole number of at least {least}");
        match self.dialect.integer(text) {
            Err(why) => self.refuse(key, Fault::Value, format!("is {}, which {why}", shown(text)), want()),
            Ok(number) if number < least => {
                self.refuse(key, Fault::Value, format!("is {number}, which KEDA refuses"), want());
            }
            Ok(_) => {}
        }
    }

    pub(super) fn boolean(&mut self, key: &'static str, text: &str) -> Option<bool> {
        match self.dialect.boolean(text) {
            Ok(value) => Some(value),
            Err(why) => {
                let found = format!("is {}, which {why}", shown(text));
                self.refuse(key, Fault::Value, found, "must be \"true\" or \"false\"");
                None
            }
        }
    }

    pub(super) fn one_of(&mut self, key: &'static str, text: &str, words: &[&str]) {
        let is_word = |text: &str| words.contains(&text);
        // Since typed parsing every word of a list is looked up, even where no list is meant (`setValue`).
        let passes =
            if self.is_typed() { text.split(',').all(|word| is_word(word.trim())) } else { is_word(text) };
        if !passes {
            let want = format!("must be {}", words.join(" or "));
            self.refuse(key, Fault::Value, format!("is {}, which KEDA does not know", shown(text)), want);
        }
    }

    fn partitions(&mut self) {
        let key = "partitionLimitation";
        let Some(text) = self.literal(key).filter(|text| !text.trim().is_empty()) else { return };
        // Without a topic it was not read before typed parsing.
        if !self.is_typed() && self.has_topic() != Some(true) {
            return;
        }
        if !partitions::is_valid(text, self.kind, self.dialect) {
            let spaces = text.contains(' ') && !self.is_typed();
            let want = if spaces {
                "must be a list such as 1,2,10-20, without spaces"
            } else {
                "must be a list such as 1,2,10-20"
            };
            self.refuse(
                key,
                Fault::Value,
                format!("is {}, which is not a list of partitions", shown(text)),
                want,
            );
        }
    }

    /// sarama.ParseKafkaVersion, the same in v1.38.1 to v1.49.0.
    fn client_version(&mut self) {
        if self.kind == TriggerKind::ApacheKafka {
            return;
        }
        let Some(text) = self.literal("version").map(str::trim) else { return };
        let numbers: Vec<&str> = text.split('.').collect();
        let length = if text.starts_with('0') { 4 } else { 3 };
        let is_number = |part: &&str| part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u64>().is_ok();
        let begins_well = length == 3 || numbers.first() == Some(&"0");
        if numbers.len() != length || !begins_well || !numbers.iter().all(is_number) {
            let found = format!("is {}, which is not a version of Kafka", shown(text));
            self.refuse("version", Fault::Value, found, "must be a version such as 3.7.0");
        }
    }
}

/// A value in a message, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is refused of a `kafka` trigger with a broker, a group and these keys, when nothing else is known.
    fn keys(minor: u16, pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let base = [("bootstrapServers", "kafka:9092"), ("consumerGroup", "payments")];
        let metadata: Metadata = base.into_iter().chain(pairs.iter().copied()).collect();
        let unknown = |_: &str| Lookup::Unknown;
        let given = Given { metadata: &metadata, env: &unknown, auth: &unknown };
        let refused = refusals(TriggerKind::Kafka, KedaVersion::v2(minor), &given);
        refused.into_iter().map(|refusal| refusal.key).collect()
    }

    #[test]
    fn every_refusal_is_named_at_once() {
        let pairs = [("lagThreshold", "0"), ("offsetResetPolicy", "Latest"), ("version", "3.7")];
        assert_eq!(keys(20, &pairs), ["lagThreshold", "offsetResetPolicy", "version"]);
    }

    #[test]
    fn what_a_trigger_authentication_or_a_variable_may_supply_is_not_missing() {
        assert_eq!(keys(20, &[("sasl", "plaintext"), ("tls", "enable")]), [""; 0]);
        let limited = [("topicFromEnv", "TOPIC"), ("limitToPartitionsWithLag", "true")];
        assert_eq!(keys(20, &limited), [""; 0]);
        assert_eq!(keys(14, &limited), [""; 0]);
    }

    #[test]
    fn a_partition_list_without_a_topic_was_not_read_before_2_20() {
        assert_eq!(keys(19, &[("partitionLimitation", "a")]), [""; 0]);
        assert_eq!(keys(20, &[("partitionLimitation", "a")]), ["partitionLimitation"]);
    }

    #[test]
    fn a_list_passes_where_a_word_is_meant_since_2_20() {
        assert_eq!(keys(20, &[("offsetResetPolicy", "latest,earliest")]), [""; 0]);
        assert_eq!(keys(19, &[("offsetResetPolicy", "latest,earliest")]), ["offsetResetPolicy"]);
    }

    #[test]
    fn full_metadata_is_a_key_of_2_21_only() {
        assert_eq!(keys(20, &[("fullMetadata", "false")]), [""; 0]);
        assert_eq!(keys(21, &[("fullMetadata", "false")]), ["fullMetadata"]);
        assert_eq!(keys(21, &[("fullMetadata", "false"), ("topic", "payments")]), [""; 0]);
    }

    #[test]
    fn what_is_still_to_be_filled_in_is_refused_by_nobody() {
        let keys = [
            "lagThreshold",
            "allowIdleConsumers",
            "limitToPartitionsWithLag",
            "offsetResetPolicy",
            "version",
        ];
        let keys =
            keys.into_iter().chain(["partitionLimitation", "sasl", "tls", "saslTokenProvider", "topic"]);
        let metadata = || keys.clone().chain(["bootstrapServers", "consumerGroup"]).map(|key| (key, "${X}"));
        let of_msk =
            [("bootstrapServers", "k"), ("consumerGroup", "g"), ("sasl", "aws_msk_iam"), ("tls", "${TLS}")];
        let of_msk = of_msk.into_iter().chain([("awsRegion", "eu-west-1")]);
        for metadata in [metadata().collect::<Metadata>(), of_msk.collect()].map(Metadata::unrendered) {
            let unknown = |_: &str| Lookup::Unknown;
            let given = Given { metadata: &metadata, env: &unknown, auth: &|_| Lookup::Absent };
            for kind in [TriggerKind::Kafka, TriggerKind::ApacheKafka] {
                for minor in [14, 20] {
                    let refused = refusals(kind, KedaVersion::v2(minor), &given);
                    let is_known = |r: &KedaRefusal| !metadata.is_unknown(r.key) && !r.found.contains("TLS");
                    assert!(refused.iter().all(is_known), "{kind:?} {minor} {refused:?}");
                }
            }
        }
    }

    #[test]
    fn a_long_value_is_cut_in_messages() {
        assert_eq!(shown(&"9".repeat(50)), format!("\"{}\"...", "9".repeat(40)));
    }
}
