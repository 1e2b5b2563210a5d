//! The pure engine: no files, network, environment, clock or async. A test holds it to that.
//!
//! JSON is read through lenient `views`, distilled at once into a [`subject::Subject`] (a
//! [`consumer::Consumer`] or a [`scaler::Scaler`]), and judged by [`judge::judge`]. In reading order:

mod views;

pub mod place;

pub mod duration;
pub mod setting;
pub mod unquoted;
pub mod variables;

pub mod object;

pub mod configs;

pub mod behavior;
pub mod consumer;
mod discover;
pub mod keda;
pub mod kube_state;
pub mod scaler;
pub mod subject;
pub mod target;

pub mod cost;
pub mod finding;
pub mod fix;
pub mod rule;

pub mod policy;
pub mod world;

mod evaluation;
mod exemption;
pub mod judge;
mod ratchet;
pub mod rehearsal;
mod verdict;

pub use discover::Runtime;
