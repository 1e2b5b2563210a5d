//! An open loop: reviews are sent when they are due, whether or not the ones before are answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::answers::said;
use super::client::Client;
use super::mix::{Case, cases};
use super::report::Notes;
use super::truth::Truth;

/// A load that goes on until it is ended.
pub(crate) struct Load {
    stop: oneshot::Sender<()>,
    sent: JoinHandle<TaskTracker>,
}

/// What each review needs.
struct Asker {
    client: Arc<Client>,
    truth: Arc<Truth>,
    notes: Arc<Notes>,
    cases: Vec<Case>,
}

impl Load {
    pub(crate) fn start(rate: u32, client: Arc<Client>, truth: &Arc<Truth>, notes: &Arc<Notes>) -> Self {
        let (truth, notes) = (Arc::clone(truth), Arc::clone(notes));
        let asker = Arc::new(Asker { client, truth, notes, cases: cases() });
        let (stop, stopped) = oneshot::channel();
        Self { stop, sent: tokio::spawn(send(rate, asker, stopped)) }
    }

    /// Sends no more, and waits for the answers that are still to come.
    pub(crate) async fn end(self) {
        let _ = self.stop.send(());
        if let Ok(tasks) = self.sent.await {
            tasks.close();
            tasks.wait().await;
        }
    }
}

async fn send(rate: u32, asker: Arc<Asker>, mut stopped: oneshot::Receiver<()>) -> TaskTracker {
    let tasks = TaskTracker::new();
    let first = Instant::now();
    let mut due = first;
    for n in 0_u64.. {
        tokio::select! {
            _ = &mut stopped => break,
            () = sleep_until(due) => {}
        }
        let asker = Arc::clone(&asker);
        tasks.spawn(async move { asker.ask(n, due).await });
        due = first + Duration::from_secs_f64((n + 1) as f64 / f64::from(rate));
    }
    tasks
}

impl Asker {
    /// Asks the `n`th review. It may be judged by what holds when it is sent, when it is answered, or in between.
    async fn ask(&self, n: u64, due: Instant) {
        let case = &self.cases[usize::try_from(n).unwrap_or_default() % self.cases.len()];
        let body = Bytes::from(case.body(n));
        let before = self.truth.now();
        let answer = self.client.ask(case.route, body.clone()).await;
        let took = due.elapsed();
        let after = self.truth.now();
        let said = answer.and_then(|answer| said(case.route, &body, &answer));
        let mut policies = before.policies.iter().chain(&after.policies);
        match said {
            Ok(said) if policies.any(|policy| case.said(*policy) == said) => self.notes.right(said, took),
            Ok(said) => self.notes.wrong(format!("{}: {said} under {:?}", case.name, before.policies)),
            Err(why) => self.notes.wrong(format!("{}: {why}", case.name)),
        }
    }
}
