//! The webhook configurations, of which nothing but `caBundle` is ever written.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};

use super::{Error, MANAGER};
use crate::step::Published;

/// What the names of lagward's webhooks end in.
const DOMAIN: &str = ".lagward.dev";

/// The two kinds of webhook configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ValidatingWebhookConfiguration.
    Validating,
    /// MutatingWebhookConfiguration.
    Mutating,
}

/// One webhook configuration, by its name.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// A configuration as it was read.
#[derive(Debug)]
pub(super) struct Read {
    registration: Registration,
    resource_version: String,
    /// Those of lagward; others of the same configuration are none of its business.
    pub(super) webhooks: Vec<Webhook>,
}

#[derive(Debug)]
pub(super) struct Webhook {
    pub(super) name: String,
    pub(super) published: Published,
}

impl Registration {
    pub(super) async fn read(&self, client: &Client) -> Result<Read, Error> {
        let object = || self.to_string();
        let found = self.api(client).get_opt(&self.name).await;
        let found = found.map_err(|source| Error::api("get", object(), source))?;
        let found = found.ok_or_else(|| Error::NotRegistered { object: object() })?;
        let webhooks = found.data["webhooks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let webhooks: Vec<Webhook> = webhooks.iter().filter_map(|webhook| read(&found, webhook)).collect();
        if webhooks.is_empty() {
            return Err(Error::NoWebhook { object: object() });
        }
        if let Some(manager) = webhooks.iter().find_map(|webhook| rival(&found, &webhook.name)) {
            return Err(Error::Owned { object: object(), manager });
        }
        let resource_version = found.resource_version().unwrap_or_default();
        Ok(Read { registration: self.clone(), resource_version, webhooks })
    }

    fn api(&self, client: &Client) -> Api<DynamicObject> {
        Api::all_with(client.clone(), &self.resource())
    }

    fn resource(&self) -> ApiResource {
        match self.kind {
            Kind::Validating => ApiResource::erase::<ValidatingWebhookConfiguration>(&()),
            Kind::Mutating => ApiResource::erase::<MutatingWebhookConfiguration>(&()),
        }
    }
}

impl Read {
    /// Changes when anybody changes the object.
    pub(super) fn version(&self) -> String {
        self.resource_version.clone()
    }

    /// Applies the bundle to every webhook of lagward. The version keeps an apply that comes late from undoing what
    /// another run has published since, and from making a configuration that was removed.
    pub(super) async fn apply(&self, client: &Client, bundle: &[u8]) -> Result<(), Error> {
        let Self { registration, resource_version, webhooks } = self;
        let resource = registration.resource();
        let bundle = BASE64_STANDARD.encode(bundle);
        let webhook = |webhook: &Webhook| json!({"name": webhook.name, "clientConfig": {"caBundle": bundle}});
        let apply = json!({
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {"name": registration.name, "resourceVersion": resource_version},
            "webhooks": webhooks.iter().map(webhook).collect::<Vec<_>>(),
        });
        // By force: a bundle edited by hand belongs to the editor, and is what has to be healed.
        let params = PatchParams::apply(MANAGER).force();
        let applied = registration.api(client).patch(&registration.name, &params, &Patch::Apply(apply)).await;
        applied.map(drop).map_err(|source| Error::api("patch", registration.to_string(), source))
    }
}

fn read(object: &DynamicObject, webhook: &Value) -> Option<Webhook> {
    let name = webhook["name"].as_str().filter(|name| name.ends_with(DOMAIN))?.to_owned();
    let text = webhook["clientConfig"]["caBundle"].as_str().unwrap_or_default();
    let ca_bundle = BASE64_STANDARD.decode(text).unwrap_or_default();
    let is_ours =
        owners(object, &name).any(|(manager, operation)| manager == MANAGER && operation == "Apply");
    Some(Webhook { published: Published { ca_bundle, is_ours }, name })
}

/// Who else applies the bundle, again and again: taking it from them would start a quarrel without end.
fn rival(object: &DynamicObject, webhook: &str) -> Option<String> {
    let mut owners = owners(object, webhook).filter(|(_, operation)| *operation == "Apply");
    owners.find(|(manager, _)| *manager != MANAGER).map(|(manager, _)| manager.to_owned())
}

/// The managers, with their operation, of a webhook's `caBundle`.
fn owners<'a>(object: &'a DynamicObject, webhook: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let key = format!("k:{}", json!({"name": webhook}));
    object.managed_fields().iter().filter_map(move |entry| {
        let fields = &entry.fields_v1.as_ref()?.0;
        fields["f:webhooks"][&key]["f:clientConfig"].get("f:caBundle")?;
        Some((entry.manager.as_deref()?, entry.operation.as_deref()?))
    })
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Validating => "validatingwebhookconfiguration",
            Kind::Mutating => "mutatingwebhookconfiguration",
        };
        write!(f, "{kind} {}", self.name)
    }
}
