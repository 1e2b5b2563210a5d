//! The real binary, started as a person starts it.

mod checking;
mod docs;
mod policies;
mod reports;

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
