//! lagward keeps Kafka consumers, pod lifecycle and KEDA autoscaling aligned.

pub mod engine;
pub mod fronts;
pub mod rules;
