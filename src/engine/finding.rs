//! What a rule says of an object.

use super::fix::Fix;
use super::object::ObjectRef;
use super::place::Place;
use super::rule::{Level, Rule};
use super::setting::Basis;

/// What a rule reports: the parts of a message in the order in which it is read.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where.
    pub place: Place,
    /// What was found there, with the effective value: `is not set, so KEDA scales to 0`.
    pub found: String,
    /// What passes: `needs at least 2`.
    pub want: String,
    /// What it costs, with the numbers of this object.
    pub cost: String,
    /// How firmly the rule says it.
    pub severity: Severity,
    /// How sure the value is that it rests on.
    pub basis: Basis,
    /// How far from right it is, for the ratchet.
    pub gap: Gap,
    /// What would mend it.
    pub fix: Option<Fix>,
}

/// How firmly a rule says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The rule's level, in every profile.
    Firm,
    /// The rule's level under `profile: strict`, a warning under `baseline`.
    Judgement,
    /// Never more than a warning.
    Advice,
}

/// How far a value is from what passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The distance to the bound: a smaller one is better.
    Distance(u128),
    /// A value that is wrong without a measure.
    Value(String),
}

/// A report that the policy has been applied to.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that says it.
    pub rule: &'static Rule,
    /// The object that holds the place; for a pair it may be the counterpart of the judged one.
    pub object: ObjectRef,
    /// Deny or warn, after policy, exemptions and the ratchet.
    pub level: Level,
    /// What it says.
    pub report: Report,
    /// The reason of the exemption that covers it; it neither denies nor warns.
    pub exempted: Option<Box<str>>,
    /// The object was no better before, so that it only warns.
    pub is_ratcheted: bool,
    /// It only warns because the policy's mode is not `enforce`.
    pub would_deny: bool,
    /// It rests on the counterpart too.
    pub needs_pair: bool,
}

impl Gap {
    /// Whether something that was at `old` has not become worse.
    pub fn is_no_worse_than(&self, old: &Self) -> bool {
        match (self, old) {
            (Self::Distance(new), Self::Distance(old)) => new <= old,
            (new, old) => new == old,
        }
    }
}

impl Finding {
    /// It stands against the object, and nobody has exempted it.
    pub fn denies(&self) -> bool {
        self.level == Level::Deny && self.exempted.is_none()
    }

    /// Without code and name: `spec.minReplicaCount is not set, so KEDA scales to 0; needs at least 2`.
    pub fn statement(&self) -> String {
        let Report { place, found, want, .. } = &self.report;
        match place.variable() {
            Some(name) => format!("{place} ({name}) {found}; {want}"),
            None => format!("{place} {found}; {want}"),
        }
    }

    /// The first line of the message, with code and name.
    pub fn headline(&self) -> String {
        format!("{} {}: {}", self.rule.code, self.rule.name, self.statement())
    }
}
