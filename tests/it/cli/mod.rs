//! The real binary, started as a person starts it.

mod checking;
mod docs;
mod policies;
mod reports;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What one run left behind.
#[derive(Debug)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("standard output is JSON")
    }

    /// The codes of the findings, in their order.
    fn codes(&self) -> Vec<String> {
        let report = self.json();
        let findings = report["findings"].as_array().expect("findings");
        findings.iter().filter_map(|finding| Some(finding["code"].as_str()?.to_owned())).collect()
    }
}

/// Runs `lagward` in this folder, with nothing of the caller's settings.
fn lagward(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lagward"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("LAGWARD_POLICY")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built with this test");
    // A command that does not read its input may have ended already.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("its output is text");
    Run { code: output.status.code().expect("no signal"), out: text(output.stdout), err: text(output.stderr) }
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

/// A ScaledObject that is denied by LW201 at line 7, and nothing else.
const BAD: &str = "\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: orders
  namespace: shop
spec:
  minReplicaCount: 0 # ü
  maxReplicaCount: 12
  scaleTargetRef: {name: orders}
  triggers:
  - type: kafka
    metadata: {bootstrapServers: kafka:9092, consumerGroup: orders, topic: orders, lagThreshold: \"800\"}
";

/// One that only gets a warning, LW302.
fn warned() -> String {
    BAD.replace("minReplicaCount: 0", "minReplicaCount: 2").replace("\"800\"", "\"1001\"")
}

/// One that gets nothing.
fn good() -> String {
    BAD.replace("minReplicaCount: 0", "minReplicaCount: 2")
}
