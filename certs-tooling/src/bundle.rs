//! The CA certificates that the API server is to trust.

use std::time::SystemTime;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::leaf::not_after;

/// CA certificates, oldest first, none of them twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle(Vec<CertificateDer<'static>>);

impl Bundle {
    /// Reads PEM up to the first piece of it that is broken; what is no certificate is left out.
    pub fn from_pem(pem: &[u8]) -> Self {
        let certificates = CertificateDer::pem_slice_iter(pem).map_while(Result::ok);
        certificates.fold(Self::default(), |bundle, certificate| bundle.with(&certificate))
    }

    /// As PEM, in order, with the line ends of a leaf: the crate's own default is CRLF.
    pub fn to_pem(&self) -> String {
        let format = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        let encoded =
            |ca: &CertificateDer<'_>| pem::encode_config(&pem::Pem::new("CERTIFICATE", ca.to_vec()), format);
        self.0.iter().map(encoded).collect()
    }

    /// This bundle and one more CA at its end.
    #[must_use]
    pub fn with(mut self, ca: &CertificateDer<'_>) -> Self {
        if not_after(ca).is_some() && !self.0.iter().any(|known| known == ca) {
            self.0.push(ca.clone().into_owned());
        }
        self
    }

    /// This bundle and what the other one has more.
    #[must_use]
    pub fn union(self, other: &Self) -> Self {
        other.0.iter().fold(self, Self::with)
    }

    /// Only what can still be of use: a CA ends with the one leaf that it signed.
    #[must_use]
    pub fn without_expired(mut self, now: SystemTime) -> Self {
        self.0.retain(|ca| not_after(ca).is_some_and(|end| end > now));
        self
    }

    /// When the first CA ends; `None` when there is none.
    pub fn first_end(&self) -> Option<SystemTime> {
        self.0.iter().filter_map(not_after_of).min()
    }

    /// How many CAs it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As a client trusts them.
    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.0.iter().cloned());
        roots
    }
}

fn not_after_of(ca: &CertificateDer<'static>) -> Option<SystemTime> {
    not_after(ca)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::issue::{Issued, KeyType, Order, issue};

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn ca(days: u32) -> CertificateDer<'static> {
        let names = vec!["localhost".to_owned()];
        let order = Order { names, lifetime: days * DAY, key_type: KeyType::P256 };
        let Issued { ca, .. } = issue(&order, SystemTime::now()).unwrap();
        ca
    }

    #[test]
    fn pem_and_back_is_the_same() {
        let bundle = Bundle::default().with(&ca(1)).with(&ca(2));
        assert_eq!(bundle.len(), 2);
        assert_eq!(Bundle::from_pem(bundle.to_pem().as_bytes()), bundle);
    }

    #[test]
    fn nothing_is_in_it_twice() {
        let one = ca(1);
        let bundle = Bundle::default().with(&one).with(&one);
        assert_eq!(bundle.clone().union(&bundle).len(), 1);
    }

    #[test]
    fn broken_pem_ends_it_and_foreign_pem_is_left_out() {
        let good = Bundle::default().with(&ca(1)).to_pem();
        let foreign = pem::encode(&pem::Pem::new("CERTIFICATE", b"no certificate".to_vec()));
        assert_eq!(Bundle::from_pem(format!("{foreign}{good}").as_bytes()).len(), 1);
        let broken = "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n";
        assert_eq!(Bundle::from_pem(format!("{good}{broken}").as_bytes()).len(), 1);
        assert!(Bundle::from_pem(&[0xff, 0, 7]).is_empty());
    }

    #[test]
    fn a_ca_leaves_with_its_end() {
        let bundle = Bundle::default().with(&ca(1)).with(&ca(3));
        let later = SystemTime::now() + 2 * DAY;
        assert!(bundle.first_end().unwrap() < later);
        assert_eq!(bundle.without_expired(later).len(), 1);
    }
}
