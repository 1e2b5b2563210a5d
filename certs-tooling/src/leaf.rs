//! A server's certificate and its key, and what may be wrong with them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;

use crate::bundle::Bundle;

/// A certificate chain and its key, as PEM that nobody has looked at yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The chain, the server's own certificate first.
    pub cert: String,
    /// Its unencrypted private key.
    pub key: String,
}

/// Why a leaf cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The certificate cannot be read.
    Certificate,
    /// The key cannot be read, or is another certificate's.
    Key,
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYetValid,
    /// No CA of the bundle signed it.
    NotCovered,
    /// It is not valid for this name.
    Name(String),
    /// Anything else that a client refuses.
    Refused(String),
}

impl Leaf {
    /// When the certificate ends, if a client that trusts `bundle` accepts it for every one of `names`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self, bundle: &Bundle, names: &[String], now: SystemTime) -> Result<SystemTime, Fault> {
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(self.cert.as_bytes()).map_while(Result::ok).collect();
        let Some((leaf, issuers)) = chain.split_first() else { return Err(Fault::Certificate) };
        let end = not_after(leaf).ok_or(Fault::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(|_| Fault::Key)?;
        CertifiedKey::from_der(chain.clone(), key, &aws_lc_rs::default_provider()).map_err(|_| Fault::Key)?;
        for name in names {
            accepted(leaf, issuers, bundle, name, now)?;
        }
        Ok(end)
    }
}

/// Whether a client that trusts `bundle` accepts this chain for `name`.
///
/// # Errors
/// Why it does not.
pub(crate) fn accepted(
    leaf: &CertificateDer<'_>,
    issuers: &[CertificateDer<'_>],
    bundle: &Bundle,
    name: &str,
    now: SystemTime,
) -> Result<(), Fault> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerName::try_from(name).map_err(|_| Fault::Name(name.to_owned()))?;
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(bundle.roots()), provider)
        .build()
        .map_err(|_| Fault::NotCovered)?;
    let verified =
        verifier.verify_server_cert(leaf, issuers, &server, &[], UnixTime::since_unix_epoch(since));
    verified.map(drop).map_err(|error| fault(&error, name))
}

fn fault(error: &rustls::Error, name: &str) -> Fault {
    use rustls::CertificateError as Bad;
    let rustls::Error::InvalidCertificate(bad) = error else { return Fault::Refused(error.to_string()) };
    match bad {
        Bad::Expired | Bad::ExpiredContext { .. } => Fault::Expired,
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => Fault::NotYetValid,
        Bad::UnknownIssuer | Bad::BadSignature => Fault::NotCovered,
        Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Fault::Name(name.to_owned()),
        Bad::BadEncoding => Fault::Certificate,
        _ => Fault::Refused(error.to_string()),
    }
}

/// When a certificate ends.
pub(crate) fn not_after(certificate: &CertificateDer<'_>) -> Option<SystemTime> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let seconds = u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or(0);
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

impl fmt::Debug for Leaf {
    /// Without the key, which is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaf").field("cert", &self.cert).finish_non_exhaustive()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate => f.write_str("the certificate cannot be read"),
            Self::Key => f.write_str("the key is not the certificate's"),
            Self::Expired => f.write_str("the certificate has expired"),
            Self::NotYetValid => f.write_str("the certificate is not valid yet"),
            Self::NotCovered => f.write_str("no CA of the bundle signed the certificate"),
            Self::Name(name) => write!(f, "the certificate is not valid for {name}"),
            Self::Refused(why) => write!(f, "the certificate is refused: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::{Issued, KeyType, Order, issue};

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn issued(key_type: KeyType) -> Issued {
        let names = names(&["lagward.lagward.svc", "127.0.0.1"]);
        issue(&Order { names, lifetime: DAY, key_type }, SystemTime::now()).unwrap()
    }

    #[test]
    fn every_kind_of_key_is_accepted_for_its_names() {
        for kind in KeyType::ALL {
            let Issued { leaf, ca } = issued(kind);
            let bundle = Bundle::default().with(&ca);
            let end = leaf.check(&bundle, &names(&["lagward.lagward.svc", "127.0.0.1"]), SystemTime::now());
            assert!(end.unwrap() > SystemTime::now(), "{kind}");
        }
    }

    #[test]
    fn each_fault_is_told_apart() {
        let Issued { leaf, ca } = issued(KeyType::P256);
        let other = issued(KeyType::P256);
        let bundle = Bundle::default().with(&ca);
        let (own, now) = (names(&["lagward.lagward.svc"]), SystemTime::now());
        let check =
            |leaf: &Leaf, bundle: &Bundle, names: &[String], now| leaf.check(bundle, names, now).err();

        assert_eq!(check(&leaf, &bundle, &own, now + 2 * DAY), Some(Fault::Expired));
        assert_eq!(check(&leaf, &bundle, &own, now - DAY), Some(Fault::NotYetValid));
        assert_eq!(check(&leaf, &Bundle::default(), &own, now), Some(Fault::NotCovered));
        assert_eq!(check(&leaf, &Bundle::default().with(&other.ca), &own, now), Some(Fault::NotCovered));
        let elsewhere = names(&["elsewhere.svc"]);
        assert_eq!(check(&leaf, &bundle, &elsewhere, now), Some(Fault::Name("elsewhere.svc".to_owned())));
        let mixed = Leaf { key: other.leaf.key, ..leaf.clone() };
        assert_eq!(check(&mixed, &bundle, &own, now), Some(Fault::Key));
        let empty = Leaf { cert: String::new(), ..leaf };
        assert_eq!(check(&empty, &bundle, &own, now), Some(Fault::Certificate));
    }

    #[test]
    fn a_key_is_never_shown() {
        let Issued { leaf, .. } = issued(KeyType::P256);
        assert!(!format!("{leaf:?}").contains("PRIVATE"));
    }
}
