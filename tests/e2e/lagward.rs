//! The real `lagward serve`, registered as a person does it: with manifests/kustomize, its overlay for a webhook
//! outside the cluster.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::certs::Authority;
use crate::cluster::{self, Cluster};
use crate::process::Process;
use crate::scene::{self, Scene};
use crate::{fixtures, ports, rundir, wait};

/// The label by which a namespace belongs to one of the lagwards that run beside each other.
pub(crate) const SCOPE: &str = "e2e.lagward.dev/policy";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// The policies that scenarios are about. Each has one lagward, which all its scenarios share.
#[derive(Clone, Copy)]
pub(crate) enum Policy {
    /// What is shipped: refuses, patches nothing.
    Shipped,
    /// Supplies what the author left unset.
    Fill,
    /// Also overwrites.
    Enforce,
}

static SHARED: [OnceLock<Result<Lagward, String>>; 3] = [const { OnceLock::new() }; 3];

impl Policy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Fill => "fill",
            Self::Enforce => "enforce",
        }
    }

    /// A policy file, or none where `lagward serve` is to find the shipped one by itself.
    fn text(self) -> Option<&'static str> {
        match self {
            Self::Shipped => None,
            Self::Fill => Some("mutate: fill\n"),
            Self::Enforce => Some("mutate: enforce\n"),
        }
    }

    /// The overlay that fits, as manifests/kustomize says.
    fn overlay(self) -> Overlay {
        match self {
            Self::Shipped => Overlay::Local,
            Self::Fill | Self::Enforce => Overlay::LocalMutating,
        }
    }

    /// The lagward with this policy, started and registered by the first that asks for it.
    pub(crate) fn shared(self) -> &'static Lagward {
        let start = || Lagward::start(cluster::shared(), self.name(), self.text(), self.overlay());
        match SHARED[self as usize].get_or_init(start) {
            Ok(lagward) => lagward,
            Err(why) => panic!("no lagward with the policy {}: {why}", self.name()),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Overlay {
    Local,
    LocalMutating,
}

pub(crate) struct Lagward {
    process: Mutex<Process>,
    port: u16,
}

impl Lagward {
    /// Starts one, and returns when the API server asks it about namespaces of the scope `name`.
    pub(crate) fn start(
        cluster: &'static Cluster,
        name: &str,
        policy: Option<&str>,
        overlay: Overlay,
    ) -> Result<Self, String> {
        let dir = cluster.dir().join(format!("lagward-{name}"));
        fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
        let authority = Authority::new().map_err(|error| error.to_string())?;
        let [port, http] = ports::free()?;
        let flags = write_flags(&dir, &authority, policy, port, http)?;
        let program = Path::new(env!("CARGO_BIN_EXE_lagward"));
        let mut process = Process::start(&format!("lagward-{name}"), &dir, program, flags)?;
        let ready = || probe(http, "/readyz");
        wait::while_alive("lagward is ready", READY_WITHIN, || process.still_runs(), ready)
            .map_err(|why| format!("{why}\n{}", process.tail()))?;
        register(cluster, &dir, name, &authority, port, overlay)
            .map_err(|why| format!("{why}\n{}", process.tail()))?;
        Ok(Self { process: Mutex::new(process), port })
    }

    /// The port of its webhooks.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as an accident does.
    pub(crate) fn kill(&self) {
        self.process().kill();
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks it to stop. It has to do that well, and to have had no panic before.
    fn end(&self) -> Result<(), String> {
        let mut process = self.process();
        let ended = process.still_runs().and_then(|()| process.stop(Duration::from_secs(20)));
        match ended {
            Ok(status) if !status.success() => Err(format!("{status}\n{}", process.tail())),
            Ok(_) if process.output().contains("panicked") => Err(format!("a panic\n{}", process.output())),
            Ok(_) => Ok(()),
            Err(why) => Err(format!("{why}\n{}", process.tail())),
        }
    }
}

fn started() -> impl Iterator<Item = &'static Lagward> {
    SHARED.iter().filter_map(|lagward| lagward.get()?.as_ref().ok())
}

/// Ends every shared lagward, and says which of them did not end well.
pub(crate) fn end_all() -> Result<(), String> {
    let failures: Vec<String> = started().filter_map(|lagward| lagward.end().err()).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The ends of all their logs.
pub(crate) fn tails() -> String {
    started().map(|lagward| lagward.process().tail()).collect::<Vec<_>>().join("\n")
}

fn write_flags(
    dir: &Path,
    authority: &Authority,
    policy: Option<&str>,
    port: u16,
    http: u16,
) -> Result<Vec<String>, String> {
    let leaf = authority.sign().map_err(|error| error.to_string())?;
    let (cert, key) = (dir.join("tls.crt"), dir.join("tls.key"));
    rundir::write(&cert, leaf.cert)?;
    rundir::write(&key, leaf.key)?;
    let mut flags = vec![
        "serve".to_owned(),
        format!("--listen=127.0.0.1:{port}"),
        format!("--http-listen=127.0.0.1:{http}"),
        format!("--cert={}", cert.display()),
        format!("--key={}", key.display()),
        // Nobody's endpoints have to forget this server before it may go.
        "--drain=0s".to_owned(),
    ];
    if let Some(policy) = policy {
        let file = dir.join("lagward.yaml");
        rundir::write(&file, policy)?;
        flags.push(format!("--policy={}", file.display()));
    }
    Ok(flags)
}

/// Whether a probe of the plain port answers 200.
fn probe(port: u16, path: &str) -> Result<(), String> {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error| error.to_string())?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer) }
}

