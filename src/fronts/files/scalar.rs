//! What a scalar means: kubectl's reading of YAML 1.1, so that a file is judged as the cluster would see it.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// The meaning of a plain scalar, decided by go-yaml v2's `resolve` (sigs.k8s.io/yaml reads through it).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer that only fits without a sign.
    Unsigned(u64),
    Float(f64),
    Text,
}

/// Reads an unquoted scalar. The first byte settles nearly all of them.
pub(super) fn plain(text: &str) -> Plain {
    let Some(first) = text.bytes().next() else { return Plain::Null };
    match first {
        b'~' | b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => word(text),
        b'.' => dotted(text),
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => Plain::Text,
    }
}

/// The JSON value that reaches the API server; `None` for infinity, which JSON does not have.
///
/// A whole float becomes an integer, because Go prints it without a fraction and the server then reads an integer:
/// `maxReplicaCount: 10.0` is valid.
pub(super) fn value(text: Cow<'_, str>, plain: Plain) -> Option<Value> {
    Some(match plain {
        Plain::Null => Value::Null,
        Plain::Bool(truth) => Value::Bool(truth),
        Plain::Int(number) => Value::Number(number.into()),
        Plain::Unsigned(number) => Value::Number(number.into()),
        Plain::Float(number) => {
            Value::Number(whole(number).map(Number::from).or_else(|| Number::from_f64(number))?)
        }
        Plain::Text => Value::String(text.into_owned()),
    })
}

/// The map key that a scalar becomes, as sigs.k8s.io/yaml spells it: `on` is `true`, `0x10` is `16`. `None` for
/// null and for what only fits without a sign, which it refuses.
pub(super) fn key(text: Cow<'_, str>, plain: Plain) -> Option<String> {
    match plain {
        Plain::Null | Plain::Unsigned(_) => None,
        Plain::Bool(truth) => Some(truth.to_string()),
        Plain::Int(number) => Some(number.to_string()),
        Plain::Float(number) => Some(short_float(number)),
        Plain::Text => Some(text.into_owned()),
    }
}

/// Reads a scalar that carries a tag of YAML's own; `None` when the text is no such thing.
pub(super) fn tagged(tag: &str, text: &str) -> Option<Plain> {
    let found = plain(text);
    match (tag, found) {
        ("int", Plain::Int(_) | Plain::Unsigned(_))
        | ("float", Plain::Float(_))
        | ("bool", Plain::Bool(_))
        | ("null", Plain::Null) => Some(found),
        #[expect(clippy::cast_precision_loss, reason = "the tag asks for a float")]
        ("float", Plain::Int(number)) => Some(Plain::Float(number as f64)),
        ("int" | "float" | "bool" | "null", _) => None,
        _ => Some(Plain::Text),
    }
}

fn word(text: &str) -> Plain {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Plain::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Plain::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Plain::Null,
        _ => Plain::Text,
    }
}

fn infinity(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => None,
    }
}

/// Go's `ParseFloat` allows an underscore between two digits here.
fn dotted(text: &str) -> Plain {
    if let Some(number) = infinity(text) {
        return Plain::Float(number);
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let well_placed = (1..bytes.len()).all(|at| bytes[at] != b'_' || (digit(at - 1) && digit(at + 1)));
    if well_placed { decimal(&text.replace('_', "")) } else { Plain::Text }
}

/// Underscores are dropped wherever they stand, as go-yaml does.
fn number(text: &str) -> Plain {
    if let Some(number) = infinity(text) {
        return Plain::Float(number);
    }
    let text = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    integer(&text).unwrap_or_else(|| decimal(&text))
}

/// Go's `ParseInt` with base 0, then `ParseUint`: a leading zero is octal.
fn integer(text: &str) -> Option<Plain> {
    // go-yaml's own way to read binary numbers lets their sign stand behind the prefix.
    if let Some(digits) = text.strip_prefix("0b").filter(|digits| digits.starts_with(['+', '-'])) {
        return i64::from_str_radix(digits, 2).ok().map(Plain::Int);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&unsigned[2..], 16),
        [b'0', b'o' | b'O', ..] => (&unsigned[2..], 8),
        [b'0', b'b' | b'B', ..] => (&unsigned[2..], 2),
        [b'0', _, ..] => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    };
    // Rust accepts a sign here and Go does not.
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if text.starts_with('-') {
        return 0i64.checked_sub_unsigned(magnitude).map(Plain::Int);
    }
    match i64::try_from(magnitude) {
        Ok(number) => Some(Plain::Int(number)),
        Err(_) if text.starts_with('+') => None,
        Err(_) => Some(Plain::Unsigned(magnitude)),
    }
}

