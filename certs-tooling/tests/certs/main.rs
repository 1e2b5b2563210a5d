//! The binary itself, and the protocol against an API server of the test's own, which can be stopped anywhere.
//!
//! What a real API server makes of it is for tests/e2e of the root package.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy takes only functions marked as tests for tests, not their helpers"
)]

mod api;
mod binary;
mod chaos;
mod objects;
mod passes;
mod refusals;
mod witness;
