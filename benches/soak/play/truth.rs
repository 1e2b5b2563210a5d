//! What may be true at a moment: while a change is on its way to two instances, the old and the new.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::sleep;
use tokio_rustls::TlsConnector;

use crate::mounted::Authority;

/// The policies of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// What is shipped.
    Shipped,
    /// What is shipped, and it patches.
    Enforce,
    /// Denies nothing.
    Audit,
}

impl Policy {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Shipped => "profile: strict\n",
            Self::Enforce => "profile: strict\nmutate: enforce\n",
            Self::Audit => "profile: strict\nmode: audit\n",
        }
    }
}

/// A certificate that is served, with its key and what vouches for it. Each has a CA of its own, as `lagward-certs`
/// makes it.
pub(crate) struct Identity {
    ca: String,
    pub(crate) pair: (String, String),
}

impl Identity {
    fn new() -> Self {
        let ca = Authority::new();
        Self { pair: ca.sign("localhost"), ca: ca.pem }
    }

    fn leaf(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.pair.0.as_bytes()).expect("a certificate just made")
    }
}

/// What may hold now. Only the script changes it: before a change, and when all instances have taken it.
pub(crate) struct Truth(Mutex<Arc<Moment>>);

/// What may hold at a moment; never empty.
pub(crate) struct Moment {
    pub(crate) policies: Vec<Policy>,
    pub(crate) leaves: Vec<CertificateDer<'static>>,
    identities: Vec<Arc<Identity>>,
    /// Trusts the CAs of exactly these certificates.
    pub(crate) connector: TlsConnector,
}

impl Truth {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Arc::new(Moment::of(vec![Policy::Shipped], vec![Arc::new(Identity::new())]))))
    }

    pub(crate) fn now(&self) -> Arc<Moment> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The certificate that every instance serves, unless a change is on its way.
    pub(crate) fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.now().identities[0])
    }

    /// From now on this policy may hold, too.
    pub(crate) fn policy_comes(&self, policy: Policy) {
        self.change(|policies, _| policies.push(policy));
    }

    /// From now on only the newest policy and certificate may hold.
    pub(crate) fn has_come(&self) {
        self.change(|policies, identities| {
            policies.drain(..policies.len() - 1);
            identities.drain(..identities.len() - 1);
        });
    }

    /// From now on this new certificate may be served, too, and is trusted: by every client when this returns.
    pub(crate) async fn identity_comes(&self) -> Arc<Identity> {
        let identity = Arc::new(Identity::new());
        let before = Arc::downgrade(&self.now());
        self.change(|_, identities| identities.push(Arc::clone(&identity)));
        // Whoever began to connect before trusts only the old one.
        while before.strong_count() > 0 {
            sleep(Duration::from_millis(10)).await;
        }
        identity
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Policy>, &mut Vec<Arc<Identity>>)) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut policies, mut identities) = (now.policies.clone(), now.identities.clone());
        change(&mut policies, &mut identities);
        *now = Arc::new(Moment::of(policies, identities));
    }
}

impl Moment {
    fn of(policies: Vec<Policy>, identities: Vec<Arc<Identity>>) -> Self {
        let leaves = identities.iter().map(|identity| identity.leaf()).collect();
        let connector = connector(&identities);
        Self { policies, leaves, identities, connector }
    }
}

/// As the API server connects: no session is resumed, so that each handshake shows the certificate.
fn connector(identities: &[Arc<Identity>]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    for identity in identities {
        let ca = CertificateDer::from_pem_slice(identity.ca.as_bytes()).expect("a CA just made");
        roots.add(ca).expect("a CA just made");
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}
