//! A real Kubernetes cluster of processes on the loopback: etcd, the API server, the controllers, the scheduler,
//! and kwok in place of the kubelet. Ready in seconds, gone with the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::certs::{self, Authority};
use crate::client::User;
use crate::kubectl::Kubectl;
use crate::process::Process;
use crate::rundir::{self, RunDir};
use crate::{ports, wait};

const ADMIN_TOKEN: &str = "admin-token";
const KEDA_TOKEN: &str = "keda-token";
/// Long enough for a machine that compiles beside the test.
const READY_WITHIN: Duration = Duration::from_secs(90);

static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();

/// The cluster that all scenarios share, started by the first that asks for it.
pub(crate) fn shared() -> &'static Cluster {
    match CLUSTER.get_or_init(Cluster::start) {
        Ok(cluster) => cluster,
        Err(why) => panic!("no cluster: {why}"),
    }
}

/// The shared cluster if it was started.
pub(crate) fn started() -> Option<&'static Cluster> {
    CLUSTER.get().and_then(|cluster| cluster.as_ref().ok())
}

pub(crate) struct Cluster {
    dir: RunDir,
    tools: PathBuf,
    url: String,
    authority: Authority,
    processes: Mutex<Vec<Process>>,
}

impl Cluster {
    fn start() -> Result<Self, String> {
        let tools = build_tools()?;
        let dir = RunDir::create()?;
        let [api, etcd, etcd_peer, controllers, scheduler, kwok] = ports::free()?;
        let authority = Authority::new().map_err(|error| error.to_string())?;
        let url = format!("https://127.0.0.1:{api}");
        let cluster = Self { dir, tools, url, authority, processes: Mutex::default() };
        cluster.write_files()?;
        let started = cluster
            .start_storage(api, etcd, etcd_peer)
            .and_then(|()| cluster.start_machinery(controllers, scheduler, kwok));
        if let Err(why) = started {
            cluster.show_logs();
            cluster.end(true);
            return Err(why);
        }
        Ok(cluster)
    }

    fn write_files(&self) -> Result<(), String> {
        let dir = self.dir.path();
        let leaf = self.authority.sign().map_err(|error| error.to_string())?;
        let (signing_key, verifying_key) = certs::token_keys().map_err(|error| error.to_string())?;
        let tokens = format!(
            "{ADMIN_TOKEN},admin,admin-uid,\"system:masters\"\n\
             {KEDA_TOKEN},system:serviceaccount:keda:keda-operator,keda-uid,\n"
        );
        rundir::write(&dir.join("api.crt"), leaf.cert)?;
        rundir::write(&dir.join("api.key"), leaf.key)?;
        rundir::write(&dir.join("sa.key"), signing_key)?;
        rundir::write(&dir.join("sa.pub"), verifying_key)?;
        rundir::write(&dir.join("tokens.csv"), tokens)?;
        rundir::write(&self.kubeconfig(), self.kubeconfig_text())
    }

