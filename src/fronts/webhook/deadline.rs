//! How long a request may take: `?timeout=3s`, as the API server sends it.

use std::time::Duration;

use crate::engine::duration::{Unit, parse};

/// What is left over for the answer to travel back and for the caller to read it.
const MARGIN: Duration = Duration::from_millis(200);

/// The time a request has from the arrival of its headers: its own `timeout`, less a margin so that the
/// caller sees this server's answer instead of its own timer, and never more than `limit`. A `timeout` that
/// cannot be read counts as none.
pub(super) fn allowance(query: Option<&str>, limit: Duration) -> Duration {
    let asked = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("timeout=")));
    let Some((asked, _)) = asked.and_then(|text| parse(text, Unit::Go).ok()) else { return limit };
    limit.min(asked - MARGIN.min(asked / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[test]
    fn what_go_prints_is_read() {
        let limit = Duration::from_secs(7200);
        for (text, millis) in [
            ("10s", 9800),
            ("1m30s", 89_800),
            ("2.5s", 2300),
            ("1h0m0s", 3_599_800),
            ("500ms", 450),
            ("250µs", 0),
        ] {
            let allowed = allowance(Some(&format!("timeout={text}")), limit);
            assert_eq!(allowed.as_millis(), millis, "{text}");
        }
    }

    #[test]
    fn anything_else_counts_as_none() {
        for text in
            ["", "3", "s", "-3s", "0s", "1.2.3s", "3d", "1e9s", "9999h", "3s5", "NaNs", "%C2%B5s", "٣s"]
        {
            assert_eq!(allowance(Some(&format!("timeout={text}")), LIMIT), LIMIT, "{text}");
        }
    }

    #[test]
    fn the_answer_comes_before_the_callers_deadline() {
        assert_eq!(allowance(Some("timeout=3s"), LIMIT), Duration::from_millis(2800));
        assert_eq!(allowance(Some("a=b&timeout=1s"), LIMIT), Duration::from_millis(900));
    }

    #[test]
    fn a_long_timeout_does_not_lift_the_limit() {
        assert_eq!(allowance(Some("timeout=10m"), LIMIT), LIMIT);
        assert_eq!(allowance(None, LIMIT), LIMIT);
        assert_eq!(allowance(Some("timeouts=1s"), LIMIT), LIMIT);
    }
}
