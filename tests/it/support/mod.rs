//! What the tests of reviews share: a review to build, a court to ask, and the reply taken apart.

mod court;
mod objects;
mod review;

pub(crate) use court::{Known, Reply, ask, policy, today};
pub(crate) use objects::{as_consumer, as_scaler, consumer, edit, scaler, set_env, subject, trigger};
pub(crate) use review::Review;
