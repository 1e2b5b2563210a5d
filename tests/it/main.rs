//! Tests that go through public surfaces, in one binary.

#![expect(
    clippy::expect_used,
    reason = "clippy takes only functions marked as tests for tests, not their helpers"
)]

mod admit;
mod check;
mod cli;
mod cluster;
mod examples;
mod fixing;
mod generated;
mod keda;
mod manifests;
mod monitoring;
mod mounted;
mod properties;
mod serving;
mod soaking;
mod support;
mod tidy;
mod vectors;
mod verifier;
mod webhook;
