//! Webhooks that are not lagward's: KEDA's own, and those that scenarios put beside it.

use serde_json::{Value, json};

use crate::kubectl::Kubectl;

/// A webhook of one resource, registered for the namespaces with one label.
pub(crate) struct Registration<'a> {
    /// Of the configuration. The API server calls mutating ones in the order of their names.
    pub(crate) name: &'a str,
    /// Of the webhook in it, which is what a refusal shows.
    pub(crate) webhook: &'a str,
    /// `Validating` or `Mutating`.
    pub(crate) kind: &'a str,
    /// The resource, its group and version.
    pub(crate) resource: [&'a str; 3],
    pub(crate) url: String,
    /// What vouches for the server there, as PEM.
    pub(crate) authority: &'a str,
    pub(crate) label: (&'a str, &'a str),
}

impl Registration<'_> {
    pub(crate) fn apply(&self, kubectl: &Kubectl) -> Result<(), String> {
        kubectl.apply_server_side(&self.configuration().to_string()).result().map(drop)
    }

    fn configuration(&self) -> Value {
        use base64::Engine as _;
        let (key, value) = self.label;
        let [resource, group, version] = self.resource;
        let mut webhook = json!({
            "name": self.webhook,
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "matchPolicy": "Equivalent",
            // A webhook that is not there must not pass for one that agrees.
            "failurePolicy": "Fail",
            "timeoutSeconds": 10,
            "clientConfig": {"url": self.url, "caBundle": base64::prelude::BASE64_STANDARD.encode(self.authority)},
            "namespaceSelector": {"matchLabels": {key: value}},
            "rules": [{"apiGroups": [group], "apiVersions": [version], "resources": [resource], "operations": ["CREATE", "UPDATE"]}],
        });
        if self.kind == "Mutating" {
            webhook["reinvocationPolicy"] = "IfNeeded".into();
        }
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": format!("{}WebhookConfiguration", self.kind),
            "metadata": {"name": self.name},
            "webhooks": [webhook],
        })
    }
}
