//! Somebody else, who asks all the while, each time over a connection of its own: the worst case.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

use super::server::{Server, dial};

/// A review that is denied: only a denial proves that it was judged.
pub(crate) const REVIEW: &str = include_str!("../../examples/incident/review.json");

/// What an API server waits, at most.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) struct Bystander {
    stop: oneshot::Sender<()>,
    served: JoinHandle<Served>,
}

/// What it got.
#[derive(Default)]
pub(crate) struct Served {
    pub(crate) answered: usize,
    pub(crate) longest: Duration,
    pub(crate) failures: Vec<String>,
}

impl Bystander {
    pub(crate) fn start(server: &Server) -> Self {
        let (address, tls) = (server.address, server.tls.clone());
        let (stop, mut stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let mut served = Served::default();
            while stopped.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
                let started = Instant::now();
                match timeout(TIMEOUT, ask(address, &tls)).await {
                    Ok(Ok(answer)) if answer.contains("\"allowed\":false") => served.answered += 1,
                    Ok(Ok(answer)) => served.failures.push(answer),
                    Ok(Err(error)) => served.failures.push(error.to_string()),
                    Err(_) => served.failures.push(format!("no answer within {TIMEOUT:?}")),
                }
                served.longest = served.longest.max(started.elapsed());
                sleep(Duration::from_millis(20)).await;
            }
            served
        });
        Self { stop, served }
    }

    pub(crate) async fn end(self) -> Served {
        let _ = self.stop.send(());
        self.served.await.expect("it does not panic")
    }
}

async fn ask(address: std::net::SocketAddr, tls: &TlsConnector) -> std::io::Result<String> {
    let mut io = dial(address, tls).await?;
    io.write_all(&request(REVIEW.as_bytes(), "close")).await?;
    let mut answer = String::new();
    io.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// A whole request.
pub(crate) fn request(body: &[u8], connection: &str) -> Vec<u8> {
    let head = format!(
        "POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: {connection}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
