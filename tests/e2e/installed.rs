//! lagward as its manifests install it: their namespace, accounts and rights. The pods are kwok's, so that what
//! they would run is run here, with the tokens of their own accounts.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::certs::Identity;
use crate::cluster::{self, Cluster};
use crate::kubectl::Kubectl;
use crate::lagward::{SCOPE, is_ready};
use crate::process::Process;
use crate::register::copy_folder;
use crate::scene::Scene;
use crate::{ports, rundir, wait};

pub(crate) const NAMESPACE: &str = "lagward";
pub(crate) const VALIDATING: &str = "validatingwebhookconfiguration/lagward";
/// The scope of the registration, so that it does not judge for other scenarios.
pub(crate) const INSTALLED: &str = "installed";

/// One installation at a time: its names are fixed.
static TURN: Mutex<()> = Mutex::new(());
/// Where the API server finds the webhook, in every installation of the run.
static PORT: LazyLock<u16> = LazyLock::new(|| ports::free::<1>().expect("a free port")[0]);

/// Keeps installations away for as long as it is held.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An installation that nobody else touches until it is dropped.
pub(crate) struct Installed {
    _turn: MutexGuard<'static, ()>,
    cluster: &'static Cluster,
    dir: PathBuf,
    /// An administrator's kubectl in lagward's namespace.
    pub(crate) kubectl: Kubectl,
    /// What was applied, by kustomize.
    pub(crate) kustomization: String,
}

impl Installed {
    /// Applies an overlay as it is, except for its services, which no process on this machine can stand behind, and
    /// for the namespaces that it judges. Of an installation before it, only what has no state is still there.
    pub(crate) fn fresh(overlay: &str) -> Self {
        let turn = turn();
        let cluster = cluster::shared();
        let dir = cluster.dir().join("installed");
        let _ = fs::remove_dir_all(&dir);
        let kubectl = cluster.kubectl(NAMESPACE);
        let kustomization = confined(&dir, overlay);
        let kustomization = kustomization.display().to_string();
        let installed = Self { _turn: turn, cluster, dir, kubectl, kustomization };
        installed.kubectl.run(["delete", "--ignore-not-found", "secret/lagward-tls", VALIDATING]).accepted();
        installed.apply();
        installed
    }

    pub(crate) fn apply(&self) {
        self.kubectl.run(["apply", "--server-side", "-k", &self.kustomization]).accepted();
    }

    /// Removes what was applied, and waits for it.
    pub(crate) fn uninstall(&self) {
        self.kubectl.run(["delete", "--timeout=60s", "-k", &self.kustomization]).accepted();
    }

    /// kubectl with the token of an account of lagward's namespace.
    pub(crate) fn kubectl_as(&self, account: &str) -> Kubectl {
        self.cluster.kubectl_with(NAMESPACE, &self.kubeconfig_of(account))
    }

    /// With a token that lasts for as long as this installation.
    fn kubeconfig_of(&self, account: &str) -> PathBuf {
        let path = self.dir.join(format!("kubeconfig-{account}"));
        if !path.exists() {
            let token = self.kubectl.run(["create", "token", account]).accepted().stdout;
            self.cluster.write_kubeconfig(&path, token.trim()).expect("a kubeconfig of an account");
        }
        path
    }

