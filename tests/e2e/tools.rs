//! The programs of a cluster, built from Go modules once.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds what is missing and finds the folder of programs.
pub(crate) fn build() -> Result<PathBuf, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/tools/build");
    let built = Command::new(&script)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", script.display()))?;
    if !built.status.success() {
        return Err("its programs could not be built, see above".to_owned());
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&built.stdout).trim()))
}
