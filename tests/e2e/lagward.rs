//! The real `lagward serve`, one process for each policy.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::certs::{Authority, Identity};
use crate::cluster::{self, Cluster, LAGWARD_TOKEN};
use crate::process::Process;
use crate::register::{Overlay, Target, register};
use crate::{rundir, wait};

/// The label by which a namespace belongs to one of the lagwards that run beside each other.
pub(crate) const SCOPE: &str = "e2e.lagward.dev/policy";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A label of namespaces, and what it means to [`Policy::Watching`].
pub(crate) const SANDBOX: (&str, &str) = ("e2e.lagward.dev/tier", "sandbox");
const MILDER: &str =
    "overrides: [{namespaceLabels: {e2e.lagward.dev/tier: sandbox}, rules: {LW201: {level: warn}}}]\n";

/// The policies that scenarios are about. Each has one lagward, which all its scenarios share.
#[derive(Clone, Copy)]
pub(crate) enum Policy {
    /// What is shipped: refuses, patches nothing.
    Shipped,
    /// Supplies what the author left unset.
    Fill,
    /// Also overwrites.
    Enforce,
    /// What is shipped, beside a cluster that it watches, and milder in namespaces that are labelled so.
    Watching,
}

static SHARED: [OnceLock<Result<Lagward, String>>; 4] = [const { OnceLock::new() }; 4];

impl Policy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Fill => "fill",
            Self::Enforce => "enforce",
            Self::Watching => "watching",
        }
    }

    /// A policy file, or none where `lagward serve` is to find the shipped one by itself.
    fn text(self) -> Option<&'static str> {
        match self {
            Self::Shipped => None,
            Self::Watching => Some(MILDER),
            Self::Fill => Some("mutate: fill\n"),
            Self::Enforce => Some("mutate: enforce\n"),
        }
    }

    fn overlay(self) -> Overlay {
        match self {
            Self::Shipped | Self::Watching => Overlay::Local,
            Self::Fill | Self::Enforce => Overlay::LocalMutating,
        }
    }

    /// The lagward with this policy, started and registered by the first that asks for it.
    pub(crate) fn shared(self) -> &'static Lagward {
        let start = || {
            let identity = Authority::new().and_then(|authority| authority.sign());
            let identity = identity.map_err(|error| error.to_string())?;
            let cluster = cluster::shared();
            if matches!(self, Self::Watching) {
                return Lagward::watching(cluster, self.name(), LAGWARD_TOKEN, self.text(), &identity)?
                    .that_knows_all();
            }
            Lagward::start(cluster, self.name(), self.text(), self.overlay(), &identity)
        };
        match SHARED[self as usize].get_or_init(start) {
            Ok(lagward) => lagward,
            Err(why) => panic!("no lagward with the policy {}: {why}", self.name()),
        }
    }
}

pub(crate) struct Lagward {
    process: Process,
    listen: SocketAddr,
}

impl Lagward {
    /// Starts one, and returns when the API server asks it about namespaces of the scope `name`.
    pub(crate) fn start(
        cluster: &'static Cluster,
        name: &str,
        policy: Option<&str>,
        overlay: Overlay,
        identity: &Identity,
    ) -> Result<Self, String> {
        let dir = cluster.dir().join(format!("lagward-{name}"));
        fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
        let flags = write_flags(&dir, identity, policy)?;
        let program = Path::new(env!("CARGO_BIN_EXE_lagward"));
        let process = Process::start(&format!("lagward-{name}"), &dir, program, flags)?;
        let serve = || -> Result<SocketAddr, String> {
            let listen = wait::while_alive(
                "lagward is ready",
                READY_WITHIN,
                || process.still_runs(),
                || is_ready(&process.output()),
            )?;
            let target = Target { port: listen.port(), authority: &identity.authority };
            register(cluster, &dir, name, &target, overlay).map(|()| listen)
        };
        // Its log is shown once: every scenario of this policy will fail for the same reason.
        let listen = serve().inspect_err(|_| eprintln!("{}", process.tail()))?;
        Ok(Self { process, listen })
    }

