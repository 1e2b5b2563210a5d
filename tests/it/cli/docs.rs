//! `rules`, `explain` and `schema`: the rule table, for people and for machines.

use lagward::rules::RULES;
use serde_json::{Value, json};

use crate::support::{folder, lagward};

#[test]
fn rules_lists_each_rule_in_every_form() {
    let folder = folder(&[]);
    let text = lagward(folder.path(), &["rules"], "");
    let table = lagward(folder.path(), &["rules", "-o", "markdown"], "");
    assert_eq!((text.code, table.code), (0, 0));
    assert_eq!(text.out.lines().count(), RULES.len() + 3);
    assert_eq!(table.out.lines().count(), RULES.len() + 2);
    let list = lagward(folder.path(), &["rules", "-o", "json"], "").json();
    let list = list.as_array().expect("a list");
    assert_eq!(list.len(), RULES.len());
    for ((rule, json), line) in RULES.iter().zip(list).zip(text.out.lines().skip(1)) {
        assert!(line.starts_with(rule.code) && line.contains(rule.name), "{line}");
        assert_eq!((&json["code"], &json["name"]), (&json!(rule.code), &json!(rule.name)));
        assert_eq!(json["levels"]["strict"], rule.levels.strict.name());
        assert_eq!(json["params"].as_array().map(Vec::len), Some(rule.params.len()));
    }
}

#[test]
fn explain_prints_the_page_by_code_or_name() {
    let folder = folder(&[]);
    for rule in RULES {
        for name in [rule.code, rule.name, &rule.code.to_lowercase()] {
            let run = lagward(folder.path(), &["explain", name], "");
            assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, rule.page, ""), "{name}");
        }
    }
}

#[test]
fn explain_of_no_rule_offers_the_nearest() {
    let run = lagward(folder(&[]).path(), &["explain", "LW2011"], "");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err.starts_with("error: \"LW2011\" is not a rule\n  help: did you mean LW201?"),
        "{}",
        run.err
    );
}

#[test]
fn schema_is_json_that_knows_every_rule_and_parameter() {
    let run = lagward(folder(&[]).path(), &["schema"], "");
    assert_eq!(run.code, 0);
    let schema = run.json();
    assert_eq!(schema["additionalProperties"], false);
    let rules = &schema["properties"]["rules"]["properties"];
    for rule in RULES {
        let known = rules[rule.code]["properties"].as_object().expect("a rule of the schema");
        let keys = rule.params.iter().map(|param| param.key()).chain(["level", "exemptable"]);
        assert!(keys.clone().all(|key| known.contains_key(key)) && keys.count() == known.len(), "{known:?}");
        let levels = known["level"]["enum"].as_array().expect("words");
        let highest = Value::from(rule.levels.highest.name());
        assert!(levels.contains(&highest), "{levels:?}");
    }
}

#[test]
fn help_and_version_are_results() {
    let folder = folder(&[]);
    for arguments in [&["--help"][..], &["--version"], &["check", "--help"], &["serve", "--help"]] {
        let run = lagward(folder.path(), arguments, "");
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{arguments:?}");
        assert!(run.out.contains("lagward") || run.out.contains("Usage"), "{}", run.out);
    }
}
