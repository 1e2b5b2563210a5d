//! What a pod sees of a Secret or a ConfigMap, and certificates to put there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// A folder that is mounted from a Secret: the kubelet writes a new folder and swaps the link `..data`.
pub(crate) struct Mount(TempDir);

impl Mount {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let mount = Self(tempfile::tempdir().expect("a folder"));
        mount.publish("..first", files);
        for (name, _) in files {
            symlink(Path::new("..data").join(name), mount.file(name)).expect("a link");
        }
        mount
    }

    pub(crate) fn publish(&self, version: &str, files: &[(&str, &str)]) {
        let folder = self.0.path().join(version);
        fs::create_dir(&folder).expect("a folder");
        for (name, text) in files {
            fs::write(folder.join(name), text).expect("a file");
        }
        let new = self.0.path().join("..data_tmp");
        symlink(version, &new).expect("a link");
        fs::rename(new, self.0.path().join("..data")).expect("the swap");
    }

    pub(crate) fn publish_pair(&self, version: &str, (cert, key): &(String, String)) {
        self.publish(version, &[("tls.crt", cert), ("tls.key", key)]);
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// A CA that signs for these names, and its own certificate in PEM.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate and its key, in PEM.
    pub(crate) fn sign(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, format!("the {name}"));
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("a certificate").pem(), key.serialize_pem())
    }
}
