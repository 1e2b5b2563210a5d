//! What is offered in the handshake, and which certificates are accepted.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lagward::fronts::webhook::certificate::{Certificate, CertificateError};
use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::tls::{Resolver, server_config};
use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, SignatureAlgorithm,
};
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ProtocolVersion, SupportedProtocolVersion};
use tokio::io::duplex;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::anyone::Anyone;
use super::{Server, connector};

/// A handshake over a pipe; the error is the client's.
async fn handshake(
    certificate: &Certificate,
    connector: TlsConnector,
    name: &'static str,
) -> std::io::Result<(Option<ProtocolVersion>, Option<Vec<u8>>)> {
    let acceptor = TlsAcceptor::from(
        server_config(Arc::new(Resolver::new(certificate)), None).expect("a configuration"),
    );
    let (near, far) = duplex(64 << 10);
    let server = tokio::spawn(async move { acceptor.accept(far).await.map(drop) });
    let client = connector.connect(ServerName::try_from(name).expect("a name"), near).await;
    let _ = server.await;
    let client = client?;
    let (_, session) = client.get_ref();
    Ok((session.protocol_version(), session.alpn_protocol().map(<[u8]>::to_vec)))
}

fn only(connector: &TlsConnector, version: &'static SupportedProtocolVersion) -> TlsConnector {
    let config = connector.config();
    let provider = Arc::clone(config.crypto_provider());
    let mut limited = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    limited.alpn_protocols = config.alpn_protocols.clone();
    limited.dangerous().set_certificate_verifier(Arc::new(Anyone));
    TlsConnector::from(Arc::new(limited))
}

#[tokio::test]
async fn both_versions_speak_http_1_1() {
    let (certificate, ca) = Certificate::in_memory(&["localhost"]).unwrap();
    let connector = connector(&ca, &[b"h2", b"http/1.1"]);
    for version in [&TLS12, &TLS13] {
        let agreed = handshake(&certificate, only(&connector, version), "localhost").await.unwrap();
        assert_eq!(agreed, (Some(version.version), Some(b"http/1.1".to_vec())));
    }
}

#[tokio::test]
async fn a_client_without_protocols_is_served_and_one_that_insists_on_h2_is_refused() {
    let (certificate, ca) = Certificate::in_memory(&["localhost"]).unwrap();
    let agreed = handshake(&certificate, connector(&ca, &[]), "localhost").await.unwrap();
    assert_eq!(agreed.1, None);
    let refused = handshake(&certificate, connector(&ca, &[b"h2"]), "localhost").await.unwrap_err();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
}

#[tokio::test]
async fn the_certificate_in_memory_is_for_its_names_only_and_for_90_days() {
    let (certificate, ca) = Certificate::in_memory(&["localhost", "127.0.0.1", "::1"]).unwrap();
    for name in ["localhost", "127.0.0.1", "::1"] {
        handshake(&certificate, connector(&ca, &[]), name).await.unwrap();
    }
    assert!(handshake(&certificate, connector(&ca, &[]), "example.com").await.is_err());
    let (_, other_ca) = Certificate::in_memory(&["localhost"]).unwrap();
    assert!(handshake(&certificate, connector(&other_ca, &[]), "localhost").await.is_err());

    let left = certificate.not_after().duration_since(SystemTime::now()).unwrap();
    let day = Duration::from_secs(24 * 3600);
    assert!(left > 89 * day && left <= 90 * day, "{left:?}");
}

#[tokio::test]
async fn every_common_kind_of_key_is_served_from_files() {
    let folder = tempfile::tempdir().unwrap();
    for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519, &PKCS_RSA_SHA256] {
        let (cert, key, ca) = write_pair(folder.path(), algorithm);
        let certificate = Certificate::from_files(&cert, &key).unwrap();
        handshake(&certificate, connector(&ca, &[]), "localhost").await.unwrap();
    }
}

#[test]
fn files_that_are_no_pair_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key, _) = write_pair(folder.path(), &PKCS_ED25519);
    let other = tempfile::tempdir().unwrap();
    let (_, other_key, _) = write_pair(other.path(), &PKCS_ED25519);
    let garbage = folder.path().join("garbage.pem");
    std::fs::write(&garbage, "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").unwrap();
    let der = folder.path().join("not-der.pem");
    std::fs::write(&der, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let absent = folder.path().join("absent.pem");

    let refused = |cert: &Path, key: &Path| Certificate::from_files(cert, key).unwrap_err();
    let mismatch = refused(&cert, &other_key);
    assert!(matches!(mismatch, CertificateError::Mismatch(..)), "{mismatch}");
    for file in [&cert, &other_key] {
        assert!(mismatch.to_string().contains(file.to_str().unwrap()), "{mismatch}");
    }
    for (error, file) in [
        (refused(&garbage, &key), &garbage),
        (refused(&der, &key), &der),
        (refused(&absent, &key), &absent),
        (refused(&key, &cert), &key),
        (refused(&cert, &cert), &cert),
        (refused(&cert, &garbage), &garbage),
    ] {
        assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    }
}

#[tokio::test]
async fn a_session_is_not_remembered() {
    let server = Server::start(Limits::default()).await;
    for _ in 0..2 {
        let tls = server.tls().await;
        assert_eq!(tls.get_ref().1.handshake_kind(), Some(rustls::HandshakeKind::Full));
        drop(tls);
        server.assert_serves().await;
    }
}

fn write_pair(folder: &Path, algorithm: &'static SignatureAlgorithm) -> (PathBuf, PathBuf, String) {
    let key = KeyPair::generate_for(algorithm).expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let cert = params.self_signed(&key).expect("a certificate");
    let (cert_file, key_file) = (folder.join("tls.crt"), folder.join("tls.key"));
    std::fs::write(&cert_file, cert.pem()).expect("a file");
    std::fs::write(&key_file, key.serialize_pem()).expect("a file");
    (cert_file, key_file, cert.pem())
}
