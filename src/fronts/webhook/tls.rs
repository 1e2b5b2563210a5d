//! The TLS side of the admission port.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;

use super::certificate::{Certificate, CertificateError};
use super::metrics::{File, Metrics};
use super::reload::ReloadedFile;

/// The only protocol on offer: the API server speaks nothing else to a webhook's service.
const ALPN: &[u8] = b"http/1.1";

/// TLS 1.3 and 1.2 with aws-lc-rs, offering HTTP/1.1 only, to the clients that `clients` accepts or to any. No
/// process-wide provider is installed or needed.
///
/// # Errors
/// When the provider has no cipher suite for these versions, which would be a broken build.
pub fn server_config(
    resolver: Arc<Resolver>,
    clients: Option<Arc<dyn ClientCertVerifier>>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_client_cert_verifier(clients.unwrap_or_else(WebPkiClientVerifier::no_client_auth))
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![ALPN.to_vec()];
    // Go's TLS client keeps no sessions unless it is told to, so that tickets would be work for nobody.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// Answers every handshake with the one certificate, whatever name the client asks for: the API server
/// asks for the service's name, a person for localhost, and the client verifies what it gets. A handshake that has
/// begun goes on with the certificate that it began with.
#[derive(Debug)]
pub struct Resolver(ArcSwap<CertifiedKey>);

impl Resolver {
    /// Serves `certificate`.
    pub fn new(certificate: &Certificate) -> Self {
        Self(ArcSwap::new(certificate.key()))
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// The certificate's files.
pub(super) struct CertificateFiles {
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
    pub(super) resolver: Arc<Resolver>,
}

impl ReloadedFile for CertificateFiles {
    const FILE: File = File::Certificate;
    type Value = Certificate;
    type Error = CertificateError;

    fn load(&self) -> Result<(String, Certificate), CertificateError> {
        let certificate = Certificate::from_files(&self.cert, &self.key)?;
        Ok((certificate.fingerprint(), certificate))
    }

    fn accept(&self, certificate: Certificate, metrics: &Metrics) {
        self.resolver.0.store(certificate.key());
        metrics.files.certificate(certificate.not_before(), certificate.not_after());
        tracing::info!(sha256 = certificate.fingerprint(), "serving a new certificate");
    }
}
