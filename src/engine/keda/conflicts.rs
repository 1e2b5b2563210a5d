//! Keys that exclude each other, or make sense only with a topic.

use super::TriggerKind;
use super::keys::{ALLOW_IDLE, EVEN, LIMIT, is_known_to};
use super::parser::{Fault, Parser};
use crate::engine::world::Lookup;

impl Parser<'_> {
    /// Whether the trigger watches a topic; `None` where a variable says it.
    pub(super) fn has_topic(&self) -> Option<bool> {
        match self.with_env("topic") {
            // A variable makes a list of one topic, be it empty (`strings.Split`, v2.12.1 to v2.14.1).
            Lookup::Found(text) => {
                Some(!text.is_empty() || (self.kind == TriggerKind::ApacheKafka && !self.is_typed()))
            }
            Lookup::Absent => Some(false),
            Lookup::Unknown => None,
        }
    }

    fn is_true(&self, key: &str) -> bool {
        is_known_to(key, self.kind, self.version)
            && self.literal(key).is_some_and(|text| self.dialect.boolean(text) == Ok(true))
    }

    /// `Validate` of both scalers, v2.20.2; the same conditions before.
    pub(super) fn conflicts(&mut self) {
        let has_topic = self.has_topic();
        if self.is_true(LIMIT) {
            if self.is_true(ALLOW_IDLE) {
                self.exclude(LIMIT, ALLOW_IDLE);
            }
            if has_topic == Some(false) {
                self.needs_topic(LIMIT);
            }
        }
        if self.kind == TriggerKind::Kafka && self.version.is_from(21) {
            self.full_metadata(has_topic);
        }
        if self.kind == TriggerKind::Kafka && self.is_true(EVEN) {
            if self.is_true(LIMIT) {
                self.exclude(EVEN, LIMIT);
            }
            if has_topic == Some(false) {
                self.needs_topic(EVEN);
            }
        }
    }

    /// Not released; on the main branch (8b4f083).
    fn full_metadata(&mut self, has_topic: Option<bool>) {
        let is_off = self.literal("fullMetadata").map(|text| self.dialect.boolean(text)) == Some(Ok(false));
        if is_off && has_topic == Some(false) {
            let found = "is false without a topic, which KEDA refuses";
            self.refuse("fullMetadata", Fault::Conflict, found, "set topic, or remove it");
        }
    }

    fn exclude(&mut self, key: &'static str, other: &str) {
        let found = format!("is true, and so is {other}: KEDA refuses both together");
        self.refuse(key, Fault::Conflict, found, "keep one of them");
    }

    fn needs_topic(&mut self, key: &'static str) {
        self.refuse(
            key,
            Fault::Conflict,
            "is true without a topic, which KEDA refuses",
            "set topic, or remove it",
        );
    }
}