    /// A kubeconfig of an API server that is not there.
    pub(crate) fn nowhere(&self) -> PathBuf {
        let [port] = ports::free().expect("a free port");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: e2e\ncontexts: [{{name: e2e, context: {{cluster: e2e}}}}]\n\
             clusters: [{{name: e2e, cluster: {{server: \"http://127.0.0.1:{port}\"}}}}]\n"
        );
        let path = self.dir.join("nowhere");
        rundir::write(&path, text).expect("a file");
        path
    }

    /// `lagward-certs ensure` as the Deployment would run it.
    pub(crate) fn ensure(&self, further: &[&str]) -> Ran {
        self.ensure_as("lagward-certs", further)
    }

    pub(crate) fn ensure_as(&self, account: &str, further: &[&str]) -> Ran {
        let mut arguments = vec!["ensure", "--owner=lagward-certs", "--name=localhost", "--settle=1s"];
        arguments.extend(further);
        self.certs(account, &arguments)
    }

    /// `lagward-certs` under the token of an account.
    pub(crate) fn certs(&self, account: &str, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(account, arguments))
    }

    pub(crate) fn command(&self, account: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        let (verb, flags) = arguments.split_first().expect("a command");
        command.arg(verb).arg(format!("--namespace={NAMESPACE}")).args(flags);
        command.env("KUBECONFIG", self.kubeconfig_of(account)).env("HOME", &self.dir);
        command
    }

    /// Whether the webhook's listener is trusted by every bundle that the API server has.
    pub(crate) fn verify(&self, within: &str) -> Ran {
        let address = format!("--address=localhost:{}", *PORT);
        self.certs("lagward-certs", &["verify", &address, &format!("--within={within}")])
    }

    pub(crate) fn secret(&self) -> Value {
        self.kubectl.get("secret/lagward-tls")
    }

    /// Each webhook's bundle.
    pub(crate) fn bundles(&self) -> Vec<Value> {
        let configuration = self.kubectl.get(VALIDATING);
        let webhooks = configuration["webhooks"].as_array().expect("webhooks").iter();
        webhooks.map(|webhook| webhook["clientConfig"]["caBundle"].clone()).collect()
    }

    /// Hands on the Secret as the kubelet does: a new folder, and a link that is swapped.
    pub(crate) fn mount(&self) {
        let secret = self.secret();
        let version = secret["metadata"]["resourceVersion"].as_str().expect("a version").to_owned();
        let volume = self.dir.join("tls");
        let folder = volume.join(format!("..{version}"));
        fs::create_dir_all(&folder).expect("a folder");
        for key in ["tls.crt", "tls.key"] {
            let text = secret["data"][key].as_str().unwrap_or_default();
            rundir::write(&folder.join(key), BASE64_STANDARD.decode(text).expect("base64")).expect("a file");
            let link = volume.join(key);
            if link.symlink_metadata().is_err() {
                symlink(Path::new("..data").join(key), &link).expect("a link");
            }
        }
        let next = volume.join("..data_tmp");
        symlink(folder.file_name().expect("a name"), &next).expect("a link");
        fs::rename(next, volume.join("..data")).expect("the links are swapped");
    }

    /// `lagward serve` with the certificate that is mounted.
    pub(crate) fn serve(&self) -> Process {
        self.serve_from(&self.dir.join("tls"))
    }

    /// `lagward serve` with another certificate.
    pub(crate) fn serve_instead(&self, identity: &Identity) -> Process {
        let folder = self.dir.join("instead");
        fs::create_dir_all(&folder).expect("a folder");
        rundir::write(&folder.join("tls.crt"), &identity.cert).expect("a file");
        rundir::write(&folder.join("tls.key"), &identity.key).expect("a file");
        self.serve_from(&folder)
    }

    /// With the token of its own account, which watches what the manifests let it.
    fn serve_from(&self, tls: &Path) -> Process {
        // A process finds its kubeconfig at its home.
        let home = self.dir.join("serve");
        let kubeconfig = home.join(".kube/config");
        fs::create_dir_all(kubeconfig.parent().expect("a folder")).expect("a folder");
        fs::copy(self.kubeconfig_of("lagward"), &kubeconfig).expect("a kubeconfig at home");
        let flags = [
            "serve".to_owned(),
            "--watch=on".to_owned(),
            format!("--listen=127.0.0.1:{}", *PORT),
            "--http-listen=127.0.0.1:0".to_owned(),
            "--log=json".to_owned(),
            "--drain=0s".to_owned(),
            format!("--cert={}", tls.join("tls.crt").display()),
            format!("--key={}", tls.join("tls.key").display()),
        ];
        let program = Path::new(env!("CARGO_BIN_EXE_lagward"));
        let process = Process::start("lagward-installed", &home, program, flags).expect("lagward starts");
        wait::while_alive(
            "lagward is ready",
            Duration::from_secs(30),
            || process.still_runs(),
            || is_ready(&process.output()),
        )
        .unwrap_or_else(|why| panic!("{why}\n{}", process.tail()));
        process
    }

    /// `lagward-certs run` as its Deployment runs it, only faster, and where its probes are.
    pub(crate) fn keep(&self) -> (Process, SocketAddr) {
        let kubeconfig = self.dir.join(".kube/config");
        fs::create_dir_all(kubeconfig.parent().expect("a folder")).expect("a folder");
        fs::copy(self.kubeconfig_of("lagward-certs"), &kubeconfig).expect("a kubeconfig at home");
        let [port] = ports::free().expect("a free port");
        let probes = SocketAddr::from(([127, 0, 0, 1], port));
        let flags = [
            "run".to_owned(),
            format!("--namespace={NAMESPACE}"),
            "--owner=lagward-certs".to_owned(),
            "--settle=1s".to_owned(),
            "--interval=1s".to_owned(),
            format!("--http-listen={probes}"),
        ];
        let process = Process::start("lagward-certs", &self.dir, binary(), flags);
        (process.expect("lagward-certs starts"), probes)
    }

    /// A namespace that this installation judges.
    pub(crate) fn scene(&self) -> Scene {
        Scene::in_scope(self.cluster, INSTALLED)
    }
}

/// What came of a run of a program.
pub(crate) struct Ran {
    pub(crate) ok: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            ok: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> String {
        assert!(self.ok, "should have succeeded\n{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// It worked, and what it found is not well.
    #[track_caller]
    pub(crate) fn refuted(self, said: &str) {
        let named = self.stdout.contains(said);
        assert!(!self.ok && named, "should have found `{said}`\n{}{}", self.stdout, self.stderr);
    }

    /// It failed, and said so.
    #[track_caller]
    pub(crate) fn refused(self, said: &str) {
        let named = self.stderr.contains(said);
        assert!(!self.ok && named, "should have said `{said}`\n{}{}", self.stdout, self.stderr);
    }
}

/// The real lagward-certs. Cargo hands a test the programs of its own package only; this is the build that
/// `cargo test --workspace` makes, so that there it is there already.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let lagward = Path::new(env!("CARGO_BIN_EXE_lagward"));
        let folder = lagward.parent().expect("a program is in a folder");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["test", "--workspace", "--locked", "--no-run", "--quiet", "--test=certs"]);
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo runs").success(), "lagward-certs could not be built, see above");
        folder.join("lagward-certs")
    })
}

/// A copy of manifests/kustomize with one more overlay on top.
fn confined(dir: &Path, overlay: &str) -> PathBuf {
    let copy = dir.join("kustomize");
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests/kustomize"), &copy).expect("a copy");
    let url = format!("{{url: \"https://localhost:{}/validate\"}}", *PORT);
    let scope = format!("{{key: {SCOPE}, operator: In, values: [{INSTALLED}]}}");
    let mut text = format!(
        "resources: [../{overlay}]\npatches:\n  - target: {{kind: ValidatingWebhookConfiguration}}\n    patch: |\n"
    );
    for webhook in 0..2 {
        let at = format!("/webhooks/{webhook}");
        text += &format!("      - {{op: replace, path: {at}/clientConfig, value: {url}}}\n");
        let selector = format!("{at}/namespaceSelector/matchExpressions/-");
        text += &format!("      - {{op: add, path: {selector}, value: {scope}}}\n");
    }
    let kustomization = copy.join("overlays/installed");
    fs::create_dir_all(&kustomization).expect("a folder");
    rundir::write(&kustomization.join("kustomization.yaml"), text).expect("a file");
    kustomization
}
