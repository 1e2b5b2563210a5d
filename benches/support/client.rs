//! A client that holds keep-alive HTTP/1.1 connections over TLS, as an API server does.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::process::Measured;

/// A webhook, and what is needed to talk to it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) ca_pem: String,
    pub(crate) path: &'static str,
    pub(crate) process: Measured,
}

/// One connection.
pub(crate) struct Client {
    connection: SendRequest<Full<Bytes>>,
    path: &'static str,
}

impl Client {
    pub(crate) async fn many(target: &Target, connections: usize) -> Vec<Self> {
        let tls = connector(&target.ca_pem);
        let mut clients = Vec::new();
        for _ in 0..connections {
            let tcp = TcpStream::connect(target.address).await.expect("the port is open");
            tcp.set_nodelay(true).expect("a socket");
            let name = ServerName::try_from("localhost").expect("a name");
            let io = tls.connect(name, tcp).await.expect("the handshake");
            let (sender, connection) = handshake(TokioIo::new(io)).await.expect("a client");
            tokio::spawn(connection);
            clients.push(Self { connection: sender, path: target.path });
        }
        clients
    }

    /// The answer to one review.
    pub(crate) async fn send(&mut self, body: Bytes) -> Bytes {
        let request = Request::post(format!("{}?timeout=3s", self.path))
            .header("host", "lagward.lagward.svc:443")
            .header("user-agent", "kube-apiserver-admission")
            .header("accept", "application/json, */*")
            .header("content-type", "application/json")
            .body(Full::new(body))
            .expect("a request");
        self.connection.ready().await.expect("the connection stays");
        let response = self.connection.send_request(request).await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body().collect().await.expect("a body").to_bytes()
    }
}

fn connector(ca_pem: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("the CA's PEM")).expect("a CA");
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}
