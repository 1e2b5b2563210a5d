//! What changes while the webhook runs: certificate, client CA, policy.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use lagward::fronts::files::policy;
use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::policy_reviewer::PolicyReviewer;
use lagward::fronts::webhook::run::{CertificateSource, ClientSource, Config, Ready, run};
use lagward::fronts::webhook::shutdown::Shutdown;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

use super::running::get;
use super::{Client, Fake, review, soon};
use crate::mounted::{Authority, Mount};
use crate::support::{Review, edit, scaler};

async fn start(change: impl FnOnce(&mut Config)) -> Ready {
    let (announce, ready) = oneshot::channel();
    let shipped = Arc::new(ArcSwap::from_pointee(policy::load(None).expect("the shipped policy")));
    let mut config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        http_listen: ([127, 0, 0, 1], 0).into(),
        certificate: CertificateSource::InMemory,
        limits: Limits::default(),
        reviewer: Arc::new(Fake::answering()),
        cluster: None,
        policy: (shipped, None),
        clients: None,
        cluster_name: None,
        poll: Duration::from_millis(20),
        shutdown: Shutdown::new(),
        on_ready: Box::new(move |ready| drop(announce.send(ready))),
    };
    change(&mut config);
    tokio::spawn(run(config));
    soon(ready).await.expect("it starts")
}

/// A client that trusts this CA and shows this certificate.
fn connector(ca: &str, identity: Option<&(String, String)>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).expect("PEM")).expect("a CA");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let config = match identity {
        None => config.with_no_client_auth(),
        Some((cert, key)) => {
            let cert = CertificateDer::from_pem_slice(cert.as_bytes()).expect("PEM");
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
            config.with_client_auth_cert(vec![cert], key).expect("a pair")
        }
    };
    TlsConnector::from(Arc::new(config))
}

async fn connect(ready: &Ready, connector: &TlsConnector) -> std::io::Result<Client> {
    let tcp = TcpStream::connect(ready.listen).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    Ok(Client::on(connector.connect(name, tcp).await?).await)
}

/// Whether a review is answered over a new connection. In TLS 1.3 a client learns only then that it was refused.
async fn is_served(ready: &Ready, connector: &TlsConnector) -> bool {
    match connect(ready, connector).await {
        Ok(mut client) => client.try_send(review("{}")).await.is_ok_and(|response| response.status() == 200),
        Err(_) => false,
    }
}

