//! The webhook front: AdmissionReviews over TLS.
//!
//! [`run`](run::run) binds and wires everything; [`server`] accepts, [`intake`] turns a request into a
//! review and its answer into a response, and `connection` bounds what one client may take.

mod body;
pub mod certificate;
pub mod clerk;
mod connection;
mod deadline;
mod envelope;
pub mod intake;
pub mod limits;
mod log;
pub mod metrics;
mod mutate;
pub mod probes;
pub mod record;
mod refusal;
mod reply;
pub mod review;
pub mod run;
pub mod server;
pub mod shutdown;
mod skip;
pub mod tls;
mod walk;
