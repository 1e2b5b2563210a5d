//! Durations as Kafka clients, Go, Spring and ISO 8601 write them, and as people read them.

use std::time::Duration;

/// How a duration is written at the place where it was found, so that a fix can write it the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A bare number of milliseconds: `45000`.
    Millis,
    /// A bare number of seconds: `45`.
    Seconds,
    /// A Go duration: `45s`, `1m30s`.
    Go,
    /// An ISO 8601 duration: `PT45S`.
    Iso,
}

/// What a bare number means under a name, and which suffixes its reader understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Whole milliseconds and nothing else: Kafka's own keys (`session.timeout.ms`).
    Millis,
    /// A bare number is seconds (`VECTOR_GRACEFUL_SHUTDOWN_LIMIT_SECS`, Faust's `BROKER_SESSION_TIMEOUT`).
    Seconds,
    /// The name does not tell. A suffix decides; a bare number of 1000 or more is milliseconds, a smaller one
    /// is ambiguous and never guessed.
    ByValue,
    /// The write-up's annotation: a bare number of 1 to 999 is seconds, a larger one milliseconds.
    SecondsOrMillis,
    /// Spring Boot (`DurationStyle`): a whole number with at most one unit in either case, milliseconds without one,
    /// or ISO 8601.
    Spring,
    /// Quarkus (`DurationConverter`): a bare number is seconds; units in either case, and ISO 8601.
    Quarkus,
    /// Declared facts, flags and the deadline of a request: a Go duration with its unit.
    Go,
}

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoDuration {
    /// Not written in any form that the reader of this name understands.
    Malformed,
    /// A bare number whose unit nobody can tell.
    Ambiguous,
    /// Zero or negative.
    NotPositive,
}

/// Reads a duration written under a name with this unit; blanks around it do not count.
///
/// # Errors
/// Says why the text is no duration there.
pub fn parse(text: &str, unit: Unit) -> Result<(Duration, Form), NoDuration> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        let number = u64::try_from(number).ok().filter(|n| *n > 0).ok_or(NoDuration::NotPositive)?;
        return bare(number, unit);
    }
    if unit == Unit::Millis {
        return Err(NoDuration::Malformed);
    }
    if unit == Unit::Seconds {
        // Faust's settings are floats of seconds.
        return decimal(text, 1_000).map(|value| (value, Form::Seconds));
    }
    let with_units = match unit {
        Unit::Spring => simple,
        Unit::Quarkus => quarkus,
        _ => go,
    };
    match iso(text).or_else(|| with_units(text)) {
        None => Err(NoDuration::Malformed),
        Some((value, _)) if value.is_zero() => Err(NoDuration::NotPositive),
        Some(found) => Ok(found),
    }
}

/// Writes a duration in this form, rounded up to what the form can hold.
pub fn write(value: Duration, form: Form) -> String {
    let millis = value.as_millis();
    match form {
        Form::Millis => millis.to_string(),
        Form::Seconds => millis.div_ceil(1000).to_string(),
        Form::Go if millis.is_multiple_of(1000) => format!("{}s", millis / 1000),
        Form::Go => format!("{millis}ms"),
        Form::Iso if millis.is_multiple_of(1000) => format!("PT{}S", millis / 1000),
        Form::Iso => format!("PT{}.{:03}S", millis / 1000, millis % 1000),
    }
}

/// A duration for people: `250 us`, `112 ms`, `45 s`, `67.5 s`, `5 min`, `7 min 30 s`, `2 h`.
pub fn human(value: Duration) -> String {
    let millis = value.as_millis();
    match millis {
        0 if value.is_zero() => "0 s".to_owned(),
        0 => format!("{} us", value.as_nanos().div_ceil(1000)),
        1..1000 => format!("{millis} ms"),
        1000..120_000 if millis.is_multiple_of(1000) => format!("{} s", millis / 1000),
        1000..120_000 => {
            let fraction = format!("{:03}", millis % 1000);
            format!("{}.{} s", millis / 1000, fraction.trim_end_matches('0'))
        }
        _ => match millis.div_ceil(1000) {
            seconds @ 7200.. => match seconds.div_ceil(60) {
                minutes if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
                minutes => format!("{} h {} min", minutes / 60, minutes % 60),
            },
            seconds if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
            seconds => format!("{} min {} s", seconds / 60, seconds % 60),
        },
    }
}

