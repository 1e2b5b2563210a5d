//! What makes lagward easy to take up: a policy to start from, completions, the kubectl plugin.

use std::process::Command;

use super::run;
use crate::support::{folder, read, write};

#[test]
fn init_writes_a_policy_that_changes_nothing_and_never_overwrites() {
    let folder = folder(&[]);
    let at = folder.path();
    let said = run(at, &["init"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(read(at, "lagward.yaml").contains("# strict: "));
    assert_eq!(run(at, &["check"]).code, 0, "the policy is valid");
    write(at, "lagward.yaml", "mine");
    let said = run(at, &["init"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.err, "error: lagward.yaml is there already, and is left as it is\n");
    assert_eq!(read(at, "lagward.yaml"), "mine");
}

#[test]
fn every_shell_gets_completions() {
    let folder = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = run(folder.path(), &["completions", shell]);
        assert_eq!(said.code, 0);
        assert!(said.out.contains("write-baseline"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn the_binary_is_a_kubectl_plugin_under_another_name() {
    let folder = folder(&[]);
    let plugin = folder.path().join("kubectl-lagward");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lagward"), &plugin).expect("a link can be made");
    let help = Command::new(&plugin).args(["check", "--help"]).output().expect("it runs");
    let help = String::from_utf8(help.stdout).expect("it is text");
    assert!(help.contains("Usage: kubectl lagward check"), "{help}");
}

/// The script of the action's step that checks, as GitHub hands it to bash.
#[cfg(unix)]
#[test]
fn the_github_action_annotates_and_writes_sarif_and_passes_the_exit_code_on() {
    let action = include_str!("../../../action.yml");
    let (documents, _) = lagward::fronts::files::parse(action);
    let steps = documents[0].value["runs"]["steps"].as_array().expect("it has steps");
    let step = steps.iter().find(|step| step["id"] == "check").expect("one of them checks");
    let folder = folder(&[("k8s/so.yaml", super::MISALIGNED)]);
    let at = folder.path();
    let step = |arguments: &str, sarif: &str| {
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().expect("a script")])
            .current_dir(at)
            .env("LAGWARD", env!("CARGO_BIN_EXE_lagward"))
            .env("PATHS", "k8s")
            .env("ARGS", arguments)
            .env("SARIF", sarif)
            .env("GITHUB_OUTPUT", at.join("output"))
            .output()
            .expect("bash is there");
        (output.status.code(), String::from_utf8(output.stdout).expect("it writes text"))
    };
    let (code, out) = step("", "out file.sarif");
    assert_eq!(code, Some(1), "{out}");
    assert!(out.starts_with("::error file=k8s/so.yaml,line=9,"), "{out}");
    assert!(read(at, "out file.sarif").contains("LW201"));
    assert_eq!(read(at, "output"), "exit-code=1\n");
    assert_eq!(step("--fail-on never --select LW2", "").0, Some(0));
}