    fn kubeconfig_text(&self) -> String {
        let authority = BASE64_STANDARD.encode(self.authority.pem());
        let url = &self.url;
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: e2e\n\
             contexts: [{{name: e2e, context: {{cluster: e2e, user: admin}}}}]\n\
             users: [{{name: admin, user: {{token: {ADMIN_TOKEN}}}}}]\n\
             clusters: [{{name: e2e, cluster: {{server: \"{url}\", certificate-authority-data: {authority}}}}}]\n"
        )
    }

    /// etcd and the API server, until it says that it is ready.
    fn start_storage(&self, api: u16, etcd: u16, etcd_peer: u16) -> Result<(), String> {
        let dir = self.dir.path().display();
        let (etcd, peer) = (format!("http://127.0.0.1:{etcd}"), format!("http://127.0.0.1:{etcd_peer}"));
        self.run(
            "etcd",
            [
                format!("--data-dir={dir}/etcd"),
                format!("--listen-client-urls={etcd}"),
                format!("--advertise-client-urls={etcd}"),
                format!("--listen-peer-urls={peer}"),
                format!("--initial-advertise-peer-urls={peer}"),
                format!("--initial-cluster=default={peer}"),
                // The data is thrown away: nobody needs it on the disk.
                "--unsafe-no-fsync".to_owned(),
            ],
        )?;
        self.run(
            "kube-apiserver",
            [
                format!("--etcd-servers={etcd}"),
                format!("--secure-port={api}"),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--cert-dir={dir}"),
                format!("--tls-cert-file={dir}/api.crt"),
                format!("--tls-private-key-file={dir}/api.key"),
                "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
                format!("--service-account-key-file={dir}/sa.pub"),
                format!("--service-account-signing-key-file={dir}/sa.key"),
                format!("--token-auth-file={dir}/tokens.csv"),
                "--authorization-mode=RBAC".to_owned(),
                "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
                // Pods need no token here, and would wait for the controller that makes their account.
                "--disable-admission-plugins=ServiceAccount".to_owned(),
            ],
        )?;
        let admin = self.user(ADMIN_TOKEN)?;
        wait::while_alive(
            "the API server is ready",
            READY_WITHIN,
            || self.nothing_died(),
            || admin.get("/readyz").map(drop),
        )
    }

    /// The controllers, the scheduler, a node, and KEDA's definitions.
    fn start_machinery(&self, controllers: u16, scheduler: u16, kwok: u16) -> Result<(), String> {
        let kubeconfig = self.kubeconfig();
        let kubeconfig = kubeconfig.display();
        let component = |port: u16| {
            vec![
                format!("--kubeconfig={kubeconfig}"),
                format!("--authentication-kubeconfig={kubeconfig}"),
                format!("--authorization-kubeconfig={kubeconfig}"),
                "--leader-elect=false".to_owned(),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={port}"),
            ]
        };
        let signing_key = self.dir.path().join("sa.key");
        let mut controller_flags = component(controllers);
        controller_flags.push(format!("--service-account-private-key-file={}", signing_key.display()));
        self.run("kube-controller-manager", controller_flags)?;
        self.run("kube-scheduler", component(scheduler))?;
        self.run(
            "kwok",
            [
                format!("--kubeconfig={kubeconfig}"),
                "--manage-all-nodes".to_owned(),
                "--node-lease-duration-seconds=40".to_owned(),
                format!("--config={}", self.tools.join("stages.yaml").display()),
                format!("--server-address=127.0.0.1:{kwok}"),
            ],
        )?;
        let kubectl = self.kubectl("default");
        let definitions = self.tools.join("crds.yaml").display().to_string();
        kubectl.run(["apply", "--server-side", "-f", &definitions]).result()?;
        kubectl
            .run_with(["apply", "--server-side", "-f", "-"], include_str!("data/cluster.yaml"))
            .result()?;
        kubectl.run(["wait", "--for=condition=Established", "--timeout=60s", "-f", &definitions]).result()?;
        kubectl.run(["wait", "--for=condition=Ready", "--timeout=60s", "node/fake"]).result()?;
        self.nothing_died()
    }

    fn run(&self, name: &str, flags: impl IntoIterator<Item = String>) -> Result<(), String> {
        let process = Process::start(name, self.dir.path(), &self.tools.join(name), flags)?;
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).push(process);
        Ok(())
    }

    fn nothing_died(&self) -> Result<(), String> {
        let mut processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        processes.iter_mut().try_for_each(Process::still_runs)
    }

    /// Shows the logs once: every scenario will fail for this reason.
    fn show_logs(&self) {
        let mut processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        let died =
            processes.iter_mut().find_map(|process| process.still_runs().is_err().then(|| process.tail()));
        let tails =
            died.unwrap_or_else(|| processes.iter().map(Process::tail).collect::<Vec<_>>().join("\n"));
        eprintln!("{tails}");
    }

    fn kubeconfig(&self) -> PathBuf {
        self.dir.path().join("kubeconfig")
    }

    /// Where files of the run go.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// kubectl of a cluster administrator.
    pub(crate) fn kubectl(&self, namespace: &str) -> Kubectl {
        Kubectl::new(&self.tools.join("kubectl"), &self.kubeconfig(), self.dir.path(), namespace)
    }

    pub(crate) fn admin(&self) -> User {
        self.user(ADMIN_TOKEN).expect("a client that worked before")
    }

    /// KEDA's operator, with its own name and rights.
    pub(crate) fn keda_operator(&self) -> User {
        self.user(KEDA_TOKEN).expect("a client that worked before")
    }

    fn user(&self, token: &str) -> Result<User, String> {
        User::new(&self.url, self.authority.der(), token)
    }

    /// Ends every process, and leaves the logs only where somebody will want to read them.
    pub(crate) fn end(&self, keep_logs: bool) {
        let mut processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        // The last started first: a component that loses its API server fills its log with that.
        for process in processes.iter_mut().rev() {
            process.kill();
        }
        if keep_logs {
            let _ = fs::remove_dir_all(self.dir.path().join("etcd"));
            eprintln!("the logs of this run, until the next one: {}", self.dir.path().display());
            return;
        }
        self.dir.remove();
    }
}

/// Builds what is missing and finds the folder of programs.
fn build_tools() -> Result<PathBuf, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/tools/build");
    let built = Command::new(&script)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", script.display()))?;
    if !built.status.success() {
        return Err(format!("{} failed, see above", script.display()));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&built.stdout).trim()))
}
