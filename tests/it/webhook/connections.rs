//! What a client may do to its connection, and that it hurts nobody else.

use std::time::Duration;

use lagward::fronts::webhook::limits::Limits;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Client, Server, review, soon, until};

fn quick() -> Limits {
    let short = Duration::from_millis(200);
    Limits { handshake: short, first_request: short, idle: short, linger: short, ..Limits::default() }
}

#[tokio::test]
async fn a_connection_is_reused() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    for _ in 0..100 {
        assert_eq!(client.send(review("{}")).await.status(), 200);
    }
    assert!(server.count("lagward_connections 1"));
    drop(client);
    until(|| server.count("lagward_connections 0")).await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_dropped_before_and_after_the_handshake() {
    let server = Server::start(quick()).await;
    let (mut tcp, mut tls) = (server.tcp().await, server.tls().await);
    assert_ends(&mut tcp).await;
    assert_ends(&mut tls).await;
    until(|| server.count("lagward_tls_handshake_failures_total 1")).await;
    server.assert_serves().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_with_a_goodbye() {
    let server = Server::start(Limits { first_request: Duration::from_secs(2), ..quick() }).await;
    let mut tls = server.tls().await;
    tls.write_all(REVIEW).await.unwrap();
    let mut text = String::new();
    soon(tls.read_to_string(&mut text)).await.expect("TLS's close_notify comes before the end");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
}

#[tokio::test]
async fn headers_that_never_end_are_dropped() {
    let server = Server::start(quick()).await;
    let (mut reader, mut writer) = tokio::io::split(server.tls().await);
    writer.write_all(b"POST /validate HTTP/1.1\r\n").await.unwrap();
    let trickle = tokio::spawn(async move {
        while writer.write_all(b"x").await.is_ok() && writer.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert_ends(&mut reader).await;
    soon(trickle).await.unwrap();
    server.assert_serves().await;
}

#[tokio::test]
async fn a_client_that_ends_its_side_still_gets_its_answer() {
    let server = Server::start(Limits::default()).await;
    let mut tls = server.tls().await;
    tls.write_all(REVIEW).await.unwrap();
    tls.shutdown().await.unwrap();
    let mut text = String::new();
    soon(tls.read_to_string(&mut text)).await.unwrap();
    assert!(text.ends_with("{\"bytes\":2}"), "{text}");
}

#[tokio::test]
async fn what_is_not_tls_is_refused() {
    let server = Server::start(Limits::default()).await;
    let mut other = server.client().await;
    let garbage: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for sent in
        [b"GET /validate HTTP/1.1\r\nhost: localhost\r\n\r\n".as_slice(), &garbage, b"\x16\x03\x01\xff\xff"]
    {
        let mut tcp = server.tcp().await;
        tcp.write_all(sent).await.unwrap();
        tcp.shutdown().await.unwrap();
        assert_ends(&mut tcp).await;
        assert_eq!(other.send(review("{}")).await.status(), 200);
    }
    until(|| server.count("lagward_tls_handshake_failures_total 3")).await;
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let server = Server::start(Limits::default()).await;
    let mut other = server.client().await;
    for sent in [b"\0\0\0\0\r\n\r\n".as_slice(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0xff; 70_000]] {
        let mut tls = server.tls().await;
        let _ = tls.write_all(sent).await;
        assert_ends(&mut tls).await;
        assert_eq!(other.send(review("{}")).await.status(), 200);
    }
}

#[tokio::test]
async fn a_server_name_with_a_port_hurts_nobody_else() {
    let server = Server::start(Limits::default()).await;
    let name = ServerName::try_from("localhost-8443").unwrap();
    let mut hello = Vec::new();
    let config = std::sync::Arc::clone(server.connector.config());
    ClientConnection::new(config, name).unwrap().write_tls(&mut hello).unwrap();
    let at = hello.windows(14).position(|bytes| bytes == b"localhost-8443").expect("the server name");
    hello[at + 9] = b':';

    let mut tcp = server.tcp().await;
    tcp.write_all(&hello).await.unwrap();
    assert_ends(&mut tcp).await;
    server.assert_serves().await;
}

#[tokio::test]
async fn an_old_connection_is_answered_once_more_and_closed() {
    let server = Server::start(Limits { max_age: Duration::from_millis(100), ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send(review("{}")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let response = client.send(review("{}")).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["connection"]),
        (200, &"close".parse().unwrap())
    );
    assert!(soon(client.try_send(review("{}"))).await.is_err());
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_one_to_end() {
    let server = Server::start(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = server.client().await;
    first.send(review("{}")).await;
    let mut second = server.tcp().await;
    second.write_all(b"\x16").await.unwrap();
    assert!(server.count("lagward_connections 1"));
    drop((first, second));
    let mut third = Client::on(soon(server.tls()).await).await;
    assert_eq!(soon(third.send(review("{}"))).await.status(), 200);
}

const REVIEW: &[u8] =
    b"POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// Reads until the server ends the connection, politely or not.
async fn assert_ends(io: &mut (impl AsyncReadExt + Unpin)) {
    let mut sink = Vec::new();
    let _ = soon(io.read_to_end(&mut sink)).await;
}
