//! Which key was meant by a name that is none.

use super::keys::{KEYS, Key};
use super::{KedaVersion, TriggerKind};

/// The key that was probably meant by a name that nobody reads: the same letters in another case or with other
/// punctuation, or few slips away.
pub fn meant(name: &str, kind: TriggerKind, version: KedaVersion) -> Option<(&'static Key, bool)> {
    let (base, is_variable) = match letters(name) {
        letters if letters.ends_with(VARIABLE) => {
            (letters[..letters.len() - VARIABLE.len()].to_owned(), true)
        }
        letters => (letters, false),
    };
    KEYS.iter()
        .filter(|key| key.is_known_to(kind, version) && (!is_variable || key.from_env))
        .filter_map(|key| Some((distance(&base, key.name)?, key)))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, key)| (key, is_variable))
}

const VARIABLE: &str = "fromenv";

/// How many slips of a key make the name, if so few that nothing else can have been meant: one in a word of four
/// letters or more, two from eight on, three from sixteen on.
pub fn slips(name: &str, key: &str) -> Option<usize> {
    distance(&letters(name), key)
}

/// Whether two names have the same letters and digits, whatever their case.
pub fn is_same(name: &str, key: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
    }
    letters(name).eq(letters(key))
}

fn distance(letters: &str, key: &str) -> Option<usize> {
    let most = match key.len() {
        0..=3 => 0,
        4..=7 => 1,
        8..=15 => 2,
        _ => 3,
    };
    // First, because a distance costs more than a length; keys are letters only.
    if letters.len().abs_diff(key.len()) > most {
        return None;
    }
    let slips = strsim::damerau_levenshtein(letters, &key.to_ascii_lowercase());
    Some(slips).filter(|slips| *slips <= most)
}

/// The letters and digits of a name in lower case; none of a name that is too long to be a slip.
fn letters(name: &str) -> String {
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return String::new();
    }
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether the value of a key may be a secret, so that no message may repeat it: a parameter of a
/// TriggerAuthentication, what looks like one, or any name of which a word says so.
pub fn is_secret(name: &str) -> bool {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return !key.literal;
    }
    let letters = letters(name);
    says_secret(name) || KEYS.iter().any(|key| !key.literal && distance(&letters, key.name).is_some())
}

/// Whether a word of a name says that its value is a secret, whoever reads it: `sslKeystorePassword`, `ACCESS_TOKEN`.
pub fn says_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passphrase", "secret", "token", "jaas"].iter().any(|word| name.contains(word))
}

/// Whether a value holds user info, as in `kafka://user:password@host`.
pub fn has_user_info(value: &str) -> bool {
    value.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWEST: KedaVersion = KedaVersion::NEWEST;

    #[test]
    fn real_slips_are_recognised() {
        for (name, expected) in [
            ("lagTreshold", "lagThreshold"),
            ("offSetResetPolicy", "offsetResetPolicy"),
            ("offsetRestPolicy", "offsetResetPolicy"),
            ("bootstrap.servers", "bootstrapServers"),
            ("bootstrapServer", "bootstrapServers"),
            ("consumer-group", "consumerGroup"),
            ("topics", "topic"),
            ("allowIdleConsumer", "allowIdleConsumers"),
            ("limitToPartitionWithLag", "limitToPartitionsWithLag"),
            ("topicfromEnv", "topic"),
            ("pasword", "password"),
        ] {
            let meant = meant(name, TriggerKind::Kafka, NEWEST).map(|(key, _)| key.name);
            assert_eq!(meant, Some(expected), "{name}");
        }
    }

    #[test]
    fn other_words_are_no_slips() {
        for name in
            ["brokers", "consumerOffset", "desiredReplicas", "direction", "groupId", "type", "keys", "tag"]
        {
            assert!(meant(name, TriggerKind::Kafka, NEWEST).is_none(), "{name}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_one() {
        for name in [
            "password",
            "Pasword",
            "kerberos_config",
            "saslPassword",
            "sslKeystorePassword",
            "ssl.key.passphrase",
            "clientSecret",
            "ACCESS_TOKEN",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["topic", "lagTreshold", "saslTokenProvider", "sasl"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
