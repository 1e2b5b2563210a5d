//! One connection: HTTP/1.1 with bounds on how long a client may do nothing.
//!
//! hyper's own header timer is not used. It cannot tell the first request from an idle connection, it is
//! allocated anew for each request, and it does not bound a client that stops reading its response. Here
//! one timer a connection does all three.

use std::convert::Infallible;
use std::pin::{self, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use http::{HeaderValue, header};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::limits::Limits;
use super::shutdown::Phase;

/// What hyper may buffer of one connection.
const MAX_BUFFER: usize = 64 << 10;

/// The longest headers: the API server sends some 300 bytes.
const MAX_HEADERS: usize = 16 << 10;

/// Serves `router` on `io` until the client is done, idle or too old, or the server ends.
pub(super) async fn drive<IO>(io: IO, router: Router, limits: &Limits, mut phase: watch::Receiver<Phase>)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::new());
    phase.mark_changed();
    let mut conn = http().serve_connection(TokioIo::new(io), service(router, Arc::clone(&activity)));
    let mut timer = pin!(sleep_until(activity.born + limits.first_request.min(limits.max_age)));
    let mut closing = false;
    let served = loop {
        tokio::select! {
            biased;
            Ok(()) = phase.changed() => match *phase.borrow_and_update() {
                Phase::Serving => {}
                Phase::Draining => activity.last_response(),
                // Accepted just before the end of accepting: its request may be on the way.
                Phase::Stopping if activity.is_fresh() => {
                    activity.last_response();
                    timer.as_mut().reset(Instant::now() + limits.linger);
                }
                Phase::Stopping => pin::Pin::new(&mut conn).graceful_shutdown(),
                Phase::Aborted => return,
            },
            served = &mut conn => break served,
            () = &mut timer => match activity.next(limits, *phase.borrow()) {
                Some(at) => timer.as_mut().reset(at),
                None if closing => return,
                None => {
                    closing = true;
                    pin::Pin::new(&mut conn).graceful_shutdown();
                    timer.as_mut().reset(Instant::now() + limits.linger);
                }
            },
        }
    };
    match served {
        Ok(()) => linger(conn.into_parts().io.into_inner(), limits.linger).await,
        Err(error) => tracing::debug!("connection ended: {error}"),
    }
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.header_read_timeout(None).max_buf_size(MAX_BUFFER).max_header_size(MAX_HEADERS).half_close(true);
    http
}

fn service(
    router: Router,
    activity: Arc<Activity>,
) -> impl Service<
    http::Request<hyper::body::Incoming>,
    Response = axum::response::Response,
    Error = Infallible,
    Future: Send,
> {
    let app = TowerToHyperService::new(router);
    service_fn(move |request| {
        activity.begin();
        let activity = Arc::clone(&activity);
        let response = app.call(request);
        async move {
            let mut response = response.await?;
            if activity.end() {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        }
    })
}

/// Reads and drops what the client still sends. A socket closed with unread data is reset, and the reset
/// would overtake the last response on its way to the client: a 413 would look like a broken connection.
async fn linger<IO: AsyncRead + Unpin>(mut io: IO, at_most: Duration) {
    let drain = async {
        let mut sink = vec![0; 16 << 10];
        while io.read(&mut sink).await.is_ok_and(|read| read > 0) {}
    };
    let _ = timeout(at_most, drain).await;
}

/// What the timer has to know of the requests. Only the connection's own task touches it; it is atomic so
/// that this task may move between threads.
struct Activity {
    born: Instant,
    busy: AtomicBool,
    /// The next response closes the connection.
    last: AtomicBool,
    /// When the last response was made, in microseconds since `born`; 0 before the first.
    responded: AtomicU64,
}

impl Activity {
    fn new() -> Self {
        Self {
            born: Instant::now(),
            busy: AtomicBool::new(false),
            last: AtomicBool::new(false),
            responded: AtomicU64::new(0),
        }
    }

    fn begin(&self) {
        self.busy.store(true, Relaxed);
    }

    /// Says whether this was the last response.
    fn end(&self) -> bool {
        let micros = u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.responded.store(micros.max(1), Relaxed);
        self.busy.store(false, Relaxed);
        self.last.load(Relaxed)
    }

    fn last_response(&self) {
        self.last.store(true, Relaxed);
    }

    fn is_fresh(&self) -> bool {
        !self.busy.load(Relaxed) && self.responded.load(Relaxed) == 0
    }

    /// When to look again; `None` when the connection has been quiet for too long.
    fn next(&self, limits: &Limits, phase: Phase) -> Option<Instant> {
        let now = Instant::now();
        let old = self.born + limits.max_age;
        if now >= old {
            // Not closed here: a client may be sending its next request right now. It is answered, and a
            // client that sends none is soon idle.
            self.last_response();
        }
        let quiet_until = match self.responded.load(Relaxed) {
            // A request in flight has its own deadline.
            _ if self.busy.load(Relaxed) => now + limits.idle,
            _ if phase >= Phase::Stopping => now,
            0 => self.born + limits.first_request,
            micros => self.born + Duration::from_micros(micros) + limits.idle,
        };
        if quiet_until <= now {
            return None;
        }
        Some(if old > now { quiet_until.min(old) } else { quiet_until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { first_request: Duration::ZERO, max_age: Duration::from_secs(600), ..Limits::default() }
    }

    #[test]
    fn a_connection_without_a_first_request_ends_early() {
        assert_eq!(Activity::new().next(&limits(), Phase::Serving), None);
    }

    #[test]
    fn an_idle_connection_stays_for_the_idle_time() {
        let activity = Activity::new();
        activity.begin();
        assert!(!activity.end());
        let until = activity.next(&limits(), Phase::Serving).expect("it stays");
        assert!(until > activity.born + Duration::from_secs(90), "the API server keeps it for 90 s");
    }

    #[test]
    fn a_request_in_flight_is_never_idle() {
        let activity = Activity::new();
        activity.begin();
        assert!(activity.next(&limits(), Phase::Stopping).is_some());
    }

    #[test]
    fn an_old_connection_is_answered_once_more() {
        let activity = Activity::new();
        activity.begin();
        activity.end();
        let limits = Limits { max_age: Duration::ZERO, ..limits() };
        assert!(activity.next(&limits, Phase::Serving).is_some());
        activity.begin();
        assert!(activity.end(), "the response closes the connection");
    }
}
