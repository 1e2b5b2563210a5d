//! Envelopes: what cannot be read is a bad review, and what is not judged passes with its uid.

use lagward::fronts::webhook::record::{BadReview, Outcome, Route};
use lagward::fronts::webhook::review::admit;
use serde_json::{Value, json};

use crate::support::{Review, ask, consumer, context, edit, policy, scaler, subject};

/// Why this body is no review, by both routes.
fn refused(body: &[u8]) -> String {
    let policy = policy("");
    let context = context(&policy);
    let [validate, mutate] = [Route::Validate, Route::Mutate].map(|route| admit(route, body, &context));
    let BadReview(why) = validate.expect_err("no review");
    assert_eq!(mutate.expect_err("no review"), BadReview(why.clone()));
    why
}

/// A body with this `request`.
fn envelope(request: &Value) -> Vec<u8> {
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
        .to_string()
        .into_bytes()
}

fn request() -> Value {
    json!({
        "uid": "1",
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "operation": "CREATE",
        "object": consumer(),
    })
}

/// An object that every rule for it would speak of.
fn bad() -> Value {
    edit(&scaler(), "/spec/minReplicaCount", json!(0))
}

/// Both routes let the review pass without a word.
fn passes(review: &Review) {
    let policy = policy("mutate: enforce");
    for route in [Route::Validate, Route::Mutate] {
        let reply = ask(route, review, &policy, None);
        assert!(reply.is_silent(), "{review:?}: {reply:?}");
        assert_eq!(reply.record.uid, review.uid);
    }
}

#[test]
fn a_body_that_is_no_json_is_a_bad_review_with_line_and_column() {
    assert_eq!(refused(b""), "it ends too early (line 1, column 1)");
    assert_eq!(refused(b"{\"kind\":"), "it ends too early (line 1, column 9)");
    assert_eq!(refused(b"kind: AdmissionReview"), "it is not valid JSON (line 1, column 1)");
    assert!(refused(b"null").starts_with("a field is missing or has the wrong type"));
    assert!(refused(b"[]").starts_with("a field is missing or has the wrong type"));
    let trailing = [envelope(&request()), b"{}".to_vec()].concat();
    assert!(refused(&trailing).starts_with("it is not valid JSON"));
}

#[test]
fn another_version_or_kind_is_a_bad_review() {
    let of = |version: &str, kind: &str| {
        refused(json!({"apiVersion": version, "kind": kind, "request": request()}).to_string().as_bytes())
    };
    let why = "apiVersion and kind must be admission.k8s.io/v1 and AdmissionReview";
    assert_eq!(of("admission.k8s.io/v1beta1", "AdmissionReview"), why);
    assert_eq!(of("admission.k8s.io/v1", "Deployment"), why);
    assert_eq!(of("", ""), why);
}

#[test]
fn a_request_without_what_an_answer_needs_is_a_bad_review() {
    assert_eq!(refused(&envelope(&Value::Null)), "request is missing");
    assert_eq!(refused(&envelope(&edit(&request(), "/uid", json!("")))), "request.uid is empty");
    for broken in [
        edit(&request(), "/uid", Value::Null),
        edit(&request(), "/uid", json!(7)),
        edit(&request(), "/kind", Value::Null),
        edit(&request(), "/kind", json!("Deployment")),
        edit(&request(), "/operation", Value::Null),
        edit(&request(), "/dryRun", json!("yes")),
    ] {
        let why = refused(&envelope(&broken));
        assert!(why.starts_with("a field is missing or has the wrong type"), "{broken}: {why}");
    }
}

#[test]
fn a_bad_review_repeats_nothing_of_the_body() {
    let secret = edit(&request(), "/operation", json!({"password": "hunter2"}));
    assert!(!refused(&envelope(&secret)).contains("hunter2"));
    assert!(!refused(b"hunter2").contains("hunter2"));
}

#[test]
fn a_field_of_the_envelope_that_comes_twice_is_a_bad_review() {
    let text = String::from_utf8(envelope(&request())).expect("text");
    let twice = text.replacen("\"operation\":", "\"operation\":\"DELETE\",\"operation\":", 1);
    assert!(refused(twice.as_bytes()).starts_with("a field is missing or has the wrong type"));
}

#[test]
fn invalid_utf8_is_a_bad_review() {
    let mut body = Review::of(&edit(&consumer(), "/metadata/name", json!("@@"))).body();
    let at = body.windows(2).position(|two| two == b"@@").expect("the name");
    body[at] = 0xff;
    assert!(refused(&body).starts_with("it is not valid JSON"));
}

#[test]
fn an_unknown_kind_version_operation_or_subresource_passes() {
    let bad = Review::of(&bad());
    passes(&Review { kind: "ScaledJob".to_owned(), ..bad.clone() });
    passes(&Review { kind: "scaledobject".to_owned(), ..bad.clone() });
    passes(&Review { version: "v2".to_owned(), ..bad.clone() });
    passes(&Review { group: String::new(), ..bad.clone() });
    for operation in ["DELETE", "CONNECT", "", "create"] {
        passes(&Review { operation, ..bad.clone() });
    }
    for sub_resource in ["scale", "status", "finalizers"] {
        passes(&Review { sub_resource, operation: "UPDATE", ..bad.clone() });
    }
}

#[test]
fn a_request_without_an_object_passes() {
    passes(&Review { object: "null".to_owned(), ..Review::of(&bad()) });
    passes(&Review {
        operation: "DELETE",
        object: "null".to_owned(),
        old: bad().to_string(),
        ..Review::of(&bad())
    });
}

#[test]
fn texts_with_escapes_are_read_like_others() {
    let mut text = String::from_utf8(Review::of(&bad()).body()).expect("text");
    text = text.replace("\"CREATE\"", "\"CRE\\u0041TE\"").replacen(
        "\"ScaledObject\"",
        "\"Scaled\\u004fbject\"",
        1,
    );
    let policy = policy("");
    let context = context(&policy);
    let answer = admit(Route::Validate, text.as_bytes(), &context).expect("a review");
    assert_eq!(answer.record.outcome, Outcome::Denied);
    assert_eq!(answer.record.denied, ["LW201"]);
}

#[test]
fn a_uid_that_is_none_is_echoed_whole() {
    let uid =
        "705ab4f5-6393-11e8-b7cc-42010a800002-and-so-on-and-so-on-and-so-on-and-so-on-and-so-on-and-so-on";
    let reply = ask(Route::Validate, &Review { uid, ..Review::of(&bad()) }, &policy(""), None);
    assert_eq!((reply.record.uid.as_str(), reply.denied.as_slice()), (uid, ["LW201".to_owned()].as_slice()));
}

#[test]
fn the_record_names_the_object_and_nothing_of_its_contents() {
    let reply = ask(Route::Validate, &Review::of(&bad()).dry_run(), &policy(""), None);
    let record = &reply.record;
    assert_eq!(
        (record.kind, record.namespace.as_str(), record.name.as_str()),
        ("ScaledObject", "shop", "orders")
    );
    assert_eq!((record.operation, record.dry_run), ("CREATE", true));
    assert_eq!(subject(&bad()).meta().object.name.as_ref(), record.name);
}
