//! A closed loop: each connection sends as soon as it is answered.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::task::JoinSet;

use super::client::{Client, Target};

/// How long a connection runs before it is measured.
pub(crate) const WARM_UP: Duration = Duration::from_millis(100);

/// What the same clients get out of a server when each sends as soon as it is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) per_second: f64,
    /// Processor time of the server for each review, in microseconds.
    pub(crate) processor: f64,
}

/// Sends `bodies` in turn over `connections` for `time`, each connection at its own pace.
pub(crate) async fn closed(target: &Target, bodies: &[Bytes], connections: usize, time: Duration) -> Closed {
    let mut tasks = JoinSet::new();
    let begin = Instant::now() + WARM_UP;
    let end = begin + time;
    for (number, mut client) in Client::many(target, connections).await.into_iter().enumerate() {
        // Each begins elsewhere, so that no two send the same at once.
        let mut bodies = bodies.to_vec();
        let first = number * bodies.len() / connections;
        bodies.rotate_left(first);
        tasks.spawn(async move {
            let mut answered = 0_u32;
            for body in bodies.iter().cycle() {
                client.send(body.clone()).await;
                let now = Instant::now();
                if now >= end {
                    return answered;
                }
                answered += u32::from(now >= begin);
            }
            answered
        });
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = target.process.processor_time();
    tokio::time::sleep_until(end.into()).await;
    let used = target.process.processor_time() - before;
    let answered: f64 = tasks.join_all().await.into_iter().map(f64::from).sum();
    Closed { per_second: answered / time.as_secs_f64(), processor: used.as_secs_f64() * 1e6 / answered }
}
