//! The Secret that holds the certificates.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client, Resource as _, ResourceExt as _};

use super::{Error, MANAGER, Names};
use crate::state::State;

/// What marks a Secret as made here.
const MARK: &str = "app.kubernetes.io/managed-by";

/// A Secret as it was read.
#[derive(Debug)]
pub(super) struct Read(Secret);

impl Read {
    pub(super) fn state(&self) -> State {
        self.0.data.as_ref().map(State::from_data).unwrap_or_default()
    }
}

/// Reads the Secret, if there is one.
pub(super) async fn read(client: &Client, names: &Names) -> Result<Option<Read>, Error> {
    let api = Api::<Secret>::namespaced(client.clone(), &names.namespace);
    let object = object(names);
    let secret = api.get_opt(&names.secret).await.map_err(|source| Error::api("get", &object, source))?;
    match secret {
        Some(secret) if secret.labels().get(MARK).is_none_or(|by| by != MANAGER) => {
            Err(Error::Foreign { object })
        }
        secret => Ok(secret.map(Read)),
    }
}

/// Writes the Secret over what was read, or makes it where there was none. Either is refused by the API server
/// when somebody else was faster.
pub(super) async fn write(
    client: &Client,
    names: &Names,
    read: Option<Read>,
    state: &State,
) -> Result<(), Error> {
    let api = Api::<Secret>::namespaced(client.clone(), &names.namespace);
    let is_new = read.is_none();
    let mut secret = match read {
        Some(Read(secret)) => secret,
        None => new(client, names).await?,
    };
    state.write_into(secret.data.get_or_insert_default());
    let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
    let (verb, written) = if is_new {
        ("create", api.create(&params, &secret).await)
    } else {
        ("update", api.replace(&names.secret, &params, &secret).await)
    };
    written.map(drop).map_err(|source| Error::api(verb, object(names), source))
}

/// Of no type: one of type kubernetes.io/tls must have a certificate from the start, and a pod that mounts an empty
/// one starts in vain, while one that mounts a key which is not there yet waits.
async fn new(client: &Client, names: &Names) -> Result<Secret, Error> {
    let labels = [(MARK, MANAGER), ("app.kubernetes.io/name", "lagward")];
    let labels: BTreeMap<_, _> = labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let metadata = ObjectMeta {
        name: Some(names.secret.clone()),
        namespace: Some(names.namespace.clone()),
        labels: Some(labels),
        owner_references: owner(client, names).await?.map(|owner| vec![owner]),
        ..ObjectMeta::default()
    };
    Ok(Secret { metadata, ..Secret::default() })
}

/// The Deployment that the Secret is to go with, so that uninstalling leaves nothing.
async fn owner(client: &Client, names: &Names) -> Result<Option<OwnerReference>, Error> {
    let Some(name) = &names.owner else { return Ok(None) };
    let api = Api::<Deployment>::namespaced(client.clone(), &names.namespace);
    let object = || format!("deployment {}/{name}", names.namespace);
    let deployment = api.get_metadata(name).await.map_err(|source| Error::api("get", object(), source))?;
    Ok(Some(OwnerReference {
        api_version: Deployment::api_version(&()).into_owned(),
        kind: Deployment::kind(&()).into_owned(),
        name: name.clone(),
        uid: deployment.uid().unwrap_or_default(),
        ..OwnerReference::default()
    }))
}

fn object(names: &Names) -> String {
    format!("secret {}/{}", names.namespace, names.secret)
}