    /// Starts one that may watch what this token allows.
    pub(crate) fn watching(
        cluster: &'static Cluster,
        name: &str,
        token: &str,
        policy: Option<&str>,
        identity: &Identity,
    ) -> Result<Self, String> {
        // Its HOME is the folder of its files.
        let folder = cluster.dir().join(format!("lagward-{name}")).join(".kube");
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        cluster.write_kubeconfig(&folder.join("config"), token)?;
        Self::start(cluster, name, policy, Overlay::Local, identity)
    }

    /// The same, once everything has been listed that the cluster has.
    pub(crate) fn that_knows_all(self) -> Result<Self, String> {
        wait::until("everything is listed", READY_WITHIN, || {
            let listed = lists(&self.process.output());
            if listed >= 4 { Ok(()) } else { Err(format!("{listed} lists have ended")) }
        })?;
        Ok(self)
    }

    /// The lines of its log with this in their message.
    pub(crate) fn said(&self, message: &str) -> Vec<Value> {
        said(&self.process.output(), message)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Where its webhooks are.
    pub(crate) fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Ends it as an accident does.
    pub(crate) fn kill(&self) {
        self.process.kill();
    }

    /// Asks it to stop. It has to do that well, and to have had no panic before.
    fn end(&self) -> Result<(), String> {
        self.process.still_runs()?;
        let status = self.process.stop(Duration::from_secs(20))?;
        if !status.success() {
            return Err(format!("SIGTERM: {status}"));
        }
        match self.process.output().lines().find(|line| line.contains("panicked")) {
            Some(line) => Err(format!("a panic: {line}")),
            None => Ok(()),
        }
    }
}

fn started() -> impl Iterator<Item = &'static Lagward> {
    SHARED.iter().filter_map(|lagward| lagward.get()?.as_ref().ok())
}

/// Ends every shared lagward, and says which of them did not end well.
pub(crate) fn end_all() -> Result<(), String> {
    let explain =
        |lagward: &Lagward| lagward.end().map_err(|why| format!("{why}\n{}", lagward.process.tail()));
    let failures: Vec<String> = started().filter_map(|lagward| explain(lagward).err()).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The ends of all their logs.
pub(crate) fn tails() -> String {
    started().map(|lagward| lagward.process.tail()).collect::<Vec<_>>().join("\n")
}

/// The lines of a log with this in their message.
fn said(log: &str, message: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["message"].as_str().is_some_and(|text| text.contains(message))).collect()
}

/// How many kinds have been listed, as a log has it.
pub(crate) fn lists(log: &str) -> usize {
    said(log, "watching").iter().filter(|line| line["objects"].is_u64()).count()
}

/// Its files in `dir`, and the flags that name them.
pub(crate) fn write_flags(
    dir: &Path,
    identity: &Identity,
    policy: Option<&str>,
) -> Result<Vec<String>, String> {
    let (cert, key) = (dir.join("tls.crt"), dir.join("tls.key"));
    rundir::write(&cert, &identity.cert)?;
    rundir::write(&key, &identity.key)?;
    let mut flags = vec![
        "serve".to_owned(),
        // It takes free ports and says which, so that nobody can take them in between.
        "--listen=127.0.0.1:0".to_owned(),
        "--http-listen=127.0.0.1:0".to_owned(),
        "--log=json".to_owned(),
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

/// Where reviews are answered, once its log says so and its probe agrees.
pub(crate) fn is_ready(log: &str) -> Result<SocketAddr, String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let serving =
        lines.into_iter().find(|line| line["message"] == "serving").ok_or("it does not serve yet")?;
    let address = |key: &str| -> Result<SocketAddr, String> {
        let text = serving[key].as_str().unwrap_or_default();
        text.parse().map_err(|error| format!("`{key}` of {serving}: {error}"))
    };
    probe(address("http_listen")?, "/readyz")?;
    address("listen")
}

/// Whether a probe of the plain port answers 200.
pub(crate) fn probe(address: SocketAddr, path: &str) -> Result<(), String> {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error| error.to_string())?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer) }
}
