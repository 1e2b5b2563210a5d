//! One line a review: who, what and how long, never contents.

use std::fmt::{self, Display};
use std::time::Duration;

use super::record::{Outcome, Record};

/// Logs a review under the target `lagward::review`: at info when something was found or done, else at
/// debug. `traceparent` is the trace that the request belongs to.
pub(super) fn review(record: &Record, traceparent: Option<&str>, elapsed: Duration) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: "lagward::review",
                uid = clip(&record.uid),
                kind = record.kind,
                namespace = clip(&record.namespace),
                name = clip(&record.name),
                operation = record.operation,
                dry_run = record.dry_run,
                verdict = verdict(record.outcome),
                denied = %Codes(&record.denied),
                warned = %Codes(&record.warned),
                would_deny = %Codes(&record.would_deny),
                exempted = %Codes(&record.exempted),
                patched = %Codes(&record.patched),
                elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
                policy = &*record.policy,
                traceparent,
                "reviewed"
            )
        };
    }
    let quiet = record.outcome == Outcome::Allowed && record.warned.is_empty();
    if quiet {
        line!(debug);
    } else {
        line!(info);
    }
    if !record.panicked.is_empty() {
        failed(record, "rules panicked and were left out of a review");
    }
}

/// Logs a review that panicked as a whole. `None` if even its envelope could not be read.
pub(super) fn panicked(record: Option<&Record>) {
    match record {
        Some(record) => failed(record, "a review panicked"),
        None => tracing::error!(target: "lagward::review", "a review panicked before it was known of what"),
    }
}

/// With this and the object, which the audit log or Git may hold, a panic can be had again; the line before it, from
/// the same thread, says where in the source it was.
fn failed(record: &Record, what: &str) {
    let rules = (!record.panicked.is_empty()).then(|| tracing::field::display(Codes(&record.panicked)));
    tracing::error!(
        target: "lagward::review",
        uid = clip(&record.uid),
        kind = record.kind,
        namespace = clip(&record.namespace),
        name = clip(&record.name),
        operation = record.operation,
        rules,
        policy = (!record.policy.is_empty()).then_some(&*record.policy),
        "{what}"
    );
}

/// The outcome as logs and labels name it.
pub(super) const fn verdict(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Patched => "patched",
        Outcome::Denied => "denied",
        Outcome::Unreadable => "unreadable",
    }
}

/// The longest name Kubernetes allows: an envelope may claim a longer one and fill the log with it.
const MAX_NAME: usize = 253;

fn clip(name: &str) -> &str {
    &name[..name.floor_char_boundary(MAX_NAME)]
}

struct Codes<'a>(&'a [&'static str]);

impl Display for Codes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, code) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{code}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_one_word() {
        assert_eq!(Codes(&["LW101", "LW301"]).to_string(), "LW101,LW301");
        assert_eq!(Codes(&[]).to_string(), "");
    }

    #[test]
    fn a_name_cannot_fill_the_log() {
        assert_eq!(clip("consumer"), "consumer");
        assert_eq!(clip(&"ä".repeat(1000)).len(), 252);
    }
}
