//! `lagward rules`

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::complaint::Complaint;
use super::{Exit, answer};
use crate::engine::rule::{Fixes, Rule};
use crate::rules::RULES;

/// List the rules
#[derive(Args)]
pub(super) struct Rules {
    /// How to write the list
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

impl Rules {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        answer(&match self.output {
            Format::Text => text(),
            Format::Json => format!("{:#}\n", Value::from_iter(RULES.iter().map(|rule| of(rule)))),
            Format::Markdown => markdown(),
        })
    }
}

fn text() -> String {
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    let mut out = format!(
        "{:<6} {:<width$} {:<6} {:<8} {:<9} WHAT IT SAYS\n",
        "CODE", "NAME", "STRICT", "BASELINE", "FIX"
    );
    for rule in RULES {
        let Rule { code, name, levels, summary, .. } = rule;
        let (strict, baseline) = (levels.strict, levels.baseline);
        let fix = fixes(&rule.fixes);
        out += &format!("{code:<6} {name:<width$} {strict:<6} {baseline:<8} {fix:<9} {summary}\n");
    }
    out + "\nFIX: fill supplies what is missing (--fix), set overwrites too (--unsafe-fixes); * also at admission (mutate)\n"
}

/// The table of docs/rules/README.md.
fn markdown() -> String {
    let mut out =
        String::from("| code | name | strict | baseline | fix | what it says |\n|---|---|---|---|---|---|\n");
    for rule in RULES {
        let Rule { code, name, levels, summary, .. } = rule;
        let (strict, baseline) = (levels.strict, levels.baseline);
        let fix = fixes(&rule.fixes);
        out += &format!("| {code} | {name} | {strict} | {baseline} | {fix} | {summary} |\n");
    }
    out
}

fn of(rule: &Rule) -> Value {
    let params = rule.params.iter().map(
        |param| json!({"key": param.key(), "default": param.default_text(), "description": param.doc()}),
    );
    json!({
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "since": rule.since,
        "levels": {
            "strict": rule.levels.strict.name(),
            "baseline": rule.levels.baseline.name(),
            "highest": rule.levels.highest.name(),
        },
        "fixes": {
            "fill": rule.fixes.fill,
            "set": rule.fixes.set,
            "atAdmission": rule.fixes.at_admission,
        },
        "params": Value::from_iter(params),
    })
}

/// `fill`, `set`, both, or a dash; a star where the webhook may apply them.
fn fixes(fixes: &Fixes) -> String {
    let kinds: Vec<&str> = [(fixes.fill, "fill"), (fixes.set, "set")]
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, kind)| kind)
        .collect();
    match kinds.len() {
        0 => "-".to_owned(),
        _ => format!("{}{}", kinds.join("+"), if fixes.at_admission { "*" } else { "" }),
    }
}
