//! AdmissionReview of admission.k8s.io/v1, as far as it is read and written.
//!
//! Own types instead of kube's: the object is read in the same pass as its envelope, the old object stays text
//! until the ratchet wants it, and the patch is base64 as the API documents it (kube-rs/kube#1781 sends an array of
//! numbers).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::record::BadReview;
use crate::engine::subject::Sketch;

/// The only version that is spoken; it is also the only one registered.
const API_VERSION: &str = "admission.k8s.io/v1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "O: Deserialize<'de>"))]
struct ReviewIn<'a, O> {
    #[serde(borrow)]
    api_version: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    request: Option<Request<'a, O>>,
}

/// `request`, with the object in the shape that is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "O: Deserialize<'de>"))]
pub(super) struct Request<'a, O = Sketch<'a>> {
    #[serde(borrow)]
    pub(super) uid: Cow<'a, str>,
    /// The kind that was registered, whatever version the user sent.
    #[serde(borrow)]
    pub(super) kind: GroupVersionKind<'a>,
    #[serde(borrow, default)]
    pub(super) sub_resource: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) namespace: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) operation: Cow<'a, str>,
    #[serde(default)]
    pub(super) dry_run: Option<bool>,
    pub(super) object: Option<O>,
    #[serde(borrow, default)]
    pub(super) old_object: Option<&'a RawValue>,
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
    pub(super) fn api_version(&self) -> String {
        match &*self.group {
            "" => self.version.to_string(),
            group => format!("{group}/{}", self.version),
        }
    }
}

/// Reads the envelope and the object in it.
///
/// # Errors
/// Says what is wrong without repeating anything of the body.
pub(super) fn read<'a, O: Deserialize<'a>>(body: &'a [u8]) -> Result<Request<'a, O>, BadReview> {
    // Once and for all, instead of text by text.
    let text = std::str::from_utf8(body).map_err(|error| {
        BadReview(format!("it is no valid JSON: not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    let review: ReviewIn<'a, O> = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Data => "a field is missing or has the wrong type",
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is no valid JSON",
        };
        BadReview(format!("{what} (line {line}, column {column})"))
    })?;
    if review.kind != "AdmissionReview" || review.api_version != API_VERSION {
        return Err(BadReview(format!("apiVersion and kind must be {API_VERSION} and AdmissionReview")));
    }
    let request = review.request.ok_or_else(|| BadReview("request is missing".to_owned()))?;
    if request.uid.is_empty() {
        return Err(BadReview("request.uid is empty".to_owned()));
    }
    Ok(request)
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
