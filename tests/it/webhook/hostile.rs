//! What `make hostile` does to a server, with few clients and low limits: somebody else is answered meanwhile, the limit
//! ends the attack, and the server is as before. `connections` and `requests` have what one client alone may do, what is
//! not TLS and odd server names among it.

use std::future::pending;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::join_all;
use lagward::fronts::files::policy;
use lagward::fronts::webhook::intake::Reviewer;
use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::policy_reviewer::PolicyReviewer;
use lagward::fronts::webhook::record::{Answer, Route};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Client, Fake, Server, answer, held, large, review, soon, until};
use crate::verifier::verify;

/// Connections at a time, and the more who want one.
const CAP: usize = 8;
const CROWD: usize = 12;

/// A review that is denied: only a denial proves that it was judged.
const REVIEW: &str = include_str!("../../../examples/incident/review.json");

/// A body whose answer is larger than what a client asks with.
const GREEDY: &str = "greedy";

#[tokio::test]
async fn silent_clients_make_room_for_others() {
    crowd(async |_, _| ()).await;
}

#[tokio::test]
async fn half_closed_sockets_make_room_for_others() {
    crowd(async |tcp, _| {
        let _ = tcp.write_all(b"\x16\x03\x01\x02\x00\x01").await;
        let _ = tcp.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn clients_that_are_idle_after_a_review_make_room_for_others() {
    crowd(async |tcp, connector| {
        let mut tls = handshake(tcp, connector).await;
        tls.write_all(&request(REVIEW)).await.expect("a request");
        tls.read_exact(&mut [0; 16]).await.expect("an answer");
    })
    .await;
}

#[tokio::test]
async fn clients_that_send_headers_a_byte_at_a_time_make_room_for_others() {
    crowd(async |tcp, connector| {
        let mut tls = handshake(tcp, connector).await;
        let _ = tls.write_all(b"POST /validate HTTP/1.1\r\nx-slow: ").await;
        while tls.write_all(b"x").await.is_ok() && tls.flush().await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn clients_that_read_no_answer_make_room_for_others() {
    crowd(async |tcp, connector| {
        let mut tls = handshake(tcp, connector).await;
        // Answers of 13 MB, which is more than the kernel keeps for a client.
        let _ = tls.write_all(&request(GREEDY).repeat(200)).await;
        let _ = tls.flush().await;
    })
    .await;
}

#[tokio::test]
async fn bodies_that_never_end_leave_room_for_others() {
    const SENT: usize = 100 << 10;
    let server = Server::with(reviewer(), Limits { body_bytes: SENT * 4 + SENT / 2, ..limits() }).await;
    let announced = format!("{HEAD}content-length: {}\r\n\r\n", SENT * 10);
    let body = [announced.as_bytes(), &[b' '; SENT]].concat();
    let mut attackers = Vec::new();
    for n in 1..=4 {
        let mut tls = server.tls().await;
        tls.write_all(&body).await.unwrap();
        tls.flush().await.unwrap();
        attackers.push(tls);
        until(|| server.count(&format!("lagward_in_flight_body_bytes {}", SENT * n))).await;
    }
    let mut beyond = server.tls().await;
    let _ = beyond.write_all(&body).await;
    let mut text = [0; 12];
    soon(beyond.read_exact(&mut text)).await.unwrap();
    assert_eq!(&text, b"HTTP/1.1 503");
    assert_answered(&server, server.tcp().await).await;
    assert!(server.count(&format!("lagward_in_flight_body_bytes {}", SENT * 4)), "the attack goes on");
    assert!(server.count("lagward_shed_requests_total{reason=\"memory\"} 1"));

    drop((attackers, beyond));
    until(|| server.count("lagward_in_flight_body_bytes 0")).await;
    assert_answered(&server, server.tcp().await).await;
}

#[tokio::test]
async fn large_bodies_that_take_every_thread_hold_up_no_small_one() {
    let (slow, release) = held();
    let others = reviewer();
    let judge = move |route, body: &[u8]| {
        let by = if body.len() > REVIEW.len() { &slow } else { &others };
        by.review(route, body, None)
    };
    // As many as are judged at a time, and one that waits.
    let (bytes, many) = (large().len(), available_parallelism().map_or(1, usize::from) + 1);
    let limits = Limits { body_bytes: bytes * many + bytes / 2, connections: many + 2, ..limits() };
    let server = Server::with(Fake::new(judge), limits).await;
    let mut waiting = Vec::new();
    for n in 1..=many {
        let mut client = server.client().await;
        waiting.push(tokio::spawn(async move { client.send(review(large())).await }));
        until(|| server.count(&format!("lagward_in_flight_body_bytes {}", bytes * n))).await;
    }
    assert_eq!(soon(server.client().await.send(review(large()))).await.status(), 503);
    assert_answered(&server, server.tcp().await).await;
    assert!(server.count(&format!("lagward_in_flight_requests {many}")), "the attack goes on");

    drop(release);
    for answered in waiting {
        assert_eq!(soon(answered).await.unwrap().status(), 200);
    }
    until(|| server.count("lagward_in_flight_body_bytes 0")).await;
    assert_answered(&server, server.tcp().await).await;
}

/// More clients than may connect do their worst, and hold their sockets for as long as the server lets them. Somebody
/// else stands behind all of them, and is answered because a limit ended those in front.
async fn crowd(attack: impl AsyncFn(&mut TcpStream, &TlsConnector)) {
    let short = Duration::from_millis(500);
    let limits = Limits { handshake: short, first_request: short, idle: short, ..limits() };
    let server = Server::with(reviewer(), limits).await;
    let mut sockets = Vec::new();
    for _ in 0..CROWD {
        sockets.push(server.tcp().await);
    }
    let behind = server.tcp().await;
    let attacks = async {
        join_all(sockets.iter_mut().map(|tcp| attack(tcp, &server.connector))).await;
        pending::<()>().await;
    };
    let others = async {
        let most = most_connections(&server, assert_answered(&server, behind)).await;
        assert!(most <= CAP, "{most} connections at a time");
        until(|| server.count("lagward_connections 0")).await;
        assert_answered(&server, server.tcp().await).await;
    };
    tokio::select! {
        () = attacks => {}
        () = others => {}
    }
}

/// The most connections that were seen while this went on.
async fn most_connections(server: &Server, meanwhile: impl Future<Output = ()>) -> usize {
    let mut meanwhile = std::pin::pin!(meanwhile);
    let mut most = 0;
    loop {
        tokio::select! {
            () = &mut meanwhile => return most,
            () = sleep(Duration::from_millis(5)) => {}
        }
        let metrics = server.metrics.encode();
        let open = metrics.lines().find_map(|line| line.strip_prefix("lagward_connections "));
        most = most.max(open.and_then(|open| open.parse().ok()).expect("a number"));
    }
}

async fn assert_answered(server: &Server, tcp: TcpStream) {
    let asked = async { Client::on(server.tls_on(tcp).await).await.send(review(REVIEW)).await };
    let response = soon(asked).await;
    assert_eq!(response.status(), 200);
    let said = verify(Route::Validate, REVIEW.as_bytes(), response.body().as_bytes());
    assert_eq!(said["allowed"], false, "{said}");
}

/// What lagward serves, and large answers for who wants them.
fn reviewer() -> Fake {
    let shipped = policy::load(None).expect("the shipped policy");
    let shipped = PolicyReviewer::new(Arc::new(ArcSwap::from_pointee(shipped)), None);
    Fake::new(move |route, body| match body {
        _ if body == GREEDY.as_bytes() => Ok(Answer { body: vec![b' '; 64 << 10], ..answer(route, body) }),
        _ => shipped.review(route, body, None),
    })
}

/// Bounds that a few clients reach, but for time.
fn limits() -> Limits {
    Limits { connections: CAP, linger: Duration::from_millis(100), ..Limits::default() }
}

async fn handshake<'a>(tcp: &'a mut TcpStream, connector: &TlsConnector) -> TlsStream<&'a mut TcpStream> {
    let name = ServerName::try_from("localhost").expect("a name");
    connector.connect(name, tcp).await.expect("the handshake")
}

const HEAD: &str = "POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";

fn request(body: &str) -> Vec<u8> {
    format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
