//! Triggers of every kind of rightness, the same in every run.

use std::collections::BTreeMap;

use serde::Serialize;

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

/// The variables of the container.
const ENV: &[(&str, &str)] = &[
    ("BROKERS", "127.0.0.1:1"),
    ("GROUP", "payments"),
    ("TOPIC", "payments"),
    ("EMPTY", ""),
    ("SPACES", "  "),
    ("ACCESS_KEY", "AKIA"),
];

const BROKERS: &[&str] = &["127.0.0.1:1", "127.0.0.1:1,127.0.0.1:2", " 127.0.0.1:1 ", "", "  ", ","];
const NAMES: &[&str] = &["payments", "payments", "a,b", " a", "", "  ", ","];
const VARIABLES: &[&str] = &["BROKERS", "GROUP", "TOPIC", "MISSING", "EMPTY", "SPACES", " TOPIC ", ""];
const INTEGERS: &[&str] = &[
    "10",
    "800",
    "1",
    "500",
    "0",
    "-1",
    "-0",
    "+5",
    "010",
    "00",
    "1_000",
    "1,000",
    "10.5",
    "10.0",
    "1e3",
    "1E2",
    "0x10",
    " 800 ",
    "\t5\n",
    "",
    "  ",
    "null",
    "true",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999",
    "\u{663}",
    "1 0",
    "--1",
    "-",
    "+",
    "\"10\"",
    "[1]",
    "{}",
    "NaN",
    "5\u{a0}",
    "\u{2003}7",
    "\u{feff}5",
    "10s",
    "5\u{200b}",
];
const BOOLEANS: &[&str] = &[
    "true",
    "true",
    "true",
    "false",
    "True",
    "TRUE",
    "t",
    "T",
    "1",
    "0",
    "F",
    "f",
    "False",
    "FALSE",
    "tRue",
    "yes",
    "on",
    "no",
    " true",
    "true ",
    "\u{a0}true",
    "",
    "  ",
    "null",
    "2",
    "01",
    "\"true\"",
    "true,false",
];
const POLICIES: &[&str] = &[
    "latest",
    "earliest",
    "latest",
    "Latest",
    "LATEST",
    " latest",
    "latest ",
    "",
    "  ",
    "latest,earliest",
    "earliest, latest",
    "latest,",
    ",",
    "none",
];
/// No wide ranges: KEDA would write them out.
const PARTITIONS: &[&str] = &[
    "1",
    "2",
    "10-20",
    "0",
    "01",
    "+1",
    "-1",
    " 2",
    "3 ",
    "3-5",
    "3 - 5",
    " 3-5 ",
    "5-3",
    "1-2-3",
    "",
    "a",
    "-",
    "1-",
    "1-a",
    "01-02",
    "+1-+2",
    "2147483647",
    "2147483648",
    "3000000000",
    "null",
    "null-1",
    "1.5",
    "1e1",
    "\t4",
    "4\u{a0}",
    "\u{a0}4-5",
    "9223372036854775807",
    "9223372036854775808",
];
const VERSIONS: &[&str] = &[
    "1.0.0",
    "3.7.0",
    "2.8.1",
    "3.7",
    "0.10.2.0",
    "0.10.2",
    "0.0.0",
    "1.2.3.4",
    "",
    "  ",
    " 2.8.1 ",
    "3.7.x",
    "10.0.0",
    "00.1.2.3",
    "0.1.2.99999999999999999999",
    "1.0.-1",
    "1.0.+1",
    "01.0.0",
    "1..0",
    "\u{661}.0.0",
    "4.0.0",
    "99.99.99",
    "1.0.18446744073709551615",
    "1.0.18446744073709551616",
    "1.0.00000000000000000000001",
    "v3.7.0",
    "3.7.0\n",
];
const SASL: &[&str] = &[
    "none",
    "plaintext",
    "plaintext",
    "scram_sha256",
    "scram_sha512",
    "oauthbearer",
    "oauthbearer",
    "gssapi",
    "aws_msk_iam",
    "aws_msk_iam",
    "Plaintext",
    " plaintext ",
    " none ",
    "",
    "  ",
    "plain",
    "none,plaintext",
    "plaintext, none",
    "none,none",
    "none,",
    "SCRAM-SHA-512",
];
const TLS: &[&str] = &[
    "enable",
    "enable",
    "enable",
    "disable",
    "disable",
    "true",
    "",
    "  ",
    " enable ",
    "Enable",
    "enable,disable",
    "none",
];
const PROVIDERS: &[&str] = &[
    "bearer",
    "aws_msk_iam",
    "aws_msk_iam",
    "",
    "  ",
    " bearer ",
    "Bearer",
    "bearer,aws_msk_iam",
    "bearer,x",
];
const REGIONS: &[&str] = &["eu-central-1", "eu-central-1", "", " "];
const OWNERS: &[&str] = &["operator", "operator", "pod", "", "other", " pod"];
const SECRETS: &[&str] = &["admin", "admin", "admin", "", "  ", " x "];
const EXTENSIONS: &[&str] = &["a=b", "a=b,c=d", "a", "a=b=c", "a=b,", "=", ""];

