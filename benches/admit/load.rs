//! The load: keep-alive HTTP/1.1 connections over TLS, as an API server holds them.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

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
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::server::Server;

/// How long a connection runs before it is measured.
const WARM_UP: Duration = Duration::from_millis(100);

/// What the same clients get out of a server when each sends as soon as it is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) per_second: f64,
    /// Processor time of the server for each review, in microseconds.
    pub(crate) processor: f64,
}

/// How long reviews take, in milliseconds, when they are sent at a fixed rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Sends `body` over `connections` for `time`, each connection at its own pace.
pub(crate) async fn closed(server: &Server, body: &Bytes, connections: usize, time: Duration) -> Closed {
    let mut tasks = JoinSet::new();
    let begin = Instant::now() + WARM_UP;
    let end = begin + time;
    for mut client in Client::many(server, connections).await {
        let body = body.clone();
        tasks.spawn(async move {
            let mut answered = 0_u32;
            loop {
                client.send(body.clone()).await;
                let now = Instant::now();
                if now >= end {
                    return answered;
                }
                answered += u32::from(now >= begin);
            }
        });
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = server.process.processor_time();
    tokio::time::sleep_until(end.into()).await;
    let used = server.process.processor_time() - before;
    let answered: f64 = tasks.join_all().await.into_iter().map(f64::from).sum();
    Closed { per_second: answered / time.as_secs_f64(), processor: used.as_secs_f64() * 1e6 / answered }
}

/// Sends `body` `rate` times a second for `time`. A latency counts from when its review was to be sent: a server
/// that stalls delays those behind as well (no coordinated omission).
pub(crate) async fn open(
    server: &Server,
    body: &Bytes,
    connections: usize,
    rate: u32,
    time: Duration,
) -> Open {
    let (send, due) = mpsc::unbounded_channel::<Instant>();
    let due = Arc::new(Mutex::new(due));
    let begin = Instant::now() + WARM_UP;
    let mut tasks = JoinSet::new();
    for mut client in Client::many(server, connections).await {
        let (body, due) = (body.clone(), Arc::clone(&due));
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let Some(at) = due.lock().await.recv().await else { return latencies };
                client.send(body.clone()).await;
                if at >= begin {
                    latencies.push(at.elapsed());
                }
            }
        });
    }
    // A thread and not a task: the runtime's timer is no finer than a millisecond.
    let clock = thread::spawn(move || {
        let first = Instant::now();
        for n in 0.. {
            let at = first + Duration::from_secs(1) * n / rate;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if at >= begin + time || send.send(at).is_err() {
                return;
            }
        }
    });
    let mut latencies: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    clock.join().expect("the clock runs to its end");
    latencies.sort_unstable();
    let percentile = |p: usize| latencies[(latencies.len() - 1) * p / 100].as_secs_f64() * 1e3;
    Open { p50: percentile(50), p99: percentile(99) }
}

/// The answer to one review.
pub(crate) async fn once(server: &Server, body: &Bytes) -> String {
    let mut client = Client::many(server, 1).await.remove(0);
    String::from_utf8(client.send(body.clone()).await.to_vec()).expect("text")
}

/// One connection.
struct Client(SendRequest<Full<Bytes>>);

impl Client {
    async fn many(server: &Server, connections: usize) -> Vec<Self> {
        let tls = connector(&server.ca_pem);
        let mut clients = Vec::new();
        for _ in 0..connections {
            let tcp = TcpStream::connect(server.address).await.expect("the port is open");
            tcp.set_nodelay(true).expect("a socket");
            let name = ServerName::try_from("localhost").expect("a name");
            let io = tls.connect(name, tcp).await.expect("the handshake");
            let (sender, connection) = handshake(TokioIo::new(io)).await.expect("a client");
            tokio::spawn(connection);
            clients.push(Self(sender));
        }
        clients
    }

    async fn send(&mut self, body: Bytes) -> Bytes {
        let request = Request::post("/validate?timeout=3s")
            .header("host", "lagward.lagward.svc:443")
            .header("user-agent", "kube-apiserver-admission")
            .header("accept", "application/json, */*")
            .header("content-type", "application/json")
            .body(Full::new(body))
            .expect("a request");
        self.0.ready().await.expect("the connection stays");
        let response = self.0.send_request(request).await.expect("a response");
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
