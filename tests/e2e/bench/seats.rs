//! Who is compared: each is registered for a namespace of its own, with the same workload in it.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::lagward::fronts::webhook::run::CertificateSource;

use super::client::Target;
use super::fill::object;
use super::floor::{self, Floor};
use super::pairs;
use super::process::Measured;
use crate::certs::Authority;
use crate::cluster::{Cluster, LAGWARD_TOKEN};
use crate::keda;
use crate::lagward::{Lagward, SCOPE};
use crate::process::Process;
use crate::scene::Scene;
use crate::wait;
use crate::webhook::Registration;

/// The first argument that makes this binary the floor server.
pub(crate) const FLOOR_ROLE: &str = "--floor";
const FLOOR_LABEL: (&str, &str) = ("e2e.lagward.dev/floor", "on");
const LISTENING: &str = "listening ";
const WITHIN: Duration = Duration::from_secs(30);
/// Overrides that do not change the verdict, but have to be looked through.
const POLICY: &str = "\
overrides:
  - namespaces: [\"batch-*\"]
    rules: {LW201: {allowScaleToZero: true}}
  - namespaces: [\"lab-*\", \"sandbox\"]
    rules: {LW301: {level: warn}}
  - namespaces: [\"team-*\"]
    rules: {LW202: {level: warn}}
";

/// The servers, and the namespaces in which the API server asks none of them or one.
pub(crate) struct Seats {
    pub(crate) floor: Target,
    pub(crate) lagward: Target,
    pub(crate) keda: Target,
    /// Nobody's, the floor's, lagward's and KEDA's.
    pub(crate) scenes: [Scene; 4],
    _lagward: Lagward,
    _floor: Process,
}

impl Seats {
    pub(crate) fn take(cluster: &'static Cluster) -> Self {
        let (floor_process, floor) = start_floor(cluster);
        let identity = Authority::new().and_then(|authority| authority.sign()).expect("a certificate");
        let started = Lagward::watching(cluster, "bench", LAGWARD_TOKEN, Some(POLICY), &identity);
        let lagward = started.and_then(Lagward::that_knows_all).expect("lagward");
        let target = Target {
            address: lagward.listen(),
            ca_pem: identity.authority,
            path: "/validate",
            process: Measured(lagward.id()),
        };
        let seats = Self {
            floor,
            lagward: target,
            keda: keda_target(),
            scenes: [&[][..], &[FLOOR_LABEL], &[(SCOPE, "bench")], &[keda::LABEL]]
                .map(|labels| Scene::labelled("bench", labels)),
            _lagward: lagward,
            _floor: floor_process,
        };
        for scene in &seats.scenes {
            let namespace = scene.namespace();
            let deployment = object(&pairs::deployment(0), namespace);
            scene.admin().deployments(namespace).create(&deployment).expect("a workload");
        }
        seats
    }
}

fn keda_target() -> Target {
    let keda = keda::shared();
    let ca_pem = keda.authority().to_owned();
    Target { address: keda.address(), ca_pem, path: keda::PATH, process: Measured(keda.id()) }
}

fn start_floor(cluster: &'static Cluster) -> (Process, Target) {
    let dir = cluster.dir().join("floor");
    fs::create_dir_all(&dir).expect("a folder");
    let identity = Authority::new().and_then(|authority| authority.sign()).expect("a certificate");
    let files = ["tls.crt", "tls.key"].map(|name| dir.join(name));
    fs::write(&files[0], &identity.cert).expect("a file");
    fs::write(&files[1], &identity.key).expect("a file");
    let program = std::env::current_exe().expect("this program");
    let flags = [FLOOR_ROLE.into(), files[0].clone(), files[1].clone()];
    let process = Process::start("floor", &dir, &program, flags).expect("the floor starts");
    let address = wait::until("the floor listens", WITHIN, || {
        let output = process.output();
        let line = output.lines().find_map(|line| line.strip_prefix(LISTENING)).ok_or("not yet")?;
        line.parse::<SocketAddr>().map_err(|error| error.to_string())
    })
    .expect("the floor listens");
    let registration = Registration {
        name: "floor",
        webhook: "floor.e2e.lagward.dev",
        kind: "Validating",
        resource: ["scaledobjects", "keda.sh", "v1alpha1"],
        url: format!("https://localhost:{}/validate", address.port()),
        authority: &identity.authority,
        label: FLOOR_LABEL,
    };
    registration.apply(&cluster.kubectl("default")).expect("the floor is registered");
    let process_id = Measured(process.id());
    (process, Target { address, ca_pem: identity.authority, path: "/validate", process: process_id })
}

/// What the floor server's process does, with its certificate and key.
pub(crate) fn be_floor() {
    let mut files = std::env::args_os().skip(2).map(PathBuf::from);
    let mut next = || files.next().expect("a file");
    let certificate = CertificateSource::Files { cert: next(), key: next() };
    floor::serve(Arc::new(Floor), certificate, |ready| println!("{LISTENING}{}", ready.listen));
}
