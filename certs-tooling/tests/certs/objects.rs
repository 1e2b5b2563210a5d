//! The objects of a small cluster, and what of the API server's behaviour the protocol rests on.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use lagward_certs::state::{Data, State};
use serde_json::{Value, json};

pub(crate) const WEBHOOKS: [&str; 2] = ["scaledobjects.lagward.dev", "workloads.lagward.dev"];
pub(crate) const SECRET: &str = "/api/v1/namespaces/lagward/secrets/lagward-tls";
pub(crate) const VALIDATING: &str =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/lagward";
pub(crate) const MUTATING: &str =
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/lagward";
const OWNER: &str = "/apis/apps/v1/namespaces/lagward/deployments/lagward-certs";

/// What is stored, by path.
pub(crate) struct Objects {
    stored: BTreeMap<String, Value>,
    version: u64,
}

impl Objects {
    /// A cluster in which the manifests were applied just now.
    pub(crate) fn installed() -> Self {
        let mut objects = Self { stored: BTreeMap::new(), version: 1 };
        let webhooks = |names: &[&str]| -> Value {
            names
                .iter()
                .map(|name| json!({"name": name, "clientConfig": {"service": {"name": "lagward"}}}))
                .collect()
        };
        objects.store(VALIDATING, json!({"metadata": {"name": "lagward"}, "webhooks": webhooks(&WEBHOOKS)}));
        objects.store(
            MUTATING,
            json!({"metadata": {"name": "lagward"}, "webhooks": webhooks(&["mutate.lagward.dev"])}),
        );
        objects.store(OWNER, json!({"metadata": {"name": "lagward-certs", "uid": "owner-uid"}}));
        objects
    }

    pub(crate) fn store(&mut self, path: &str, mut object: Value) {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.stored.insert(path.to_owned(), object);
    }

    pub(crate) fn remove(&mut self, path: &str) {
        self.stored.remove(path);
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        self.stored.get(path)
    }

    /// What the Secret holds.
    pub(crate) fn state(&self) -> State {
        let data: Data = self
            .get(SECRET)
            .and_then(|secret| serde_json::from_value(secret["data"].clone()).ok())
            .unwrap_or_default();
        State::from_data(&data)
    }

    /// Every `caBundle`, of every webhook of both configurations.
    pub(crate) fn bundles(&self) -> Vec<Vec<u8>> {
        let webhooks =
            [VALIDATING, MUTATING].into_iter().filter_map(|path| self.get(path)?["webhooks"].as_array());
        let text =
            |webhook: &Value| webhook["clientConfig"]["caBundle"].as_str().unwrap_or_default().to_owned();
        webhooks.flatten().map(|webhook| BASE64_STANDARD.decode(text(webhook)).unwrap()).collect()
    }

    /// Answers one request as the API server would.
    pub(crate) fn answer(&mut self, verb: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        match (verb, self.get(path).cloned()) {
            ("GET", Some(object)) => (StatusCode::OK, object),
            ("POST", _) => self.create(path, body),
            (_, None) => failure(StatusCode::NOT_FOUND, "NotFound", path),
            (_, Some(object)) => {
                let expected = body["metadata"]["resourceVersion"].clone();
                if expected != object["metadata"]["resourceVersion"] {
                    return failure(StatusCode::CONFLICT, "Conflict", "the object has been modified");
                }
                let changed = if verb == "PATCH" { applied(object, body) } else { body.clone() };
                self.store(path, changed);
                (StatusCode::OK, self.stored[path].clone())
            }
        }
    }

    fn create(&mut self, folder: &str, body: &Value) -> (StatusCode, Value) {
        let path = format!("{folder}/{}", body["metadata"]["name"].as_str().unwrap());
        if self.get(&path).is_some() {
            return failure(StatusCode::CONFLICT, "AlreadyExists", &path);
        }
        self.store(&path, body.clone());
        (StatusCode::CREATED, self.stored[&path].clone())
    }

    /// Changes a `caBundle` as `kubectl edit` does: the field is the editor's then.
    pub(crate) fn edit_bundles(&mut self, ca_bundle: &[u8]) {
        let mut object = self.get(VALIDATING).unwrap().clone();
        for webhook in object["webhooks"].as_array_mut().unwrap() {
            webhook["clientConfig"]["caBundle"] = json!(BASE64_STANDARD.encode(ca_bundle));
        }
        object["metadata"]["managedFields"] = managed("kubectl-edit", "Update");
        self.store(VALIDATING, object);
    }
}

/// A server-side apply of nothing but `caBundle`, by the webhook's name.
fn applied(mut object: Value, body: &Value) -> Value {
    for apply in body["webhooks"].as_array().unwrap() {
        let webhooks = object["webhooks"].as_array_mut().unwrap();
        let webhook = webhooks.iter_mut().find(|webhook| webhook["name"] == apply["name"]).unwrap();
        webhook["clientConfig"]["caBundle"] = apply["clientConfig"]["caBundle"].clone();
    }
    object["metadata"]["managedFields"] = managed("lagward-certs", "Apply");
    object
}

/// The owner of every `caBundle`, as the API server writes it down.
pub(crate) fn managed(manager: &str, operation: &str) -> Value {
    let names = WEBHOOKS.iter().chain(&["mutate.lagward.dev"]);
    let key = |name: &&str| format!("k:{}", json!({"name": name}));
    let owned = names.map(|name| (key(name), json!({"f:clientConfig": {"f:caBundle": {}}})));
    let fields = json!({"f:webhooks": owned.collect::<serde_json::Map<_, _>>()});
    json!([{"manager": manager, "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields}])
}

pub(crate) fn failure(code: StatusCode, reason: &str, message: &str) -> (StatusCode, Value) {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason,
        "message": message, "code": code.as_u16()});
    (code, status)
}
