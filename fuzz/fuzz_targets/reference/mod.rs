//! The same reading of an envelope, slow and simple, by serde_json alone.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use serde_json::value::RawValue;

/// What a body is.
pub(crate) enum Verdict {
    /// Not JSON, or not an object: whatever is said of it is right.
    NotJson,
    /// JSON that must be refused.
    Bad,
    /// An AdmissionReview that must be understood.
    Good(Envelope),
}

/// What of a request matters.
pub(crate) struct Envelope {
    pub(crate) uid: String,
    pub(crate) operation: String,
    pub(crate) namespace: Option<String>,
    pub(crate) dry_run: bool,
    kind: Kind,
    sub_resource: Option<String>,
    name: Option<String>,
    object: Option<Box<RawValue>>,
    old_object: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    group: String,
    version: String,
    kind: String,
}

pub(crate) fn read(body: &[u8]) -> Verdict {
    let Ok(review) = serde_json::from_slice::<Members<'_>>(body) else { return Verdict::NotJson };
    let request = review.all("request").find(|request| request.get() != "null");
    match request.map(|request| serde_json::from_str::<Members<'_>>(request.get())) {
        // A raw value was passed over, by serde_json too: a name in it may hold half a surrogate pair.
        Some(Err(_)) if request.is_some_and(|request| request.get().starts_with('{')) => Verdict::NotJson,
        Some(Err(_)) | None => Verdict::Bad,
        Some(Ok(request)) => envelope(&review, &request).map_or(Verdict::Bad, Verdict::Good),
    }
}

fn envelope(review: &Members<'_>, request: &Members<'_>) -> Option<Envelope> {
    let is_review = review.one::<String>("kind")?? == "AdmissionReview"
        && review.one::<String>("apiVersion")?? == "admission.k8s.io/v1";
    let requests = review.all("request").filter(|request| request.get() != "null").count();
    let uid: String = request.one("uid")??;
    if !is_review || requests != 1 || uid.is_empty() || request.all("object").count() > 1 {
        return None;
    }
    let raw = |name| request.optional::<Box<RawValue>>(name);
    Some(Envelope {
        uid,
        operation: request.one("operation")??,
        namespace: request.optional("namespace")?,
        dry_run: request.optional("dryRun")?.unwrap_or_default(),
        kind: request.one("kind")??,
        sub_resource: request.optional("subResource")?,
        name: request.optional("name")?,
        object: raw("object")?,
        old_object: raw("oldObject")?,
    })
}

impl Envelope {
    /// The body that the API server would have sent.
    pub(crate) fn written(&self) -> Vec<u8> {
        let raw =
            |object: &Option<Box<RawValue>>| object.as_ref().map_or("null".to_owned(), ToString::to_string);
        let Kind { group, version, kind } = &self.kind;
        let known = json!({
            "uid": self.uid, "operation": self.operation, "namespace": self.namespace, "dryRun": self.dry_run,
            "kind": {"group": group, "version": version, "kind": kind},
            "subResource": self.sub_resource, "name": self.name,
        })
        .to_string();
        let known = known.trim_end_matches('}');
        format!(
            r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{known},"object":{},"oldObject":{}}}}}"#,
            raw(&self.object),
            raw(&self.old_object)
        )
        .into_bytes()
    }
}

/// The members of an object, in their order.
struct Members<'a>(Vec<(Name<'a>, &'a RawValue)>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Members<'a> {
    /// The values under this name. A name that is not borrowed was written with escapes.
    fn all(&self, name: &str) -> impl Iterator<Item = &'a RawValue> {
        self.0
            .iter()
            .filter(move |(Name(found), _)| matches!(found, Cow::Borrowed(found) if *found == name))
            .map(|(_, value)| *value)
    }

    /// The value under this name; `None` within if there is none, and without if it is of another type or there are
    /// several.
    fn one<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Option<Option<T>> {
        let mut all = self.all(name);
        let first = all.next();
        let value = first.map(|value| serde_json::from_str(value.get())).transpose().ok()?;
        all.next().is_none().then_some(value)
    }

    /// The same, where a null is as good as none, however often it stands there.
    fn optional<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Option<Option<T>> {
        let mut all = self.all(name).filter(|value| value.get() != "null");
        let first = all.next();
        let value = first.map(|value| serde_json::from_str(value.get())).transpose().ok()?;
        all.next().is_none().then_some(value)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
