//! Makes a CA and the one leaf that it ever signs.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm,
};
use rustls::pki_types::CertificateDer;

use crate::leaf::Leaf;

/// How far back a certificate starts, for clocks that are behind the issuer's.
pub const BACKDATED: Duration = Duration::from_secs(3600);

/// What a certificate is to be.
#[derive(Clone, Debug)]
pub struct Order {
    /// The DNS names and addresses of the server.
    pub names: Vec<String>,
    /// How long it lasts from now on.
    pub lifetime: Duration,
    /// The kind of both keys.
    pub key_type: KeyType,
}

/// The kinds of keys that every API server can verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

/// A leaf and the CA that signed it.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The server's certificate and its key.
    pub leaf: Leaf,
    /// What clients have to trust. Its key is gone.
    pub ca: CertificateDer<'static>,
}

/// Makes a CA and a leaf that both end at `now` + the order's lifetime.
///
/// The CA's key is dropped here, so that nothing else can ever be signed by it: whoever reads the Secret cannot
/// make certificates, and a rotation needs a new CA, which keeps rotation in practice.
///
/// # Errors
/// When a name cannot stand in a certificate.
pub fn issue(order: &Order, now: SystemTime) -> Result<Issued, rcgen::Error> {
    let (from, until) = (now - BACKDATED, now + order.lifetime);
    let algorithm = order.key_type.algorithm();

    let mut ca = CertificateParams::default();
    // The moment in the name tells the CAs of a bundle apart, for people and for those who build chains by name.
    ca.distinguished_name.push(DnType::CommonName, format!("lagward CA {}", seconds(now)));
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    (ca.not_before, ca.not_after) = (from.into(), until.into());
    let ca_key = KeyPair::generate_for(algorithm)?;
    let ca_cert = ca.self_signed(&ca_key)?;

    let mut leaf = CertificateParams::new(order.names.clone())?;
    leaf.distinguished_name.push(DnType::CommonName, "lagward");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    (leaf.not_before, leaf.not_after) = (from.into(), until.into());
    let key = KeyPair::generate_for(algorithm)?;
    let cert = leaf.signed_by(&key, &Issuer::new(ca, ca_key))?;

    Ok(Issued {
        leaf: Leaf { cert: cert.pem(), key: key.serialize_pem() },
        ca: ca_cert.der().clone().into_owned(),
    })
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl KeyType {
    /// Every kind, the default first.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::Ed25519];

    const fn algorithm(self) -> &'static SignatureAlgorithm {
        match self {
            Self::P256 => &PKCS_ECDSA_P256_SHA256,
            Self::P384 => &PKCS_ECDSA_P384_SHA384,
            Self::Ed25519 => &PKCS_ED25519,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "ecdsa-p256",
            Self::P384 => "ecdsa-p384",
            Self::Ed25519 => "ed25519",
        })
    }
}

impl FromStr for KeyType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.to_string() == text);
        found.ok_or_else(|| "must be ecdsa-p256, ecdsa-p384 or ed25519".to_owned())
    }
}
