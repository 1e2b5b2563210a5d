//! `lagward check` as it is typed: the real binary on files.

mod adoption;
mod hostile;
mod outputs;
mod pairing;
mod policy;
mod rendered;

pub(crate) use outputs::sarif_validator;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A ScaledObject that LW201 denies, since it scales to zero, and that LW301 denies for its threshold.
const MISALIGNED: &str = "\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: consumer
  namespace: payments
spec:
  scaleTargetRef:
    name: consumer
  minReplicaCount: 0
  maxReplicaCount: 12
  triggers:
  - type: kafka
    metadata:
      bootstrapServers: kafka:9092
      consumerGroup: payments
      topic: payments
      lagThreshold: \"10\"
";

/// What a run said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A folder with these files, and a `.git` that keeps look-ups inside.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder can be made");
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
    std::fs::write(path, text).expect("the file can be written");
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("the file was written")
}

/// Runs `lagward` in a folder; only programs of the folder `bin` in it can be found.
fn run(folder: &Path, arguments: &[&str]) -> Said {
    run_with(folder, arguments, "")
}

fn run_with(folder: &Path, arguments: &[&str], input: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lagward"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("LAGWARD_POLICY")
        .env("PATH", folder.join("bin"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built with this test");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A run that needs no input does not read it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The findings of a run as JSON: code and file of each.
fn found(folder: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let said = run(folder, &[&["check", "-o", "json"], arguments].concat());
    codes_and_files(&said)
}

fn codes_and_files(said: &Said) -> Vec<(String, String)> {
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("it writes JSON");
    let findings = report["findings"].as_array().expect("findings is a list");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    findings.iter().map(|finding| (text(&finding["code"]), text(&finding["file"]))).collect()
}

/// Pairs of this file.
fn in_file(file: &str, codes: &[&str]) -> Vec<(String, String)> {
    codes.iter().map(|code| ((*code).to_owned(), file.to_owned())).collect()
}
