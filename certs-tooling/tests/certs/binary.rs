//! The binary as a person types it, without a cluster.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use tempfile::TempDir;

fn certs(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lagward-certs"));
    command.args(arguments).env_remove("KUBECONFIG").env("HOME", "/nonexistent");
    command.env_remove("KUBERNETES_SERVICE_HOST").output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn issue_writes_three_files_and_only_the_key_is_secret() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().to_str().unwrap();
    let done = certs(&["issue", "localhost", "127.0.0.1", "--lifetime", "7d", "--out", out]);
    assert!(done.status.success(), "{}", stderr(&done));
    let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("tls.key"), mode("tls.crt"), mode("ca.crt")), (0o600, 0o644, 0o644));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "nothing is left of the writing");
    for name in ["tls.key", "tls.crt", "ca.crt"] {
        let text = fs::read_to_string(dir.path().join(name)).unwrap();
        assert!(text.starts_with("-----BEGIN ") && text.ends_with("-----\n"), "{name}");
        assert!(!text.contains('\r'), "{name} has line ends of Windows");
    }
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("localhost, 127.0.0.1, until "), "{said}");
}

#[test]
fn issue_writes_over_nothing_unless_told_to() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().to_str().unwrap();
    fs::write(dir.path().join("ca.crt"), "precious").unwrap();
    let refused = certs(&["issue", "localhost", "--out", out]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("ca.crt is there already\n  help: --force writes over it"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(certs(&["issue", "localhost", "--out", out, "--force"]).status.success());
}

#[test]
fn what_makes_no_sense_is_refused_by_flag() {
    for (arguments, said) in [
        (&["issue"][..], "<NAME>"),
        (&["issue", "localhost", "--lifetime", "soon"], "--lifetime"),
        (&["issue", "localhost", "--key-type", "rsa"], "must be ecdsa-p256, ecdsa-p384 or ed25519"),
        (&["issue", "localhost", "--out", "/nonexistent"], "cannot write /nonexistent/tls.key"),
        (&["ensure", "--lifetime", "1d"], "--renew-before has to be shorter than --lifetime"),
        (
            &["verify", "--ca", "/nonexistent", "--within", "0s", "--address", "localhost:1"],
            "cannot read /nonexistent",
        ),
    ] {
        let output = certs(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn without_a_cluster_it_says_what_is_missing() {
    let output = certs(&["ensure"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("help: set KUBECONFIG"), "{}", stderr(&output));
}
