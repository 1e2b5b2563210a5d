//! The webhook front: AdmissionReviews over TLS.

pub mod record;
