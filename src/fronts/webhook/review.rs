//! One AdmissionReview: bytes in, bytes out.

use super::envelope::{self, Object, Request, Response};
use super::look::{self, Seen};
use super::record::{Answer, BadReview, Outcome, Part, Record, Route};
use super::walk::Walk;
use super::{mutate, reply};
use crate::engine::configs::NoConfigs;
use crate::engine::judge::{Context, Occasion, Verdict, judge};
use crate::engine::object::Kind;
use crate::engine::policy::Policy;
use crate::engine::subject::{Sketch, Subject};
use crate::engine::world::World;
use crate::fronts::cluster::Look;
use jiff::civil::Date;

/// What a review is judged by.
pub struct ReviewContext<'a> {
    /// The other objects, as far as they are watched.
    pub world: &'a dyn World,
    /// What a look at the workload of the ScaledObject showed, which outweighs the World.
    pub look: Option<&'a Look>,
    /// The policy.
    pub policy: &'a Policy,
    /// Its hash, for the record.
    pub hash: &'a str,
    /// Today in UTC, for exemptions.
    pub today: Date,
}

/// Answers a review. `Validate` never patches, `Mutate` never denies; whatever is not judged is allowed.
///
/// # Errors
/// The envelope cannot be read, so that there is no uid to answer to.
pub fn admit(route: Route, body: &[u8], by: &ReviewContext<'_>) -> Result<Answer, BadReview> {
    let request = envelope::read(body)?;
    let mut record = record(route, &request, by.hash);
    let (kind, sketch, json) = match (judged_kind(&request), &request.object) {
        (Some(kind), Object::Read(sketch, json)) => (kind, sketch, *json),
        (kind, object) => {
            let mut response = Response { uid: &request.uid, allowed: true, ..Response::default() };
            if let (Some(kind), Object::Unreadable) = (kind, object) {
                record.outcome = Outcome::Unreadable;
                record.unreadable = Some(Part::Object);
                let text = format!("lagward cannot read this {}, so it was not judged", kind.name());
                response.warnings = vec![text];
            }
            return Ok(Answer { body: envelope::write(&response), record, rests_on: None });
        }
    };
    let mut subject = sketch.distil(kind, &NoConfigs);
    complete(&mut subject, &request);
    record.name = subject.meta().object.name.to_string();
    let world = Seen { look: by.look, behind: by.world };
    let occasion = occasion(&request, by.look);
    let context = Context { world: &world, policy: by.policy, occasion, today: by.today };
    let mut rests_on = None;
    let response = match route {
        Route::Validate => {
            let verdict = validate(&subject, &request, &context, &mut record);
            if by.look.is_none() {
                rests_on = look::needed(&subject, &verdict, &context);
            }
            reply::to_verdict(&request, &subject, &verdict, by.policy, &mut record)
        }
        Route::Mutate => {
            let (response, unconfirmed) =
                mutate::patch(&request, json, &subject, &context, by.look, &mut record);
            rests_on = unconfirmed;
            response
        }
    };
    Ok(Answer { body: envelope::write(&response), record, rests_on })
}

/// Whose review this is, for the log when judging it failed; `None` if even the envelope cannot be read.
pub(super) fn identify(route: Route, body: &[u8]) -> Option<Record> {
    let request = envelope::read(body).ok()?;
    Some(record(route, &request, ""))
}

/// The kind of the object, if this request is about an object that is judged.
fn judged_kind(request: &Request<'_>) -> Option<Kind> {
    let is_whole = request.sub_resource.as_ref().is_none_or(|name| name.is_empty());
    if !is_whole || operation(request) == "other" {
        return None;
    }
    kind(request)
}

fn kind(request: &Request<'_>) -> Option<Kind> {
    Kind::of(&request.kind.api_version(), &request.kind.kind)
}

fn operation(request: &Request<'_>) -> &'static str {
    match &*request.operation {
        "CREATE" => "CREATE",
        "UPDATE" => "UPDATE",
        _ => "other",
    }
}

/// When the object of this request is judged.
fn occasion(request: &Request<'_>, look: Option<&Look>) -> Occasion {
    // What is not known for certain must not deny, as in a dry run.
    let is_unconfirmed = matches!(look, Some(Look::Failed));
    Occasion::Admission { dry_run: request.dry_run || is_unconfirmed }
}

/// The namespace is in the request even where the object leaves it out.
pub(super) fn complete(subject: &mut Subject, request: &Request<'_>) {
    if let Some(namespace) = request.namespace.as_deref().filter(|namespace| !namespace.is_empty()) {
        subject.meta_mut().object.namespace = Some(namespace.into());
    }
}

fn validate(subject: &Subject, request: &Request<'_>, context: &Context<'_>, record: &mut Record) -> Verdict {
    let old = || {
        let old: Option<Sketch<'_>> = Walk::new(request.old_object?).read().ok();
        if old.is_none() {
            record.unreadable = Some(Part::OldObject);
        }
        let old = old?;
        let mut subject = old.distil(subject.meta().object.kind, &NoConfigs);
        complete(&mut subject, request);
        Some(subject)
    };
    judge(subject, old, context)
}

fn record(route: Route, request: &Request<'_>, hash: &str) -> Record {
    Record {
        kind: kind(request).map_or("other", Kind::name),
        namespace: request.namespace.as_deref().unwrap_or_default().to_owned(),
        name: request.name.as_deref().unwrap_or_default().to_owned(),
        operation: operation(request),
        dry_run: request.dry_run,
        ..Record::new(route, &request.uid, hash)
    }
}
