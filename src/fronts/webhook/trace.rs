//! The trace that a request belongs to: `traceparent` of W3C Trace Context, as the API server sends it.

use http::HeaderMap;

/// The length of version 00 in bytes; later versions may add a dash and more.
const LENGTH: usize = 55;

/// The request's `traceparent`, if it is one. Whoever sends it writes to the log with it, so that only the shape
/// which the standard gives is taken: four fields of lower-case hexadecimal digits, neither id all zeros.
pub(super) fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let (known, rest) = text.split_at_checked(LENGTH)?;
    let fields: Vec<&str> = known.split('-').collect();
    let [version, trace, parent, flags] = fields.as_slice() else { return None };
    let lengths = [version, trace, parent, flags].map(|field| field.len());
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    let is_zero = |field: &str| field.bytes().all(|byte| byte == b'0');
    let is_whole = if *version == "00" { rest.is_empty() } else { rest.is_empty() || rest.starts_with('-') };
    let is_one = lengths == [2, 32, 16, 2] && known.bytes().all(is_hex) && *version != "ff";
    (is_one && is_whole && !is_zero(trace) && !is_zero(parent)).then_some(known)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn read(text: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_str(text).expect("a header"));
        traceparent(&headers).map(ToOwned::to_owned)
    }

    #[test]
    fn a_traceparent_is_taken_as_it_is() {
        assert_eq!(read(GOOD).as_deref(), Some(GOOD));
        assert_eq!(traceparent(&HeaderMap::new()), None);
    }

    #[test]
    fn of_a_later_version_only_what_is_known_is_taken() {
        let later = GOOD.replacen("00", "01", 1);
        assert_eq!(read(&format!("{later}-{}", "x".repeat(5000))), Some(later));
    }

    #[test]
    fn what_has_another_shape_is_left_out_of_the_log() {
        for bad in [
            "",
            "00",
            &GOOD.to_uppercase(),
            &format!("{GOOD}-00"),
            &format!("{GOOD}0"),
            &GOOD.replacen("00", "ff", 1),
            &GOOD.replacen("00", "0g", 1),
            &GOOD.replacen("00-4", "004-", 1),
            &GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &format!("00-{} denied=LW301", "a".repeat(43)),
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
