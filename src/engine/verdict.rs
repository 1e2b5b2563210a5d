//! What is said of an object, and when.

use super::finding::Finding;
use super::place::Place;
use super::policy::{Mode, Mutate};
use super::rule::Level;

/// When an object is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A request to the API server. GitOps tools dry-run everything against the old state and apply workloads
    /// first, so that findings on a pair deny only a ScaledObject that is really applied.
    Admission {
        /// The request's `dryRun`, or what stands around the object could not be confirmed.
        dry_run: bool,
    },
    /// An object in a file or one that already runs.
    Existing,
}

impl Occasion {
    /// The object is on its way to the API server.
    pub(super) const fn is_request(self) -> bool {
        matches!(self, Self::Admission { .. })
    }
}

/// What is said of an object.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Denials first, then by code and place.
    pub findings: Vec<Finding>,
    /// What the user should know beside the rules: exemptions that do not hold, facts that cannot be read, rules that
    /// panicked.
    pub notes: Vec<Note>,
    /// What the webhook does with denials of this object.
    pub mode: Mode,
    /// Which fixes the webhook applies to this object.
    pub mutate: Mutate,
    /// Rules that panicked; they were silent.
    pub panicked: Vec<&'static str>,
}

/// A remark that no rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// What.
    pub text: String,
}

impl Verdict {
    /// The findings that neither an exemption nor the policy has silenced.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.exempted.is_none())
    }

    /// The findings that deny.
    pub fn denials(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.denies())
    }

    /// The findings that warn.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.open().filter(|finding| finding.level == Level::Warn)
    }
}