fn bare(number: u64, unit: Unit) -> Result<(Duration, Form), NoDuration> {
    let millis = (Duration::from_millis(number), Form::Millis);
    let seconds = (Duration::from_secs(number), Form::Seconds);
    match unit {
        Unit::Millis | Unit::Spring => Ok(millis),
        Unit::Seconds | Unit::Quarkus => Ok(seconds),
        Unit::ByValue if number < 1000 => Err(NoDuration::Ambiguous),
        Unit::SecondsOrMillis if number < 1000 => Ok(seconds),
        Unit::ByValue | Unit::SecondsOrMillis => Ok(millis),
        Unit::Go => Err(NoDuration::Malformed),
    }
}

/// `PT1M30S`, `PT0.5S`; Java reads either case.
fn iso(text: &str) -> Option<(Duration, Form)> {
    let mut rest = text.get(..2).filter(|start| start.eq_ignore_ascii_case("PT")).map(|_| &text[2..])?;
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let scale = match rest.as_bytes()[digits].to_ascii_uppercase() {
            b'H' => 3_600_000,
            b'M' => 60_000,
            b'S' => 1_000,
            _ => return None,
        };
        total = total.checked_add(decimal(&rest[..digits], scale).ok()?)?;
        rest = &rest[digits + 1..];
    }
    Some((total, Form::Iso))
}

/// Go's time.ParseDuration without signs, and `d` for days, which Spring knows.
fn go(text: &str) -> Option<(Duration, Form)> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        total = total.checked_add(amount(number, &tail[..unit])?)?;
        rest = &tail[unit..];
    }
    (!text.is_empty()).then_some((total, Form::Go))
}

/// `^([+-]?\d+)([a-zA-Z]{0,2})$` (spring-boot DurationStyle.java); its units have no sign for micro.
fn simple(text: &str) -> Option<(Duration, Form)> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let value = unit.is_ascii().then(|| amount(number, &unit.to_ascii_lowercase()))?;
    Some((value?, Form::Go))
}

/// Hours, minutes and seconds in any number; milliseconds and days alone and whole (quarkus DurationConverter.java).
fn quarkus(text: &str) -> Option<(Duration, Form)> {
    let text = text.to_ascii_lowercase();
    let mut units = text.split(|c: char| c.is_ascii_digit() || c == '.').filter(|unit| !unit.is_empty());
    let is_one = text.ends_with("ms") || text.ends_with('d');
    let fits =
        if is_one { simple(&text).is_some() } else { units.all(|unit| matches!(unit, "h" | "m" | "s")) };
    go(&text).filter(|_| fits)
}

fn amount(number: &str, unit: &str) -> Option<Duration> {
    let scale = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        // Only lagward.dev/message-time is ever so short.
        "us" | "µs" | "μs" => return Some(decimal(number, 1).ok()? / 1_000),
        "ns" => return Some(decimal(number, 1).ok()? / 1_000_000),
        _ => return None,
    };
    decimal(number, scale).ok()
}

