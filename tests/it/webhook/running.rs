//! The whole webhook: both ports, from a configuration.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{Request, Response};
use http_body_util::Full;
use lagward::fronts::files::policy;
use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::run::{CertificateSource, Config, Ready, run};
use lagward::fronts::webhook::serve_error::ServeError;
use lagward::fronts::webhook::shutdown::Shutdown;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Client, Fake, connector, review, soon};

struct Running {
    ready: Ready,
    shutdown: Shutdown,
    ended: JoinHandle<Result<(), ServeError>>,
}

async fn start(limits: Limits) -> Running {
    let (announce, ready) = oneshot::channel();
    let config = config(limits, move |ready| drop(announce.send(ready)));
    let shutdown = config.shutdown.clone();
    let ended = tokio::spawn(run(config));
    Running { ready: soon(ready).await.expect("it starts"), shutdown, ended }
}

fn config(limits: Limits, on_ready: impl FnOnce(Ready) + Send + 'static) -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        http_listen: ([127, 0, 0, 1], 0).into(),
        certificate: CertificateSource::InMemory,
        limits,
        reviewer: Arc::new(Fake::answering()),
        cluster: None,
        policy: (Arc::new(ArcSwap::from_pointee(policy::load(None).expect("the shipped policy"))), None),
        clients: None,
        cluster_name: Some("blue".to_owned()),
        poll: Duration::from_millis(20),
        shutdown: Shutdown::new(),
        on_ready: Box::new(on_ready),
    }
}

pub(super) async fn get(address: SocketAddr, path: &str) -> Response<String> {
    let mut client = Client::on(TcpStream::connect(address).await.expect("the port is open")).await;
    let request = Request::get(path).header("host", "localhost").body(Full::default());
    client.send(request.expect("a request")).await
}

async fn reviewer(ready: &Ready) -> Client {
    let connector = connector(ready.ca_pem.as_deref().expect("a CA"), &[b"http/1.1"]);
    let tcp = TcpStream::connect(ready.listen).await.expect("the port is open");
    let name = ServerName::from(ready.listen.ip());
    Client::on(connector.connect(name, tcp).await.expect("the handshake")).await
}

#[tokio::test]
async fn reviews_probes_and_metrics_are_answered() {
    let running = start(Limits::default()).await;
    let probes = running.ready.http_listen;
    assert_eq!(reviewer(&running.ready).await.send(review("{}")).await.status(), 200);
    assert_eq!(get(probes, "/livez").await.status(), 200);
    assert_eq!(get(probes, "/readyz").await.status(), 200);
    assert_eq!(get(probes, "/validate").await.status(), 404);
    let metrics = get(probes, "/metrics").await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(metrics.headers()["content-type"], content_type);
    let reviews =
        r#"lagward_reviews_total{cluster="blue",route="validate",kind="ScaledObject",operation="CREATE""#;
    assert!(metrics.body().contains(reviews), "{}", metrics.body());
    assert!(
        !metrics.body().contains("lagward_certificate_not_after_timestamp_seconds{cluster=\"blue\"} 0\n")
    );
}

const NOT_READY: &str =
    "[+]serving ok\n[-]shutdown failed: shutting down\n[+]certificate-term ok\nreadyz check failed\n";

#[tokio::test]
async fn readiness_ends_at_once_and_probes_are_answered_to_the_end() {
    let running = start(Limits { drain: Duration::from_secs(60), ..Limits::default() }).await;
    let probes = running.ready.http_listen;
    running.shutdown.request();
    let readyz = get(probes, "/readyz").await;
    assert_eq!((readyz.status().as_u16(), readyz.body().as_str()), (503, NOT_READY));
    assert_eq!(get(probes, "/livez").await.status(), 200);
    assert_eq!(reviewer(&running.ready).await.send(review("{}")).await.status(), 200);
    running.shutdown.request();
    let error = soon(running.ended).await.unwrap().unwrap_err();
    assert!(matches!(error, ServeError::Aborted(_)), "{error}");
}

#[tokio::test]
async fn the_end_is_clean_and_frees_both_ports() {
    let running = start(Limits { drain: Duration::ZERO, ..Limits::default() }).await;
    running.shutdown.request();
    soon(running.ended).await.unwrap().expect("a clean end");
    for address in [running.ready.listen, running.ready.http_listen] {
        assert!(TcpStream::connect(address).await.is_err(), "{address}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_flag() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let listen = Config { listen: address, ..config(Limits::default(), |_| {}) };
    let http = Config { http_listen: address, ..config(Limits::default(), |_| {}) };
    for (config, flag) in [(listen, "--listen"), (http, "--http-listen")] {
        let error = run(config).await.unwrap_err();
        assert_eq!(error.to_string(), format!("cannot listen on {address}: address in use"));
        assert!(error.help().unwrap().ends_with(&format!("with {flag}")));
    }
}

#[tokio::test]
async fn a_missing_certificate_is_named() {
    let (cert, key) = (PathBuf::from("nowhere/tls.crt"), PathBuf::from("nowhere/tls.key"));
    let config =
        Config { certificate: CertificateSource::Files { cert, key }, ..config(Limits::default(), |_| {}) };
    let error = run(config).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot read nowhere/tls.crt: "), "{error}");
}
