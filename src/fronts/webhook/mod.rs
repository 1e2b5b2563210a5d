//! The webhook front: AdmissionReviews over TLS.

mod envelope;
mod mutate;
pub mod record;
mod reply;
pub mod review;
