//! The real binary, started as a person starts it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What one run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// What a program left behind that has ended by itself.
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it writes text");
        let code = output.status.code().expect("no signal");
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs a command on this input.
    pub(crate) fn with(command: &mut Command, input: &str) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary was built with this test");
        // A command that does not read its input may have ended already.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        Self::of(child.wait_with_output().expect("it ends"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("standard output is JSON")
    }

    /// The codes of the findings of a JSON report, in their order.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.findings("code").collect()
    }

    /// A text that each finding of a JSON report has.
    pub(crate) fn findings(&self, key: &'static str) -> impl Iterator<Item = String> {
        let report = self.json();
        let findings = report["findings"].as_array().expect("findings is a list").clone();
        findings.into_iter().map(move |finding| finding[key].as_str().unwrap_or_default().to_owned())
    }
}

/// Runs `lagward` in this folder with nothing of the caller's settings; it finds only programs of the folder `bin` in
/// it.
pub(crate) fn lagward(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lagward"));
    command.args(arguments).current_dir(folder).env_clear().env("PATH", folder.join("bin"));
    Run::with(&mut command, input)
}

/// A folder with these files, and a `.git` that keeps look-ups inside.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder can be made");
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
    std::fs::write(path, text).expect("the file can be written");
}

pub(crate) fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("the file was written")
}
