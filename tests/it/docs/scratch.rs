//! A folder in which the commands of the documentation are run: what they name is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::root;

/// Removed when it is dropped.
pub(super) struct Scratch {
    folder: tempfile::TempDir,
}

/// What a shell would show.
pub(super) struct Shown {
    pub(super) code: i32,
    pub(super) text: String,
}

impl Scratch {
    /// The examples where they are, and the incident once more as `k8s`, a repository's own manifests.
    pub(super) fn new() -> Self {
        let scratch = Self { folder: tempfile::tempdir().expect("a folder") };
        let here = scratch.folder.path();
        copy(&root().join("examples"), &here.join("examples"));
        copy(&root().join("examples/incident"), &here.join("k8s"));
        fs::create_dir_all(here.join(".local/share/bash-completion/completions")).expect("a folder");
        fs::create_dir_all(here.join(".local/bin")).expect("a folder");
        fs::write(here.join("lagward.yaml"), "profile: strict\n").expect("a file");
        fs::write(here.join("lagward-bad.yaml"), "profile: strikt\n").expect("a file");
        scratch
    }

    /// Runs a line in a shell that knows this build of lagward, and nothing of the caller's settings.
    pub(super) fn run(&self, line: &str) -> Shown {
        let program = Path::new(env!("CARGO_BIN_EXE_lagward"));
        let folder = program.parent().expect("a program is in a folder");
        let path = format!("{}:/usr/bin:/bin", folder.display());
        // Both streams into one, as on a terminal.
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{{ {line}\n}} 2>&1")).current_dir(self.folder.path());
        command.env_clear().env("PATH", path).env("HOME", self.folder.path());
        let output = command.stdin(std::process::Stdio::null()).output().expect("a shell");
        let text = String::from_utf8(output.stdout).expect("text");
        // macOS and Linux put temporary folders elsewhere.
        let text = text.replace(&*self.folder.path().to_string_lossy(), "~");
        Shown { code: output.status.code().unwrap_or(-1), text }
    }
}

fn copy(from: &Path, to: &PathBuf) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(fs::copy(&path, &to).expect("a file")),
        }
    }
}
