//! The kube client, for what kubectl hides: another user's requests, status details, raw paths.

use std::sync::LazyLock;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ObjectMeta, PostParams};
use kube::{Api, Client, Config};

pub(crate) static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime for the kube client")
});

/// A client of one user that a scenario calls without being asynchronous itself.
#[derive(Clone)]
pub(crate) struct User {
    client: Client,
}

impl User {
    /// A user who shows `token` to the API server at `url`, which `authority` (DER) vouches for.
    pub(crate) fn new(url: &str, authority: &[u8], token: &str) -> Result<Self, String> {
        let url = url.parse().map_err(|error| format!("{url}: {error}"))?;
        let mut config = Config::new(url);
        config.root_cert = Some(vec![authority.to_vec()]);
        config.auth_info.token = Some(token.to_owned().into());
        // Fifteen hidden retries would turn a refusal into a wait.
        config.default_retry = false;
        // The client starts its connection pool on the runtime that is entered here.
        let _entered = RUNTIME.enter();
        let client = Client::try_from(config).map_err(|error| error.to_string())?;
        Ok(Self { client })
    }

    /// The body of a path of the API server.
    pub(crate) fn get(&self, path: &str) -> Result<String, String> {
        let request = http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
        wait(self.client.request_text(request)).map_err(|error| error.to_string())
    }

    pub(crate) fn create_namespace(&self, name: &str, labels: &[(&str, &str)]) -> kube::Result<()> {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let metadata =
            ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() };
        let namespace = Namespace { metadata, ..Namespace::default() };
        wait(Api::all(self.client.clone()).create(&PostParams::default(), &namespace)).map(drop)
    }

    /// Asks for its end, and does not wait for it.
    pub(crate) fn delete_namespace(&self, name: &str) -> kube::Result<()> {
        wait(Api::<Namespace>::all(self.client.clone()).delete(name, &DeleteParams::default())).map(drop)
    }

    pub(crate) fn scaled_objects(&self, namespace: &str) -> Objects {
        self.objects(namespace, "keda.sh/v1alpha1", "ScaledObject", "scaledobjects")
    }

    pub(crate) fn deployments(&self, namespace: &str) -> Objects {
        self.objects(namespace, "apps/v1", "Deployment", "deployments")
    }

    pub(crate) fn objects(&self, namespace: &str, api_version: &str, kind: &str, plural: &str) -> Objects {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let resource = ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
        };
        Objects { api: Api::namespaced_with(self.client.clone(), namespace, &resource) }
    }
}

/// The objects of one kind in one namespace.
pub(crate) struct Objects {
    api: Api<DynamicObject>,
}

impl Objects {
    pub(crate) fn get(&self, name: &str) -> kube::Result<DynamicObject> {
        wait(self.api.get(name))
    }

    pub(crate) fn create(&self, object: &DynamicObject) -> kube::Result<DynamicObject> {
        wait(self.api.create(&PostParams::default(), object))
    }

    /// A create that is judged and not stored.
    pub(crate) fn rehearse(&self, object: &DynamicObject) -> kube::Result<DynamicObject> {
        let params = PostParams { dry_run: true, ..PostParams::default() };
        wait(self.api.create(&params, object))
    }

    /// A PUT of the whole object, as controllers do it.
    pub(crate) fn replace(&self, name: &str, object: &DynamicObject) -> kube::Result<DynamicObject> {
        wait(self.api.replace(name, &PostParams::default(), object))
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}
