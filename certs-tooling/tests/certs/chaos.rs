//! Runs that are killed, robbed of their answers and interleaved: at no moment is a certificate that may be served
//! not covered by a bundle that an API server may have, and whatever happened, one quiet pass heals it.

use std::sync::Arc;
use std::time::Duration;

use lagward_certs::ensure::{Wish, ensure};
use proptest::prelude::*;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::api::{Api, DAY, Fault, SETTLE, plan};
use crate::witness::Witness;

const RUNS: usize = 2;

#[derive(Clone, Debug)]
enum Event {
    /// A run that wants to does as many requests.
    Requests(usize, usize),
    /// A run is killed.
    Kill(usize),
    /// The next request meets this.
    Fault(Fault),
    /// Time passes.
    Pass(Duration),
    /// The Secret is gone.
    LoseSecret,
}

fn event() -> impl Strategy<Value = Event> {
    let fault = prop_oneof![Just(Fault::Lost), Just(Fault::Unanswered), Just(Fault::Forbidden)];
    prop_oneof![
        12 => (0..RUNS, 1..8_usize).prop_map(|(run, count)| Event::Requests(run, count)),
        4 => (1..40_u64).prop_map(|seconds| Event::Pass(Duration::from_secs(seconds))),
        1 => (1..70_u32).prop_map(|days| Event::Pass(days * DAY)),
        2 => (0..RUNS).prop_map(Event::Kill),
        2 => fault.prop_map(Event::Fault),
        1 => Just(Event::LoseSecret),
    ]
}

struct Run {
    gate: Arc<Semaphore>,
    task: JoinHandle<()>,
}

impl Run {
    /// A run that asks for a rotation, and goes on to the next one when it is through.
    fn start(api: &Api) -> Self {
        let gate = Arc::new(Semaphore::new(0));
        let cluster = api.gated(Arc::clone(&gate));
        let task = tokio::spawn(async move {
            for rotate in [false, true].into_iter().cycle() {
                // Whether it succeeded is what the witness and the last pass are asked.
                let _ = ensure(&cluster, &plan(), Wish { rotate, settle: SETTLE }).await;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Self { gate, task }
    }
}

async fn live_through(events: Vec<Event>) {
    let api = Api::installed();
    Witness::watch(&api);
    let mut runs: Vec<Run> = (0..RUNS).map(|_| Run::start(&api)).collect();
    for event in events {
        match event {
            Event::Requests(run, count) => {
                for _ in 0..count {
                    runs[run].gate.add_permits(1);
                    // Stopped time moves on only when there is nothing left to do.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            Event::Kill(run) => {
                runs[run].task.abort();
                runs[run] = Run::start(&api);
            }
            Event::Fault(fault) => api.world().faults.push_back(Some(fault)),
            Event::Pass(time) => tokio::time::sleep(time).await,
            Event::LoseSecret => api.world().objects.remove(crate::objects::SECRET),
        }
        api.world().changed();
    }
    runs.iter().for_each(|run| run.task.abort());
    tokio::time::sleep(Duration::from_millis(1)).await;
    api.world().faults.clear();
    let calm = Wish { rotate: false, settle: SETTLE };
    ensure(&api.cluster(), &plan(), calm).await.expect("a quiet pass heals");
    assert_eq!(ensure(&api.cluster(), &plan(), calm).await.unwrap().done, [], "and leaves nothing to do");
    let world = api.world();
    world.objects.state().tls.expect("there is something to serve");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_served_is_trusted_at_every_moment(events in proptest::collection::vec(event(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(live_through(events));
    }
}
