//! The JSON Schema of a policy, from the same tables that read it.

use serde_json::{Map, Value, json};

use super::read::{ALIGNMENTS, LEVELS, MODES, MUTATES, PROFILES};
use crate::engine::keda::KedaVersion;
use crate::engine::rule::{Level, Rule};

/// JSON Schema (draft 2020-12) of a policy for these rules.
pub fn schema(rules: &[&'static Rule]) -> Value {
    let rules = || rules_schema(rules);
    let selector = || {
        json!({
            "namespaces": {"type": "array", "items": {"type": "string"}, "description": "Glob patterns of namespaces."},
            "namespaceLabels": {"type": "object", "additionalProperties": {"type": "string"},
                "description": "Labels that the object's namespace must have. While they are not known, the rules that the entry speaks of deny nothing, and nothing is patched; `lagward check` reads them from a Namespace in its input."},
            "names": {"type": "array", "items": {"type": "string"}, "description": "Glob patterns of object names."},
            "labels": {"type": "object", "additionalProperties": {"type": "string"},
                "description": "Labels that the object itself must have."},
        })
    };
    let mode = || word(MODES, "What the webhook does with a denial. Default: enforce.");
    let mutate = || word(MUTATES, "Which fixes the webhook applies; none under mode: audit. Default: off.");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lagward policy",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "profile": word(PROFILES, "The levels of all rules. Default: strict."),
            "mode": mode(),
            "alignment": word(ALIGNMENTS, "How session timeout and grace period relate. Default: ratio."),
            "kedaVersion": {"type": "string", "pattern": r"^v?[0-9]+\.[0-9]+(\.[0-9]+)?$",
                "description": format!("The version of KEDA that runs. Default: {}.", KedaVersion::NEWEST)},
            "mutate": mutate(),
            "docsUrl": {"type": "string", "description": "Where messages point to. Default: https://lagward.dev/rules."},
            "rules": rules(),
            "overrides": list("Settings for some objects; the last fitting one wins.", merged(selector(), json!({
                "mode": mode(), "mutate": mutate(), "rules": rules(),
            })), &[]),
            "exempt": list("Exemptions that the policy grants.", merged(selector(), json!({
                "rule": {"enum": codes(rules()), "description": "The rule's code."},
                "reason": {"type": "string", "minLength": 1, "description": "Why; an exemption without one is refused."},
                "until": {"type": "string", "format": "date", "description": "The last day, inclusive, UTC."},
            })), &["rule", "reason"]),
        },
    })
}

fn rules_schema(rules: &[&'static Rule]) -> Value {
    let one = |rule: &&'static Rule| (rule.code.to_owned(), rule_schema(rule));
    let properties: Map<String, Value> = rules.iter().map(one).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties,
        "description": "Levels and parameters, by the code of the rule."})
}

fn rule_schema(rule: &Rule) -> Value {
    let levels: Vec<(&str, Level)> =
        LEVELS.iter().copied().filter(|(_, level)| *level <= rule.levels.highest).collect();
    let mut properties = Map::new();
    properties.insert("level".to_owned(), word(&levels, "Raises or lowers the rule."));
    let exemptable =
        json!({"type": "boolean", "description": "Whether an annotation may exempt. Default: true."});
    properties.insert("exemptable".to_owned(), exemptable);
    for param in rule.params {
        properties.insert(param.key().to_owned(), param.schema());
    }
    let description = format!("{}: {}", rule.name, rule.summary);
    json!({"type": "object", "additionalProperties": false, "description": description, "properties": properties})
}

/// A plain `off` is false to YAML 1.1.
fn word<T>(words: &[(&str, T)], description: &str) -> Value {
    let mut names: Vec<Value> = words.iter().map(|(name, _)| json!(name)).collect();
    if words.iter().any(|(name, _)| *name == "off") {
        names.push(json!(false));
    }
    json!({"enum": names, "description": description})
}

fn list(description: &str, properties: Value, required: &[&str]) -> Value {
    json!({"type": "array", "description": description, "items": {
        "type": "object", "additionalProperties": false, "required": required, "properties": properties,
    }})
}

fn merged(left: Value, right: Value) -> Value {
    let (Value::Object(mut left), Value::Object(right)) = (left, right) else { return Value::Null };
    left.extend(right);
    Value::Object(left)
}

fn codes(rules: Value) -> Vec<Value> {
    let Value::Object(mut rules) = rules else { return Vec::new() };
    match rules.remove("properties") {
        Some(Value::Object(codes)) => codes.into_iter().map(|(code, _)| json!(code)).collect(),
        _ => Vec::new(),
    }
}
