//! The attacks.

use std::collections::BTreeMap;
use std::time::Duration;

use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::client::TlsStream;

use super::bystander::{REVIEW, request};
use super::server::Server;

/// How long an attack goes on once all of its connections are made.
const HELD: Duration = Duration::from_secs(3);

/// Idle connections.
const MANY: usize = 10_000;

#[derive(Clone, Copy)]
pub(crate) enum Attack {
    Silent,
    Idle,
    Slowloris,
    SlowBodies,
    LargeBodies,
    Greedy,
    HalfClosed,
    Garbage,
    OddName,
}

impl Attack {
    pub(crate) const ALL: [Self; 9] = [
        Self::Silent,
        Self::Idle,
        Self::Slowloris,
        Self::SlowBodies,
        Self::LargeBodies,
        Self::Greedy,
        Self::HalfClosed,
        Self::Garbage,
        Self::OddName,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Silent => "10,000 connections that say nothing",
            Self::Idle => "10,000 connections idle after a review",
            Self::Slowloris => "2,000 headers, a byte at a time",
            Self::SlowBodies => "64 bodies of 7 MiB that never end",
            Self::LargeBodies => "64 bodies of 7 MiB, a wide Deployment",
            Self::Greedy => "64 clients that read no answer",
            Self::HalfClosed => "2,000 half-closed sockets",
            Self::Garbage => "2,000 times what is not TLS",
            Self::OddName => "2,000 server names with a port",
        }
    }

    /// Does it, and says how the server took it.
    pub(crate) async fn run(self, server: &Server) -> String {
        match self {
            Self::Silent => silent(server).await,
            Self::Idle => idle(server).await,
            Self::Slowloris => slowloris(server).await,
            Self::SlowBodies => slow_bodies(server).await,
            Self::LargeBodies => large_bodies(server).await,
            Self::Greedy => greedy(server).await,
            Self::HalfClosed => half_closed(server).await,
            Self::Garbage => raw(server, &garbage()).await,
            Self::OddName => raw(server, &odd_hello(server)).await,
        }
    }
}

async fn silent(server: &Server) -> String {
    let mut held: Vec<TcpStream> = Vec::new();
    for _ in 0..MANY {
        held.push(server.tcp().await.expect("a connection"));
    }
    sleep(HELD).await;
    format!("{} were open", held.len())
}

async fn idle(server: &Server) -> String {
    let (mut held, mut said) = (Vec::new(), Vec::new());
    for _ in 0..MANY / 50 {
        // Some handshakes at once: the server has two processors.
        for asked in futures_util::future::join_all((0..50).map(|_| asked(server))).await {
            match asked {
                Ok((io, answer)) => {
                    held.push(io);
                    said.push(answer);
                }
                Err(error) => said.push(error.to_string()),
            }
        }
    }
    sleep(HELD).await;
    format!("{} were open: {}", held.len(), tally(said))
}

/// A connection over which a review was answered, and how.
async fn asked(server: &Server) -> std::io::Result<(TlsStream<TcpStream>, String)> {
    let mut io = server.connect().await?;
    io.write_all(&request(REVIEW.as_bytes(), "keep-alive")).await?;
    io.flush().await?;
    let mut answer = [0; 4096];
    let read = io.read(&mut answer).await?;
    Ok((io, status(&answer[..read])))
}

async fn slowloris(server: &Server) -> String {
    let mut tasks = JoinSet::new();
    for _ in 0..40 {
        for io in futures_util::future::join_all((0..50).map(|_| server.connect())).await {
            let mut io = io.expect("a connection");
            tasks.spawn(async move {
                let _ = io.write_all(b"POST /validate HTTP/1.1\r\nx-slow: ").await;
                let (mut reader, mut writer) = tokio::io::split(io);
                let trickle = tokio::spawn(async move {
                    while writer.write_all(b"x").await.is_ok() && writer.flush().await.is_ok() {
                        sleep(Duration::from_millis(500)).await;
                    }
                });
                let mut sink = Vec::new();
                let _ = reader.read_to_end(&mut sink).await;
                trickle.abort();
            });
        }
    }
    let ended = timeout(Duration::from_secs(60), async { while tasks.join_next().await.is_some() {} }).await;
    if ended.is_ok() { "each was hung up on".to_owned() } else { format!("{} are still open", tasks.len()) }
}

