//! `lagward check` as it is typed: the real binary on files.

mod adoption;
mod discovered;
mod hostile;
mod mounted_files;
mod outputs;
mod pairing;
mod policy;
mod rendered;
mod wording;

pub(crate) use outputs::sarif_validator;

use std::path::Path;

use crate::support::{Run, lagward};

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

/// Runs `lagward` in a folder, without input.
fn run(folder: &Path, arguments: &[&str]) -> Run {
    lagward(folder, arguments, "")
}

/// The findings of a run as JSON: code and file of each.
fn found(folder: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let said = run(folder, &[&["check", "-o", "json"], arguments].concat());
    codes_and_files(&said)
}

fn codes_and_files(said: &Run) -> Vec<(String, String)> {
    said.findings("code").zip(said.findings("file")).collect()
}

/// Pairs of this file.
fn in_file(file: &str, codes: &[&str]) -> Vec<(String, String)> {
    codes.iter().map(|code| ((*code).to_owned(), file.to_owned())).collect()
}
