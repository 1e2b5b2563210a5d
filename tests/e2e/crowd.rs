//! `--crowd N`: N pairs on the real API server, and what `lagward audit -A` takes for them.

use std::num::NonZeroUsize;
use std::thread;

use kube::api::DynamicObject;
use serde_json::{Value, json};

use crate::cluster::{self, Cluster};
use crate::fixtures::{good_deployment, good_scaled_object};
use crate::measure::{Run, resident};

const ROUNDS: usize = 5;
const WORKERS: usize = 8;
/// The pairs of one namespace.
const TOGETHER: usize = 100;

/// Makes the pairs, measures, and prints the median.
pub(crate) fn measure(pairs: NonZeroUsize) {
    let cluster = cluster::shared();
    fill(cluster, pairs.get());
    let kubeconfig = format!("KUBECONFIG={}", cluster.kubeconfig().display());
    let lagward = env!("CARGO_BIN_EXE_lagward");
    let run = Run::new("env", &[&kubeconfig, lagward, "audit", "-A", "-o", "json"], &[]);
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| resident(&run).expect("a run")).collect();
    rounds.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let most = rounds.iter().map(|(_, peak)| *peak).fold(0.0, f64::max);
    let [(best, _), .., (worst, _)] = rounds[..] else { unreachable!("there are rounds") };
    eprintln!("{pairs} pairs, {ROUNDS} rounds of {lagward}");
    eprintln!("median {:.2} s ({:.2} to {:.2})", rounds[ROUNDS / 2].0 / 1e3, best / 1e3, worst / 1e3);
    eprintln!("peak resident {most:.1} MB");
    cluster.end(false);
}

/// Pairs that are aligned but for one in ten. No pods are made of them.
fn fill(cluster: &Cluster, pairs: usize) {
    for namespace in 0..pairs.div_ceil(TOGETHER) {
        cluster.admin().create_namespace(&format!("crowd-{namespace}"), &[]).expect("a namespace");
    }
    let mut workload = parsed(&good_deployment());
    workload["spec"]["paused"] = true.into();
    workload["spec"]["replicas"] = 0.into();
    let scaler = parsed(&good_scaled_object());
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (workload, scaler, admin) = (&workload, &scaler, cluster.admin());
            scope.spawn(move || {
                for number in (worker..pairs).step_by(WORKERS) {
                    let namespace = format!("crowd-{}", number / TOGETHER);
                    let name = format!("consumer-{number}");
                    let mut scaler = named(scaler, &name);
                    scaler["spec"]["scaleTargetRef"]["name"] = json!(name);
                    if number % 10 == 0 {
                        scaler["spec"]["triggers"][0]["metadata"]["lagThreshold"] = "10".into();
                    }
                    admin
                        .deployments(&namespace)
                        .create(&object(named(workload, &name)))
                        .expect("a Deployment");
                    admin.scaled_objects(&namespace).create(&object(scaler)).expect("a ScaledObject");
                }
            });
        }
    });
}

fn parsed(manifest: &str) -> Value {
    serde_saphyr::from_str(manifest).expect("YAML")
}

fn named(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object["metadata"]["name"] = json!(name);
    object
}

fn object(value: Value) -> DynamicObject {
    serde_json::from_value(value).expect("an object")
}
