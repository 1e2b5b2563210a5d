//! What a webhook adds to a create that is not stored, seen from the client of the API server.

use std::time::{Duration, Instant};

use super::fill::object;
use super::pairs;
use super::seats::Seats;

/// The medians of one round, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latencies {
    pub(crate) none: f64,
    pub(crate) floor: f64,
    pub(crate) lagward: f64,
    pub(crate) keda: f64,
}

/// Dry-run creates of a ScaledObject. They take turns one by one, so that whatever the machine does meanwhile is
/// everybody's.
pub(crate) fn round(seats: &Seats, requests: usize) -> Latencies {
    let mut takers = seats.scenes.each_ref().map(|scene| {
        let namespace = scene.namespace();
        let objects = scene.admin().scaled_objects(namespace);
        (objects, object(&pairs::scaled_object(0), namespace), Vec::with_capacity(requests))
    });
    // Unmeasured, so that every connection is open.
    for (objects, object, _) in &takers {
        objects.rehearse(object).expect("a create that nobody refuses");
    }
    for _ in 0..requests {
        for (objects, object, latencies) in &mut takers {
            let begun = Instant::now();
            objects.rehearse(object).expect("a create that nobody refuses");
            latencies.push(begun.elapsed());
        }
    }
    let [none, floor, lagward, keda] = takers.map(|(_, _, latencies)| median(latencies));
    Latencies { none, floor, lagward, keda }
}

fn median(mut latencies: Vec<Duration>) -> f64 {
    latencies.sort_unstable();
    latencies[latencies.len() / 2].as_secs_f64() * 1e3
}
