//! lagward keeps Kafka consumers, pod lifecycle and KEDA autoscaling aligned.
//!
//! One pure [`engine`] with one verb judges objects by the [`rules`]; the [`fronts`] bring objects to it (a
//! webhook, files), [`output`] writes what it says, and [`cli`] is the command line.

pub mod engine;
pub mod rules;

pub mod fronts;
pub mod output;

mod digest;

pub mod cli;
