//! A round robin over TCP that knows of readiness what a Service knows: late.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often readiness is asked for.
const PROBE: Duration = Duration::from_millis(100);

/// Where clients connect. Each connection goes to the next endpoint, and stays there.
pub(crate) struct Balancer {
    pub(crate) address: SocketAddr,
    endpoints: Arc<Endpoints>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Endpoints(Mutex<(Vec<SocketAddr>, usize)>);

impl Balancer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let endpoints = Arc::<Endpoints>::default();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&endpoints)));
        Self { address, endpoints, accepting }
    }

    /// Makes `listen` an endpoint while `probes` says that it is ready. Either news takes `delay` to get here. Ends
    /// when the returned task is aborted.
    pub(crate) fn follow(&self, listen: SocketAddr, probes: SocketAddr, delay: Duration) -> JoinHandle<()> {
        let endpoints = Arc::clone(&self.endpoints);
        tokio::spawn(async move {
            let mut was_ready = false;
            loop {
                let is_ready = get(probes, "/readyz").await.is_ok();
                if is_ready != was_ready {
                    sleep(delay).await;
                    endpoints.set(listen, is_ready);
                    was_ready = is_ready;
                }
                sleep(PROBE).await;
            }
        })
    }

    /// How many instances get connections.
    pub(crate) fn endpoints(&self) -> usize {
        self.endpoints.lock().0.len()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Endpoints {
    fn lock(&self) -> std::sync::MutexGuard<'_, (Vec<SocketAddr>, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, endpoint: SocketAddr, is_ready: bool) {
        let (endpoints, _) = &mut *self.lock();
        endpoints.retain(|known| *known != endpoint);
        if is_ready {
            endpoints.push(endpoint);
        }
    }

    fn next(&self) -> Option<SocketAddr> {
        let (endpoints, turn) = &mut *self.lock();
        *turn += 1;
        endpoints.get(*turn % endpoints.len().max(1)).copied()
    }
}

async fn accept(listener: TcpListener, endpoints: Arc<Endpoints>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let Some(endpoint) = endpoints.next() else { continue };
        tokio::spawn(async move {
            // An endpoint that refuses drops the client: it notices, as it would in a cluster.
            let Ok(mut server) = TcpStream::connect(endpoint).await else { return };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let _ = copy_bidirectional(&mut client, &mut server).await;
        });
    }
}

/// The body of a plain GET, if it is answered with 200.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Result<String, String> {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = ask.await.map_err(|error| format!("{path}: {error}"))?;
    if answer.starts_with("HTTP/1.1 200") { Ok(answer) } else { Err(format!("{path}: {answer}")) }
}
