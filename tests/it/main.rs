//! Tests that go through public surfaces, in one binary.

#![expect(
    clippy::expect_used,
    reason = "clippy takes only functions marked as tests for tests, not their helpers"
)]

mod admit;
mod check;
mod cli;
mod cluster;
mod docs;
mod examples;
mod fixing;
mod generated;
mod keda;
mod manifests;
mod monitoring;
mod mounted;
mod new_rule;
mod properties;
mod serving;
mod soaking;
mod support;
mod tidy;
mod vectors;
mod verifier;
mod webhook;

/// The skeleton of a new rule names the engine as a rule does.
use lagward::engine;
