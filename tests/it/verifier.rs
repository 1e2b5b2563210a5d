//! The API server's own checks of an answer, and those limits that it enforces by cutting.
//!
//! From k8s.io/apiserver v0.34.4: `VerifyAdmissionResponse` (webhook/request/admissionreview.go), `ToStatusErr`
//! (webhook/errors/statuserror.go), `checkKeyFormat` (admission/attributes.go), the warning recorder
//! (endpoints/filters/warning.go) and `NewWarningHeader` (apimachinery, util/net/http.go).

use std::collections::BTreeSet;

use base64::Engine as _;
use lagward::engine::object::Kind;
use lagward::engine::subject::Subject;
use lagward::fronts::webhook::record::Route;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Holds an answer to all of it, and gives `response`.
pub(crate) fn verify(route: Route, body: &[u8], answer: &[u8]) -> Value {
    let review: Value = serde_json::from_slice(answer).expect("an answer that is JSON");
    assert_eq!(keys(&review), ["apiVersion", "kind", "response"]);
    assert_eq!(review["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(review["kind"], "AdmissionReview");
    let response = &review["response"];
    let known = ["allowed", "auditAnnotations", "patch", "patchType", "status", "uid", "warnings"];
    assert!(keys(response).iter().all(|key| known.contains(&key.as_str())), "{response}");
    assert!(!response["uid"].as_str().unwrap_or_default().is_empty(), "an empty uid");
    assert_eq!(response["uid"], Request::read(body).uid, "the uid of another request");
    let allowed = response["allowed"].as_bool().expect("allowed is a bool");
    match route {
        Route::Validate => assert!(response.get("patch").or(response.get("patchType")).is_none()),
        Route::Mutate => assert!(allowed, "mutate never denies"),
    }
    verify_patch(body, response);
    verify_warnings(response);
    verify_annotations(response);
    match response.get("status") {
        Some(status) => {
            assert!(!allowed, "a status with an allowed request");
            verify_denial(status, &response["auditAnnotations"]["denied"]);
        }
        None => assert!(allowed, "denied \"without explanation\""),
    }
    response.clone()
}

/// The operations of the patch; null without one.
pub(crate) fn operations(response: &Value) -> Value {
    let Some(patch) = response.get("patch") else { return Value::Null };
    let patch = patch.as_str().expect("the patch is a base64 text");
    let json = base64::prelude::BASE64_STANDARD.decode(patch).expect("base64");
    serde_json::from_slice(&json).expect("a patch that is JSON")
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().expect("a map").keys().cloned().collect()
}

/// What is needed of a review whose objects may be too deep, too large or too odd for a `Value`.
#[derive(Deserialize)]
struct Review<'a> {
    #[serde(borrow)]
    request: Request<'a>,
}

#[derive(Deserialize)]
struct Request<'a> {
    uid: String,
    kind: GroupVersionKind,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct GroupVersionKind {
    #[serde(default)]
    group: String,
    version: String,
    kind: String,
}

impl<'a> Request<'a> {
    fn read(body: &'a [u8]) -> Self {
        serde_json::from_slice::<Review<'_>>(body).expect("an envelope").request
    }

    fn kind(&self) -> Option<Kind> {
        let GroupVersionKind { group, version, kind } = &self.kind;
        Kind::of(&format!("{group}/{version}"), kind)
    }
}

fn verify_patch(body: &[u8], response: &Value) {
    assert_eq!(response.get("patch").is_some(), response.get("patchType").is_some(), "both or neither");
    let operations = operations(response);
    if operations.is_null() {
        return;
    }
    assert_eq!(response["patchType"], "JSONPatch");
    let list = operations.as_array().expect("a patch is a list");
    assert!(!list.is_empty(), "a patch without operations");
    // A failing `test` is an error even under failurePolicy Ignore.
    assert!(list.iter().all(|operation| operation["op"] != "test"), "{operations}");
    let paths: Vec<&str> = list.iter().filter_map(|operation| operation["path"].as_str()).collect();
    assert!(paths.iter().all(|path| *path != "/spec/replicas"), "{paths:?}");
    assert!(paths.iter().all(|path| !path.starts_with("/metadata/managedFields")), "{paths:?}");
    let request = Request::read(body);
    let before: Value = serde_json::from_str(request.object.expect("an object").get()).expect("JSON");
    let mut object = before.clone();
    let patch: json_patch::Patch = serde_json::from_value(operations.clone()).expect("RFC 6902");
    json_patch::patch(&mut object, &patch).expect("a patch that applies");
    assert_ne!(object, before, "a patch that changes nothing");
    for key in ["apiVersion", "kind"] {
        assert_eq!(object[key], before[key], "the patch makes something else of it");
    }
    let kind = request.kind().expect("a kind that is judged");
    assert!(Subject::distil(kind, &object).is_ok(), "the patched object cannot be read");
}

/// A Warning header holds one line; the server drops the rest beyond 4096 characters and then cuts each at 256.
fn verify_warnings(response: &Value) {
    let Some(warnings) = response.get("warnings") else { return };
    let warnings = warnings.as_array().expect("warnings are a list");
    let texts: Vec<&str> = warnings.iter().map(|text| text.as_str().expect("a text")).collect();
    assert!((1..=10).contains(&texts.len()), "{} warnings", texts.len());
    assert!(texts.iter().all(|text| !text.trim().is_empty() && !text.chars().any(char::is_control)));
    assert!(texts.iter().all(|text| text.chars().count() <= 256), "{texts:?}");
    assert!(texts.iter().map(|text| text.chars().count()).sum::<usize>() <= 4096);
    let different: BTreeSet<&str> = texts.iter().copied().collect();
    assert_eq!(different.len(), texts.len(), "the server drops repeated warnings: {texts:?}");
}

/// The server puts the webhook's name and a slash before each key: the rest is one part of a qualified name.
fn verify_annotations(response: &Value) {
    let Some(annotations) = response.get("auditAnnotations") else { return };
    for (key, value) in annotations.as_object().expect("a map") {
        let ends = [key.chars().next(), key.chars().last()];
        assert!(ends.iter().all(|c| c.is_some_and(|c| c.is_ascii_alphanumeric())), "{key:?}");
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(key.len() <= 63 && key.chars().all(allowed), "{key:?}");
        let codes = value.as_str().expect("annotations are texts");
        if key == "uid" {
            // A UUID, as the API server sends it, stands there as it is; of anything else, what fits into a line.
            let uid = response["uid"].as_str().expect("a uid");
            let is_odd = uid.chars().any(char::is_control) || uid.chars().count() > 80;
            assert!(
                codes == uid || (is_odd && !codes.chars().any(char::is_control)),
                "the uid of another request"
            );
            continue;
        }
        assert!(codes.split(',').all(|code| code.starts_with("LW") && code.len() == 5), "{codes:?}");
    }
}

fn verify_denial(status: &Value, codes: &Value) {
    assert_eq!(status["status"], "Failure");
    assert_eq!(status["code"], 403);
    assert_eq!(status["reason"], "Forbidden");
    let message = status["message"].as_str().expect("a message");
    assert!(message.len() <= 4096, "{} bytes: {message}", message.len());
    assert!(message.chars().all(|c| c == '\n' || !c.is_control()), "{message:?}");
    let lines: Vec<&str> = message.lines().collect();
    assert!(lines.len() >= 3 && lines.iter().all(|line| !line.trim().is_empty()), "{message:?}");
    assert!(lines[0].chars().count() < 120, "{:?}", lines[0]);
    assert!(lines[lines.len() - 1].contains("lagward explain LW"), "{message}");
    let causes = status["details"]["causes"].as_array().expect("causes");
    assert!(!causes.is_empty() && causes.len() <= 100, "{} causes", causes.len());
    let reasons: BTreeSet<&str> = causes.iter().filter_map(|cause| cause["reason"].as_str()).collect();
    let denied: BTreeSet<&str> = codes.as_str().expect("denied codes").split(',').collect();
    assert!(reasons.is_subset(&denied), "{reasons:?} are not {denied:?}");
    for cause in causes {
        assert!(!cause["field"].as_str().unwrap_or_default().is_empty(), "{cause}");
        assert!(!cause["message"].as_str().unwrap_or_default().contains('\n'), "{cause}");
    }
}
