//! KEDA itself, asked through a program that links it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::generate::Trigger;

/// What KEDA did with a trigger.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    error: String,
    /// The lag per replica that the HPA aims at, where the scaler was built.
    pub(crate) target: Option<i64>,
}

impl Answer {
    /// Whether the trigger itself was refused. No broker listens, so that an accepted one fails later; a client of
    /// the apache scaler that knows no such mechanism is never built, whoever listens.
    pub(crate) fn is_refused(&self) -> bool {
        self.error.starts_with("error parsing kafka metadata") || self.error.starts_with("err sasl type")
    }
}

/// Asks one version of KEDA about all triggers.
pub(crate) fn ask(program: &str, triggers: &[Trigger]) -> Vec<Answer> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let input = folder.path().join("triggers.jsonl");
    let mut file = BufWriter::new(File::create(&input).expect("the file can be written"));
    for trigger in triggers {
        serde_json::to_writer(&mut file, trigger).expect("a trigger is JSON");
        file.write_all(b"\n").expect("the file can be written");
    }
    file.into_inner().expect("the file can be written");
    let output = Command::new(built(program))
        .stdin(File::open(&input).expect("it was written just now"))
        .stderr(Stdio::inherit())
        // The scalers write Kerberos files there; no cloud is asked for anything.
        .env("TMPDIR", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("the program was built");
    assert!(output.status.success(), "{program} failed: {}", output.status);
    let lines = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    let answers: Vec<Answer> = lines.map(|line| line.expect("each line is an answer")).collect();
    assert_eq!(answers.len(), triggers.len(), "one answer a trigger");
    answers
}

fn built(program: &str) -> std::path::PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/tools/build");
    let output = Command::new(&script).arg(program).stderr(Stdio::inherit()).output();
    let output = output.expect("tests/e2e/tools/build can be run");
    assert!(output.status.success(), "tests/e2e/tools/build failed, see above");
    let folder = String::from_utf8(output.stdout).expect("a path is text");
    Path::new(folder.trim()).join(program)
}