async fn served_in_the_end(ready: &Ready, connector: &TlsConnector) {
    soon(async {
        while !is_served(ready, connector).await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

async fn counted_in_the_end(ready: &Ready, line: &str) {
    soon(async {
        while !get(ready.http_listen, "/metrics").await.body().contains(line) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_mounted_certificate_is_swapped_again_and_again_and_open_connections_go_on() {
    let cas = [Authority::new(), Authority::new(), Authority::new()];
    let (cert, key) = cas[0].sign("localhost");
    let mount = Mount::new(&[("tls.crt", &cert), ("tls.key", &key)]);
    let (cert, key) = (mount.file("tls.crt"), mount.file("tls.key"));
    let ready = start(|config| config.certificate = CertificateSource::Files { cert, key }).await;
    let mut first = connect(&ready, &connector(&cas[0].pem, None)).await.expect("a connection");
    for (ca, version) in cas[1..].iter().zip(["..second", "..third"]) {
        mount.publish_pair(version, &ca.sign("localhost"));
        served_in_the_end(&ready, &connector(&ca.pem, None)).await;
        assert_eq!(first.send(review("{}")).await.status(), 200);
    }
    assert!(!is_served(&ready, &connector(&cas[0].pem, None)).await);
    counted_in_the_end(&ready, r#"lagward_reloads_total{file="certificate",result="ok"} 2"#).await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_counted_and_the_last_good_one_stays() {
    let ca = Authority::new();
    let (cert, key) = ca.sign("localhost");
    let mount = Mount::new(&[("tls.crt", &cert), ("tls.key", &key)]);
    let files = (mount.file("tls.crt"), mount.file("tls.key"));
    let ready =
        start(|config| config.certificate = CertificateSource::Files { cert: files.0, key: files.1 }).await;
    let (_, other_key) = ca.sign("localhost");
    mount.publish_pair("..mismatch", &(cert, other_key));
    counted_in_the_end(&ready, r#"lagward_reloads_total{file="certificate",result="error"} 1"#).await;
    assert!(is_served(&ready, &connector(&ca.pem, None)).await);
    let next = Authority::new();
    mount.publish_pair("..good", &next.sign("localhost"));
    served_in_the_end(&ready, &connector(&next.pem, None)).await;
}

#[tokio::test]
async fn only_clients_with_a_certificate_and_a_name_are_answered_and_their_ca_may_change() {
    let (ca, next) = (Authority::new(), Authority::new());
    let mount = Mount::new(&[("ca.crt", &ca.pem)]);
    let (file, names) = (mount.file("ca.crt"), vec!["apiserver".to_owned(), "the front-proxy".to_owned()]);
    let ready = start(|config| config.clients = Some(ClientSource { ca: file, names })).await;
    let server = ready.ca_pem.clone().expect("a CA");
    let client = |identity: Option<&(String, String)>| connector(&server, identity);
    assert!(is_served(&ready, &client(Some(&ca.sign("apiserver")))).await, "by its DNS name");
    assert!(is_served(&ready, &client(Some(&ca.sign("front-proxy")))).await, "by its common name");
    assert!(!is_served(&ready, &client(None)).await, "without a certificate");
    assert!(!is_served(&ready, &client(Some(&ca.sign("somebody")))).await, "by another name");
    assert!(!is_served(&ready, &client(Some(&next.sign("apiserver")))).await, "of another CA");
    assert_eq!(get(ready.http_listen, "/livez").await.status(), 200);

    mount.publish("..next", &[("ca.crt", &next.pem)]);
    served_in_the_end(&ready, &client(Some(&next.sign("apiserver")))).await;
    assert!(!is_served(&ready, &client(Some(&ca.sign("apiserver")))).await, "of the old CA");
}

#[tokio::test]
async fn a_changed_policy_judges_from_then_on_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lagward.yaml");
    fs::write(&file, "profile: strict\n").expect("a file");
    let loaded = policy::load(Some(&file)).expect("a policy");
    let hash = loaded.hash.clone();
    let live = Arc::new(ArcSwap::from_pointee(loaded));
    let ready = start(|config| {
        config.reviewer = Arc::new(PolicyReviewer::new(Arc::clone(&live), None));
        config.policy = (live, Some(file.clone()));
    })
    .await;
    let bad = Review::of(&edit(&scaler(), "/spec/minReplicaCount", serde_json::json!(0))).body();
    let ca = ready.ca_pem.clone().expect("a CA");
    let mut client = connect(&ready, &connector(&ca, None)).await.expect("a connection");
    assert!(client.send(review(bad.clone())).await.body().contains(r#""allowed":false"#));
    assert!(get(ready.http_listen, "/metrics").await.body().contains(&*hash));

    let replace = |text: &str| {
        // In one step: a file that is cut and not yet written is an empty policy.
        let beside = file.with_extension("new");
        fs::write(&beside, text).and_then(|()| fs::rename(&beside, &file)).expect("a file");
    };
    replace("mode: audit\n");
    counted_in_the_end(&ready, r#"lagward_reloads_total{file="policy",result="ok"} 1"#).await;
    assert!(client.send(review(bad.clone())).await.body().contains(r#""allowed":true"#));
    assert!(!get(ready.http_listen, "/metrics").await.body().contains(&*hash), "one policy is in force");

    replace("mode: sometimes\n");
    counted_in_the_end(&ready, r#"lagward_reloads_total{file="policy",result="error"} 1"#).await;
    counted_in_the_end(&ready, r#"lagward_last_reload_successful{file="policy"} 0"#).await;
    let parts = get(ready.http_listen, "/readyz?verbose").await;
    assert_eq!(parts.status(), 200, "the last good one is in force");
    let unwell = "[!]policy not well: the newest version cannot be used, the last good one stays\n";
    assert!(parts.body().contains(unwell), "{}", parts.body());
    let parts = get(ready.http_listen, "/livez?verbose").await;
    assert_eq!(parts.body(), "[+]ping ok\n[+]policy ok\nlivez check passed\n");
    assert!(client.send(review(bad)).await.body().contains(r#""allowed":true"#));
}
