//! A namespace of a scenario's own, watched over by the lagward whose policy it is about.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::client::User;
use crate::cluster::{self, Cluster};
use crate::kubectl::Kubectl;
use crate::lagward::{Policy, SCOPE};
use crate::wait;

/// Something that lagward has a word to say about under every policy.
const CANARY: &str = include_str!("data/canary.yaml");
const BREAK_GLASS: &str = "lagward.dev/admission";

const CANARY_CODE: &str = "LW202";

static COUNT: AtomicU32 = AtomicU32::new(1);

pub(crate) struct Scene {
    cluster: &'static Cluster,
    namespace: String,
    /// kubectl in this namespace.
    pub(crate) kubectl: Kubectl,
}

impl Scene {
    /// A namespace that lagward is not asked about.
    pub(crate) fn bare() -> Self {
        Self::create(cluster::shared(), "bare", &[])
    }

    /// A namespace under a policy.
    pub(crate) fn under(policy: Policy) -> Self {
        policy.shared();
        Self::create(cluster::shared(), policy.name(), &[(SCOPE, policy.name())])
    }

    /// A namespace under a policy that somebody else's webhook is asked about, too.
    pub(crate) fn under_and(policy: Policy, label: (&str, &str)) -> Self {
        policy.shared();
        Self::labelled(policy.name(), &[(SCOPE, policy.name()), label])
    }

    /// A namespace with these labels, whoever selects by them.
    pub(crate) fn labelled(kind: &str, labels: &[(&str, &str)]) -> Self {
        Self::create(cluster::shared(), kind, labels)
    }

    /// A namespace under a policy in which the glass is broken: whatever is made here is old once it is guarded.
    pub(crate) fn unguarded(policy: Policy) -> Self {
        policy.shared();
        let labels = [(SCOPE, policy.name()), (BREAK_GLASS, "off")];
        Self::create(cluster::shared(), policy.name(), &labels)
    }

    /// A namespace under the shipped policy with objects that are older than lagward's say over it.
    pub(crate) fn with_old(manifest: &str) -> Self {
        let scene = Self::unguarded(Policy::Shipped);
        scene.kubectl.apply(manifest).accepted();
        scene.guard();
        scene
    }

    /// A namespace in the scope of one lagward, whether or not that one is up.
    pub(crate) fn in_scope(cluster: &'static Cluster, scope: &str) -> Self {
        Self::create(cluster, scope, &[(SCOPE, scope)])
    }

    fn create(cluster: &'static Cluster, kind: &str, labels: &[(&str, &str)]) -> Self {
        let namespace = format!("{kind}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        cluster.admin().create_namespace(&namespace, labels).expect("a namespace for the scene");
        let kubectl = cluster.kubectl(&namespace);
        Self { cluster, namespace, kubectl }
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(crate) fn admin(&self) -> User {
        self.cluster.admin()
    }

    pub(crate) fn keda_operator(&self) -> User {
        self.cluster.keda_operator()
    }

    /// Mends the glass.
    pub(crate) fn guard(&self) {
        self.label_namespace(&format!("{BREAK_GLASS}-"));
        wait::for_it("the namespace is guarded", || hears_lagward(&self.kubectl));
    }

    /// Breaks the glass.
    pub(crate) fn unguard(&self) {
        self.label_namespace(&format!("{BREAK_GLASS}=off"));
        wait::for_it("the namespace is unguarded", || {
            let outcome = self.kubectl.dry_run(CANARY).result()?;
            if outcome.stderr.contains(CANARY_CODE) { Err(outcome.to_string()) } else { Ok(()) }
        });
    }

    fn label_namespace(&self, label: &str) {
        self.kubectl.label(&format!("namespace/{}", self.namespace), label).accepted();
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // The cluster is thrown away anyhow; this only keeps its controllers from working for old scenes.
        let _ = self.admin().delete_namespace(&self.namespace);
    }
}

/// Whether the API server asks lagward about this namespace.
pub(crate) fn hears_lagward(kubectl: &Kubectl) -> Result<(), String> {
    let said = kubectl.dry_run(CANARY).either();
    if said.warnings().any(|warning| warning.contains(CANARY_CODE)) { Ok(()) } else { Err(said.to_string()) }
}
