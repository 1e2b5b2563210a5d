//! The answer of `/mutate`: a minimal patch that is known to help, or none.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use json_patch::Patch;
use serde_json::Value;

use super::envelope::{Request, Response};
use super::look;
use super::record::{Outcome, Record};
use super::reply;
use super::review::complete;
use crate::engine::finding::Finding;
use crate::engine::fix::{self, Edit, Safety};
use crate::engine::judge::{Context, Verdict, judge};
use crate::engine::object::ObjectRef;
use crate::engine::place::{Place, Segment};
use crate::engine::policy::Mutate;
use crate::engine::rule::Level;
use crate::engine::subject::Subject;
use crate::fronts::cluster::Look;

/// Patches what the policy lets the webhook mend, and says which workload has to be looked at before more is mended.
pub(super) fn patch<'a>(
    request: &'a Request<'a>,
    json: &str,
    subject: &Subject,
    context: &Context<'_>,
    look: Option<&Look>,
    record: &mut Record,
) -> (Response<'a>, Option<ObjectRef>) {
    let mut response = Response { uid: &request.uid, allowed: true, ..Response::default() };
    // The ratchet does not matter here: what is wrong may be mended whether it is new or not.
    let before = judge(subject, || None, context);
    record.panicked.clone_from(&before.panicked);
    let Some(work) = Work::of(request, json, subject, &before, look) else { return (response, None) };
    let rests_on = if work.has_unconfirmed { look::workload_of(subject, context) } else { None };
    let Some(mended) = mend(request, work, subject, context, &before) else { return (response, rests_on) };
    record.outcome = Outcome::Patched;
    record.patched = mended.codes;
    response.audit_annotations = reply::annotations(record);
    response.warnings = mended.warnings;
    response.patch_type = Some("JSONPatch");
    response.patch = serde_json::to_vec(&mended.patch).ok().map(|json| BASE64_STANDARD.encode(json));
    (response, rests_on)
}

struct Mended {
    patch: Patch,
    codes: Vec<&'static str>,
    warnings: Vec<String>,
}

/// What there is to mend.
struct Work<'a> {
    object: Value,
    mending: Vec<&'a Finding>,
    /// A look at the workload would let more be mended.
    has_unconfirmed: bool,
}

impl<'a> Work<'a> {
    fn of(
        request: &Request<'_>,
        json: &str,
        subject: &Subject,
        before: &'a Verdict,
        look: Option<&Look>,
    ) -> Option<Self> {
        // The generator of a controlled object would write its own value back for ever.
        if before.mutate == Mutate::Off || subject.meta().controlled {
            return None;
        }
        // Read once more, now as a whole: most requests need no patch.
        let object: Value = serde_json::from_str(json).ok()?;
        let old: Option<Value> = match request.old_object {
            Some(old) => serde_json::from_str(old).ok()?,
            None => None,
        };
        if object["metadata"].get("deletionTimestamp").is_some_and(|time| !time.is_null()) {
            return None;
        }
        if old.as_ref().is_some_and(|old| old["spec"] == object["spec"]) {
            return None;
        }
        // A changed template makes a rollout: only under enforce, and only when there is one anyway.
        let rolls_anyway =
            old.as_ref().is_none_or(|old| old["spec"]["template"] != object["spec"]["template"]);
        let may_touch_pods = before.mutate == Mutate::Enforce && rolls_anyway;
        let (mut mending, mut left): (Vec<&Finding>, Vec<&Finding>) = before
            .open()
            .filter(|finding| finding.object == subject.meta().object)
            .partition(|finding| applies(finding, before.mutate, may_touch_pods));
        // What is known of the other object may be old.
        let is_confirmed = matches!(look, Some(Look::There(_)));
        let unconfirmed = mending.extract_if(.., |finding| finding.needs_pair && !is_confirmed);
        let unconfirmed: Vec<&Finding> = unconfirmed.collect();
        let has_unconfirmed = look.is_none() && !unconfirmed.is_empty();
        left.extend(unconfirmed);
        leave_what_is_claimed(&mut mending, &left);
        Some(Self { object, mending, has_unconfirmed })
    }
}

