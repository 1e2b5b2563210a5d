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

/// musl's own allocator takes one lock for all threads, and makes a review three times as dear. The image is
/// built against musl (docs/performance.md, "The image").
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
