//! Looks at a server as the API server does: dials it, and asks whether a bundle covers what it shows.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use x509_parser::extensions::GeneralName;

use crate::bundle::Bundle;
use crate::leaf::{Fault, accepted, not_after};

/// As long as the API server waits for a webhook's connection at most.
const DIAL: Duration = Duration::from_secs(10);

/// The certificates that a server showed, its own first.
#[derive(Clone, Debug)]
pub struct Shown(Vec<CertificateDer<'static>>);

/// Why a server showed nothing.
#[derive(Debug)]
pub enum Error {
    /// The name cannot be asked for.
    Name(String),
    /// It could not be reached.
    Dial(String, io::Error),
    /// There was no TLS handshake.
    Handshake(String, io::Error),
    /// It did not answer in time.
    Timeout(String),
    /// TLS could not be set up.
    Tls(rustls::Error),
}

/// Shakes hands with the server at `address` under `name`, whatever it shows.
///
/// # Errors
/// When it cannot be reached or speaks no TLS.
pub async fn dial(address: &str, name: &str) -> Result<Shown, Error> {
    let server = ServerName::try_from(name.to_owned()).map_err(|_| Error::Name(name.to_owned()))?;
    let recorder = Arc::new(Recorder::new());
    let provider = Arc::clone(&recorder.provider);
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let reach = async {
        let stream =
            TcpStream::connect(address).await.map_err(|error| Error::Dial(address.to_owned(), error))?;
        let connected = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
        connected.map(drop).map_err(|error| Error::Handshake(address.to_owned(), error))
    };
    timeout(DIAL, reach).await.map_err(|_| Error::Timeout(address.to_owned()))??;
    Ok(Shown(recorder.chain.lock().unwrap_or_else(PoisonError::into_inner).clone()))
}

impl Shown {
    /// Whether the API server accepts it for `name` with this `caBundle`.
    ///
    /// # Errors
    /// Why it does not.
    pub fn accepted(&self, ca_bundle: &[u8], name: &str, now: SystemTime) -> Result<(), Fault> {
        let (leaf, issuers) = self.0.split_first().ok_or(Fault::Certificate)?;
        accepted(leaf, issuers, &Bundle::from_pem(ca_bundle), name, now)
    }

    /// When the leaf ends.
    pub fn end(&self) -> Option<SystemTime> {
        not_after(self.0.first()?)
    }

    /// The DNS names and addresses that the leaf is valid for.
    pub fn names(&self) -> Vec<String> {
        let parsed = self.0.first().and_then(|leaf| x509_parser::parse_x509_certificate(leaf).ok());
        let Some((_, leaf)) = parsed else { return Vec::new() };
        let Ok(Some(names)) = leaf.subject_alternative_name() else { return Vec::new() };
        names.value.general_names.iter().filter_map(text).collect()
    }

    /// The subjects of the chain, the leaf's first, and the issuer of the last.
    pub fn chain(&self) -> Vec<String> {
        let parse = |der| x509_parser::parse_x509_certificate(der).ok().map(|(_, certificate)| certificate);
        let parsed: Vec<_> = self.0.iter().filter_map(|der| parse(der)).collect();
        let issuer = parsed.last().map(|last| last.issuer().to_string());
        parsed.iter().map(|certificate| certificate.subject().to_string()).chain(issuer).collect()
    }
}

fn text(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(v4) => Some(std::net::Ipv4Addr::from(v4).to_string()),
            Err(_) => Some(std::net::Ipv6Addr::from(<[u8; 16]>::try_from(*bytes).ok()?).to_string()),
        },
        _ => None,
    }
}

/// Takes any chain and remembers it: what is wrong with it is said afterwards, and in full.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl Recorder {
    fn new() -> Self {
        Self { provider: Arc::new(aws_lc_rs::default_provider()), chain: Mutex::default() }
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        issuers: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(leaf).chain(issuers).map(|der| der.clone().into_owned());
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain.collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name} is not a server name"),
            Self::Dial(address, error) => write!(f, "cannot reach {address}: {error}"),
            Self::Handshake(address, error) => write!(f, "no TLS with {address}: {error}"),
            Self::Timeout(address) => write!(f, "{address} did not answer within {} s", DIAL.as_secs()),
            Self::Tls(error) => write!(f, "cannot set up TLS: {error}"),
        }
    }
}

impl std::error::Error for Error {}