/// A key of the metadata with the values it is tried with.
type Pool = (&'static str, &'static [&'static str]);

const METADATA: &[Pool] = &[
    ("bootstrapServers", BROKERS),
    ("bootstrapServersFromEnv", VARIABLES),
    ("consumerGroup", NAMES),
    ("consumerGroupFromEnv", VARIABLES),
    ("topic", NAMES),
    ("topic", &["", "  "]),
    ("topicFromEnv", VARIABLES),
    ("lagThreshold", INTEGERS),
    ("lagThreshold", INTEGERS),
    ("activationLagThreshold", INTEGERS),
    ("lagThresholdFromEnv", VARIABLES),
    ("offsetResetPolicy", POLICIES),
    ("allowIdleConsumers", BOOLEANS),
    ("excludePersistentLag", BOOLEANS),
    ("scaleToZeroOnInvalidOffset", BOOLEANS),
    ("limitToPartitionsWithLag", BOOLEANS),
    ("limitToPartitionsWithLag", BOOLEANS),
    ("ensureEvenDistributionOfPartitions", BOOLEANS),
    ("ensureEvenDistributionOfPartitions", BOOLEANS),
    ("version", VERSIONS),
    ("unsafeSsl", BOOLEANS),
    ("fullMetadata", BOOLEANS),
    ("lagTreshold", INTEGERS),
];

/// Keys of a secured trigger, drawn together.
const SECURITY: &[Pool] = &[
    ("sasl", SASL),
    ("tls", TLS),
    ("saslTokenProvider", PROVIDERS),
    ("awsRegion", REGIONS),
    ("identityOwner", OWNERS),
    ("awsAccessKeyID", SECRETS),
    ("awsAccessKeyIDFromEnv", &["ACCESS_KEY", "MISSING", "EMPTY"]),
    ("awsSecretAccessKeyFromEnv", &["ACCESS_KEY", "ACCESS_KEY", "MISSING", "EMPTY"]),
    ("unsafeSsl", BOOLEANS),
    ("username", SECRETS),
];

const AUTH: &[Pool] = &[
    ("username", SECRETS),
    ("username", SECRETS),
    ("password", SECRETS),
    ("password", SECRETS),
    ("sasl", SASL),
    ("tls", TLS),
    ("saslTokenProvider", PROVIDERS),
    ("cert", SECRETS),
    ("key", SECRETS),
    ("scopes", SECRETS),
    ("oauthTokenEndpointUri", SECRETS),
    ("oauthTokenEndpointUri", SECRETS),
    ("oauthExtensions", EXTENSIONS),
    ("keytab", SECRETS),
    ("realm", SECRETS),
    ("realm", SECRETS),
    ("kerberosConfig", SECRETS),
    ("kerberosConfig", SECRETS),
    ("kerberosDisableFAST", BOOLEANS),
    ("awsRoleArn", SECRETS),
    ("awsAccessKeyID", SECRETS),
    ("awsAccessKeyId", SECRETS),
    ("awsSecretAccessKey", SECRETS),
];

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
