//! Certificates: from files, or made in memory for local use.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rcgen::{KeyUsagePurpose, PKCS_ECDSA_P256_SHA256};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::digest::sha256;

/// How long a certificate made in memory lasts.
const LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// A chain and its key, ready to serve.
#[derive(Clone, Debug)]
pub struct Certificate {
    key: Arc<CertifiedKey>,
    not_before: SystemTime,
    not_after: SystemTime,
}

/// Why there is no certificate to serve.
#[derive(Debug)]
pub enum CertificateError {
    /// A file could not be read.
    Read(PathBuf, std::io::Error),
    /// A file is not PEM.
    Pem(PathBuf, pem::Error),
    /// A file holds no certificate.
    NoCertificate(PathBuf),
    /// A file holds no private key that can be read.
    NoKey(PathBuf),
    /// A file's certificate cannot be read.
    Unreadable(PathBuf),
    /// The key is of a kind that cannot be used.
    BadKey(PathBuf, rustls::Error),
    /// The key is not the certificate's.
    Mismatch(PathBuf, PathBuf),
    /// A certificate could not be made in memory.
    Make(rcgen::Error),
    /// A certificate made in memory cannot be served.
    Unusable(rustls::Error),
}

impl Certificate {
    /// Reads a PEM chain, leaf first, and its unencrypted PEM key (ECDSA, RSA or Ed25519).
    ///
    /// # Errors
    /// When a file cannot be read, is not what it should be, or both do not belong together.
    pub fn from_files(cert: &Path, key: &Path) -> Result<Self, CertificateError> {
        let chain = read(cert)?;
        let chain = CertificateDer::pem_slice_iter(&chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| CertificateError::Pem(cert.to_owned(), error))?;
        let leaf = chain.first().ok_or_else(|| CertificateError::NoCertificate(cert.to_owned()))?;
        let term = term(leaf).ok_or_else(|| CertificateError::Unreadable(cert.to_owned()))?;

        let der = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| match error {
            pem::Error::NoItemsFound => CertificateError::NoKey(key.to_owned()),
            error => CertificateError::Pem(key.to_owned(), error),
        })?;
        let certified = CertifiedKey::from_der(chain, der, &aws_lc_rs::default_provider());
        let certified = certified.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => CertificateError::Mismatch(cert.to_owned(), key.to_owned()),
            rustls::Error::InvalidCertificate(_) => CertificateError::Unreadable(cert.to_owned()),
            error => CertificateError::BadKey(key.to_owned(), error),
        })?;
        Ok(Self::new(certified, term))
    }

    /// Makes a certificate for these DNS names and addresses, valid for 90 days, and the PEM of the CA
    /// that signed it. The CA's key is dropped, so that nothing else can ever be signed by it.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate.
    pub fn in_memory(names: &[&str]) -> Result<(Self, String), CertificateError> {
        let (chain, key, ca_pem) = make(names).map_err(CertificateError::Make)?;
        let term = term(&chain).unwrap_or((UNIX_EPOCH, UNIX_EPOCH));
        let certified = CertifiedKey::from_der(vec![chain], key, &aws_lc_rs::default_provider());
        let certified = certified.map_err(CertificateError::Unusable)?;
        Ok((Self::new(certified, term), ca_pem))
    }

    fn new(key: CertifiedKey, (not_before, not_after): (SystemTime, SystemTime)) -> Self {
        Self { key: Arc::new(key), not_before, not_after }
    }

    /// When the leaf begins.
    pub const fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// When the leaf ends.
    pub const fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// The SHA-256 of the whole chain, in hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        sha256(&self.key.cert)
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }
}

impl CertificateError {
    /// What the user can do about it.
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Pem(..) | Self::NoCertificate(_) | Self::Unreadable(_) => {
                Some("the certificate is a PEM file, the server's own certificate first, then its issuers")
            }
            Self::NoKey(_) | Self::BadKey(..) => Some(
                "the key is an unencrypted PEM file: ECDSA (P-256, P-384), Ed25519 or RSA from 2048 bits",
            ),
            Self::Mismatch(..) => {
                Some("take both files from the same issue; lagward-certs verify compares them")
            }
            Self::Read(..) | Self::Make(_) | Self::Unusable(_) => None,
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(file, error) => write!(f, "cannot read {}: {error}", file.display()),
            Self::Pem(file, error) => write!(f, "{} is not PEM: {error}", file.display()),
            Self::NoCertificate(file) => write!(f, "{} holds no certificate", file.display()),
            Self::NoKey(file) => write!(f, "{} holds no unencrypted private key", file.display()),
            Self::Unreadable(file) => write!(f, "the certificate in {} cannot be read", file.display()),
            Self::BadKey(file, error) => write!(f, "the key in {} cannot be used: {error}", file.display()),
            Self::Mismatch(cert, key) => {
                write!(
                    f,
                    "the key in {} is not the key of the certificate in {}",
                    key.display(),
                    cert.display()
                )
            }
            Self::Make(error) => write!(f, "cannot make a certificate: {error}"),
            Self::Unusable(error) => write!(f, "cannot serve the certificate made in memory: {error}"),
        }
    }
}

impl std::error::Error for CertificateError {}

fn read(file: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(file).map_err(|error| CertificateError::Read(file.to_owned(), error))
}

/// When it begins and when it ends.
fn term(leaf: &CertificateDer<'_>) -> Option<(SystemTime, SystemTime)> {
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf).ok()?;
    let time = |seconds: i64| UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let validity = leaf.validity();
    Some((time(validity.not_before.timestamp()), time(validity.not_after.timestamp())))
}

type Made = (CertificateDer<'static>, PrivateKeyDer<'static>, String);

fn make(names: &[&str]) -> Result<Made, rcgen::Error> {
    // An hour back, for clocks that are behind this one.
    let from = SystemTime::now() - Duration::from_secs(3600);
    let until = SystemTime::now() + LIFETIME;

    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "lagward in-memory CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    (ca.not_before, ca.not_after) = (from.into(), until.into());
    let ca_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let ca_pem = ca.self_signed(&ca_key)?.pem();

    let mut leaf = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    leaf.distinguished_name.push(DnType::CommonName, "lagward");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    (leaf.not_before, leaf.not_after) = (from.into(), until.into());
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key))?;

    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    Ok((leaf.der().clone(), key, ca_pem))
}
