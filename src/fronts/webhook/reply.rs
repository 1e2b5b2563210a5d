//! A verdict as the answer of `/validate`.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use super::envelope::{Cause, Details, Request, Response, Status};
use super::record::{Outcome, Record};
use crate::engine::finding::Finding;
use crate::engine::judge::Verdict;
use crate::engine::object::ObjectRef;
use crate::engine::policy::{Mode, Policy};
use crate::engine::subject::Subject;

/// The most findings that one denial spells out.
const MAX_FINDINGS: usize = 20;
/// The most bytes of a denial's message: it goes through terminals and web pages.
const MAX_MESSAGE: usize = 4096;
/// The most warnings: the API server drops or cuts all of them when they exceed 4096 characters together.
const MAX_WARNINGS: usize = 10;
/// The API server cuts longer warnings to this when there are many.
const MAX_WARNING: usize = 256;
/// The most violations that are listed for machines: a body of 7 MiB has room for 400,000.
const MAX_CAUSES: usize = 100;
/// The most characters of one line of a denial: names come from the object and may be of any length.
const MAX_LINE: usize = 1000;
/// The most characters of an object's name in the headline, which has fewer than 120 with its other words.
const MAX_NAME: usize = 80;

/// Denies with every violation at once, or allows with warnings.
pub(super) fn to_verdict<'a>(
    request: &'a Request<'a>,
    subject: &'a Subject,
    verdict: &Verdict,
    policy: &Policy,
    record: &mut Record,
) -> Response<'a> {
    let object = &subject.meta().object;
    let denials: Vec<&Finding> = verdict.denials().collect();
    record.denied = codes(denials.iter().copied());
    record.warned = codes(verdict.warnings());
    record.ratcheted = codes(verdict.warnings().filter(|finding| finding.is_ratcheted));
    record.would_deny = codes(verdict.warnings().filter(|finding| finding.would_deny));
    record.exempted = codes(verdict.findings.iter().filter(|finding| finding.exempted.is_some()));
    record.panicked.clone_from(&verdict.panicked);
    let mut response = Response {
        uid: &request.uid,
        allowed: denials.is_empty(),
        audit_annotations: annotations(record),
        ..Response::default()
    };
    if verdict.mode != Mode::Audit {
        response.warnings = warnings(verdict, object);
    }
    if !denials.is_empty() {
        record.outcome = Outcome::Denied;
        response.status = Some(status(&denials, subject, policy));
    }
    response
}

/// Keeps a text in one line of so many characters, without control characters: neither a header nor a terminal
/// takes what an object may hold.
fn one_line(text: &str, longest: usize) -> String {
    let mut line: String =
        text.chars().take(longest + 1).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() > longest {
        line = line.chars().take(longest - 1).chain(['…']).collect();
    }
    line
}

/// Warnings that fit the API server's headers; the last one counts those that are left out. It drops repeated
/// ones itself, which would spoil the count. `rest` ends that one and says where the others are.
pub(super) fn within_limits(all: impl Iterator<Item = String>, rest: &str) -> Vec<String> {
    let mut said = HashSet::new();
    let all = all.map(|text| one_line(&text, MAX_WARNING));
    let mut all: Vec<String> = all.filter(|text| said.insert(text.clone())).collect();
    if all.len() > MAX_WARNINGS {
        let more = all.len() - (MAX_WARNINGS - 1);
        all.truncate(MAX_WARNINGS - 1);
        all.push(format!("and {more} more{rest}"));
    }
    all
}

fn status<'a>(denials: &[&Finding], subject: &'a Subject, policy: &Policy) -> Status<'a> {
    let object = &subject.meta().object;
    let cause = |finding: &&Finding| Cause {
        reason: finding.rule.code,
        message: one_line(&about(finding, object, &finding.statement()), MAX_LINE),
        field: finding.report.place.to_string(),
    };
    Status {
        status: "Failure",
        code: 403,
        reason: "Forbidden",
        message: denial(denials, subject, policy),
        details: Details {
            name: &object.name,
            group: object.kind.api_version().split('/').next().unwrap_or_default(),
            kind: object.kind.name(),
            causes: denials.iter().take(MAX_CAUSES).map(cause).collect(),
        },
    }
}

