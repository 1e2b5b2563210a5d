//! Which clients may ask: mutual TLS, for whoever configures the API server with a client certificate.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use x509_parser::extensions::GeneralName;

use super::metrics::{File, Metrics};
use super::reload::ReloadedFile;
use crate::digest::sha256;

/// Accepts clients whose certificate a CA signed and, where names are given, has one of them as its common name or as
/// a DNS name. The CA may be replaced while connections are open.
#[derive(Debug)]
pub struct Clients {
    verifier: ArcSwap<Verifier>,
    names: Vec<String>,
}

/// The verifier of one version of the CA file.
#[derive(Debug)]
pub struct Verifier(Arc<dyn ClientCertVerifier>);

/// Why no client could be verified.
#[derive(Debug)]
pub enum ClientsError {
    /// The file could not be read.
    Read(PathBuf, std::io::Error),
    /// The file holds no certificate of a CA that can be used.
    NoAuthority(PathBuf),
}

impl Clients {
    /// Reads the CAs, and the version of the file that was read.
    ///
    /// # Errors
    /// When the file cannot be read or holds no CA certificate.
    pub fn from_file(ca: &Path, names: Vec<String>) -> Result<(Self, String), ClientsError> {
        let (version, verifier) = read(ca)?;
        Ok((Self { verifier: ArcSwap::from_pointee(verifier), names }, version))
    }

    fn allows(&self, certificate: &CertificateDer<'_>) -> bool {
        self.names.is_empty()
            || names(certificate).is_some_and(|found| found.iter().any(|name| self.names.contains(name)))
    }
}

fn read(ca: &Path) -> Result<(String, Verifier), ClientsError> {
    let pem = std::fs::read(ca).map_err(|error| ClientsError::Read(ca.to_owned(), error))?;
    let version = sha256([&pem]);
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let verifier = verifier.map_err(|_| ClientsError::NoAuthority(ca.to_owned()))?;
    Ok((version, Verifier(verifier)))
}

/// The common names and DNS names of a certificate; `None` if it cannot be read.
fn names(certificate: &CertificateDer<'_>) -> Option<Vec<String>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let common = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
    let mut names: Vec<String> = common.map(ToOwned::to_owned).collect();
    if let Some(alternatives) = certificate.subject_alternative_name().ok().flatten() {
        let dns = alternatives.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        names.extend(dns);
    }
    Some(names)
}

impl ClientCertVerifier for Clients {
    /// Hints could not be swapped, and a client without hints offers the certificate that it has.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.verifier.load().0.verify_client_cert(end_entity, intermediates, now)?;
        if !self.allows(end_entity) {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.load().0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.load().0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.load().0.supported_verify_schemes()
    }
}

impl fmt::Display for ClientsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(file, error) => write!(f, "cannot read {}: {error}", file.display()),
            Self::NoAuthority(file) => write!(f, "{} holds no CA certificate in PEM", file.display()),
        }
    }
}

impl std::error::Error for ClientsError {}

/// The file of client CAs.
pub(super) struct ClientFile {
    pub(super) ca: PathBuf,
    pub(super) clients: Arc<Clients>,
}

impl ReloadedFile for ClientFile {
    const FILE: File = File::ClientCa;
    type Value = Verifier;
    type Error = ClientsError;

    fn load(&self) -> Result<(String, Verifier), ClientsError> {
        read(&self.ca)
    }

    fn accept(&self, verifier: Verifier, _: &Metrics) {
        self.clients.verifier.store(Arc::new(verifier));
        tracing::info!("accepting clients of a new CA");
    }
}
