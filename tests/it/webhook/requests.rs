//! Every answer that a request can get.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use lagward::fronts::webhook::limits::{Limits, MAX_BODY};
use lagward::fronts::webhook::record::{BadReview, Route};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Fake, Server, answer, held, large, post, review, soon, until};

#[tokio::test]
async fn a_review_is_answered_as_json_on_both_paths() {
    let routes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&routes);
    let reviewer = Fake::new(move |route, body| {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(route);
        Ok(answer(route, body))
    });
    let server = Server::with(reviewer, Limits::default()).await;
    let mut client = server.client().await;
    for path in ["/validate?timeout=3s", "/mutate?timeout=2s"] {
        let response = client.send(post(path).body(Full::from("{}")).unwrap()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.body(), r#"{"bytes":2}"#);
        assert!(!response.headers().contains_key("connection"), "the connection stays");
    }
    assert_eq!(*routes.lock().unwrap(), [Route::Validate, Route::Mutate]);
}

#[tokio::test]
async fn a_request_that_is_no_review_is_told_why() {
    let server = Server::start(Limits::default()).await;
    let get = Request::get("/validate").header("host", "localhost").body(Full::default()).unwrap();
    let response = server.client().await.send(get).await;
    assert_eq!((response.status().as_u16(), &response.headers()["allow"]), (405, &"POST".parse().unwrap()));

    let yaml = Request::post("/validate").header("content-type", "application/yaml").body(Full::from("a: b"));
    let response = server.client().await.send(yaml.unwrap()).await;
    assert_eq!(response.status(), 415);
    assert!(response.body().contains("\"application/yaml\" is not application/json"), "{}", response.body());

    let untyped = Request::post("/validate").body(Full::from("{}")).unwrap();
    assert_eq!(server.client().await.send(untyped).await.status(), 415);

    let elsewhere = post("/").body(Full::from("{}")).unwrap();
    let response = server.client().await.send(elsewhere).await;
    assert_eq!(response.status(), 404);
    assert!(response.body().contains("/validate"), "{}", response.body());
    assert!(server.count("lagward_refused_requests_total{status=\"415\"} 2"));
}

#[tokio::test]
async fn an_unreadable_envelope_is_400_with_the_reason() {
    let reviewer = Fake::new(|_, _| Err(BadReview("no request in it".to_owned())));
    let server = Server::with(reviewer, Limits::default()).await;
    let mut client = server.client().await;
    let response = client.send(review("{}")).await;
    assert_eq!(response.status(), 400);
    assert_eq!(response.body(), "not an AdmissionReview: no request in it\n");
    assert_eq!(client.send(review("{}")).await.status(), 400, "the connection stays");
}

#[tokio::test]
async fn the_largest_body_is_judged() {
    let server = Server::start(Limits::default()).await;
    let response = server.client().await.send(review(vec![b' '; MAX_BODY])).await;
    assert_eq!(response.body(), &format!("{{\"bytes\":{MAX_BODY}}}"));
    assert!(server.count("lagward_in_flight_body_bytes 0"));
}

#[tokio::test]
async fn a_body_announced_as_too_large_is_refused_before_it_is_sent() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.tls().await;
    let head = format!("{HEAD}content-length: {}\r\n\r\n", MAX_BODY + 1);
    client.write_all(head.as_bytes()).await.unwrap();
    assert!(response(&mut client).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn a_chunked_body_is_refused_when_it_gets_too_large() {
    let server = Server::start(Limits { linger: Duration::from_secs(20), ..Limits::default() }).await;
    let (mut reader, mut writer) = tokio::io::split(server.tls().await);
    let sending = tokio::spawn(async move {
        let head = format!("{HEAD}transfer-encoding: chunked\r\n\r\n");
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
        writer.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..=MAX_BODY / 0x10000 + 16 {
            writer.write_all(&chunk).await.unwrap();
        }
        writer.shutdown().await.unwrap();
    });
    assert!(response(&mut reader).await.starts_with("HTTP/1.1 413 "));
    sending.await.expect("the server reads what is still sent");
    until(|| server.count("lagward_in_flight_body_bytes 0")).await;
}

#[tokio::test]
async fn a_body_without_room_for_it_is_asked_to_come_again() {
    let server = Server::start(Limits { body_bytes: 1000, ..Limits::default() }).await;
    let response = server.client().await.send(review(vec![b' '; 2000])).await;
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    assert!(server.count("lagward_shed_requests_total{reason=\"memory\"} 1"));
    assert_eq!(server.client().await.send(review(vec![b' '; 900])).await.status(), 200);
}

#[tokio::test]
async fn a_review_that_panics_costs_one_request_and_not_its_connection() {
    let reviewer = Fake::new(|route, body| {
        assert!(!body.starts_with(b"panic"), "this test panics on purpose");
        Ok(answer(route, body))
    });
    let server = Server::with(reviewer, Limits::default()).await;
    let mut client = server.client().await;
    for body in [Bytes::from("panic"), [b"panic".as_slice(), &large()].concat().into()] {
        assert_eq!(client.send(review(body)).await.status(), 500);
        assert_eq!(client.send(review("{}")).await.status(), 200);
    }
    assert!(server.count("lagward_review_panics_total 2"));
}

#[tokio::test]
async fn a_body_that_is_too_slow_for_the_requests_timeout_is_408() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.tls().await;
    let head = HEAD.replace("/validate", "/validate?timeout=300ms") + "content-length: 10\r\n\r\n{";
    client.write_all(head.as_bytes()).await.unwrap();
    let response = response(&mut client).await;
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert!(response.ends_with("the body did not arrive within 270ms\n"), "{response}");
}

#[tokio::test]
async fn a_review_that_waits_too_long_for_a_thread_is_504() {
    let (reviewer, release) = held();
    let server = Server::with(reviewer, Limits::default()).await;
    let request = post("/validate?timeout=300ms").body(Full::from(large())).unwrap();
    let response = soon(async { server.client().await.send(request).await }).await;
    assert_eq!(response.status(), 504);
    assert!(server.count("lagward_shed_requests_total{reason=\"deadline\"} 1"));
    assert!(!server.count("lagward_in_flight_body_bytes 0"), "a review that began keeps its bytes");
    drop(release);
    until(|| server.count("lagward_in_flight_body_bytes 0")).await;
}

#[tokio::test]
async fn a_request_is_in_flight_until_it_is_answered() {
    let (reviewer, release) = held();
    let server = Server::with(reviewer, Limits::default()).await;
    let mut client = server.client().await;
    let request = tokio::spawn(async move { client.send(review(large())).await });
    until(|| server.count("lagward_in_flight_requests 1")).await;
    drop(release);
    assert_eq!(soon(request).await.unwrap().status(), 200);
    until(|| server.count("lagward_in_flight_requests 0")).await;
}

#[tokio::test]
async fn headers_that_are_too_large_are_431() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.tls().await;
    let head = format!("{HEAD}x-long: {}\r\n\r\n", "x".repeat(20 << 10));
    client.write_all(head.as_bytes()).await.unwrap();
    assert!(response(&mut client).await.starts_with("HTTP/1.1 431 "));
}

const HEAD: &str = "POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";

/// Everything up to the end of the connection.
async fn response(io: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut text = Vec::new();
    // Some of these connections end without TLS's own goodbye.
    let _ = soon(io.read_to_end(&mut text)).await;
    String::from_utf8_lossy(&text).into_owned()
}
