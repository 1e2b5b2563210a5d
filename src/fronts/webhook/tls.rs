//! The TLS side of the admission port.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::certificate::Certificate;

/// The only protocol on offer: the API server speaks nothing else to a webhook's service.
const ALPN: &[u8] = b"http/1.1";

/// TLS 1.3 and 1.2 with aws-lc-rs, offering HTTP/1.1 only. No process-wide provider is installed or needed.
///
/// # Errors
/// When the provider has no cipher suite for these versions, which would be a broken build.
pub fn server_config(resolver: Resolver) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![ALPN.to_vec()];
    // Go's TLS client keeps no sessions unless it is told to, so that tickets would be work for nobody.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// Answers every handshake with the one certificate, whatever name the client asks for: the API server
/// asks for the service's name, a person for localhost, and the client verifies what it gets.
#[derive(Debug)]
pub struct Resolver(Arc<CertifiedKey>);

impl Resolver {
    /// Serves `certificate`.
    pub fn new(certificate: &Certificate) -> Self {
        Self(certificate.key())
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
