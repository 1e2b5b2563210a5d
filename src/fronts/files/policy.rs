//! Reads a policy file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lines::line_column;
use super::node::Repeat;
use super::stream::parse;
use crate::digest::sha256;
use crate::engine::policy::{Policy, Problem};
use crate::rules::RULES;

/// The policy that `lagward` ships; every key of it is spelt out.
pub const DEFAULT: &str = include_str!("../../../manifests/policy/default.yaml");

/// A policy with the hash of its text.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The policy.
    pub policy: Policy,
    /// The first 12 hexadecimal digits of the text's SHA-256.
    pub hash: Arc<str>,
}

/// Why a policy cannot be used.
#[derive(Debug)]
pub enum PolicyError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: std::io::Error,
    },
    /// Its content is wrong.
    Content {
        /// Each problem with its line and column.
        problems: Vec<Line>,
    },
}

/// One problem of a policy's text.
#[derive(Debug)]
pub struct Line {
    file: String,
    at: (usize, usize),
    message: String,
    help: Option<String>,
}

/// The policy of this file, or the shipped one.
///
/// # Errors
/// The file cannot be read, is no YAML, or is no policy.
pub fn load(path: Option<&Path>) -> Result<Loaded, PolicyError> {
    let Some(path) = path else { return read("the default policy", DEFAULT) };
    let text =
        std::fs::read_to_string(path).map_err(|error| PolicyError::Read { path: path.to_owned(), error })?;
    read(&path.display().to_string(), &text)
}

/// The policy of this text.
///
/// # Errors
/// The text is no YAML, or no policy.
pub fn read(file: &str, text: &str) -> Result<Loaded, PolicyError> {
    let (documents, errors) = parse(text);
    let line = |at, message, help| Line { file: file.to_owned(), at, message, help };
    if !errors.is_empty() {
        let problems =
            errors.into_iter().map(|error| line((error.line, error.column), error.message, None)).collect();
        return Err(PolicyError::Content { problems });
    }
    if documents.len() > 1 {
        let message = "a policy is one document, but this file has several".to_owned();
        return Err(PolicyError::Content { problems: vec![line((1, 1), message, None)] });
    }
    // Whoever writes a key twice means both, and only one would count.
    let repeats = documents.iter().flat_map(|document| &document.repeats);
    let problems: Vec<Line> = repeats
        .map(|Repeat { key, spans: [first, second] }| {
            let (before, _) = line_column(text, first.start);
            line(line_column(text, second.start), format!("{key} is also in line {before}"), None)
        })
        .collect();
    if !problems.is_empty() {
        return Err(PolicyError::Content { problems });
    }
    let empty = serde_json::Value::Null;
    let value = documents.first().map_or(&empty, |document| &document.value);
    match Policy::read(value, RULES) {
        Ok(policy) => {
            let mut hash = sha256([text]);
            hash.truncate(12);
            Ok(Loaded { policy, hash: hash.into() })
        }
        Err(problems) => {
            let place = |problem: &Problem| {
                let Some(document) = documents.first() else { return (1, 1) };
                let key = document.key_span(&problem.place).filter(|_| problem.is_key);
                line_column(text, key.unwrap_or_else(|| document.span(&problem.place)).start)
            };
            let mut problems: Vec<Line> =
                problems.into_iter().map(|p| line(place(&p), p.message, p.help)).collect();
            problems.sort_by_key(|problem| problem.at);
            Err(PolicyError::Content { problems })
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, error } => write!(f, "cannot read the policy {}: {error}", path.display()),
            Self::Content { problems } => {
                for (index, Line { file, at: (line, column), message, help }) in problems.iter().enumerate() {
                    let newline = if index == 0 { "" } else { "\n" };
                    write!(f, "{newline}{file}:{line}:{column}: {message}")?;
                    if let Some(help) = help {
                        write!(f, "\n  help: {help}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for PolicyError {}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::engine::object::Kind;
    use crate::engine::policy::{Mutate, Scope};
    use crate::engine::subject::Subject;
    use crate::engine::world::Nothing;

    fn refusal(text: &str) -> String {
        read("lagward.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_policy_says_what_an_empty_one_means() {
        let shipped = read("default.yaml", DEFAULT).unwrap().policy;
        let empty = read("empty.yaml", "").unwrap().policy;
        assert_eq!(shipped.profile, empty.profile);
        assert_eq!(shipped.alignment, empty.alignment);
        assert_eq!(shipped.docs_url, empty.docs_url);
        assert_eq!(shipped.keda_version, empty.keda_version);
        let text = r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}"#;
        let subject =
            Subject::distil(Kind::Deployment, &serde_json::from_str::<Value>(text).unwrap()).unwrap();
        let scope = Scope::of(subject.meta(), &Nothing);
        let mutate = |policy: &Policy| policy.settings_for(&scope).mutate.unwrap_or(Mutate::Off);
        assert_eq!(mutate(&shipped), mutate(&empty));
    }

    #[test]
    fn a_bad_policy_names_file_line_key_and_the_nearest_valid_key() {
        assert_eq!(
            refusal("profile: strict\nruels:\n  LW201: {}\n"),
            "lagward.yaml:2:1: unknown key \"ruels\"\n  help: did you mean \"rules\"?"
        );
        assert_eq!(
            refusal("rules:\n  LW201:\n    min: two\n"),
            "lagward.yaml:3:10: min is \"two\", but must be a whole number"
        );
        assert_eq!(
            refusal("profile: strikt"),
            "lagward.yaml:1:10: profile is \"strikt\"\n  help: did you mean \"strict\"?"
        );
        assert_eq!(
            refusal("rules: {LW103: {level: deny}}"),
            "lagward.yaml:1:24: LW103 cannot be set to deny: what it finds is never certain\n  help: use warn or off"
        );
        assert_eq!(
            refusal("rules: {min-replicas-too-low: {level: warn}}"),
            "lagward.yaml:1:9: unknown key \"min-replicas-too-low\"\n  help: did you mean \"LW201\"?"
        );
    }

    #[test]
    fn a_duration_may_be_zero_where_its_range_begins_there() {
        assert!(read("a", "rules: {LW101: {margin: 0s}}").is_ok());
        assert_eq!(
            refusal("rules: {LW108: {margin: 0s}}"),
            "lagward.yaml:1:25: margin is \"0s\", but must be from 1s to 600s"
        );
    }

    #[test]
    fn the_version_of_keda_is_a_text_of_a_version_that_the_tables_know() {
        assert!(read("a", "kedaVersion: '2.14.1'").is_ok() && read("a", "kedaVersion: '2.99'").is_ok());
        // YAML reads a plain 2.20 as the number 2.2.
        assert_eq!(
            refusal("kedaVersion: 2.20"),
            "lagward.yaml:1:14: kedaVersion is 2.2, but must be a text in quotes such as \"2.20\""
        );
        assert_eq!(
            refusal("kedaVersion: '2.9'"),
            "lagward.yaml:1:14: kedaVersion is \"2.9\", but must be 2.10 or newer"
        );
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let text = "mode: loud\nexempt:\n- rule: LW201\n  until: soon\n";
        let lines: Vec<String> =
            refusal(text).lines().filter(|line| !line.starts_with(' ')).map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "lagward.yaml:1:7: mode is \"loud\"",
                "lagward.yaml:3:3: reason is missing",
                "lagward.yaml:4:10: until is \"soon\", but must be a date such as 2027-01-31",
            ]
        );
    }

    #[test]
    fn a_plain_off_is_off_though_yaml_reads_false() {
        assert!(read("a", "mutate: off\nrules: {LW201: {level: off}}").is_ok());
    }
}
