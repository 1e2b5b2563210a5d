//! Deployments and ScaledObjects such as teams write them, one pair in ten misaligned.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

/// Writes so many files of so many pairs.
pub(crate) fn folder(folder: &Path, files: usize, pairs: usize) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for file in 0..files {
        let mut text = String::new();
        for pair in 0..pairs {
            write_pair(&mut text, file * pairs + pair);
        }
        std::fs::write(folder.join(format!("{file:05}.yaml")), text)?;
    }
    Ok(folder.to_owned())
}

/// One file of so many ScaledObjects with one finding each, in YAML, and in JSON without a line break.
pub(crate) fn findings(folder: &Path, count: usize) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let (mut blocks, mut items) = (String::new(), Vec::new());
    for number in 0..count {
        let name = format!("consumer-{number}");
        let _ = write!(
            blocks,
            "---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {name}
spec:
  scaleTargetRef:
    name: {name}
  minReplicaCount: 0
  maxReplicaCount: 12
  triggers:
    - type: kafka
      metadata: {{bootstrapServers: kafka:9092, consumerGroup: {name}, topic: orders, lagThreshold: \"800\"}}
"
        );
        items.push(format!(
            "{{\"apiVersion\":\"keda.sh/v1alpha1\",\"kind\":\"ScaledObject\",\"metadata\":{{\"name\":\"{name}\"}},\
             \"spec\":{{\"scaleTargetRef\":{{\"name\":\"{name}\"}},\"minReplicaCount\":0,\"maxReplicaCount\":12,\
             \"triggers\":[{{\"type\":\"kafka\",\"metadata\":{{\"bootstrapServers\":\"kafka:9092\",\
             \"consumerGroup\":\"{name}\",\"topic\":\"orders\",\"lagThreshold\":\"800\"}}}}]}}}}"
        ));
    }
    std::fs::write(folder.join("blocks.yaml"), blocks)?;
    let list = format!("{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{}]}}", items.join(","));
    std::fs::write(folder.join("minified.json"), list)?;
    Ok(folder.to_owned())
}

/// Its files in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// What its files weigh.
pub(crate) fn megabytes(folder: &Path) -> io::Result<f64> {
    let mut bytes = 0;
    for file in files(folder) {
        bytes += std::fs::metadata(file)?.len();
    }
    Ok(bytes as f64 / 1e6)
}

fn write_pair(text: &mut String, number: usize) {
    let name = format!("consumer-{number}");
    let (minimum, threshold) = if number.is_multiple_of(10) { (0, 10) } else { (2, 1000) };
    let _ = write!(
        text,
        "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: payments
  labels:
    app.kubernetes.io/name: {name}
spec:
  selector:
    matchLabels: {{app.kubernetes.io/name: {name}}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      terminationGracePeriodSeconds: 40
      containers:
        - name: app
          image: registry.example/{name}:1.4.2 # pinned
          env:
            - name: KAFKA_BOOTSTRAP_SERVERS
              value: \"kafka:9092\"
            - name: SPRING_KAFKA_CONSUMER_PROPERTIES_SESSION_TIMEOUT_MS
              value: \"60000\"
          resources:
            requests: {{cpu: 250m, memory: 512Mi}}
            limits: {{memory: 512Mi}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {name}
  namespace: payments
spec:
  scaleTargetRef:
    name: {name}
  minReplicaCount: {minimum}
  maxReplicaCount: 12
  triggers:
    - type: kafka
      metadata:
        bootstrapServers: kafka:9092
        consumerGroup: {name}
        topic: orders
        lagThreshold: \"{threshold}\"
"
    );
}
