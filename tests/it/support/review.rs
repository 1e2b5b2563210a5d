//! A review, as the API server would send it unless a test says otherwise.

use serde_json::{Value, json};

/// A review to be written; the objects are texts, so that they may be anything.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) uid: &'static str,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) namespace: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) sub_resource: &'static str,
    pub(crate) dry_run: bool,
    pub(crate) object: String,
    pub(crate) old: String,
}

impl Review {
    /// The creation of an object.
    pub(crate) fn of(object: &Value) -> Self {
        let text = |key: &str| object[key].as_str().expect("apiVersion and kind").to_owned();
        Self::text(&text("apiVersion"), &text("kind"), object.to_string())
    }

    /// The creation of whatever this text is, said to be of this kind.
    pub(crate) fn text(api_version: &str, kind: &str, object: String) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self {
            uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            namespace: "shop",
            operation: "CREATE",
            sub_resource: "",
            dry_run: false,
            object,
            old: "null".to_owned(),
        }
    }

    /// The update of `old` to `new`.
    pub(crate) fn update(old: &Value, new: &Value) -> Self {
        Self { operation: "UPDATE", old: old.to_string(), ..Self::of(new) }
    }

    pub(crate) fn dry_run(self) -> Self {
        Self { dry_run: true, ..self }
    }

    /// The bytes of the body. The fields stand in the order in which Go writes them.
    pub(crate) fn body(&self) -> Vec<u8> {
        let Self { uid, group, version, kind, namespace, operation, sub_resource, dry_run, object, old } =
            self;
        let resource = json!({"group": group, "version": version, "resource": "things"});
        let sub_resource = match *sub_resource {
            "" => String::new(),
            name => format!(r#""subResource":{},"#, json!(name)),
        };
        format!(
            r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"{uid}","kind":{kind},"resource":{resource},{sub_resource}"requestKind":{kind},"requestResource":{resource},"name":"thing","namespace":"{namespace}","operation":"{operation}","userInfo":{{"username":"developer"}},"object":{object},"oldObject":{old},"dryRun":{dry_run},"options":null}}}}"#,
            kind = json!({"group": group, "version": version, "kind": kind}),
        )
        .into_bytes()
    }
}
