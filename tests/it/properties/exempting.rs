//! Exemptions: each silences its rule and nothing else, and one that does nothing is named.

use lagward::engine::judge::{Occasion, Verdict};
use lagward::engine::policy::Scope;
use lagward::engine::rule::Level;
use lagward::engine::world::Nothing;
use lagward::rules::RULES;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::generate::object;
use super::policies::policy;
use super::{config, judged, places, read, standing};
use crate::support::{Known, subject};

fn exempted(object: &Value, code: &str, text: &str) -> Value {
    let mut object = object.clone();
    object["metadata"]["annotations"][format!("ignore.lagward.dev/{code}")] = json!(text);
    object
}

/// What is noted of the exemption from this rule.
fn notes(verdict: &Verdict, code: &str) -> Vec<String> {
    let place = format!("metadata.annotations[\"ignore.lagward.dev/{code}\"]");
    verdict
        .notes
        .iter()
        .filter(|note| note.place.to_string() == place)
        .map(|note| note.text.clone())
        .collect()
}

fn code() -> impl Strategy<Value = &'static str> {
    select(RULES.iter().map(|rule| rule.code).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_exemption_takes_away_the_findings_of_its_rule_and_no_others(
        object in object(), policy in policy(), code in code(),
    ) {
        let policy = read(&policy);
        let before = places(standing(&object, &policy).open());
        let without: Vec<_> = before.into_iter().filter(|(found, _)| *found != code).collect();
        let verdict = standing(&exempted(&object, code, "why"), &policy);
        prop_assert_eq!(places(verdict.open()), without);
    }

    #[test]
    fn an_exemption_that_has_ended_takes_away_nothing_and_is_noted(
        object in object(), policy in policy(), code in code(),
    ) {
        let policy = read(&policy);
        let none = places(standing(&exempted(&object, code, ""), &policy).open());
        let verdict = standing(&exempted(&object, code, "why; until 2026-11-23"), &policy);
        prop_assert_eq!(places(verdict.open()), none);
        let noted = format!("exemption ignore.lagward.dev/{code} ran out on 2026-11-23");
        prop_assert_eq!(notes(&verdict, code), [noted]);
    }

    #[test]
    fn an_exemption_is_noted_as_unused_exactly_when_the_rule_has_no_finding(
        object in object(), policy in policy(), code in code(),
    ) {
        let policy = read(&policy);
        let object = exempted(&object, code, "why; until 2026-11-24");
        // A World that knows everything: nothing may be there that is not seen.
        let verdict = judged(&object, &policy, &Known::default(), Occasion::Existing);
        let covers = verdict.findings.iter().any(|finding| finding.rule.code == code);
        let rule = policy.rules.iter().find(|rule| rule.code == code).expect("a rule has this code");
        let is_off = policy.settings_for(&Scope::of(subject(&object).meta(), &Nothing)).level(rule) == Some(Level::Off);
        let noted = match covers || is_off {
            true => vec![],
            false => vec![format!("exemption ignore.lagward.dev/{code} matches no finding here; remove it")],
        };
        prop_assert_eq!(notes(&verdict, code), noted);
        // At admission, and where the counterpart may be missing, nobody is told to remove it.
        prop_assert_eq!(notes(&standing(&object, &policy), code), [] as [String; 0]);
    }
}
