//! What the tests share: a review to build, a court to ask and the reply taken apart; and the binary to run.

mod court;
mod objects;
mod program;
mod review;

pub(crate) use court::{Known, Reply, ask, policy, today};
pub(crate) use objects::{as_consumer, as_scaler, consumer, edit, scaler, set_env, subject, trigger};
pub(crate) use program::{Run, folder, lagward, read, write};
pub(crate) use review::Review;