fn register(
    cluster: &'static Cluster,
    dir: &Path,
    name: &str,
    authority: &Authority,
    port: u16,
    overlay: Overlay,
) -> Result<(), String> {
    let registration = write_registration(dir, name, authority, port, overlay)?;
    let kubectl = cluster.kubectl("default");
    kubectl.run(["apply", "-k", &registration.display().to_string()]).result()?;
    let scene = Scene::in_scope(cluster, name);
    wait::until("the API server asks lagward", READY_WITHIN, || scene::refuses_the_canary(&scene.kubectl))?;
    if overlay == Overlay::Local {
        return Ok(());
    }
    wait::until("the API server lets lagward patch", READY_WITHIN, || {
        let manifest = fixtures::unset_bounds();
        let outcome = scene.kubectl.run_with(["create", "--dry-run=server", "-o=json", "-f-"], &manifest);
        let outcome = outcome.result()?;
        let patched = outcome.json()["spec"]["minReplicaCount"] == 2;
        if patched { Ok(()) } else { Err(outcome.to_string()) }
    })
}

/// A copy of manifests/kustomize with the two files that a person edits, and beside it a kustomization that
/// confines the registration to the namespaces of this lagward.
fn write_registration(
    dir: &Path,
    name: &str,
    authority: &Authority,
    port: u16,
    overlay: Overlay,
) -> Result<PathBuf, String> {
    let copy = copy_kustomize(dir, authority, port)?;
    let (folder, kinds) = match overlay {
        Overlay::Local => ("local", &["Validating"][..]),
        Overlay::LocalMutating => ("local-mutating", &["Validating", "Mutating"][..]),
    };
    let registration = copy.join("overlays").join(name);
    let expression = format!("{{key: {SCOPE}, operator: In, values: [{name}]}}");
    let mut text = format!("nameSuffix: -{name}\nresources: [../{folder}]\npatches:\n");
    for kind in kinds {
        text += &format!("  - target: {{kind: {kind}WebhookConfiguration}}\n    patch: |\n");
        let webhooks = if *kind == "Validating" { 0..2 } else { 0..1 };
        for webhook in webhooks {
            let path = format!("/webhooks/{webhook}/namespaceSelector/matchExpressions/-");
            text += &format!("      - {{op: add, path: {path}, value: {expression}}}\n");
        }
    }
    fs::create_dir_all(&registration).map_err(|error| error.to_string())?;
    rundir::write(&registration.join("kustomization.yaml"), text)?;
    Ok(registration)
}

/// A copy of manifests/kustomize in `dir` whose overlays lead to a lagward on `port` that `authority` vouches for.
pub(crate) fn copy_kustomize(dir: &Path, authority: &Authority, port: u16) -> Result<PathBuf, String> {
    let copy = dir.join("kustomize");
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests/kustomize"), &copy)
        .map_err(|error| format!("copying manifests/kustomize: {error}"))?;
    let local = copy.join("components/local");
    rundir::write(&local.join("ca.crt"), authority.pem())?;
    rundir::write(&local.join("webhook.env"), format!("address=localhost:{port}\n"))?;
    Ok(copy)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
