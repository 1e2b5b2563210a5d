//! `lagward check` for a version of KEDA.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

/// KEDA 2.14 refuses the spaces around 800, and does not know the last key.
const SPACED: &str = r#"
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: consumer}
spec:
  scaleTargetRef: {name: consumer}
  minReplicaCount: 2
  maxReplicaCount: 20
  triggers:
  - type: kafka
    metadata:
      bootstrapServers: kafka:9092
      consumerGroup: payments
      topic: payments
      lagThreshold: " 800 "
      ensureEvenDistributionOfPartitions: "true"
"#;

#[test]
fn the_flag_says_whose_parser_counts() {
    assert_eq!(codes(&[], SPACED), [""; 0]);
    assert_eq!(codes(&["--keda-version", "2.14.1"], SPACED), ["LW306", "LW304"]);
    assert_eq!(codes(&["--keda-version", "v2.19"], SPACED), ["LW306"]);
}

#[test]
fn a_version_that_no_table_knows_is_a_usage_error() {
    for (version, why) in [("2.9", "must be 2.10 or newer"), ("newest", "must be a version such as")] {
        let output = check(&["--keda-version", version], SPACED);
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains(why), "{stderr}");
    }
}

#[test]
fn a_misplaced_password_is_printed_in_no_format() {
    let text =
        SPACED.replace("topic: payments", "password: hunter2\n      brokerList: me:hunter2@kafka:9092");
    for format in ["text", "json"] {
        let output = check(&["-o", format], &text);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(stdout.contains("LW305") && stdout.contains("LW304"), "{stdout}");
        assert!(!stdout.contains("hunter2"), "{stdout}");
    }
}

fn codes(arguments: &[&str], text: &str) -> Vec<String> {
    let output = check(&[arguments, &["-o", "json"]].concat(), text);
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let findings = report["findings"].as_array().expect("it has findings");
    findings.iter().map(|finding| finding["code"].as_str().expect("with a code").to_owned()).collect()
}

fn check(arguments: &[&str], text: &str) -> std::process::Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lagward"))
        .args(["check", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built with this test");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A usage error ends the program before it reads.
    let _ = stdin.write_all(text.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}
