//! The part of KEDA's parser that deals with TLS and SASL. Most of it is in a TriggerAuthentication, which lagward
//! never reads: what that may supply is unknown, and makes no refusal.

use super::TriggerKind;
use super::parser::{Fault, Parser, shown};
use crate::engine::world::Lookup;

impl<'p> Parser<'p> {
    /// `parseKafkaAuthParams`, `parseApacheKafkaAuthParams`, and `Validate` since typed parsing.
    pub(super) fn security(&mut self) {
        let tls = self.tls();
        // Since typed parsing these are read whatever the mechanism is.
        if self.is_typed() && self.kind == TriggerKind::Kafka {
            self.token_provider_name();
            self.disable_fast();
        }
        let Some(sasl) = self.sasl() else { return };
        match &*sasl {
            "" | "none" => {}
            "plaintext" => self.credentials(&["username", "password"]),
            // The typed apache-kafka scaler does not look.
            "scram_sha256" | "scram_sha512" if self.kind == TriggerKind::ApacheKafka && self.is_typed() => {}
            "scram_sha256" | "scram_sha512" => self.credentials(&["username", "password"]),
            "aws_msk_iam" if self.kind == TriggerKind::ApacheKafka => self.msk("sasl", tls),
            "oauthbearer" => self.oauth(tls),
            "gssapi" => self.kerberos(),
            _ => {}
        }
    }

    /// A parameter of the TriggerAuthentication, as it counts.
    pub(super) fn auth(&self, key: &str) -> Lookup<&'p str> {
        match (self.given.auth)(key) {
            Lookup::Found(value) => self.dialect.text(value).map_or(Lookup::Absent, Lookup::Found),
            answer => answer,
        }
    }

    /// Whether a parameter is given; `None` if that is not known.
    pub(super) fn has(&self, key: &str) -> Option<bool> {
        match self.auth(key) {
            Lookup::Found(value) => Some(!value.is_empty()),
            Lookup::Absent => Some(false),
            Lookup::Unknown => None,
        }
    }

    pub(super) fn both(&mut self, key: &'static str) {
        let found = "is set here and in the TriggerAuthentication, which this version of KEDA refuses";
        self.refuse(key, Fault::Conflict, found, "keep one of them");
    }

    /// Whether TLS is on; `None` if that is not known.
    fn tls(&mut self) -> Option<bool> {
        let tls = self.tls_switch();
        if tls != Some(true) {
            return tls;
        }
        if let (Some(cert), Some(key)) = (self.has("cert"), self.has("key"))
            && cert != key
        {
            let found = "is enable, with one of cert and key in the TriggerAuthentication";
            self.refuse("tls", Fault::Value, found, "it needs both or none");
        }
        if self.kind == TriggerKind::Kafka
            && self.version.is_from(12)
            && !self.is_typed()
            && let Some(text) = self.given.metadata.get("unsafeSsl")
        {
            self.boolean("unsafeSsl", text);
        }
        tls
    }

    fn tls_switch(&mut self) -> Option<bool> {
        if self.given.metadata.is_unknown("tls") {
            return None;
        }
        let literal = self.literal("tls");
        let from_auth = self.auth("tls");
        if self.is_typed() {
            if self.kind == TriggerKind::ApacheKafka && self.is_in_both("tls") {
                self.both("tls");
            }
            let text = match (literal, from_auth) {
                (Some(text), _) | (None, Lookup::Found(text)) => text,
                (None, Lookup::Absent) => return Some(false),
                (None, Lookup::Unknown) => return None,
            };
            self.one_of("tls", text, &["enable", "disable"]);
            return Some(text == "enable");
        }
        // Before typed parsing an empty text is no word, either.
        if let Some(text) = literal {
            self.one_of("tls", text, &["enable", "disable"]);
        }
        match (literal, from_auth) {
            (Some("enable"), Lookup::Found(_)) => {
                self.both("tls");
                None
            }
            (Some("enable"), _) => Some(true),
            (_, Lookup::Found(text)) => {
                self.one_of("tls", text.trim(), &["enable", "disable"]);
                Some(text.trim() == "enable")
            }
            (_, Lookup::Absent) => Some(false),
            (_, Lookup::Unknown) => None,
        }
    }

    /// Both texts are there, spaces or not (`parseApacheKafkaAuthParams`, v2.15.1 to v2.20.2).
    fn is_in_both(&self, key: &str) -> bool {
        let is_written = self.given.metadata.get(key).is_some_and(|text| !text.is_empty());
        is_written && matches!((self.given.auth)(key), Lookup::Found(text) if !text.is_empty())
    }

    /// The mechanism, if it is known and one that the scaler knows.
    fn sasl(&mut self) -> Option<String> {
        let (written, is_raw_empty) = if self.is_typed() { self.typed_sasl()? } else { self.strict_sasl()? };
        if is_raw_empty {
            return Some(String::new());
        }
        let known = self.mechanisms();
        // Since typed parsing every word of a list passes, and the client knows no list: kafka takes it for none
        // (`parseSASL`, v2.20.2), apache-kafka builds no client (`getApacheKafkaClient`).
        let is_list = self.is_typed() && self.kind == TriggerKind::Kafka && written.contains(',');
        let passes = match is_list {
            true => written.split(',').all(|word| known.contains(&word.trim())),
            false => known.contains(&written),
        };
        if passes {
            return Some(written.to_owned());
        }
        let found = format!("is {}, which {} does not know", shown(written), self.kind.name());
        self.refuse("sasl", Fault::Value, found, format!("must be {}", known.join(" or ")));
        None
    }

    fn typed_sasl(&mut self) -> Option<(&'p str, bool)> {
        if self.kind == TriggerKind::ApacheKafka && self.is_in_both("sasl") {
            self.both("sasl");
        }
        match (self.literal("sasl"), self.auth("sasl")) {
            (Some(text), _) | (None, Lookup::Found(text)) => Some((text, false)),
            (None, Lookup::Absent) => Some(("", true)),
            (None, Lookup::Unknown) => None,
        }
    }

    fn strict_sasl(&mut self) -> Option<(&'p str, bool)> {
        let literal = self.literal("sasl").filter(|text| !text.is_empty());
        let text = match (literal, self.auth("sasl")) {
            (Some(_), Lookup::Found(_)) => {
                self.both("sasl");
                return None;
            }
            (Some(text), _) | (None, Lookup::Found(text)) => text,
            (None, Lookup::Absent) => "",
            (None, Lookup::Unknown) => return None,
        };
        // 2.10 did not trim; spaces were no mechanism before 2.18.
        let is_lenient = self.kind == TriggerKind::Kafka && self.version.is_from(18);
        let trims = self.kind == TriggerKind::ApacheKafka || self.version.is_from(11);
        let trimmed = if trims { text.trim() } else { text };
        Some((trimmed, text.is_empty() || (is_lenient && trimmed.is_empty())))
    }

    /// The mechanisms that the scaler knows. apache-kafka's enum has gssapi, too, but its client does not.
    fn mechanisms(&self) -> Vec<&'static str> {
        let mut known = vec!["plaintext", "scram_sha256", "scram_sha512"];
        match self.kind {
            TriggerKind::Kafka => {
                known.push("oauthbearer");
                if self.version.is_from(13) {
                    known.push("gssapi");
                }
                if self.version.is_from(18) {
                    known.push("none");
                }
            }
            TriggerKind::ApacheKafka => {
                known.push("aws_msk_iam");
                if self.is_typed() {
                    known.push("none");
                }
            }
        }
        known
    }
}