/// go-yaml's `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`; out of range is text.
fn decimal(text: &str) -> Plain {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c == '.' || c.is_ascii_digit()) {
        return Plain::Text;
    }
    // From here Rust's grammar is the same: it also wants a digit, and knows no hexadecimal.
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Plain::Float(number),
        _ => Plain::Text,
    }
}

/// A whole float within `i64`. Printed, it has no fraction.
fn whole(number: f64) -> Option<i64> {
    if number.fract() == 0.0 { number.to_string().parse().ok() } else { None }
}

/// Go's `FormatFloat(number, 'g', -1, 32)`.
fn short_float(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "sigs.k8s.io/yaml spells such keys in 32 bits")]
    let short = number as f32;
    if short.is_nan() {
        return ".nan".to_owned();
    }
    if short.is_infinite() {
        return if short > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{short:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let power: i32 = exponent.parse().unwrap_or_default();
    if !(-4..6).contains(&power) {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", power.abs());
    }
    short.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        value(text.into(), plain(text)).expect("JSON has it")
    }

    /// What `kubectl create --dry-run=client -o json` and sigs.k8s.io/yaml 1.6.0 make of each scalar.
    #[test]
    fn plain_scalars_mean_what_they_mean_to_kubectl() {
        for (expected, texts) in [
            (json!(true), "y Y yes Yes YES true True TRUE on On ON"),
            (json!(false), "n N no No NO false False FALSE off Off OFF"),
            (json!(null), "~ null Null NULL"),
            (json!(420), "0644 0o644 0x1A4 0b110100100 420 +420 4_20 420.0 4.2e2 42e1 0_644"),
            (json!(8), "08 8.0 8. +8 0b1000 0o10 010"),
            (json!(-3), "-3 -0b11 0b-11 -0x3 -03 -_3 -3.0"),
            (json!(0), "0 -0 00 0x0 0.0 -0.0 .0"),
            (json!(0.5), ".5 +.5 0.5 5e-1 .5_0"),
            (json!(u64::MAX), "18446744073709551615 0xFFFFFFFFFFFFFFFF"),
            (json!(18_446_744_073_709_551_616.0), "18446744073709551616 +18446744073709551616"),
            (json!(1e21), "1e21 1E+21"),
        ] {
            for text in texts.split(' ') {
                assert_eq!(read(text), expected, "{text}");
            }
        }
        assert_eq!(read(""), Value::Null);
    }

    #[test]
    fn what_only_looks_like_a_number_or_a_word_stays_text() {
        let texts = "yEs tRUE nULL oN 1:30 190:20:30 2001-12-14 2001-12-14T21:59:43Z 1d 10m 500Mi 100% 0x 0b 0o 0b2 \
                     0xg 1e999 -1e999 1e ._5 .5_ . .. - + -- +-1 1-2 infinity NaN inf 0x1p-2 0xFFFFFFFFFFFFFFFFF _1 \
                     = << .iNF 1,000";
        for text in texts.split_whitespace() {
            assert_eq!(read(text), json!(text), "{text}");
        }
    }

    #[test]
    fn json_has_no_infinity() {
        for text in [".inf", "+.Inf", "-.INF", ".nan", ".NaN"] {
            assert_eq!(value(text.into(), plain(text)), None, "{text}");
        }
    }

    #[test]
    fn keys_are_spelled_as_the_api_server_gets_them() {
        for (text, name) in [
            ("on", Some("true")),
            ("n", Some("false")),
            ("0x10", Some("16")),
            ("1.10", Some("1.1")),
            ("0.1", Some("0.1")),
            ("8.0", Some("8")),
            ("1234567.0", Some("1.234567e+06")),
            ("100000.0", Some("100000")),
            ("1e-5", Some("1e-05")),
            ("-.inf", Some("-.inf")),
            ("name", Some("name")),
            ("~", None),
            ("18446744073709551615", None),
        ] {
            assert_eq!(key(text.into(), plain(text)).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn a_tag_decides_or_refuses() {
        assert_eq!(tagged("str", "12"), Some(Plain::Text));
        assert_eq!(tagged("int", "0x10"), Some(Plain::Int(16)));
        assert_eq!(tagged("float", "3"), Some(Plain::Float(3.0)));
        assert_eq!(tagged("bool", "on"), Some(Plain::Bool(true)));
        assert_eq!(tagged("null", ""), Some(Plain::Null));
        assert_eq!(tagged("int", "1.5"), None);
        assert_eq!(tagged("bool", "maybe"), None);
        assert_eq!(tagged("", "yes"), Some(Plain::Text));
    }
}
