//! AdmissionReview of admission.k8s.io/v1, as far as it is read and written.
//!
//! Own types instead of kube's: the object is read in the same pass as its envelope, the old object stays text
//! until the ratchet wants it, and the patch is base64 as the API documents it (kube-rs/kube#1781 sends an array of
//! numbers).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::BadReview;
use super::walk::{Broken, Cause as Reason, Walk};
use crate::engine::subject::Sketch;

/// The only version that is spoken; it is also the only one registered.
const API_VERSION: &str = "admission.k8s.io/v1";

/// `request`.
pub(super) struct Request<'a> {
    pub(super) uid: Cow<'a, str>,
    /// The kind that was registered, whatever version the user sent.
    pub(super) kind: GroupVersionKind<'a>,
    pub(super) sub_resource: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) namespace: Option<Cow<'a, str>>,
    pub(super) operation: Cow<'a, str>,
    pub(super) dry_run: bool,
    pub(super) object: Object<'a>,
    /// JSON, unread.
    pub(super) old_object: Option<&'a str>,
}

/// `request.object`.
pub(super) enum Object<'a> {
    /// There is none, as in a DELETE.
    None,
    /// It cannot be read, such as one with a number beyond all bounds.
    Unreadable,
    /// It was read; and its JSON.
    Read(Box<Sketch<'a>>, &'a str),
}

#[derive(Deserialize)]
pub(super) struct GroupVersionKind<'a> {
    #[serde(borrow, default)]
    group: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
}

impl GroupVersionKind<'_> {
    pub(super) fn api_version(&self) -> Cow<'_, str> {
        match &*self.group {
            "" => Cow::Borrowed(&self.version),
            group => Cow::Owned(format!("{group}/{}", self.version)),
        }
    }
}

/// Reads the envelope and the object in it.
///
/// # Errors
/// Says what is wrong without repeating anything of the body.
pub(super) fn read(body: &[u8]) -> Result<Request<'_>, BadReview> {
    // Once and for all, instead of text by text.
    let text = simdutf8::compat::from_utf8(body).map_err(|error| {
        BadReview(format!("it is not valid JSON: not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    let review = review(Walk::new(text)).map_err(|broken| explain(text, broken))?;
    if review.kind != "AdmissionReview" || review.api_version != API_VERSION {
        return Err(BadReview(format!("apiVersion and kind must be {API_VERSION} and AdmissionReview")));
    }
    let request = review.request.ok_or_else(|| BadReview("request is missing".to_owned()))?;
    if request.uid.is_empty() {
        return Err(BadReview("request.uid is empty".to_owned()));
    }
    Ok(request)
}

fn explain(text: &str, broken: Broken) -> BadReview {
    let what = match broken.cause {
        Reason::Type => "a field is missing or has the wrong type",
        Reason::End => "it ends too early",
        Reason::Syntax => "it is not valid JSON",
    };
    let before = &text.as_bytes()[..broken.at];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
    BadReview(format!("{what} (line {line}, column {column})"))
}

struct ReviewIn<'a> {
    api_version: Cow<'a, str>,
    kind: Cow<'a, str>,
    request: Option<Request<'a>>,
}

fn review(mut walk: Walk<'_>) -> Result<ReviewIn<'_>, Broken> {
    let (mut api_version, mut kind, mut request) = (None, None, None);
    walk.enter()?;
    while let Some(name) = walk.member()? {
        match name {
            "apiVersion" => once(&mut api_version, &mut walk, Walk::text)?,
            "kind" => once(&mut kind, &mut walk, Walk::text)?,
            "request" if walk.is_null() => drop(walk.skip()?),
            "request" => once(&mut request, &mut walk, self::request)?,
            _ => drop(walk.skip()?),
        }
    }
    let missing = walk.missing();
    walk.end()?;
    Ok(ReviewIn { api_version: api_version.ok_or(missing)?, kind: kind.ok_or(missing)?, request })
}

fn request<'a>(walk: &mut Walk<'a>) -> Result<Request<'a>, Broken> {
    let (mut uid, mut kind, mut operation, mut dry_run) = (None, None, None, None);
    let (mut sub_resource, mut of_name, mut namespace) = (None, None, None);
    let (mut new, mut old_object) = (None, None);
    walk.enter()?;
    while let Some(name) = walk.member()? {
        match name {
            "uid" => once(&mut uid, walk, Walk::text)?,
            "kind" => once(&mut kind, walk, Walk::read)?,
            "operation" => once(&mut operation, walk, Walk::text)?,
            "object" => once(&mut new, walk, object)?,
            _ if walk.is_null() => drop(walk.skip()?),
            "subResource" => once(&mut sub_resource, walk, Walk::text)?,
            "name" => once(&mut of_name, walk, Walk::text)?,
            "namespace" => once(&mut namespace, walk, Walk::text)?,
            "dryRun" => once(&mut dry_run, walk, Walk::read)?,
            "oldObject" if walk.is_null() => drop(walk.skip()?),
            "oldObject" => once(&mut old_object, walk, Walk::skip)?,
            _ => drop(walk.skip()?),
        }
    }
    let missing = walk.missing();
    Ok(Request {
        uid: uid.ok_or(missing)?,
        kind: kind.ok_or(missing)?,
        sub_resource,
        name: of_name,
        namespace,
        operation: operation.ok_or(missing)?,
        dry_run: dry_run.unwrap_or_default(),
        object: new.unwrap_or(Object::None),
        old_object,
    })
}

fn object<'a>(walk: &mut Walk<'a>) -> Result<Object<'a>, Broken> {
    if walk.is_null() {
        walk.skip()?;
        return Ok(Object::None);
    }
    let ahead = walk.clone();
    match walk.read() {
        Ok(sketch) => Ok(Object::Read(Box::new(sketch), ahead.text_to(walk))),
        Err(_) => {
            *walk = ahead;
            walk.skip()?;
            Ok(Object::Unreadable)
        }
    }
}

/// A field that comes twice could mean either.
fn once<'a, T>(
    field: &mut Option<T>,
    walk: &mut Walk<'a>,
    read: impl FnOnce(&mut Walk<'a>) -> Result<T, Broken>,
) -> Result<(), Broken> {
    if field.is_some() {
        return Err(walk.missing());
    }
    *field = Some(read(walk)?);
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReviewOut<'a> {
    api_version: &'static str,
    kind: &'static str,
    response: &'a Response<'a>,
}

/// `response`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response<'a> {
    pub(super) uid: &'a str,
    pub(super) allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch_type: Option<&'static str>,
    /// Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) audit_annotations: BTreeMap<&'static str, String>,
}

/// meta/v1 Status of a denial.
#[derive(Serialize)]
pub(super) struct Status<'a> {
    pub(super) status: &'static str,
    pub(super) code: u16,
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) details: Details<'a>,
}

/// Status.details.
#[derive(Serialize)]
pub(super) struct Details<'a> {
    pub(super) name: &'a str,
    pub(super) group: &'a str,
    pub(super) kind: &'static str,
    pub(super) causes: Vec<Cause>,
}

/// One violation, for machines.
#[derive(Serialize)]
pub(super) struct Cause {
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) field: String,
}

/// The bytes of the answer.
pub(super) fn write(response: &Response<'_>) -> Vec<u8> {
    let review = ReviewOut { api_version: API_VERSION, kind: "AdmissionReview", response };
    // Strings, numbers and maps with string keys always serialise.
    serde_json::to_vec(&review).unwrap_or_default()
}
