//! What the tests share: a review to build, an answer to ask for and take apart; and the binary to run.

mod answer;
mod objects;
mod program;
mod review;

pub(crate) use answer::{Known, Reply, ask, context, policy, today};
pub(crate) use objects::{as_consumer, as_scaler, consumer, edit, scaler, set_env, subject, trigger};
pub(crate) use program::{Run, folder, lagward, read, write};
pub(crate) use review::Review;
