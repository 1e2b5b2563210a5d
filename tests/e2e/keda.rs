//! KEDA's own admission webhook, registered as KEDA registers it, for the namespaces that a scenario puts under it.

use std::fs;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use crate::certs::Authority;
use crate::cluster::{self, Cluster};
use crate::fixtures::{good_scaled_object, named};
use crate::lagward::probe;
use crate::process::Process;
use crate::scene::Scene;
use crate::webhook::Registration;
use crate::{ports, rundir, wait};

/// Of a namespace about whose ScaledObjects KEDA is asked.
pub(crate) const LABEL: (&str, &str) = ("e2e.lagward.dev/keda", "on");
/// As a refusal names it.
pub(crate) const WEBHOOK: &str = "vscaledobject.kb.io";
/// Where it judges ScaledObjects.
pub(crate) const PATH: &str = "/validate-keda-sh-v1alpha1-scaledobject";
/// A name that KEDA refuses and that Kubernetes does not: that of the HPA, `keda-hpa-...`, has at most 63 characters.
pub(crate) const LONG_NAME: &str = "a-name-of-a-consumer-that-is-too-long-for-an-hpa-of-keda";
const READY_WITHIN: Duration = Duration::from_secs(60);

static SHARED: OnceLock<Result<Keda, String>> = OnceLock::new();

pub(crate) struct Keda {
    process: Process,
    port: u16,
    authority: String,
}

/// The one that all scenarios share, started by the first that asks for it.
pub(crate) fn shared() -> &'static Keda {
    match SHARED.get_or_init(|| Keda::start(cluster::shared())) {
        Ok(keda) => keda,
        Err(why) => panic!("no webhook of KEDA: {why}"),
    }
}

/// Ends it if it was started.
pub(crate) fn end() {
    if let Some(Ok(keda)) = SHARED.get() {
        keda.process.kill();
    }
}

impl Keda {
    fn start(cluster: &'static Cluster) -> Result<Self, String> {
        let dir = cluster.dir().join("keda");
        fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
        let identity = Authority::new().and_then(|it| it.sign()).map_err(|error| error.to_string())?;
        rundir::write(&dir.join("tls.crt"), &identity.cert)?;
        rundir::write(&dir.join("tls.key"), &identity.key)?;
        let [port, metrics, health] = ports::free()?;
        let flags = [
            format!("--kubeconfig={}", cluster.kubeconfig().display()),
            format!("--cert-dir={}", dir.display()),
            format!("--port={port}"),
            format!("--metrics-bind-address=127.0.0.1:{metrics}"),
            format!("--health-probe-bind-address=127.0.0.1:{health}"),
        ];
        let process = Process::start("keda-webhooks", &dir, &cluster.tool("keda-webhooks"), flags)?;
        let keda = Self { process, port, authority: identity.authority };
        let health = SocketAddr::from(([127, 0, 0, 1], health));
        keda.wait_and_register(cluster, health).inspect_err(|_| eprintln!("{}", keda.process.tail()))?;
        Ok(keda)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// What vouches for it, as PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    fn wait_and_register(&self, cluster: &'static Cluster, health: SocketAddr) -> Result<(), String> {
        let alive = || self.process.still_runs();
        wait::while_alive("KEDA's webhook is ready", READY_WITHIN, alive, || probe(health, "/readyz"))?;
        let registration = Registration {
            name: "keda-admission",
            webhook: WEBHOOK,
            kind: "Validating",
            resource: ["scaledobjects", "keda.sh", "v1alpha1"],
            url: format!("https://localhost:{}{PATH}", self.port),
            authority: &self.authority,
            label: LABEL,
        };
        registration.apply(&cluster.kubectl("default"))?;
        let scene = Scene::labelled("keda", &[LABEL]);
        wait::while_alive("the API server asks KEDA", READY_WITHIN, alive, || {
            let outcome = scene.kubectl.dry_run(&named(&good_scaled_object(), LONG_NAME)).either();
            if refuses(&outcome.stderr) { Ok(()) } else { Err(outcome.to_string()) }
        })
    }
}

/// Whether this is a refusal of KEDA's.
pub(crate) fn refuses(said: &str) -> bool {
    said.contains(&format!("admission webhook \"{WEBHOOK}\" denied the request: "))
}
