//! The reviews that are sent: one Deployment in three variants of equal size.

use std::fmt::{self, Display};

use bytes::Bytes;
use clap::ValueEnum;
use serde_json::{Map, Value, json};

/// A Deployment as the API server stores it, without managedFields: 40 environment variables, 2 containers.
const DEPLOYMENT: &str = include_str!("../data/deployment.json");

/// The levels of managedFields below `spec`: down to the containers' own fields, which makes a review of 15 KB.
const LEVELS: usize = 5;

/// What runs in the Deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Case {
    /// A web service: nothing to judge.
    NoConsumer,
    /// A Kafka consumer that is configured well.
    Clean,
    /// A Kafka consumer that violates rules, and did so before: the old object is judged too.
    Ratcheted,
}

impl Case {
    pub(crate) const ALL: [Self; 3] = [Self::NoConsumer, Self::Clean, Self::Ratcheted];

    /// Whether lagward is to find something.
    pub(crate) fn warns(self) -> bool {
        self == Self::Ratcheted
    }

    /// The AdmissionReview of a new image, as the API server writes it: compact, with both objects in full.
    pub(crate) fn review(self) -> Bytes {
        let deployment: Value = serde_json::from_str(DEPLOYMENT).expect("the data is JSON");
        let new = self.object(deployment);
        let old = new.replace("4.12.0", "4.11.3").replace("184467440", "184466952");
        let request = json!({
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "requestKind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "requestResource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "name": "orders-worker",
            "namespace": "payments",
            "operation": "UPDATE",
            "userInfo": {
                "username": "system:serviceaccount:argocd:argocd-application-controller",
                "uid": "c7e5bd5a-0c28-4f0e-8b35-8f7f2ad0b6a9",
                "groups": ["system:serviceaccounts", "system:serviceaccounts:argocd", "system:authenticated"],
            },
            "dryRun": false,
            "options": {"kind": "PatchOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "argocd-controller", "force": true},
        });
        let request = request.to_string();
        let request = request.trim_end_matches('}');
        let review = format!(
            r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{request}}},"object":{new},"oldObject":{old}}}}}"#
        );
        review.into()
    }

    fn object(self, mut deployment: Value) -> String {
        let managed = json!([{
            "manager": "argocd-controller",
            "operation": "Apply",
            "apiVersion": "apps/v1",
            "time": "2026-11-20T14:03:11Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:labels": fields(&deployment["metadata"]["labels"], 1)}, "f:spec": fields(&deployment["spec"], LEVELS)},
        }]);
        deployment["metadata"]["managedFields"] = managed;
        let json = deployment.to_string();
        match self {
            // Names of the same length, so that all reviews are of one size.
            Self::NoConsumer => json.replace("KAFKA_", "STORE_"),
            Self::Clean => json,
            Self::Ratcheted => {
                json.replace(r#""terminationGracePeriodSeconds":30"#, r#""terminationGracePeriodSeconds":60"#)
            }
        }
    }
}

impl Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoConsumer => "no consumer",
            Self::Clean => "clean consumer",
            Self::Ratcheted => "ratcheted",
        })
    }
}

/// FieldsV1 of a value, as a server-side apply records them, so many levels deep.
fn fields(value: &Value, levels: usize) -> Value {
    let Some(below) = levels.checked_sub(1) else { return json!({}) };
    let members: Map<String, Value> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (format!("f:{key}"), fields(value, below))).collect()
        }
        Value::Array(items) => items
            .iter()
            .filter_map(|item| {
                Some((format!("k:{}", json!({"name": item.get("name")?})), fields(item, below)))
            })
            .collect(),
        _ => Map::new(),
    };
    Value::Object(members)
}
