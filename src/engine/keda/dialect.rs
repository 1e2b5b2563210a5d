//! How a scaler of a version of KEDA reads a value.

use super::{KedaVersion, TriggerKind};

/// The way values are read. Every rule that needs a value of trigger metadata reads it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Go's strconv on the text as it is written: spaces are an error, and so is an empty number
    /// (`parseKafkaMetadata`, pkg/scalers/kafka_scaler.go, v2.10.1 to v2.19.0).
    Strict,
    /// Trimmed, an empty text is an absent key, and numbers are those of JSON (`TypedConfig`,
    /// pkg/scalers/scalersconfig/typed_config.go, v2.15.1 and newer).
    Typed {
        /// Booleans are read as JSON too, so that only `true` and `false` pass (v2.15.1 and v2.16.1;
        /// strconv.ParseBool since v2.17.0).
        json_booleans: bool,
    },
}

impl Dialect {
    /// `apache-kafka` is typed since 2.15, `kafka` since 2.20.
    pub fn of(kind: TriggerKind, version: KedaVersion) -> Self {
        let version = version.known();
        let since = match kind {
            TriggerKind::Kafka => 20,
            TriggerKind::ApacheKafka => 15,
        };
        if version.is_from(since) {
            Self::Typed { json_booleans: !version.is_from(17) }
        } else {
            Self::Strict
        }
    }

    /// The value as it counts; `None` if it counts as absent.
    pub fn text(self, raw: &str) -> Option<&str> {
        match self {
            Self::Strict => Some(raw),
            Self::Typed { .. } => Some(raw.trim()).filter(|text| !text.is_empty()),
        }
    }

    /// The number that a text (of [`Dialect::text`]) is.
    ///
    /// # Errors
    /// Says what is wrong, as the end of a sentence.
    pub fn integer(self, text: &str) -> Result<i64, &'static str> {
        match self {
            Self::Strict if text.is_empty() => {
                Err("is empty, which this version of KEDA takes for a broken number")
            }
            Self::Strict if text.trim() != text => {
                Err("has spaces around it, which this version of KEDA does not trim")
            }
            // strconv.ParseInt and Rust agree: an optional sign and digits.
            Self::Strict => text.parse().map_err(|_| NO_NUMBER),
            Self::Typed { .. } if !is_json_integer(text) && text.parse::<i64>().is_ok() => {
                Err("is written in a way that JSON does not know, as which KEDA reads it")
            }
            Self::Typed { .. } if !is_json_integer(text) => Err(NO_NUMBER),
            Self::Typed { .. } => text.parse().map_err(|_| NO_NUMBER),
        }
    }

    /// The boolean that a text is.
    ///
    /// # Errors
    /// Says what is wrong, as the end of a sentence.
    pub fn boolean(self, text: &str) -> Result<bool, &'static str> {
        match (self, text) {
            (Self::Typed { json_booleans: true }, "true") => Ok(true),
            (Self::Typed { json_booleans: true }, "false") => Ok(false),
            (Self::Typed { json_booleans: true }, _) => Err("is neither true nor false"),
            // strconv.ParseBool.
            (_, "1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
            (_, "0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
            (Self::Strict, _) if text.trim() != text => {
                Err("has spaces around it, which this version of KEDA does not trim")
            }
            _ => Err("is not a boolean"),
        }
    }
}

const NO_NUMBER: &str = "is not a whole number";

/// The integers of JSON: no plus sign, no leading zero.
pub(super) fn is_json_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain && (digits == "0" || !digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Dialect = Dialect::Strict;
    const TYPED: Dialect = Dialect::Typed { json_booleans: false };

    #[test]
    fn each_scaler_became_typed_in_its_own_version() {
        let of = |kind, minor| Dialect::of(kind, KedaVersion::v2(minor));
        assert_eq!(of(TriggerKind::Kafka, 19), STRICT);
        assert_eq!(of(TriggerKind::Kafka, 20), TYPED);
        assert_eq!(of(TriggerKind::ApacheKafka, 14), STRICT);
        assert_eq!(of(TriggerKind::ApacheKafka, 16), Dialect::Typed { json_booleans: true });
        assert_eq!(of(TriggerKind::ApacheKafka, 17), TYPED);
    }

    #[test]
    fn numbers_are_those_of_strconv_or_of_json() {
        for (text, strict, typed) in [
            ("800", true, true),
            ("-0", true, true),
            ("+5", true, false),
            ("010", true, false),
            ("1_000", false, false),
            ("10.5", false, false),
            ("1e3", false, false),
            ("0x10", false, false),
            ("9223372036854775807", true, true),
            ("9223372036854775808", false, false),
            ("null", false, false),
            ("", false, false),
            ("-", false, false),
        ] {
            assert_eq!(STRICT.integer(text).is_ok(), strict, "{text:?}");
            assert_eq!(TYPED.integer(text).is_ok(), typed, "{text:?}");
        }
    }

    #[test]
    fn spaces_and_nothing_depend_on_the_version() {
        assert_eq!(STRICT.text(" 5 "), Some(" 5 "));
        assert!(STRICT.integer(" 5 ").is_err());
        assert_eq!(TYPED.text("\u{a0}5\n"), Some("5"));
        assert_eq!(TYPED.text("  "), None);
    }

    #[test]
    fn booleans_of_apache_kafka_were_once_those_of_json() {
        let json = Dialect::Typed { json_booleans: true };
        assert_eq!(json.boolean("true"), Ok(true));
        assert!(json.boolean("True").is_err() && json.boolean("1").is_err());
        assert_eq!(TYPED.boolean("T"), Ok(true));
        assert!(TYPED.boolean("yes").is_err() && STRICT.boolean(" true").is_err());
    }
}
