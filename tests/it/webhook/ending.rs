//! From the first signal to the end.

use std::time::Duration;

use lagward::fronts::webhook::limits::Limits;
use lagward::fronts::webhook::server::Aborted;
use lagward::fronts::webhook::shutdown::Phase;

use super::{Client, Server, held, large, review, soon, until};

fn at_once() -> Limits {
    Limits { drain: Duration::ZERO, ..Limits::default() }
}

#[tokio::test]
async fn what_is_in_flight_is_finished() {
    let (reviewer, release) = held();
    let server = Server::with(reviewer, at_once()).await;
    let mut client = server.client().await;
    let sent = tokio::spawn(async move { client.send(review(large())).await });
    until(|| !server.count("lagward_in_flight_body_bytes 0")).await;

    server.shutdown.request();
    until(|| server.shutdown.phase() == Phase::Stopping).await;
    assert!(!server.served.is_finished());
    release.send(()).unwrap();
    assert_eq!(soon(sent).await.unwrap().status(), 200);
    assert_eq!(soon(server.served).await.unwrap(), Ok(()));
}

#[tokio::test]
async fn the_drain_answers_old_and_new_clients_and_closes() {
    let server = Server::start(Limits { drain: Duration::from_secs(60), ..Limits::default() }).await;
    let mut old = server.client().await;
    assert!(!old.send(review("{}")).await.headers().contains_key("connection"));

    server.shutdown.request();
    for mut client in [old, server.client().await] {
        let response = client.send(review("{}")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["connection"], "close");
        assert!(soon(client.try_send(review("{}"))).await.is_err());
    }
    assert!(!server.served.is_finished());
}

#[tokio::test]
async fn a_client_in_the_kernels_queue_is_still_answered() {
    let limits = Limits { connections: 1, linger: Duration::from_secs(20), ..at_once() };
    let server = Server::start(limits).await;
    let mut first = server.client().await;
    first.send(review("{}")).await;
    let queued = server.tcp().await;
    server.shutdown.request();
    let mut queued = Client::on(soon(server.tls_on(queued)).await).await;
    assert_eq!(soon(queued.send(review("{}"))).await.status(), 200);
    assert_eq!(soon(server.served).await.unwrap(), Ok(()));
}

#[tokio::test]
async fn idle_and_silent_clients_do_not_hold_up_the_end() {
    let limits = Limits { linger: Duration::from_millis(100), ..at_once() };
    let server = Server::start(limits).await;
    let (mut idle, _silent) = (server.client().await, server.tls().await);
    idle.send(review("{}")).await;
    server.shutdown.request();
    assert_eq!(soon(server.served).await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_review_that_never_ends_is_given_up() {
    let (reviewer, _release) = held();
    let server = Server::with(reviewer, Limits { finish: Duration::from_millis(100), ..at_once() }).await;
    let mut client = server.client().await;
    let sent = tokio::spawn(async move { client.try_send(review(large())).await });
    until(|| !server.count("lagward_in_flight_body_bytes 0")).await;
    server.shutdown.request();
    assert_eq!(soon(server.served).await.unwrap(), Ok(()));
    assert!(soon(sent).await.unwrap().is_err());
}

#[tokio::test]
async fn a_second_request_ends_at_once() {
    let server = Server::start(Limits { drain: Duration::from_secs(60), ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send(review("{}")).await;
    server.shutdown.request();
    server.shutdown.request();
    assert_eq!(soon(server.served).await.unwrap(), Err(Aborted));
}
