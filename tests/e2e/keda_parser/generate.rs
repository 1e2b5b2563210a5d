//! Triggers of every kind of rightness, the same in every run.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::values::{AUTH, ENV, METADATA, PARTITIONS, Pool, SECURITY};

/// What KEDA builds a scaler from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trigger {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) resolved_env: BTreeMap<String, String>,
    pub(crate) auth_params: BTreeMap<String, String>,
}

/// Makes triggers from a seed (splitmix64).
pub(crate) struct Generator {
    state: u64,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A right trigger with a few keys changed, left out or added.
    pub(crate) fn trigger(&mut self) -> Trigger {
        let mut metadata = map(&[
            ("bootstrapServers", "127.0.0.1:1"),
            ("consumerGroup", "payments"),
            ("topic", "payments"),
            ("lagThreshold", "800"),
        ]);
        let mut auth_params = BTreeMap::new();
        for _ in 0..self.below(4) {
            self.change(&mut metadata, METADATA);
        }
        if self.below(8) == 0 {
            metadata.insert("partitionLimitation".to_owned(), self.partitions());
        }
        if self.below(3) == 0 {
            self.secure(&mut metadata, &mut auth_params);
        }
        let kind = if self.below(2) == 0 { "kafka" } else { "apache-kafka" };
        Trigger { kind, metadata, resolved_env: map(ENV), auth_params }
    }

    fn secure(&mut self, metadata: &mut BTreeMap<String, String>, auth: &mut BTreeMap<String, String>) {
        for _ in 0..=self.below(4) {
            self.set(metadata, SECURITY);
        }
        match self.below(3) {
            // What a mechanism needs, and perhaps one thing too few.
            0 => {
                *auth = map(&[
                    ("username", "admin"),
                    ("password", "secret"),
                    ("oauthTokenEndpointUri", "http://127.0.0.1:1"),
                    ("realm", "EXAMPLE"),
                    ("kerberosConfig", "[libdefaults]"),
                    ("awsRoleArn", "arn:aws:iam::1:role/x"),
                ]);
                for _ in 0..self.below(3) {
                    self.change(auth, AUTH);
                }
            }
            1 => {
                for _ in 0..self.below(6) {
                    self.set(auth, AUTH);
                }
            }
            _ => {}
        }
    }

    fn partitions(&mut self) -> String {
        let terms: Vec<&str> = (0..=self.below(3)).map(|_| self.pick(PARTITIONS)).collect();
        terms.join(",")
    }

    fn change(&mut self, map: &mut BTreeMap<String, String>, pools: &[Pool]) {
        if self.below(4) == 0 {
            let (key, _) = pools[self.below(pools.len())];
            map.remove(key);
        } else {
            self.set(map, pools);
        }
    }

    fn set(&mut self, map: &mut BTreeMap<String, String>, pools: &[Pool]) {
        let (key, values) = pools[self.below(pools.len())];
        map.insert(key.to_owned(), self.pick(values).to_owned());
    }

    fn pick(&mut self, values: &[&'static str]) -> &'static str {
        values[self.below(values.len())]
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound.max(1) as u64).unwrap_or_default()
    }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
