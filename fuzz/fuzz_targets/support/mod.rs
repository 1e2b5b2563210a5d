//! What the tests have for reviews, without the binary that they run.

#[path = "../../../tests/it/support/answer.rs"]
mod answer;
#[path = "../../../tests/it/support/objects.rs"]
mod objects;
#[path = "../../../tests/it/support/review.rs"]
mod review;

pub(crate) use answer::{Known, Reply, ask, policy, today};
pub(crate) use objects::{consumer, scaler, subject};
pub(crate) use review::Review;