/// The patch, only if the object is better with it: what it mends is gone and nothing new is broken.
fn mend(
    request: &Request<'_>,
    work: Work<'_>,
    subject: &Subject,
    context: &Context<'_>,
    before: &Verdict,
) -> Option<Mended> {
    let Work { mut object, mending, .. } = work;
    let edits: Vec<Edit> = mending.iter().flat_map(|finding| edits(finding)).cloned().collect();
    let patch = fix::patch(&edits, &object).filter(|patch| !patch.is_empty())?;
    json_patch::patch(&mut object, &patch).ok()?;
    let mut mended = Subject::distil(subject.meta().object.kind, &object).ok()?;
    complete(&mut mended, request);
    let after = judge(&mended, || None, context);
    if !helps(before, &after, &mending) {
        return None;
    }
    let warnings =
        reply::within_limits(mending.iter().flat_map(|finding| announce(finding)), " changes of lagward");
    Some(Mended { patch, codes: reply::codes(mending.iter().copied()), warnings })
}

fn applies(finding: &Finding, mutate: Mutate, may_touch_pods: bool) -> bool {
    let Some(fix) = finding.report.fix.as_ref().filter(|fix| fix.at_admission) else { return false };
    let allowed = match fix.safety {
        Safety::Fill => mutate >= Mutate::Fill,
        Safety::Set => mutate >= Mutate::Enforce,
    };
    let touches_pods = fix.edits.iter().any(|edit| is_in_template(edit.place()));
    // KEDA and the HPA own spec.replicas.
    let touches_replicas = fix.edits.iter().any(|edit| *edit.place() == Place::fields(&["spec", "replicas"]));
    allowed && (may_touch_pods || !touches_pods) && !touches_replicas
}

/// The author's own value may stand under a misspelt key, from where only the author moves it. What would fill the
/// right key with something else leaves that to the denial.
fn leave_what_is_claimed(mending: &mut Vec<&Finding>, left: &[&Finding]) {
    let is_set = |edit: &&Edit| matches!(edit, Edit::Set { .. });
    let claimed: Vec<&Place> =
        left.iter().flat_map(|finding| edits(finding)).filter(is_set).map(Edit::place).collect();
    mending.retain(|finding| !edits(finding).iter().any(|edit| claimed.contains(&edit.place())));
}

fn edits(finding: &Finding) -> &[Edit] {
    finding.report.fix.as_ref().map_or(&[], |fix| &fix.edits)
}

fn helps(before: &Verdict, after: &Verdict, mending: &[&Finding]) -> bool {
    let is_same =
        |a: &Finding, b: &Finding| a.rule == b.rule && a.report.place.keyed() == b.report.place.keyed();
    let is_mended = |finding: &&Finding| !after.open().any(|left| is_same(left, finding));
    let was_there = |left: &Finding| before.open().any(|finding| is_same(finding, left));
    // A breakage may be mended although a period, say, is without effect in the mended object.
    let mends_breakage = mending.iter().any(|finding| !finding.rule.only_warns());
    let is_bearable = |left: &Finding| mends_breakage && left.level < Level::Deny && left.rule.only_warns();
    mending.iter().all(is_mended) && after.open().all(|left| was_there(left) || is_bearable(left))
}

/// One warning for each field that was changed.
fn announce(finding: &Finding) -> Vec<String> {
    let change = |edit: &Edit| match edit {
        Edit::Set { place, value } => format!("set {place} to {value}"),
        Edit::Remove { place } => format!("removed {place}"),
        Edit::Quote { place } => format!("quoted {place}"),
    };
    let text = |edit| format!("lagward {} ({} {})", change(edit), finding.rule.code, finding.rule.name);
    edits(finding).iter().map(text).collect()
}

fn is_in_template(place: &Place) -> bool {
    let is = |segment: &&Segment, name| matches!(segment, Segment::Field(field) if field == name);
    matches!(place.segments().as_slice(), [first, second, ..] if is(first, "spec") && is(second, "template"))
}
