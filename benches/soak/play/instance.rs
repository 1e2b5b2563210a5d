//! One pod: its mounts, and a real `lagward serve` that reads them.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::Plan;
use super::balancer::get;
use super::truth::Identity;
use crate::mounted::Mount;

/// Longer than anything takes on a busy machine: only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is mounted into a pod. It outlives the pod that reads it.
pub(crate) struct Mounts {
    certificate: Mount,
    policy: Mount,
    versions: u32,
}

impl Mounts {
    pub(crate) fn new(identity: &Identity, policy: &str) -> Self {
        let (cert, key) = &identity.pair;
        let certificate = Mount::new(&[("tls.crt", cert), ("tls.key", key)]);
        Self { certificate, policy: Mount::new(&[("lagward.yaml", policy)]), versions: 0 }
    }

    pub(crate) fn publish_identity(&mut self, identity: &Identity) {
        self.versions += 1;
        self.certificate.publish_pair(&format!("..{}", self.versions), &identity.pair);
    }

    pub(crate) fn publish_policy(&mut self, text: &str) {
        self.versions += 1;
        self.policy.publish(&format!("..{}", self.versions), &[("lagward.yaml", text)]);
    }
}

/// A running `lagward serve`, which ends with this value at the latest.
pub(crate) struct Instance {
    child: Child,
    folder: TempDir,
    pub(crate) listen: SocketAddr,
    pub(crate) probes: SocketAddr,
}

impl Instance {
    /// Starts one, and returns when it serves.
    pub(crate) async fn start(plan: &Plan, mounts: &Mounts) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let log = fs::File::create(folder.path().join("log")).map_err(|error| error.to_string())?;
        let child = Command::new(&plan.lagward)
            .args(["serve", "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--watch=off", "--log=json"])
            .arg(format!("--drain={}ms", plan.drain.as_millis()))
            .arg(format!("--poll={}ms", plan.poll.as_millis()))
            .arg("--cert")
            .arg(mounts.certificate.file("tls.crt"))
            .arg("--key")
            .arg(mounts.certificate.file("tls.key"))
            .arg("--policy")
            .arg(mounts.policy.file("lagward.yaml"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", plan.lagward.display()))?;
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut instance = Self { child, folder, listen: unknown, probes: unknown };
        let serving = instance.patiently("it serves", async |instance| instance.serving()).await?;
        (instance.listen, instance.probes) = serving;
        Ok(instance)
    }

    /// How often a new version of `file` has come to `result`.
    pub(crate) async fn reloads(&self, file: &str, result: &str) -> Result<u64, String> {
        let metrics = get(self.probes, "/metrics").await?;
        let name = format!("lagward_reloads_total{{file=\"{file}\",result=\"{result}\"}} ");
        let count = metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok());
        Ok(count.unwrap_or_default())
    }

    /// Waits until a new version has come to `result` more than `before` times.
    pub(crate) async fn reloaded(&mut self, file: &str, result: &str, before: u64) -> Result<(), String> {
        let what = format!("a new version of {file} is taken: {result}");
        let is_taken = async |instance: &mut Self| {
            let count = instance.reloads(file, result).await.ok()?;
            (count > before).then_some(())
        };
        self.patiently(&what, is_taken).await
    }

    /// Asks it to end, as the kubelet does, and waits until it has. It has to end well.
    pub(crate) async fn stop(mut self) -> Result<(), String> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).ok_or("no process id")?;
        kill_process(pid, Signal::TERM).map_err(|error| error.to_string())?;
        let ended = async |instance: &mut Self| instance.child.try_wait().ok().flatten();
        let status: ExitStatus = self.patiently("it ends", ended).await?;
        let log = self.log();
        let complaints =
            log.lines().filter(|line| line.contains("panicked") || line.contains("dropped connections"));
        match complaints.collect::<Vec<_>>() {
            complaints if complaints.is_empty() && status.success() => Ok(()),
            complaints => Err(format!("SIGTERM: {status}\n{}", complaints.join("\n"))),
        }
    }

    fn serving(&self) -> Option<(SocketAddr, SocketAddr)> {
        let log = self.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let serving = lines.into_iter().find(|line| line["message"] == "serving")?;
        let address = |key: &str| serving[key].as_str()?.parse().ok();
        Some((address("listen")?, address("http_listen")?))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    async fn patiently<T>(
        &mut self,
        what: &str,
        mut look: impl AsyncFnMut(&mut Self) -> Option<T>,
    ) -> Result<T, String> {
        let seen = timeout(PATIENCE, async {
            loop {
                if let Some(seen) = look(self).await {
                    return seen;
                }
                sleep(Duration::from_millis(20)).await;
            }
        });
        let seen = seen.await;
        seen.map_err(|_| format!("waited {PATIENCE:?} in vain: {what}\n{}", self.log()))
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // It fails only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