/// All but the last byte.
async fn slow_bodies(server: &Server) -> String {
    let body = wide();
    let sent = request(&body, "close");
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (io, sent) = (server.connect().await.expect("a connection"), sent.clone());
        tasks.spawn(async move {
            let (mut reader, mut writer) = tokio::io::split(io);
            let send = async {
                let _ = writer.write_all(&sent[..sent.len() - 1]).await;
                let _ = writer.flush().await;
                sleep(HELD * 3).await;
            };
            let mut answer = vec![0; 64];
            tokio::select! {
                () = send => "no answer while it waited".to_owned(),
                read = reader.read(&mut answer) => status(&answer[..read.unwrap_or_default()]),
            }
        });
    }
    tally(tasks.join_all().await)
}

async fn large_bodies(server: &Server) -> String {
    let sent = request(&wide(), "close");
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (io, sent) = (server.connect().await.expect("a connection"), sent.clone());
        tasks.spawn(async move {
            let (mut reader, mut writer) = tokio::io::split(io);
            let write = tokio::spawn(async move {
                let _ = writer.write_all(&sent).await;
                let _ = writer.flush().await;
                writer
            });
            let mut answer = Vec::new();
            let _ = reader.read_to_end(&mut answer).await;
            write.abort();
            status(&answer)
        });
    }
    tally(tasks.join_all().await)
}

/// Asks and asks, and reads nothing.
async fn greedy(server: &Server) -> String {
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let mut io = server.connect().await.expect("a connection");
        tasks.spawn(async move {
            let review = request(REVIEW.as_bytes(), "keep-alive");
            let ask = async { while io.write_all(&review).await.is_ok() && io.flush().await.is_ok() {} };
            let _ = timeout(HELD * 2, ask).await;
        });
    }
    tasks.join_all().await;
    "each wrote until it was stopped".to_owned()
}

async fn half_closed(server: &Server) -> String {
    let mut held = Vec::new();
    for n in 0..2000 {
        let mut io = server.tcp().await.expect("a connection");
        if n % 2 == 0 {
            let _ = io.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).await;
        }
        let _ = io.shutdown().await;
        held.push(io);
    }
    sleep(HELD).await;
    format!("{} were half closed", held.len())
}

/// Sends these bytes on 2,000 connections, one after the other, until the server ends each.
async fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut ended = 0;
    for _ in 0..2000 {
        let mut io = server.tcp().await.expect("a connection");
        let _ = io.write_all(bytes).await;
        let _ = io.shutdown().await;
        let mut sink = Vec::new();
        let read = timeout(Duration::from_secs(30), io.read_to_end(&mut sink)).await;
        ended += usize::from(read.is_ok() && !sink.starts_with(b"HTTP/1.1 2"));
    }
    format!("{ended} were ended by the server")
}

fn garbage() -> Vec<u8> {
    (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// A ClientHello that asks for `localhost:8443`.
fn odd_hello(server: &Server) -> Vec<u8> {
    let name = ServerName::try_from("localhost-8443").expect("a name");
    let mut hello = Vec::new();
    let config = std::sync::Arc::clone(server.tls.config());
    ClientConnection::new(config, name).expect("a client").write_tls(&mut hello).expect("a hello");
    let at = hello.windows(14).position(|bytes| bytes == b"localhost-8443").expect("the server name");
    hello[at + 9] = b':';
    hello
}

/// A review of just under 7 MiB: a Deployment with as many small variables as there is room for, which takes the most
/// memory for its size.
fn wide() -> Vec<u8> {
    let [before, behind] = [
        r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"1","kind":{"group":"apps","version":"v1","kind":"Deployment"},"name":"wide","namespace":"shop","operation":"CREATE","object":{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"wide"},"spec":{"template":{"spec":{"containers":[{"name":"app","env":["#,
        r#"{"name":"KAFKA_BROKERS","value":"kafka:9092"}]}]}}}}}}"#,
    ];
    let mut body = before.as_bytes().to_vec();
    for n in 0.. {
        let next = format!(r#"{{"name":"K{n}"}},"#);
        if body.len() + next.len() + behind.len() > 7 << 20 {
            break;
        }
        body.extend_from_slice(next.as_bytes());
    }
    body.extend_from_slice(behind.as_bytes());
    body
}

fn status(answer: &[u8]) -> String {
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line.strip_prefix(b"HTTP/1.1 ").unwrap_or(b"no answer")).into_owned()
}

fn tally(said: Vec<String>) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for said in said {
        *counts.entry(said).or_default() += 1;
    }
    counts.iter().map(|(said, times)| format!("{times} times {said}")).collect::<Vec<_>>().join(", ")
}
