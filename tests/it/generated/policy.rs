//! The reference of the policy, from its schema.

use lagward::engine::policy::schema;
use lagward::rules::RULES;
use serde_json::Value;

/// Keys that hold further keys, and have a section of their own.
const SECTIONS: [&str; 3] = ["rules", "overrides", "exempt"];

pub(super) fn page() -> String {
    let schema = schema(RULES);
    let rules = &schema["properties"]["rules"]["properties"];
    let any = &rules[RULES[0].code]["properties"];
    let every_rule = table(["level", "exemptable"].iter().map(|key| (*key, &any[*key])), &[]);
    let of_rules: String =
        RULES.iter().filter(|rule| !rule.params.is_empty()).fold(String::new(), |page, rule| {
            let known = &rules[rule.code]["properties"];
            let params = rule.params.iter().map(|param| (param.key(), &known[param.key()]));
            let heading = format!("### [{code}](rules/{code}.md) {name}", code = rule.code, name = rule.name);
            page + &format!("{heading}\n\n{}\n", table(params, &[]))
        });
    format!(
        "# Policy reference\n\n<!-- Generated from the schema of the policy: `make generate`. -->\n\n\
         One YAML file, `lagward.yaml`, is read by the webhook and by the command line. `lagward init` writes one that \
         says what applies without it, and `lagward schema` prints the JSON Schema for editors.\n\
         A key that is not known is refused with the nearest one that is.\n\n{INTRODUCTION}\n\
         ## Keys\n\n{}\n## `rules`\n\nFor every rule, by its code:\n\n{every_rule}\nSome have parameters of their own:\n\n\
         {of_rules}## `overrides`\n\nA list; each entry has a selector, all parts of which must fit, and what applies then. The last fitting entry wins.\n\n{}\n\
         ## `exempt`\n\nA list of what the platform grants; teams exempt their own objects by an annotation, with a reason.\n\n{}",
        table(members(&schema["properties"]), &SECTIONS),
        table(members(&schema["properties"]["overrides"]["items"]["properties"]), &["rules"]),
        table(members(&schema["properties"]["exempt"]["items"]["properties"]), &[]),
    )
}

const INTRODUCTION: &str = "```yaml\nprofile: baseline\nkedaVersion: \"2.17\"\nrules:\n  LW301: {min: 300}\n  LW204: {exemptable: false}\n\
    overrides:\n  - namespaces: [\"batch-*\"]\n    rules: {LW201: {allowScaleToZero: true}}\n\
    exempt:\n  - rule: LW301\n    namespaces: [legacy]\n    reason: moved off Kafka by spring\n    until: 2027-03-31\n```\n";

fn members(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    schema.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// One row a key; keys with a section are named in it.
fn table<'a>(keys: impl Iterator<Item = (&'a str, &'a Value)>, sections: &[&str]) -> String {
    let row = |(key, schema): (&str, &Value)| {
        let description = schema["description"].as_str().unwrap_or_default();
        let (meaning, default) = description.split_once(" Default: ").unwrap_or((description, ""));
        let default = default.trim_end_matches('.');
        let default = if default.is_empty() { "–".to_owned() } else { format!("`{default}`") };
        let (kind, meaning) = match sections.contains(&key) {
            true => ("see below".to_owned(), meaning),
            false => (kind(schema), meaning),
        };
        format!("| `{key}` | {kind} | {default} | {meaning} |\n")
    };
    format!("| key | type | default | meaning |\n|---|---|---|---|\n{}", keys.map(row).collect::<String>())
}

/// What may be written: the words, or the type with its bounds.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> =
            words.iter().filter_map(|word| Some(format!("`{}`", word.as_str()?))).collect();
        return if words.len() > 6 { "a code".to_owned() } else { words.join(", ") };
    }
    let text = |key: &str| schema[key].as_str();
    match (text("type"), &schema["minimum"], &schema["maximum"]) {
        (Some("integer" | "number"), Value::Number(low), Value::Number(high)) => {
            format!("number, {low} to {high}")
        }
        (Some("string"), ..) if text("format") == Some("date") => "date".to_owned(),
        (Some("string"), ..) if text("pattern").is_some_and(|p| p.contains("ms|s|m|h")) => {
            "duration".to_owned()
        }
        (Some("array"), ..) => "list of texts".to_owned(),
        (Some("object"), ..) => "map of texts".to_owned(),
        (Some("boolean"), ..) => "`true`, `false`".to_owned(),
        (kind, ..) => kind.unwrap_or("text").replace("string", "text"),
    }
}
