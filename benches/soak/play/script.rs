//! What happens under the load, one change after the other.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::Plan;
use super::balancer::Balancer;
use super::instance::{Instance, Mounts};
use super::truth::{Policy, Truth};

/// No policy.
const BROKEN: &str = "profile: strict\nmode: sometimes\n";

/// Two pods behind the balancer.
pub(crate) struct Stage {
    plan: Arc<Plan>,
    truth: Arc<Truth>,
    balancer: Arc<Balancer>,
    pods: Vec<Pod>,
}

struct Pod {
    mounts: Mounts,
    instance: Instance,
    /// Keeps the balancer informed.
    followed: JoinHandle<()>,
}

impl Stage {
    /// Starts both, and returns when both get connections.
    pub(crate) async fn new(
        plan: &Arc<Plan>,
        truth: &Arc<Truth>,
        balancer: &Arc<Balancer>,
    ) -> Result<Self, String> {
        let (plan, truth, balancer) = (Arc::clone(plan), Arc::clone(truth), Arc::clone(balancer));
        let mut stage = Self { plan, truth, balancer, pods: Vec::new() };
        for _ in 0..2 {
            let mounts = Mounts::new(&stage.truth.identity(), Policy::Shipped.text());
            stage.add(mounts).await?;
        }
        Ok(stage)
    }

    /// Plays the script.
    pub(crate) async fn run(&mut self) -> Result<(), String> {
        self.rest("both serve").await;
        self.rotate().await?;
        self.rest("the certificate was rotated").await;
        self.judge_by(Policy::Enforce).await?;
        self.rest("the policy patches").await;
        self.break_policy().await?;
        self.rest("the policy was broken, and the last good one stayed").await;
        self.judge_by(Policy::Audit).await?;
        self.rest("the policy denies nothing").await;
        self.restart().await?;
        self.rest("one of both was restarted").await;
        self.rotate().await?;
        self.rest("the certificate was rotated again").await;
        Ok(())
    }

    /// Ends both. Both have to end well.
    pub(crate) async fn end(self) -> Result<(), String> {
        for pod in self.pods {
            pod.followed.abort();
            pod.instance.stop().await?;
        }
        Ok(())
    }

    async fn rest(&self, after: &str) {
        (self.plan.say)(after);
        sleep(self.plan.rest).await;
    }

    async fn rotate(&mut self) -> Result<(), String> {
        // The CA is trusted before its certificate is served, as lagward-certs has it.
        let identity = self.truth.identity_comes().await;
        self.change("certificate", "ok", |mounts| mounts.publish_identity(&identity)).await?;
        self.truth.has_come();
        Ok(())
    }

    async fn judge_by(&mut self, policy: Policy) -> Result<(), String> {
        self.truth.policy_comes(policy);
        self.change("policy", "ok", |mounts| mounts.publish_policy(policy.text())).await?;
        self.truth.has_come();
        Ok(())
    }

    async fn break_policy(&mut self) -> Result<(), String> {
        self.change("policy", "error", |mounts| mounts.publish_policy(BROKEN)).await
    }

    /// Brings a new version to one pod after the other, as their kubelets would.
    async fn change(
        &mut self,
        file: &str,
        result: &str,
        publish: impl Fn(&mut Mounts),
    ) -> Result<(), String> {
        for pod in &mut self.pods {
            let before = pod.instance.reloads(file, result).await?;
            publish(&mut pod.mounts);
            pod.instance.reloaded(file, result, before).await?;
        }
        Ok(())
    }

    /// A new pod takes the place of one that ends.
    async fn restart(&mut self) -> Result<(), String> {
        let Pod { mounts, instance, followed } = self.pods.remove(0);
        // It is followed while it drains: its readiness says that it goes.
        instance.stop().await?;
        followed.abort();
        self.add(mounts).await
    }

    async fn add(&mut self, mounts: Mounts) -> Result<(), String> {
        let instance = Instance::start(&self.plan, &mounts).await?;
        let followed = self.balancer.follow(instance.listen, instance.probes, self.plan.endpoints_delay);
        self.pods.push(Pod { mounts, instance, followed });
        while self.balancer.endpoints() < self.pods.len() {
            sleep(self.plan.poll).await;
        }
        Ok(())
    }
}
