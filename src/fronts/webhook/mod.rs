//! The webhook front: AdmissionReviews over TLS.

pub mod certificate;
pub mod record;
pub mod tls;