/// The message of a denial: a headline, each violation with its cost, and where to read on.
fn denial(denials: &[&Finding], subject: &Subject, policy: &Policy) -> String {
    let object = &subject.meta().object;
    let object_name = shortened(&object.to_string());
    let mut text = match denials.len() {
        1 => format!("1 setting of {object_name} is misaligned"),
        many => format!("{many} settings of {object_name} are misaligned"),
    };
    let mut shown = 0;
    for finding in denials {
        let headline = one_line(&about(finding, object, &finding.headline()), MAX_LINE);
        let next = format!("{headline}\n  {}", one_line(&finding.report.cost, MAX_LINE));
        if shown == MAX_FINDINGS || text.len() + next.len() > MAX_MESSAGE - 200 {
            break;
        }
        let _ = write!(text, "\n{next}");
        shown += 1;
    }
    if shown < denials.len() {
        let _ = write!(text, "\nand {} more", denials.len() - shown);
    }
    if let Some(target) = counterpart(denials, subject) {
        let _ = write!(text, "\nif you change both, apply {target} first");
    }
    let last = denials.get(shown.saturating_sub(1)).map_or("", |finding| finding.rule.code);
    let _ = write!(text, "\n{}#{last} or: lagward explain {last}", policy.docs_url);
    text
}

/// The workload that a ScaledObject is refused for: a change of both passes in the other order.
fn counterpart(denials: &[&Finding], subject: &Subject) -> Option<String> {
    let Subject::Scaler(scaler) = subject else { return None };
    let kind = scaler.target.kind.filter(|_| denials.iter().any(|finding| finding.needs_pair))?;
    Some(shortened(&format!("{} {}", kind.name(), scaler.target.name)))
}

/// Says whose place it is when it is not the object's that was sent.
fn about(finding: &Finding, object: &ObjectRef, text: &str) -> String {
    if finding.object == *object {
        return text.to_owned();
    }
    let place = finding.report.place.to_string();
    text.replacen(&place, &format!("{} {place}", finding.object), 1)
}

/// A name may have 253 characters, and its end often tells more than its middle.
fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= MAX_NAME {
        return one_line(name, MAX_NAME);
    }
    let tail = MAX_NAME / 3;
    let head: String = name.chars().take(MAX_NAME - tail - 1).collect();
    let tail: String = name.chars().skip(count - tail).collect();
    one_line(&format!("{head}…{tail}"), MAX_NAME)
}

fn warnings(verdict: &Verdict, object: &ObjectRef) -> Vec<String> {
    let findings = verdict.warnings().map(|finding| {
        let suffix = match finding {
            Finding { is_ratcheted: true, .. } => " (not new, so it only warns)",
            Finding { would_deny: true, .. } => " (denied under mode: enforce)",
            _ => "",
        };
        format!("{}{suffix}", about(finding, object, &finding.headline()))
    });
    let notes = verdict.notes.iter().map(|note| note.text.clone());
    within_limits(findings.chain(notes), ": lagward check shows all")
}

/// Codes in the order of the findings, each once.
pub(super) fn codes<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for finding in findings {
        if !codes.contains(&finding.rule.code) {
            codes.push(finding.rule.code);
        }
    }
    codes
}

/// For the API server's audit log: codes, and the uid by which the log's line is found; never what the object
/// contains. A review in which nothing was found leaves nothing.
pub(super) fn annotations(record: &Record) -> BTreeMap<&'static str, String> {
    let codes = [
        ("denied", &record.denied),
        ("warned", &record.warned),
        ("would-deny", &record.would_deny),
        ("exempted", &record.exempted),
        ("patched", &record.patched),
    ];
    let codes = codes.into_iter().filter(|(_, codes)| !codes.is_empty());
    let mut annotations: BTreeMap<_, _> = codes.map(|(key, codes)| (key, codes.join(","))).collect();
    if !annotations.is_empty() {
        annotations.insert("uid", one_line(&record.uid, MAX_NAME));
    }
    annotations
}
