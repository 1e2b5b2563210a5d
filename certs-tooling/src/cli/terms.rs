//! What a certificate is to be, as flags.

use std::time::{Duration, SystemTime};

use clap::Args;
use jiff::{Span, SpanRelativeTo, Timestamp};

use crate::issue::{KeyType, Order};

#[derive(Args)]
pub(super) struct Terms {
    /// How long a certificate lasts
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = duration)]
    pub(super) lifetime: Duration,
    /// The kind of its key: ecdsa-p256, ecdsa-p384 or ed25519
    #[arg(long, value_name = "KIND", default_value_t = KeyType::P256)]
    key_type: KeyType,
}

impl Terms {
    pub(super) const fn order(&self, names: Vec<String>) -> Order {
        Order { names, lifetime: self.lifetime, key_type: self.key_type }
    }
}

/// A duration such as 30s, 12h or 90d, and not 0.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse().map_err(|_| "must be a duration such as 30s, 12h or 90d".to_owned())?;
    let exact = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok();
    let duration = exact.and_then(|exact| Duration::try_from(exact).ok()).filter(|exact| !exact.is_zero());
    duration.ok_or_else(|| "must be longer than 0, in days at most".to_owned())
}

/// As [`duration`], but may be 0.
pub(super) fn pause(text: &str) -> Result<Duration, String> {
    if matches!(text, "0" | "0s") { Ok(Duration::ZERO) } else { duration(text) }
}

/// A moment as people and programs read it, in whole seconds.
pub(super) fn moment(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| "a moment beyond all calendars".to_owned(), |timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_what_they_look_like() {
        assert_eq!(duration("90d"), Ok(Duration::from_secs(90 * 86_400)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5_400)));
        assert_eq!(pause("0s"), Ok(Duration::ZERO));
        for bad in ["", "0s", "-1h", "90", "1 month", "soon"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_are_timestamps() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        assert_eq!(moment(time), "2027-01-15T08:00:00Z");
    }
}
