//! How long a request may take: `?timeout=3s`, as the API server sends it.

use std::time::Duration;

/// What is left over for the answer to travel back and for the caller to read it.
const MARGIN: Duration = Duration::from_millis(200);

/// The time a request has from the arrival of its headers: its own `timeout`, less a margin so that the
/// caller sees this server's answer instead of its own timer, and never more than `limit`. A `timeout` that
/// cannot be read counts as none.
pub(super) fn allowance(query: Option<&str>, limit: Duration) -> Duration {
    let asked = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("timeout=")));
    let Some(asked) = asked.and_then(go_duration) else { return limit };
    limit.min(asked - MARGIN.min(asked / 10))
}

/// Reads what Go's `time.Duration` prints, `1m30s` or `2.5s`; at most a day. None when it is something else.
fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * scale;
        rest = tail;
    }
    (seconds > 0.0 && seconds <= 86_400.0).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[test]
    fn go_durations_are_read() {
        for (text, millis) in
            [("3s", 3000), ("1m30s", 90_000), ("2.5s", 2500), ("500ms", 500), ("1h", 3_600_000)]
        {
            assert_eq!(go_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn anything_else_counts_as_none() {
        for text in
            ["", "3", "s", "-3s", "0s", "1.2.3s", "3d", "1e9s", "9999h", "3s5", "NaNs", "%C2%B5s", "٣s"]
        {
            assert_eq!(go_duration(text), None, "{text}");
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
