//! A real Kubernetes cluster of processes on the loopback: etcd, the API server, the controllers, the scheduler,
//! and kwok in place of the kubelet. Ready in seconds, gone with the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::certs::{self, Authority};
use crate::client::User;
use crate::kubectl::Kubectl;
use crate::process::Process;
use crate::rundir::{self, RunDir};
use crate::{components, ports, tools, wait};

const ADMIN_TOKEN: &str = "admin-token";
const KEDA_TOKEN: &str = "keda-token";
/// Of somebody who may what the shipped manifests allow lagward.
pub(crate) const LAGWARD_TOKEN: &str = "lagward-token";
/// Of somebody who may do nothing.
pub(crate) const STRANGER_TOKEN: &str = "stranger-token";
/// What lagward may.
const LAGWARD_ROLE: &str = include_str!("../../manifests/kustomize/base/rbac.yaml");
/// Long enough for a machine that compiles beside the test.
const READY_WITHIN: Duration = Duration::from_secs(90);
const ATTEMPTS: u32 = 3;

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

/// Keeps a cluster for a person until the input ends or Ctrl-C.
pub(crate) fn hold() {
    let cluster = shared();
    let (kubeconfig, tools) = (cluster.kubeconfig(), &cluster.tools);
    eprintln!("export KUBECONFIG={} PATH={}:$PATH", kubeconfig.display(), tools.display());
    eprintln!("the cluster lives until Ctrl-C");
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    cluster.end(false);
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
        let tools = tools::build()?;
        let mut attempt = 1;
        loop {
            let ports = ports::free()?;
            let cluster = Self::new(&tools, attempt, ports[0])?;
            let Err(why) = cluster.run_all(ports) else { return Ok(cluster) };
            let is_unlucky =
                cluster.processes().iter().any(|p| p.output().contains("address already in use"));
            if !is_unlucky || attempt == ATTEMPTS {
                cluster.show_logs();
                cluster.end(true);
                return Err(why);
            }
            // Somebody took a port between our finding it free and the process that was to have it.
            cluster.end(false);
            attempt += 1;
        }
    }

    fn new(tools: &Path, attempt: u32, port: u16) -> Result<Self, String> {
        let cluster = Self {
            dir: RunDir::create(attempt)?,
            tools: tools.to_owned(),
            url: format!("https://127.0.0.1:{port}"),
            authority: Authority::new().map_err(|error| error.to_string())?,
            processes: Mutex::default(),
        };
        cluster.write_files()?;
        Ok(cluster)
    }

    fn write_files(&self) -> Result<(), String> {
        let dir = self.dir.path();
        let identity = self.authority.sign().map_err(|error| error.to_string())?;
        let (signing_key, verifying_key) = certs::token_keys().map_err(|error| error.to_string())?;
        let tokens = format!(
            "{ADMIN_TOKEN},admin,admin-uid,\"system:masters\"\n\
             {KEDA_TOKEN},system:serviceaccount:keda:keda-operator,keda-uid,\n\
             {LAGWARD_TOKEN},lagward,lagward-uid,\n\
             {STRANGER_TOKEN},stranger,stranger-uid,\n"
        );
        rundir::write(&dir.join("api.crt"), identity.cert)?;
        rundir::write(&dir.join("api.key"), identity.key)?;
        rundir::write(&dir.join("sa.key"), signing_key)?;
        rundir::write(&dir.join("sa.pub"), verifying_key)?;
        rundir::write(&dir.join("tokens.csv"), tokens)?;
        rundir::write(&dir.join("admission.yaml"), include_str!("data/admission.yaml"))?;
        rundir::write(&dir.join("audit-policy.yaml"), include_str!("data/audit-policy.yaml"))?;
        rundir::write(&self.kubeconfig(), self.kubeconfig_text(ADMIN_TOKEN))
    }

    fn kubeconfig_text(&self, token: &str) -> String {
        let authority = BASE64_STANDARD.encode(self.authority.pem());
        let url = &self.url;
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: e2e\n\
             contexts: [{{name: e2e, context: {{cluster: e2e, user: e2e}}}}]\n\
             users: [{{name: e2e, user: {{token: \"{token}\"}}}}]\n\
             clusters: [{{name: e2e, cluster: {{server: \"{url}\", certificate-authority-data: {authority}}}}}]\n"
        )
    }

    fn run_all(&self, ports: [u16; 6]) -> Result<(), String> {
        let [api, etcd, etcd_peer, controllers, scheduler, kwok] = ports;
        let dir = self.dir.path();
        self.run("etcd", components::etcd(dir, etcd, etcd_peer))?;
        self.run("kube-apiserver", components::api_server(dir, api, etcd))?;
        let admin = self.user(ADMIN_TOKEN)?;
        wait::while_alive(
            "the API server is ready",
            READY_WITHIN,
            || self.nothing_died(),
            || admin.get("/readyz").map(drop),
        )?;
        self.run("kube-controller-manager", components::controllers(dir, controllers))?;
        self.run("kube-scheduler", components::scheduler(dir, scheduler))?;
        self.run("kwok", components::kwok(dir, &self.tools.join("stages.yaml"), kwok))?;
        self.furnish()?;
        self.nothing_died()
    }

    /// KEDA's definitions, the rights of its operator, and a node.
    fn furnish(&self) -> Result<(), String> {
        let kubectl = self.kubectl("default");
        let definitions = self.tools.join("crds.yaml").display().to_string();
        kubectl.run(["apply", "--server-side", "-f", &definitions]).result()?;
        kubectl.apply_server_side(include_str!("data/cluster.yaml")).result()?;
        // Under another name than what scenarios install and remove.
        let role = LAGWARD_ROLE.split("---\n").nth(1).unwrap_or_default();
        let role = role.replacen("name: lagward", "name: e2e-lagward", 1);
        let role = role.replacen("instance: lagward", "instance: e2e-lagward", 1);
        kubectl.apply_server_side(&role).result()?;
        self.allow("lagward")?;
        kubectl.run(["wait", "--for=condition=Established", "--timeout=60s", "-f", &definitions]).result()?;
        kubectl.run(["wait", "--for=condition=Ready", "--timeout=60s", "node/fake"]).result().map(drop)
    }

    /// Lets a user do what lagward may.
    pub(crate) fn allow(&self, user: &str) -> Result<(), String> {
        let (name, user) = (format!("e2e-{user}"), format!("--user={user}"));
        let role = "--clusterrole=e2e-lagward";
        self.kubectl("default").run(["create", "clusterrolebinding", &name, role, &user]).result().map(drop)
    }

    fn run(&self, name: &str, flags: Vec<String>) -> Result<(), String> {
        let process = Process::start(name, self.dir.path(), &self.tool(name), flags)?;
        self.processes().push(process);
        Ok(())
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends parts of the cluster that nothing is asked of any more.
    pub(crate) fn kill(&self, names: &[&str]) {
        self.processes().iter().filter(|process| names.contains(&process.name())).for_each(Process::kill);
    }

    fn nothing_died(&self) -> Result<(), String> {
        self.processes().iter().try_for_each(Process::still_runs)
    }

    /// Shows the logs once: every scenario will fail for this reason.
    fn show_logs(&self) {
        let processes = self.processes();
        let died = processes.iter().find(|process| process.still_runs().is_err());
        let shown: Vec<String> = match died {
            Some(process) => vec![process.tail()],
            None => processes.iter().map(Process::tail).collect(),
        };
        eprintln!("{}", shown.join("\n"));
    }

    /// An administrator's.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.dir.path().join("kubeconfig")
    }

    /// A program of the run's tools.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.tools.join(name)
    }

    /// Where files of the run go.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What a process of the cluster has written.
    pub(crate) fn log_of(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(format!("{name}.log"))).unwrap_or_default()
    }

    /// The API server's audit log, one event a line.
    pub(crate) fn audit_log(&self) -> String {
        fs::read_to_string(self.dir.path().join("audit.log")).unwrap_or_default()
    }

    /// Writes a kubeconfig of whoever has `token`.
    pub(crate) fn write_kubeconfig(&self, path: &Path, token: &str) -> Result<(), String> {
        rundir::write(path, self.kubeconfig_text(token))
    }

    /// kubectl of a cluster administrator.
    pub(crate) fn kubectl(&self, namespace: &str) -> Kubectl {
        self.kubectl_with(namespace, &self.kubeconfig())
    }

    /// kubectl of whoever a kubeconfig is about.
    pub(crate) fn kubectl_with(&self, namespace: &str, kubeconfig: &Path) -> Kubectl {
        Kubectl::new(&self.tool("kubectl"), kubeconfig, self.dir.path(), namespace)
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
        // The last started first: a component that loses its API server fills its log with that.
        for process in self.processes().iter().rev() {
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
