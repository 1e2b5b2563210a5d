//! The syntax of `partitionLimitation`: `1,2,10-20`.

use super::TriggerKind;
use super::dialect::{Dialect, is_json_integer};

/// Whether the scaler accepts the list. It is never expanded here, though KEDA does: a range of a billion
/// partitions costs KEDA its memory.
pub(super) fn is_valid(text: &str, kind: TriggerKind, dialect: Dialect) -> bool {
    text.split(',').all(|term| match (dialect, kind) {
        // `ParseInt32List`, pkg/util/parse_string.go, v2.10.1 to v2.19.0: not even a space behind a comma.
        (Dialect::Strict, _) => is_range(term, is_int32),
        // `parsePartitionLimitation`, pkg/scalers/kafka_scaler.go, v2.20.2.
        (Dialect::Typed { .. }, TriggerKind::Kafka) => is_range(term.trim(), |part| is_int32(part.trim())),
        // `setConfigValueSlice` and `setConfigValueRange`, pkg/scalers/scalersconfig/typed_config.go, v2.15.1.
        (Dialect::Typed { .. }, TriggerKind::ApacheKafka) => is_range(term.trim(), |part| {
            let part = part.trim_matches(JSON_SPACES);
            is_json_integer(part) && part.parse::<i64>().is_ok()
        }),
    })
}

/// How many of a topic's partitions a valid list leaves for KEDA to count; all of them if it is empty.
pub(crate) fn count(text: &str, partitions: i64) -> Option<i64> {
    if text.trim().is_empty() {
        return Some(partitions);
    }
    let mut ranges = Vec::new();
    for term in text.split(',') {
        let number = |part: &str| part.trim().parse::<i64>().ok();
        let (start, end) = match term.split_once('-') {
            Some((start, end)) => (number(start)?, number(end)?),
            None => (number(term)?, number(term)?),
        };
        ranges.push((start.max(0), end.min(partitions - 1)));
    }
    ranges.sort_unstable();
    let (mut counted, mut next) = (0, 0);
    for (start, end) in ranges {
        let start = start.max(next);
        if end >= start {
            counted += end - start + 1;
            next = end + 1;
        }
    }
    Some(counted)
}

const JSON_SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// One number, or two with a dash between them. A number with a minus sign is a range without a start.
fn is_range(term: &str, is_number: impl Fn(&str) -> bool) -> bool {
    let mut parts = term.split('-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(only), None, _) => is_number(only),
        (Some(start), Some(end), None) => is_number(start) && is_number(end),
        _ => false,
    }
}

fn is_int32(part: &str) -> bool {
    part.parse::<i32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_leaves_the_partitions_that_the_topic_has_of_it() {
        for (text, counted) in [
            ("", Some(12)),
            ("0", Some(1)),
            ("0-5", Some(6)),
            ("0-5,3-7, 5", Some(8)),
            ("10-20", Some(2)),
            ("5-1", Some(0)),
            ("0-2147483647", Some(12)),
            ("a", None),
        ] {
            assert_eq!(count(text, 12), counted, "{text:?}");
        }
    }

    #[test]
    fn spaces_zeros_and_size_depend_on_scaler_and_version() {
        let typed = Dialect::Typed { json_booleans: false };
        for (text, strict, kafka, apache) in [
            ("1,2,10-20", true, true, true),
            ("5-1", true, true, true),
            ("1, 2", false, true, true),
            ("1 - 2", false, true, true),
            ("01", true, true, false),
            ("+1", true, true, false),
            ("3000000000", false, false, true),
            ("-1", false, false, false),
            ("1-2-3", false, false, false),
            ("1,", false, false, false),
            ("a", false, false, false),
        ] {
            assert_eq!(is_valid(text, TriggerKind::Kafka, Dialect::Strict), strict, "{text:?}");
            assert_eq!(is_valid(text, TriggerKind::Kafka, typed), kafka, "{text:?}");
            assert_eq!(is_valid(text, TriggerKind::ApacheKafka, typed), apache, "{text:?}");
        }
    }
}
