//! How long `lagward serve` takes until it is ready, and until it knows the cluster.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::process::Measured;
use crate::certs::Authority;
use crate::cluster::{Cluster, LAGWARD_TOKEN};
use crate::lagward::{is_ready, lists, write_flags};
use crate::process::Process;

/// Deployments, StatefulSets and ScaledObjects.
const LISTS: usize = 3;
const WITHIN: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// Until its probe says that it is ready.
    pub(crate) ready: Duration,
    /// Until everything that it watches is listed.
    pub(crate) knows: Duration,
    /// What it then has in memory, in MB.
    pub(crate) resident: f64,
}

pub(crate) fn once(cluster: &Cluster) -> Start {
    let dir = cluster.dir().join("lagward-start");
    let home = dir.join(".kube");
    fs::create_dir_all(&home).expect("a folder");
    cluster.write_kubeconfig(&home.join("config"), LAGWARD_TOKEN).expect("a kubeconfig at home");
    let identity = Authority::new().and_then(|authority| authority.sign()).expect("a certificate");
    let flags = write_flags(&dir, &identity, None).expect("its files");
    let begun = Instant::now();
    let program = Path::new(env!("CARGO_BIN_EXE_lagward"));
    let process = Process::start("lagward-start", &dir, program, flags).expect("lagward starts");
    let reached = |milestone: &dyn Fn(&str) -> bool| {
        while !milestone(&process.output()) {
            assert!(begun.elapsed() < WITHIN, "{}", process.tail());
            sleep(Duration::from_millis(1));
        }
        begun.elapsed()
    };
    let ready = reached(&|log| is_ready(log).is_ok());
    let knows = reached(&|log| lists(log) >= LISTS);
    let resident = Measured(process.id()).resident_mb();
    process.kill();
    Start { ready, knows, resident }
}
