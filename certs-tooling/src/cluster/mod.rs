//! Everything that is read from and written to the API server.

mod error;
mod registration;
mod secret;

use std::time::SystemTime;

use http::{Request, header};
use kube::client::Body;
use kube::{Client, Config};

pub use error::Error;
pub use registration::{Kind, Registration};

use crate::state::State;
use crate::step::{Published, Seen};

/// The name under which fields are owned and objects are marked.
pub const MANAGER: &str = "lagward-certs";

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Names {
    /// The namespace of the Secret and of the service.
    pub namespace: String,
    /// The Secret that holds the certificates.
    pub secret: String,
    /// The webhook configurations that have to trust them.
    pub registrations: Vec<Registration>,
    /// The Deployment with which the Secret goes.
    pub owner: Option<String>,
}

/// The API server, and the objects this is about.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    names: Names,
}

/// What was read, and the versions that guard every write that follows from it.
#[derive(Debug)]
pub struct Snapshot {
    /// What decides.
    pub seen: Seen,
    registrations: Vec<registration::Read>,
    secret: Option<secret::Read>,
}

impl Cluster {
    /// Finds the API server as kubectl does: by KUBECONFIG, or from inside a pod.
    ///
    /// # Errors
    /// When neither is there or cannot be used.
    pub async fn connect() -> Result<(Client, String), Error> {
        let mut config = Config::infer().await.map_err(Error::Config)?;
        // A pass is repeated as a whole; fifteen hidden retries would turn a refusal into a wait.
        config.default_retry = false;
        config.read_timeout = Some(std::time::Duration::from_secs(30));
        let namespace = config.default_namespace.clone();
        let client = Client::try_from(config).map_err(Error::Client)?;
        Ok((client, namespace))
    }

    /// The objects of `names` behind `client`.
    pub const fn new(client: Client, names: Names) -> Self {
        Self { client, names }
    }

    /// Which objects this is about.
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// Reads everything. The configurations come first and the Secret after them: whoever published a bundle has
    /// written it to the Secret before, so that a Secret read now is no older than what a configuration of this
    /// snapshot holds, and a configuration that has changed since is not overwritten with it.
    ///
    /// # Errors
    /// When something cannot be read, or is somebody else's.
    pub async fn read(&self) -> Result<Snapshot, Error> {
        let mut registrations = Vec::with_capacity(self.names.registrations.len());
        for registration in &self.names.registrations {
            registrations.push(registration.read(&self.client).await?);
        }
        let secret = secret::read(&self.client, &self.names).await?;
        let seen = Seen {
            state: secret.as_ref().map(secret::Read::state).unwrap_or_default(),
            published: published(&registrations),
            now: self.now().await?,
        };
        Ok(Snapshot { seen, registrations, secret })
    }

    /// Writes the Secret that was read, or makes it.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::is_conflict`] when somebody else has written it since.
    pub async fn write(&self, snapshot: Snapshot, state: &State) -> Result<(), Error> {
        secret::write(&self.client, &self.names, snapshot.secret, state).await
    }

    /// Applies the bundle of the Secret that was read to every webhook that lacks it.
    ///
    /// # Errors
    /// When it cannot be applied; [`Error::is_conflict`] when somebody else has changed a configuration since.
    pub async fn publish(&self, snapshot: &Snapshot) -> Result<(), Error> {
        let bundle = snapshot.seen.state.bundle.to_pem();
        for read in &snapshot.registrations {
            if read.webhooks.iter().any(|webhook| webhook.published.ca_bundle != bundle.as_bytes()) {
                read.apply(&self.client, bundle.as_bytes()).await?;
            }
        }
        Ok(())
    }

    /// The bundle of each webhook under the webhook's name, and the API server's time, without the Secret.
    ///
    /// # Errors
    /// When something cannot be read, or is somebody else's.
    pub async fn published(&self) -> Result<(Vec<(String, Vec<u8>)>, SystemTime), Error> {
        let mut bundles = Vec::new();
        for registration in &self.names.registrations {
            let webhooks = registration.read(&self.client).await?.webhooks;
            bundles.extend(webhooks.into_iter().map(|webhook| (webhook.name, webhook.published.ca_bundle)));
        }
        Ok((bundles, self.now().await?))
    }

    /// The API server's own time: it judges the certificates, and this machine's clock may be off.
    async fn now(&self) -> Result<SystemTime, Error> {
        let request = Request::get("/version").body(Body::empty()).map_err(Error::Request)?;
        let response =
            self.client.send(request).await.map_err(|source| Error::api("get", "/version", source))?;
        let date = response.headers().get(header::DATE).and_then(|date| date.to_str().ok());
        // A proxy in between may have left it out.
        Ok(date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(SystemTime::now))
    }
}

fn published(registrations: &[registration::Read]) -> Vec<Published> {
    let webhooks = registrations.iter().flat_map(|read| &read.webhooks);
    webhooks.map(|webhook| webhook.published.clone()).collect()
}

impl Snapshot {
    /// Which versions of the configurations it has. While they stay, nobody has touched a bundle.
    pub fn versions(&self) -> Vec<String> {
        self.registrations.iter().map(registration::Read::version).collect()
    }
}
