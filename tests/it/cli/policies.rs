//! Policies on the command line: what is wrong with one is said exactly, and nothing is judged by it.

use super::BAD;
use crate::support::{folder, lagward};

#[test]
fn a_policy_changes_what_check_says() {
    let folder = folder(&[("lagward.yaml", "rules: {LW201: {level: warn}}"), ("bad.yaml", BAD)]);
    let run = lagward(folder.path(), &["check", "--policy", "lagward.yaml", "bad.yaml"], "");
    assert_eq!(run.code, 0);
    assert!(run.out.contains("warning[LW201]"), "{}", run.out);
}

#[test]
fn a_bad_policy_names_file_line_column_key_and_what_would_be_right() {
    for (text, message) in [
        ("ruels: {}\n", "p.yaml:1:1: unknown key \"ruels\"\n  help: did you mean \"rules\"?\n"),
        (
            "mode: enforce\nrules:\n  LW21: {}\n",
            "p.yaml:3:3: unknown key \"LW21\"\n  help: did you mean \"LW201\"?\n",
        ),
        (
            "rules:\n  LW201:\n    mni: 3\n",
            "p.yaml:3:5: unknown key \"mni\"\n  help: did you mean \"min\"?\n",
        ),
        ("rules:\n  LW201:\n    min: 0\n", "p.yaml:3:10: min is 0, but must be from 1 to 1000\n"),
        ("mode: loud\n", "p.yaml:1:7: mode is \"loud\"\n  help: valid here: audit, warn, enforce\n"),
        ("rules: [\n", "p.yaml:"),
        ("a: 1\n---\nb: 2\n", "p.yaml:1:1: a policy is one document, but this file has several\n"),
    ] {
        let folder = folder(&[("p.yaml", text), ("bad.yaml", BAD)]);
        let run = lagward(folder.path(), &["check", "--policy", "p.yaml", "bad.yaml"], "");
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.starts_with(&format!("error: {message}")), "{text}: {}", run.err);
    }
}

#[test]
fn a_policy_that_is_not_there_is_named() {
    let run = lagward(folder(&[]).path(), &["check", "--policy", "none.yaml", "-"], BAD);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.starts_with("error: cannot read the policy none.yaml: "), "{}", run.err);
}

#[test]
fn the_webhook_does_not_start_on_a_bad_policy() {
    let folder = folder(&[("p.yaml", "mode: loud\n")]);
    let arguments =
        ["serve", "--policy", "p.yaml", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"];
    let run = lagward(folder.path(), &arguments, "");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.starts_with("error: p.yaml:1:7: mode is \"loud\"\n"), "{}", run.err);
}
