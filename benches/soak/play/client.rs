//! The API server, as a client: Go's transport with its pool, and no second try.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use lagward::fronts::webhook::record::Route;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Plan;
use super::report::Notes;
use super::truth::Truth;

/// A client with as many connections as it needs.
pub(crate) struct Client {
    address: SocketAddr,
    timeout: Duration,
    requests: u32,
    truth: Arc<Truth>,
    notes: Arc<Notes>,
    /// The one that was used last is used next, as Go does it.
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    sender: SendRequest<Full<Bytes>>,
    requests: u32,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, plan: &Plan, truth: &Arc<Truth>, notes: &Arc<Notes>) -> Self {
        let (timeout, requests) = (plan.timeout, plan.requests);
        let (truth, notes) = (Arc::clone(truth), Arc::clone(notes));
        Self { address, timeout, requests, truth, notes, idle: Mutex::default() }
    }

    /// The answer to a review.
    ///
    /// # Errors
    /// Why there is none: for the API server this call has failed, and `failurePolicy` decides.
    pub(crate) async fn ask(&self, route: Route, body: Bytes) -> Result<Bytes, String> {
        let answer = timeout(self.timeout, self.exchange(route, body)).await;
        answer.map_err(|_| format!("no answer within {:?}", self.timeout))?
    }

    async fn exchange(&self, route: Route, body: Bytes) -> Result<Bytes, String> {
        let path = match route {
            Route::Validate => "/validate",
            Route::Mutate => "/mutate",
        };
        let mut request = Request::post(format!("{path}?timeout={}s", self.timeout.as_secs()))
            .header("host", "lagward.lagward.svc:443")
            .header("user-agent", "kube-apiserver-admission")
            .header("accept", "application/json, */*")
            .header("content-type", "application/json")
            .body(Full::new(body))
            .map_err(|error| error.to_string())?;
        loop {
            let mut connection = match self.idle() {
                Some(connection) => connection,
                None => self.dial().await?,
            };
            let response = match connection.sender.try_send_request(request).await {
                Ok(response) => response,
                // Nothing was written: Go takes another connection, too. That is no second try.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => {
                        request = unsent;
                        continue;
                    }
                    None => return Err(format!("the connection broke: {}", error.into_error())),
                },
            };
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| format!("an answer that ends early: {error}"))?;
            self.keep(connection);
            let body = body.to_bytes();
            let is_good = head.status == StatusCode::OK;
            return if is_good { Ok(body) } else { Err(format!("{}: {}", head.status, body.escape_ascii())) };
        }
    }

    fn idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| connection.sender.is_ready());
        idle.pop()
    }

    fn keep(&self, mut connection: Connection) {
        connection.requests += 1;
        if connection.requests < self.requests {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }

    /// A new connection, which trusts what is right now and holds the server to showing it.
    async fn dial(&self) -> Result<Connection, String> {
        let before = self.truth.now();
        let tcp = TcpStream::connect(self.address).await.map_err(|error| format!("connect: {error}"))?;
        let _ = tcp.set_nodelay(true);
        let name = ServerName::try_from("localhost").map_err(|error| error.to_string())?;
        let tls = before.connector.connect(name, tcp).await.map_err(|error| format!("handshake: {error}"))?;
        let shown = tls.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let after = self.truth.now();
        if !before.leaves.iter().chain(&after.leaves).any(|leaf| Some(leaf) == shown) {
            return Err("a certificate that should be out of use".to_owned());
        }
        self.notes.dialled();
        let (mut sender, connection) =
            handshake(TokioIo::new(tls)).await.map_err(|error| format!("connect: {error}"))?;
        tokio::spawn(connection);
        sender.ready().await.map_err(|error| format!("connect: {error}"))?;
        Ok(Connection { sender, requests: 0 })
    }
}
