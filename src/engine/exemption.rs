//! Whether an `ignore.lagward.dev/CODE` annotation holds.

use jiff::civil::Date;

use super::object::Exemption;
use super::policy::{Policy, Settings};

/// What an exemption is worth today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExemptionState {
    /// It covers findings of its rule.
    Holds { reason: Box<str> },
    /// No rule has this code.
    NamesNoRule,
    /// The policy forbids it.
    Forbidden,
    /// It gives no reason.
    NoReason,
    /// What follows `until` is no date.
    NoDate { text: Box<str> },
    /// Its last day is over.
    Expired { until: Date },
}

/// Reads `reason; until 2027-01-31`; the last day counts.
pub(super) fn state(
    exemption: &Exemption,
    policy: &Policy,
    settings: &Settings,
    today: Date,
) -> ExemptionState {
    let Some(rule) = policy.rules.iter().find(|rule| rule.code == &*exemption.code) else {
        return ExemptionState::NamesNoRule;
    };
    if !settings.is_exemptable(rule) {
        return ExemptionState::Forbidden;
    }
    let (reason, until) = split(&exemption.text);
    if reason.is_empty() {
        return ExemptionState::NoReason;
    }
    let Some(text) = until else { return ExemptionState::Holds { reason: reason.into() } };
    match text.parse::<Date>() {
        Err(_) => ExemptionState::NoDate { text: text.into() },
        Ok(until) if until < today => ExemptionState::Expired { until },
        Ok(_) => ExemptionState::Holds { reason: reason.into() },
    }
}

/// The reason, and what follows `until` in any case: all of it behind a semicolon, and elsewhere only what starts as a
/// date does, since a reason may hold the word.
fn split(text: &str) -> (&str, Option<&str>) {
    let word = "until";
    let last = text.to_ascii_lowercase().rmatch_indices(word).map(|(at, _)| at).find(|at| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        let ends = |c: char| !c.is_alphanumeric();
        let is_word = before.chars().next_back().is_none_or(ends) && after.chars().next().is_none_or(ends);
        let is_part =
            before.trim_end().ends_with(';') || after.trim_start().starts_with(|c: char| c.is_ascii_digit());
        is_word && is_part
    });
    let Some(at) = last else { return (text.trim(), None) };
    let reason =
        text[..at].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '.' | '-' | '('));
    let date = text[at + word.len()..].trim().trim_end_matches(['.', ')']);
    (reason.trim(), Some(date))
}

impl ExemptionState {
    /// What the user should know, if anything.
    pub(super) fn remark(&self, exemption: &Exemption, may_be_used: bool) -> Option<String> {
        let name = format!("exemption {}{}", Exemption::PREFIX, exemption.code);
        match self {
            Self::Holds { .. } if may_be_used => None,
            Self::Holds { .. } => Some(format!("{name} matches no finding here; remove it")),
            Self::NamesNoRule => Some(format!("{name} names no rule; `lagward rules` lists them")),
            Self::Forbidden => {
                Some(format!("{name} has no effect: the policy forbids exemptions from this rule"))
            }
            Self::NoReason => {
                Some(format!("{name} has no effect without a reason: \"<why>; until 2027-01-31\""))
            }
            Self::NoDate { text } => {
                Some(format!("{name} has no effect: {text:?} is not a date such as 2027-01-31"))
            }
            Self::Expired { until } => Some(format!("{name} ran out on {until}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    fn of(code: &str, text: &str) -> ExemptionState {
        let policy = Policy::new(RULES);
        let exemption = Exemption { code: code.into(), text: text.into() };
        state(&exemption, &policy, &Settings::default(), jiff::civil::date(2026, 11, 24))
    }

    #[test]
    fn an_exemption_needs_a_reason_and_holds_through_its_last_day() {
        let holds = |reason: &str| ExemptionState::Holds { reason: reason.into() };
        assert_eq!(of("LW201", "batch; owner agreed"), holds("batch; owner agreed"));
        assert_eq!(of("LW201", "batch; until 2026-11-24"), holds("batch"));
        let until = jiff::civil::date(2026, 11, 23);
        assert_eq!(of("LW201", "batch; until 2026-11-23"), ExemptionState::Expired { until });
        assert_eq!(of("LW201", "batch; until soon"), ExemptionState::NoDate { text: "soon".into() });
        for text in ["batch, until 2026-11-23", "batch; Until 2026-11-23", "batch (UNTIL 2026-11-23)."] {
            assert_eq!(of("LW201", text), ExemptionState::Expired { until }, "{text}");
        }
        assert_eq!(
            of("LW201", "batch until 24.11.2026"),
            ExemptionState::NoDate { text: "24.11.2026".into() }
        );
        let reason = "waits until all have left, untilted";
        assert_eq!(of("LW201", reason), holds(reason));
        assert_eq!(of("LW201", "runs until done; until 2026-11-24"), holds("runs until done"));
        assert_eq!(of("LW201", " "), ExemptionState::NoReason);
        assert_eq!(of("LW201", "until 2030-01-01"), ExemptionState::NoReason);
        assert_eq!(of("LW201", "; until 2030-01-01"), ExemptionState::NoReason);
        assert_eq!(of("LW999", "batch"), ExemptionState::NamesNoRule);
    }
}
