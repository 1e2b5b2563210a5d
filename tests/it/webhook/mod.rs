//! The webhook's server, in this process, on a port of its own.

pub(crate) mod anyone;
mod connections;
mod ending;
mod hostile;
mod logs;
mod looking;
mod reloading;
mod requests;
mod running;
mod tls;

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use lagward::fronts::cluster::Look;
use lagward::fronts::webhook::certificate::Certificate;
use lagward::fronts::webhook::intake::Reviewer;
use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::metrics::Metrics;
use lagward::fronts::webhook::record::{Answer, BadReview, Record, Route};
use lagward::fronts::webhook::server::{self, Aborted};
use lagward::fronts::webhook::shutdown::Shutdown;
use lagward::fronts::webhook::tls::{Resolver, server_config};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A server under test, and what is needed to talk to it.
struct Server {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    shutdown: Shutdown,
    connector: TlsConnector,
    served: JoinHandle<Result<(), Aborted>>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        Self::with(Fake::answering(), limits).await
    }

    async fn with(reviewer: impl Reviewer, limits: Limits) -> Self {
        let (certificate, ca_pem) =
            Certificate::in_memory(&["localhost", "127.0.0.1"]).expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (metrics, shutdown) = (Arc::new(Metrics::new(None, None)), Shutdown::new());
        let tls = server_config(Arc::new(Resolver::new(&certificate)), None).expect("a TLS configuration");
        let served = tokio::spawn(server::serve(
            listener,
            tls,
            Arc::new(reviewer),
            Arc::clone(&metrics),
            limits,
            shutdown.clone(),
        ));
        let connector = connector(&ca_pem, &[b"http/1.1"]);
        Self { address, metrics, shutdown, connector, served }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the port is open")
    }

    async fn tls(&self) -> TlsStream<TcpStream> {
        self.tls_on(self.tcp().await).await
    }

    async fn tls_on(&self, tcp: TcpStream) -> TlsStream<TcpStream> {
        let name = ServerName::try_from("localhost").expect("a name");
        self.connector.connect(name, tcp).await.expect("the handshake")
    }

    async fn client(&self) -> Client {
        Client::on(self.tls().await).await
    }

    /// One review over a connection of its own.
    async fn assert_serves(&self) {
        let response = self.client().await.send(review("{}")).await;
        assert_eq!(response.status(), 200);
    }

    fn count(&self, line: &str) -> bool {
        self.metrics.encode().lines().any(|found| found == line)
    }
}

/// A client with one connection.
pub(crate) struct Client(SendRequest<Full<Bytes>>);

impl Client {
    pub(crate) async fn on(
        io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    ) -> Self {
        let (sender, connection) = handshake(TokioIo::new(io)).await.expect("a client");
        tokio::spawn(connection);
        Self(sender)
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Response<String> {
        let response = self.try_send(request).await;
        response.expect("a response")
    }

    async fn try_send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<String>> {
        self.0.ready().await?;
        let (head, body) = self.0.send_request(request).await?.into_parts();
        let body = String::from_utf8(body.collect().await?.to_bytes().to_vec()).expect("text");
        Ok(Response::from_parts(head, body))
    }
}

type Judge = dyn Fn(Route, &[u8]) -> Result<Answer, BadReview> + Send + Sync;

/// A reviewer made of a closure.
struct Fake(Box<Judge>);

impl Fake {
    fn new(judge: impl Fn(Route, &[u8]) -> Result<Answer, BadReview> + Send + Sync + 'static) -> Self {
        Self(Box::new(judge))
    }

    fn answering() -> Self {
        Self::new(|route, body| Ok(answer(route, body)))
    }
}

impl Reviewer for Fake {
    fn review(&self, route: Route, body: &[u8], _: Option<&Look>) -> Result<Answer, BadReview> {
        (self.0)(route, body)
    }
}

/// A reviewer that answers once per message, or when the sender is gone.
fn held() -> (Fake, Sender<()>) {
    let (release, gate) = channel();
    let gate = Mutex::new(gate);
    let reviewer = Fake::new(move |route, body| {
        let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
        Ok(answer(route, body))
    });
    (reviewer, release)
}

/// An answer that says how large the body was.
fn answer(route: Route, body: &[u8]) -> Answer {
    let record = Record {
        kind: "ScaledObject",
        namespace: "payments".to_owned(),
        name: "consumer".to_owned(),
        operation: "CREATE",
        ..Record::new(route, "uid", "hash")
    };
    Answer { body: format!("{{\"bytes\":{}}}", body.len()).into_bytes(), record, rests_on: None }
}

fn post(path: &str) -> http::request::Builder {
    Request::post(path).header("host", "localhost").header("content-type", "application/json")
}

fn review(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    post("/validate").body(Full::new(body.into())).expect("a request")
}

/// A body that is judged off the reactor, where a reviewer that blocks holds up nothing else.
fn large() -> Bytes {
    vec![b' '; 300 << 10].into()
}

fn connector(ca_pem: &str, alpn: &[&[u8]]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("the CA's PEM")).expect("a CA");
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

/// Waits for what must happen, however slow the machine is; only a hang fails.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it happens in the end")
}

/// Waits until `condition` holds.
async fn until(condition: impl Fn() -> bool) {
    soon(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
