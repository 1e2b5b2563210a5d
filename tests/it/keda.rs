//! `lagward check` for a version of KEDA.

use crate::support::{Run, folder, lagward};

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
        let run = check(&["--keda-version", version], SPACED);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(why), "{}", run.err);
    }
}

#[test]
fn a_misplaced_password_is_printed_in_no_format() {
    let text =
        SPACED.replace("topic: payments", "password: hunter2\n      brokerList: me:hunter2@kafka:9092");
    for format in ["text", "json"] {
        let run = check(&["-o", format], &text);
        assert!(run.out.contains("LW305") && run.out.contains("LW304"), "{}", run.out);
        assert!(!run.out.contains("hunter2"), "{}", run.out);
    }
}

fn codes(arguments: &[&str], text: &str) -> Vec<String> {
    check(&[arguments, &["-o", "json"]].concat(), text).codes()
}

fn check(arguments: &[&str], text: &str) -> Run {
    lagward(folder(&[]).path(), &[&["check", "-"], arguments].concat(), text)
}
