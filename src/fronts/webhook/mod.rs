//! The webhook front: AdmissionReviews over TLS.
//!
//! [`run`](run::run) binds and wires everything; [`server`] accepts, [`intake`] turns a request into a
//! review and its answer into a response, and `connection` bounds what one client may take.

mod body;
pub mod certificate;
pub mod checks;
pub mod clients;
mod connection;
mod deadline;
mod deserializer;
mod envelope;
pub mod intake;
pub mod limits;
mod log;
mod look;
pub mod metrics;
mod mutate;
mod policy_file;
pub mod policy_reviewer;
pub mod probes;
pub mod record;
mod refusal;
mod reload;
mod reply;
pub mod review;
pub mod run;
pub mod serve_error;
pub mod server;
pub mod shutdown;
mod skip;
pub mod tls;
mod trace;
mod walk;
mod watched_files;
