//! What the Secret holds.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;

use crate::bundle::Bundle;
use crate::issue::Issued;
use crate::leaf::Leaf;

const TLS: (&str, &str) = ("tls.crt", "tls.key");
const NEXT: (&str, &str) = ("next.crt", "next.key");
const BUNDLE: &str = "ca.crt";

/// The content of a Secret's `data`.
pub type Data = BTreeMap<String, ByteString>;

/// The certificates at hand: what is served, what is about to be, and what the API server has to trust for both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What the webhook mounts.
    pub tls: Option<Leaf>,
    /// What it mounts next, once its CA is trusted everywhere.
    pub next: Option<Leaf>,
    /// The CAs of both, and of earlier leaves that have not ended.
    pub bundle: Bundle,
}

impl State {
    /// Reads a Secret. Half of a pair is a pair that is broken; neither half is none.
    pub fn from_data(data: &Data) -> Self {
        let bundle = data.get(BUNDLE).map(|pem| Bundle::from_pem(&pem.0)).unwrap_or_default();
        Self { tls: leaf(data, TLS), next: leaf(data, NEXT), bundle }
    }

    /// Puts this into a Secret, whose other keys stay.
    pub fn write_into(&self, data: &mut Data) {
        for (keys, leaf) in [(TLS, &self.tls), (NEXT, &self.next)] {
            match leaf {
                Some(leaf) => {
                    data.insert(keys.0.to_owned(), ByteString(leaf.cert.clone().into_bytes()));
                    data.insert(keys.1.to_owned(), ByteString(leaf.key.clone().into_bytes()));
                }
                None => {
                    data.remove(keys.0);
                    data.remove(keys.1);
                }
            }
        }
        data.insert(BUNDLE.to_owned(), ByteString(self.bundle.to_pem().into_bytes()));
    }

    /// (a) A new leaf waits, and its CA joins those of `bundle`.
    #[must_use]
    pub fn with_next(self, bundle: Bundle, issued: Issued) -> Self {
        Self { tls: self.tls, next: Some(issued.leaf), bundle: bundle.with(&issued.ca) }
    }

    /// (c) What waited is served.
    #[must_use]
    pub fn promoted(self) -> Self {
        Self { tls: self.next, next: None, bundle: self.bundle }
    }
}

fn leaf(data: &Data, (cert, key): (&str, &str)) -> Option<Leaf> {
    let text = |key: &str| data.get(key).map(|bytes| String::from_utf8_lossy(&bytes.0).into_owned());
    match (text(cert), text(key)) {
        (None, None) => None,
        (cert, key) => Some(Leaf { cert: cert.unwrap_or_default(), key: key.unwrap_or_default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(cert: &str, key: &str) -> Option<Leaf> {
        Some(Leaf { cert: cert.to_owned(), key: key.to_owned() })
    }

    #[test]
    fn a_secret_and_back_is_the_same_and_foreign_keys_stay() {
        let state = State { tls: some("a", "b"), next: some("c", "d"), bundle: Bundle::default() };
        let mut data = Data::from([("theirs".to_owned(), ByteString(vec![1]))]);
        state.write_into(&mut data);
        assert_eq!(State::from_data(&data), state);
        let promoted = state.promoted();
        promoted.write_into(&mut data);
        assert_eq!(State::from_data(&data), State { tls: some("c", "d"), next: None, ..State::default() });
        assert_eq!(data.keys().collect::<Vec<_>>(), ["ca.crt", "theirs", "tls.crt", "tls.key"]);
    }

    #[test]
    fn half_of_a_pair_is_a_broken_pair() {
        let data = Data::from([("tls.crt".to_owned(), ByteString(b"x".to_vec()))]);
        assert_eq!(State::from_data(&data).tls, some("x", ""));
        assert_eq!(State::from_data(&Data::default()), State::default());
    }
}
