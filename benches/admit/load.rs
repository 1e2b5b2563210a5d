//! An open loop: reviews are sent at a fixed rate, whatever happens.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::client::{Client, Target};
use crate::closed::WARM_UP;

/// How long reviews take, in milliseconds, when they are sent at a fixed rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Sends `body` `rate` times a second for `time`. A latency counts from when its review was to be sent: a server
/// that stalls delays those behind as well (no coordinated omission).
pub(crate) async fn open(
    target: &Target,
    body: &Bytes,
    connections: usize,
    rate: u32,
    time: Duration,
) -> Open {
    let (send, due) = mpsc::unbounded_channel::<Instant>();
    let due = Arc::new(Mutex::new(due));
    let begin = Instant::now() + WARM_UP;
    let mut tasks = JoinSet::new();
    for mut client in Client::many(target, connections).await {
        let (body, due) = (body.clone(), Arc::clone(&due));
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let Some(at) = due.lock().await.recv().await else { return latencies };
                client.send(body.clone()).await;
                if at >= begin {
                    latencies.push(at.elapsed());
                }
            }
        });
    }
    // A thread and not a task: the runtime's timer is no finer than a millisecond.
    let clock = thread::spawn(move || {
        let first = Instant::now();
        for n in 0.. {
            let at = first + Duration::from_secs(1) * n / rate;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if at >= begin + time || send.send(at).is_err() {
                return;
            }
        }
    });
    let mut latencies: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    clock.join().expect("the clock runs to its end");
    latencies.sort_unstable();
    let percentile = |p: usize| latencies[(latencies.len() - 1) * p / 100].as_secs_f64() * 1e3;
    Open { p50: percentile(50), p99: percentile(99) }
}

/// The answer to one review.
pub(crate) async fn once(target: &Target, body: &Bytes) -> String {
    let mut client = Client::many(target, 1).await.remove(0);
    String::from_utf8(client.send(body.clone()).await.to_vec()).expect("text")
}