/// A decimal number of units of `scale` milliseconds, rounded up to whole milliseconds.
fn decimal(text: &str, scale: u64) -> Result<Duration, NoDuration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) || fraction.len() > 9
    {
        return Err(NoDuration::Malformed);
    }
    let parse = |part: &str| if part.is_empty() { Ok(0) } else { part.parse::<u64>() };
    let whole = parse(whole).map_err(|_| NoDuration::Malformed)?;
    let parts = parse(fraction).map_err(|_| NoDuration::Malformed)?;
    let of = 10_u64.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let millis = whole.checked_mul(scale).ok_or(NoDuration::Malformed)?;
    let extra = u128::from(parts) * u128::from(scale);
    let extra = u64::try_from(extra.div_ceil(u128::from(of))).unwrap_or(0);
    Ok(Duration::from_millis(millis.saturating_add(extra)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str, unit: Unit) -> Result<u128, NoDuration> {
        parse(text, unit).map(|(value, _)| value.as_millis())
    }

    #[test]
    fn a_kafka_key_takes_whole_milliseconds_only() {
        assert_eq!(ms("45000", Unit::Millis), Ok(45_000));
        assert_eq!(ms("45", Unit::Millis), Ok(45));
        for text in ["45s", "1m30s", "PT45S", "1e9999", "45.5", "", "45_000", "99999999999999999999"] {
            assert_eq!(ms(text, Unit::Millis), Err(NoDuration::Malformed), "{text:?}");
        }
        assert_eq!(ms("-1", Unit::Millis), Err(NoDuration::NotPositive));
        assert_eq!(ms("0", Unit::Millis), Err(NoDuration::NotPositive));
    }

    #[test]
    fn a_name_without_a_unit_is_read_by_its_value() {
        for (text, millis) in
            [("45s", 45_000), ("1m30s", 90_000), ("45000", 45_000), ("PT45S", 45_000), (" 45s ", 45_000)]
        {
            assert_eq!(ms(text, Unit::ByValue), Ok(millis), "{text:?}");
        }
        for (text, millis) in [("1.5h", 5_400_000), ("6000ms", 6_000), ("pt1m30s", 90_000), ("PT0.5S", 500)] {
            assert_eq!(ms(text, Unit::ByValue), Ok(millis), "{text:?}");
        }
        assert_eq!(ms("45", Unit::ByValue), Err(NoDuration::Ambiguous));
        assert_eq!(ms("-1", Unit::ByValue), Err(NoDuration::NotPositive));
        for text in ["1e9999", "45 s", "s", ".s", "PT", "4x", "9999999999999999999h", "é", "P€"] {
            assert_eq!(ms(text, Unit::ByValue), Err(NoDuration::Malformed), "{text:?}");
        }
    }

    #[test]
    fn the_annotation_counts_small_numbers_in_seconds() {
        assert_eq!(ms("45", Unit::SecondsOrMillis), Ok(45_000));
        assert_eq!(ms("999", Unit::SecondsOrMillis), Ok(999_000));
        assert_eq!(ms("1000", Unit::SecondsOrMillis), Ok(1_000));
    }

    #[test]
    fn spring_takes_one_whole_number_with_one_unit() {
        for (text, millis) in
            [("30000", 30_000), ("30s", 30_000), ("20S", 20_000), ("2M", 120_000), ("pt30s", 30_000)]
        {
            assert_eq!(ms(text, Unit::Spring), Ok(millis), "{text}");
        }
        for text in ["1m30s", "0m20s", "1.5s", "30 s", "30sec", "30µs", "s"] {
            assert_eq!(ms(text, Unit::Spring), Err(NoDuration::Malformed), "{text}");
        }
    }

    #[test]
    fn quarkus_takes_bare_seconds_and_several_units() {
        for (text, millis) in [
            ("60", 60_000),
            ("60S", 60_000),
            ("1m30s", 90_000),
            ("1.5s", 1_500),
            ("500ms", 500),
            ("PT60S", 60_000),
        ] {
            assert_eq!(ms(text, Unit::Quarkus), Ok(millis), "{text}");
        }
        for text in ["1s500ms", "1.5d", "1d2h", "60us", "60 s"] {
            assert_eq!(ms(text, Unit::Quarkus), Err(NoDuration::Malformed), "{text}");
        }
    }

    #[test]
    fn declared_facts_want_a_unit() {
        assert_eq!(ms("112", Unit::Go), Err(NoDuration::Malformed));
        assert_eq!(ms("112ms", Unit::Go), Ok(112));
        assert_eq!(ms("60.5", Unit::Seconds), Ok(60_500));
    }

    #[test]
    fn a_duration_is_written_as_it_was_found() {
        let value = Duration::from_millis(67_500);
        let forms = [Form::Millis, Form::Seconds, Form::Go, Form::Iso].map(|form| write(value, form));
        assert_eq!(forms, ["67500", "68", "67500ms", "PT67.500S"]);
        assert_eq!(write(Duration::from_secs(60), Form::Go), "60s");
    }

    #[test]
    fn people_read_the_unit_that_fits() {
        let texts = [112, 45_000, 67_500, 90_000, 179_500, 300_000, 450_000, 7_200_000, 99_961_000]
            .map(|n| human(Duration::from_millis(n)));
        assert_eq!(human(Duration::from_micros(250)), "250 us");
        assert_eq!(
            texts,
            ["112 ms", "45 s", "67.5 s", "90 s", "3 min", "5 min", "7 min 30 s", "2 h", "27 h 47 min"]
        );
    }
}
