//! One AdmissionReview: bytes in, bytes out.

use jiff::civil::Date;

use super::envelope::{self, Request, Response};
use super::record::{Answer, BadReview, Outcome, Record, Route};
use super::{mutate, reply};
use crate::engine::judge::{Occasion, Verdict, judge};
use crate::engine::object::Kind;
use crate::engine::policy::Policy;
use crate::engine::subject::Subject;
use crate::engine::world::World;

/// What a review is judged by.
pub struct Court<'a> {
    /// The other objects.
    pub world: &'a dyn World,
    /// The policy.
    pub policy: &'a Policy,
    /// Today in UTC, for exemptions.
    pub today: Date,
}

/// Answers a review. `Validate` never patches, `Mutate` never denies; whatever is not judged is allowed.
///
/// # Errors
/// The envelope cannot be read, so that there is no uid to answer to.
pub fn admit(route: Route, body: &[u8], court: &Court<'_>) -> Result<Answer, BadReview> {
    let request = envelope::read(body)?;
    let kind = Kind::of(&request.kind.api_version(), &request.kind.kind);
    let mut record = record(route, &request, kind);
    let allow = |record| {
        let response = Response { uid: &request.uid, allowed: true, ..Response::default() };
        Ok(Answer { body: envelope::write(&response), record })
    };
    let (Some(kind), Some(object)) = (kind, request.object) else { return allow(record) };
    let is_judged = record.operation != "other" && request.sub_resource.as_ref().is_none_or(|s| s.is_empty());
    if !is_judged || object.get() == "null" {
        return allow(record);
    }
    let Ok(mut subject) = distil(kind, object.get()) else {
        record.outcome = Outcome::Unreadable;
        let warnings = vec![format!("lagward cannot read this {}, so it was not judged", kind.name())];
        let response = Response { uid: &request.uid, allowed: true, warnings, ..Response::default() };
        return Ok(Answer { body: envelope::write(&response), record });
    };
    complete(&mut subject, &request);
    record.name = subject.meta().object.name.to_string();
    let response = match route {
        Route::Validate => {
            let verdict = validate(&subject, &request, court);
            reply::to_verdict(&request, &subject, &verdict, court.policy, &mut record)
        }
        Route::Mutate => mutate::patch(&request, &subject, court, &mut record),
    };
    Ok(Answer { body: envelope::write(&response), record })
}

/// Distils an object from its JSON.
pub(super) fn distil(kind: Kind, json: &str) -> Result<Subject, serde_json::Error> {
    Subject::distil(kind, &mut serde_json::Deserializer::from_str(json))
}

/// When the object of this request is judged.
pub(super) fn occasion(request: &Request<'_>) -> Occasion {
    Occasion::Admission { dry_run: request.dry_run == Some(true) }
}

/// The namespace is in the request even where the object leaves it out.
pub(super) fn complete(subject: &mut Subject, request: &Request<'_>) {
    let meta = match subject {
        Subject::Workload(consumer) => &mut consumer.meta,
        Subject::Scaler(scaler) => &mut scaler.meta,
    };
    if let Some(namespace) = request.namespace.as_deref().filter(|namespace| !namespace.is_empty()) {
        meta.object.namespace = Some(namespace.into());
    }
}

fn validate(subject: &Subject, request: &Request<'_>, court: &Court<'_>) -> Verdict {
    let old = || {
        let old = request.old_object.filter(|old| old.get() != "null")?;
        let mut subject = distil(subject.meta().object.kind, old.get()).ok()?;
        complete(&mut subject, request);
        Some(subject)
    };
    judge(subject, old, court.world, court.policy, occasion(request), court.today)
}

fn record(route: Route, request: &Request<'_>, kind: Option<Kind>) -> Record {
    Record {
        route,
        uid: request.uid.to_string(),
        kind: kind.map_or("other", Kind::name),
        namespace: request.namespace.as_deref().unwrap_or_default().to_owned(),
        name: request.name.as_deref().unwrap_or_default().to_owned(),
        operation: match &*request.operation {
            "CREATE" => "CREATE",
            "UPDATE" => "UPDATE",
            _ => "other",
        },
        dry_run: request.dry_run == Some(true),
        outcome: Outcome::Allowed,
        denied: Vec::new(),
        warned: Vec::new(),
        patched: Vec::new(),
    }
}
