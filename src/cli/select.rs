//! Which rules a command speaks of: codes, names, and the beginning of codes.

use super::complaint::Complaint;
use crate::engine::policy::Policy;
use crate::engine::rule::Rule;
use crate::rules::RULES;

/// Leaves the rules that `select` names (all of them, if it names none) without those that `ignore` names.
pub(super) fn narrow(policy: &mut Policy, select: &[String], ignore: &[String]) -> Result<(), Complaint> {
    let (selected, ignored) = (codes(select)?, codes(ignore)?);
    policy.keep(|rule| (select.is_empty() || selected.contains(&rule.code)) && !ignored.contains(&rule.code));
    Ok(())
}

/// The rule of this code or name.
pub(super) fn find(word: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(word) || rule.name == word)
}

/// For a word that is no rule, with those that it begins, else the nearest.
pub(super) fn not_a_rule(word: &str) -> Complaint {
    Complaint { message: format!("{word:?} is not a rule"), help: did_you_mean(word) }
}

fn did_you_mean(word: &str) -> Option<String> {
    let beginning = word.to_ascii_uppercase();
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).filter(|c| c.starts_with(&beginning)).collect();
    if !codes.is_empty() && !word.is_empty() {
        return Some(format!("did you mean {}? `lagward rules` lists all", codes.join(", ")));
    }
    let nearest = RULES.iter().flat_map(|rule| [rule.code, rule.name]).min_by_key(|known| {
        strsim::damerau_levenshtein(&word.to_ascii_uppercase(), &known.to_ascii_uppercase())
    });
    nearest.map(|known| format!("did you mean {known}? `lagward rules` lists all"))
}

fn codes(words: &[String]) -> Result<Vec<&'static str>, Complaint> {
    let mut codes = Vec::new();
    for word in words {
        let beginning = word.trim().to_ascii_uppercase();
        let before = codes.len();
        match find(word.trim()) {
            Some(rule) => codes.push(rule.code),
            None if beginning.starts_with("LW") => {
                codes.extend(RULES.iter().map(|rule| rule.code).filter(|code| code.starts_with(&beginning)));
            }
            None => {}
        }
        if codes.len() == before {
            return Err(not_a_rule(word));
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str) -> Result<Vec<&'static str>, Complaint> {
        codes(&[word.to_owned()])
    }

    #[test]
    fn a_rule_is_named_by_code_name_or_the_beginning_of_its_code() {
        assert_eq!(of("lw201").unwrap(), ["LW201"]);
        assert_eq!(of("min-replicas-too-low").unwrap(), ["LW201"]);
        let twos = of("LW2").unwrap();
        assert!(twos.len() > 1 && twos.iter().all(|code| code.starts_with("LW2")), "{twos:?}");
        assert_eq!(of("LW").unwrap().len(), RULES.len());
    }

    #[test]
    fn a_word_that_is_no_rule_is_refused_with_the_nearest() {
        for word in ["LW9", "", "min", "min-replicas-to-low"] {
            assert!(of(word).is_err(), "{word}");
        }
        let Complaint { message, help } = of("min-replicas-to-low").unwrap_err();
        assert_eq!(message, "\"min-replicas-to-low\" is not a rule");
        assert_eq!(help.unwrap(), "did you mean min-replicas-too-low? `lagward rules` lists all");
    }
}
