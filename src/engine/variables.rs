//! The environment variables of a container, as KEDA resolves them for `...FromEnv`.

use super::configs::ConfigMap;

/// Which variables have a value. Names are kept as hashes: a cluster has many of them, and what is asked for by
/// mistake is a name that is not there. Two names with one hash make an answer of "held", on which nobody acts.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    entries: Vec<u32>,
    /// `envFrom` names what the input does not show, so that any variable may be there.
    is_open: bool,
}

/// What KEDA finds under a name (`resolveEnv`, pkg/scaling/resolver/scale_resolvers.go, v2.14.1 and v2.20.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// A value, or one that the input does not show.
    Value,
    /// An empty text.
    Nothing,
    /// A field of the pod or a resource, which KEDA skips: what was defined before stays.
    Skipped,
    /// No such variable.
    Missing,
}

impl Variables {
    /// A later definition replaces an earlier one.
    pub(super) fn define(&mut self, name: &str, holding: Holding) {
        self.entries.push((hash(name) & !STATE) | holding as u32);
    }

    /// All of a ConfigMap. KEDA ignored the prefix before 2.18, so that a name counts with and without it.
    pub(super) fn define_all(&mut self, map: &ConfigMap, prefix: &str) {
        for (key, payload) in &map.data {
            let holding = if payload.text.is_empty() { Holding::Nothing } else { Holding::Value };
            self.define(key, holding);
            if !prefix.is_empty() {
                self.define(&format!("{prefix}{key}"), holding);
            }
        }
    }

    /// Any variable may be there.
    pub(super) fn open(&mut self) {
        self.is_open = true;
    }

    /// What is under a name.
    pub fn get(&self, name: &str) -> Holding {
        let wanted = hash(name) & !STATE;
        let mut skipped = false;
        for entry in self.entries.iter().rev().filter(|entry| *entry & !STATE == wanted) {
            match entry & STATE {
                state if state == Holding::Value as u32 => return Holding::Value,
                state if state == Holding::Nothing as u32 => return Holding::Nothing,
                _ => skipped = true,
            }
        }
        match (self.is_open, skipped) {
            (true, _) => Holding::Value,
            (false, true) => Holding::Skipped,
            (false, false) => Holding::Missing,
        }
    }

    pub(super) fn with_room_for(count: usize) -> Self {
        Self { entries: Vec::with_capacity(count), is_open: false }
    }
}

/// The bits of an entry that are no hash.
const STATE: u32 = 0b11;

/// Eight bytes at a time, since every variable of every container is hashed; the multiplier is FxHash's.
fn hash(name: &str) -> u32 {
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let last = rest.iter().fold(name.len() as u64, |last, byte| last << 8 | u64::from(*byte));
    let hash = words
        .chain([last])
        .fold(0_u64, |hash, word| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95));
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::super::configs::Payload;
    use super::*;

    #[test]
    fn the_last_definition_counts_and_a_field_of_the_pod_is_skipped() {
        let mut variables = Variables::default();
        variables.define("GROUP", Holding::Value);
        variables.define("GROUP", Holding::Skipped);
        variables.define("TOPIC", Holding::Value);
        variables.define("TOPIC", Holding::Nothing);
        variables.define("POD", Holding::Skipped);
        let all = ["GROUP", "TOPIC", "POD", "OTHER"].map(|name| variables.get(name));
        assert_eq!(all, [Holding::Value, Holding::Nothing, Holding::Skipped, Holding::Missing]);
        variables.open();
        assert_eq!(["POD", "OTHER"].map(|name| variables.get(name)), [Holding::Value; 2]);
    }

    #[test]
    fn an_empty_key_of_a_config_map_is_an_empty_variable() {
        let payload = |text: &str| Payload { text: text.into(), settings: None, of_profiles: Vec::new() };
        let data = [("GROUP", "payments"), ("TOPIC", "")].map(|(key, text)| (key.into(), payload(text)));
        let mut variables = Variables::default();
        variables.define_all(&ConfigMap { data: data.into() }, "KAFKA_");
        let all = ["GROUP", "TOPIC", "KAFKA_GROUP", "KAFKA_TOPIC"].map(|name| variables.get(name));
        assert_eq!(all, [Holding::Value, Holding::Nothing, Holding::Value, Holding::Nothing]);
    }

    #[test]
    fn long_names_differ_in_every_part() {
        let mut variables = Variables::default();
        variables.define("KAFKA_CONSUMER_GROUP_ID", Holding::Value);
        for other in ["KAFKA_CONSUMER_GROUP_IE", "LAFKA_CONSUMER_GROUP_ID", "KAFKA_CONSUMER_GROUP_ID0", ""] {
            assert_eq!(variables.get(other), Holding::Missing, "{other}");
        }
    }
}
