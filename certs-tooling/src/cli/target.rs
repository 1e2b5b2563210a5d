//! Which objects a command is about, as flags.

use clap::Args;

use crate::cluster::{Cluster, Error, Kind, Names, Registration};

#[derive(Args)]
pub(super) struct Target {
    /// The namespace of the service and of the Secret [default: that of the kubeconfig, or of the pod]
    #[arg(short, long, value_name = "NAME")]
    pub(super) namespace: Option<String>,
    /// The service that the API server calls
    #[arg(long, value_name = "NAME", default_value = "lagward")]
    pub(super) service: String,
    /// The ValidatingWebhookConfiguration that has to trust it; may be repeated
    #[arg(long, value_name = "NAME", default_value = "lagward")]
    validating: Vec<String>,
    /// The MutatingWebhookConfiguration that has to trust it; may be repeated
    #[arg(long, value_name = "NAME")]
    mutating: Vec<String>,
}

#[derive(Args)]
pub(super) struct Store {
    /// The Secret that holds the certificates
    #[arg(long, value_name = "NAME", default_value = "lagward-tls")]
    pub(super) secret: String,
    /// The Deployment that owns the Secret, so that it goes with it
    #[arg(long, value_name = "NAME")]
    pub(super) owner: Option<String>,
}

impl Target {
    /// Connects to the API server, and settles the namespace.
    pub(super) async fn connect(&self, store: Option<&Store>) -> Result<Cluster, Error> {
        let (client, default_namespace) = Cluster::connect().await?;
        let names = Names {
            namespace: self.namespace.clone().unwrap_or(default_namespace),
            secret: store.map(|store| store.secret.clone()).unwrap_or_default(),
            registrations: self.registrations(),
            owner: store.and_then(|store| store.owner.clone()),
        };
        Ok(Cluster::new(client, names))
    }

    fn registrations(&self) -> Vec<Registration> {
        let of = |kind, names: &[String]| {
            names.iter().map(move |name| Registration { kind, name: name.clone() }).collect::<Vec<_>>()
        };
        [of(Kind::Validating, &self.validating), of(Kind::Mutating, &self.mutating)].concat()
    }

    /// The name that the API server expects in the certificate of a service.
    pub(super) fn server_name(&self, cluster: &Cluster) -> String {
        format!("{}.{}.svc", self.service, cluster.names().namespace)
    }
}
