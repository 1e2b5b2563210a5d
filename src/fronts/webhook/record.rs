//! What one review leaves behind for logs and metrics: names, codes and paths, never contents.

use crate::engine::object::ObjectRef;

/// Which of the two webhooks was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// `/validate`: denies and warns, never patches.
    Validate,
    /// `/mutate`: patches, never denies.
    Mutate,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Allowed; there may be warnings.
    Allowed,
    /// Allowed with a patch.
    Patched,
    /// Refused.
    Denied,
    /// Allowed because the object could not be read (the API server's schema judges shapes).
    Unreadable,
}

/// An object of a request that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// What is to be: it is let in unjudged.
    Object,
    /// What it replaces: it cannot excuse anything.
    OldObject,
}

impl Part {
    /// As the AdmissionReview and labels name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::OldObject => "oldObject",
        }
    }
}

/// One review, as logs and metrics see it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The webhook that was called.
    pub route: Route,
    /// `request.uid`.
    pub uid: String,
    /// `Deployment`, `StatefulSet`, `ScaledObject`, or `other`: bounded, so that it can be a label.
    pub kind: &'static str,
    /// The object's namespace, empty when it has none.
    pub namespace: String,
    /// The object's name, or `generateName` with a `*` behind it.
    pub name: String,
    /// `CREATE`, `UPDATE` or `other`: bounded, so that it can be a label.
    pub operation: &'static str,
    /// Whether the request is a dry run.
    pub dry_run: bool,
    /// The hash of the policy that judged it.
    pub policy: Box<str>,
    /// What was decided.
    pub outcome: Outcome,
    /// Codes of the findings that denied, in the order of the message.
    pub denied: Vec<&'static str>,
    /// Codes of the findings that only warned.
    pub warned: Vec<&'static str>,
    /// Codes of the findings that only warned because the object was no better before; also in `warned`.
    pub ratcheted: Vec<&'static str>,
    /// Codes of the findings that would deny under `mode: enforce`; also in `warned`.
    pub would_deny: Vec<&'static str>,
    /// Codes of the findings that an exemption silenced.
    pub exempted: Vec<&'static str>,
    /// Codes whose fixes are in the patch.
    pub patched: Vec<&'static str>,
    /// Codes of the rules that panicked and were left out.
    pub panicked: Vec<&'static str>,
    /// What could not be read.
    pub unreadable: Option<Part>,
}

impl Record {
    /// A review in which nothing was found, of something that is not judged.
    pub fn new(route: Route, uid: &str, policy: &str) -> Self {
        Self {
            route,
            uid: uid.to_owned(),
            kind: "other",
            namespace: String::new(),
            name: String::new(),
            operation: "other",
            dry_run: false,
            policy: policy.into(),
            outcome: Outcome::Allowed,
            denied: Vec::new(),
            warned: Vec::new(),
            ratcheted: Vec::new(),
            would_deny: Vec::new(),
            exempted: Vec::new(),
            patched: Vec::new(),
            panicked: Vec::new(),
            unreadable: None,
        }
    }
}

/// The answer to a review: the bytes of an AdmissionReview response, and its record.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The AdmissionReview to send, as JSON.
    pub body: Vec<u8>,
    /// What to log and count.
    pub record: Record,
    /// The workload that has to be looked at before this answer may be given, if anybody can.
    pub rests_on: Option<ObjectRef>,
}

/// The envelope could not be read: there is no uid to answer to, so the only answer is HTTP 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadReview(pub String);

impl std::fmt::Display for BadReview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not an AdmissionReview: {}", self.0)
    }
}

impl std::error::Error for BadReview {}
