//! What one client, and all of them together, may take.

use std::time::Duration;

/// The largest body in bytes: an UPDATE holds two objects of up to 3 MiB each, and an envelope.
pub const MAX_BODY: usize = 7 << 20;

/// Bodies above this many bytes are judged off the reactor, so that they do not hold up the others.
pub const INLINE_BODY: usize = 256 << 10;

/// The bounds of the server. [`Limits::default`] is right for an API server as client; tests pass smaller
/// ones.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From accepting a connection to the end of its TLS handshake.
    pub handshake: Duration,
    /// From the handshake to the headers of the first request.
    pub first_request: Duration,
    /// From a response to the headers of the next request. The API server keeps idle connections for 90 s
    /// and must be the one that closes them: a request sent while the server closes is a failed call.
    /// Not shorter than `first_request`: the one timer of a connection is set to that one first.
    pub idle: Duration,
    /// Reading one body, where the request's own `?timeout=` is not shorter.
    pub body: Duration,
    /// The age after which a connection is answered once more and closed, so that clients spread over
    /// new replicas.
    pub max_age: Duration,
    /// How long a closed connection is still read from, so that the client gets to see the last response
    /// before the kernel resets what was not read.
    pub linger: Duration,
    /// From the signal to the end of accepting: the time a cluster needs to stop sending.
    pub drain: Duration,
    /// From the end of accepting to the end of the last connection.
    pub finish: Duration,
    /// Connections at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// Bytes of bodies held at a time over all connections; requests beyond get 503.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            first_request: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            body: Duration::from_secs(30),
            max_age: Duration::from_secs(600),
            linger: Duration::from_secs(1),
            drain: Duration::from_secs(15),
            finish: Duration::from_secs(30),
            connections: 11_000,
            body_bytes: 64 << 20,
        }
    }
}
