//! Judges what runs in a cluster.
//!
//! ScaledObjects are listed first and kept, compressed, with the Rollouts and HPAs beside them; then each workload is judged as its page comes in, and kept
//! as small as the Snapshot keeps it; then the ScaledObjects are judged by the workloads. So no more than one page
//! of a list is ever held as it was sent.

use http::Request;
use jiff::civil::Date;
use kube::{Client, Config};

use super::audited::Audited;
use super::connect;
use super::listing::{Broken, Page, ask, page};
use super::resource::Resource;
use super::round::Round;
use crate::engine::policy::Policy;
use crate::fronts::files::check::Failure;

/// How often a list is begun anew because it changed too much under way.
const ATTEMPTS: usize = 3;

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In every namespace.
    All,
    /// In these.
    Namespaces(Vec<String>),
}

/// Judges every Deployment, StatefulSet and ScaledObject there. `tick` is told how many more objects were read.
///
/// # Errors
/// When the configuration is of no use, such as a CA that is none.
pub async fn audit(
    config: &Config,
    scope: &Scope,
    policy: &Policy,
    today: Date,
    tick: &dyn Fn(usize),
) -> kube::Result<Audited> {
    let client = connect::plain(config)?;
    let mut auditor = Auditor { client, tick, is_over: false, audited: Audited::default() };
    // Topics lie beside their Kafka cluster, wherever their consumers are.
    let mut shared = Round::new(None, policy, today);
    shared.known.topics = auditor.list(&mut shared, Resource::KafkaTopics).await;
    if policy.selects_by_namespace_labels() {
        shared.known.namespaces = auditor.list(&mut shared, Resource::Namespaces).await;
    }
    let namespaces = match scope {
        Scope::All => vec![None],
        Scope::Namespaces(names) => names.iter().map(|name| Some(name.as_str())).collect(),
    };
    for namespace in namespaces {
        let mut round = Round::new(namespace, policy, today);
        round.borrow(&mut shared);
        auditor.go(&mut round).await;
        round.borrow(&mut shared);
    }
    Ok(auditor.audited)
}

struct Auditor<'a> {
    client: Client,
    tick: &'a dyn Fn(usize),
    /// The API server is gone, which is said once.
    is_over: bool,
    audited: Audited,
}

impl Auditor<'_> {
    async fn go(&mut self, round: &mut Round<'_>) {
        let before = (self.audited.objects, self.audited.errors.len());
        round.known.scaled_objects = self.list(round, Resource::ScaledObjects).await;
        if round.has_scalers() {
            self.list(round, Resource::Rollouts).await;
            self.list(round, Resource::Autoscalers).await;
        }
        round.known.deployments = self.list(round, Resource::Deployments).await;
        round.known.stateful_sets = self.list(round, Resource::StatefulSets).await;
        round.judge_scalers();
        self.audited.append(round.take());
        let Some(namespace) = round.namespace else { return };
        self.audited.namespaces.insert(namespace.to_owned());
        if before == (self.audited.objects, self.audited.errors.len()) {
            self.look_for(namespace).await;
        }
    }

    /// Lists a resource, judges what can be judged, and says whether that was all of it.
    async fn list(&mut self, round: &mut Round<'_>, resource: Resource) -> bool {
        let mut outcome = Err(Broken::Missing);
        for version in resource.versions() {
            let path = resource.path(version, round.namespace);
            for _ in 0..ATTEMPTS {
                if self.is_over {
                    return false;
                }
                round.begin(resource);
                outcome = self.pages(round, resource, &path).await;
                if outcome != Err(Broken::Expired) {
                    break;
                }
            }
            if outcome != Err(Broken::Missing) {
                break;
            }
        }
        self.audited.append(round.take());
        let Err(broken) = outcome else { return true };
        self.say(&broken, resource, round.namespace);
        // What the API server does not have is not there.
        broken == Broken::Missing
    }

    async fn pages(&self, round: &mut Round<'_>, resource: Resource, path: &str) -> Result<(), Broken> {
        let mut next = None;
        loop {
            let text = page(&self.client, path, next.as_deref()).await?;
            let page = Page::read(&text)?;
            page.items().iter().for_each(|item| round.read(resource, item.get()));
            (self.tick)(page.items().len());
            next = page.next();
            if next.is_none() {
                return Ok(());
            }
        }
    }

    fn say(&mut self, broken: &Broken, resource: Resource, namespace: Option<&str>) {
        self.is_over |= broken.is_final();
        let place =
            namespace.map_or_else(|| "in all namespaces".to_owned(), |name| format!("in namespace {name}"));
        let message = broken.describe(&format!("{} {place}", resource.plural()));
        let help = broken.help().map(ToOwned::to_owned);
        let failure = |message, help| Failure {
            file: namespace.unwrap_or("cluster").to_owned(),
            at: None,
            message,
            help,
        };
        match (resource, broken) {
            (Resource::ScaledObjects, Broken::Missing) => {
                let message = "the cluster has no ScaledObjects: KEDA is not installed".to_owned();
                // Said once, however many namespaces are looked at.
                if self.audited.gaps.iter().all(|gap| gap.message != message) {
                    self.audited.gaps.push(failure(message, None));
                }
            }
            _ => match loss(resource) {
                Some(_) if *broken == Broken::Missing => {}
                Some(loss) if !broken.is_final() => {
                    self.audited.gaps.push(failure(format!("{message}; {loss}"), None));
                }
                _ => self.audited.errors.push(failure(message, help)),
            },
        }
    }

    /// A list of a namespace that is not there is empty, and not an error.
    async fn look_for(&mut self, namespace: &str) {
        let Ok(request) = Request::get(format!("/api/v1/namespaces/{namespace}")).body(Vec::new()) else {
            return;
        };
        // Whoever may not see namespaces is not told.
        if ask(&self.client, request).await == Err(Broken::Missing) {
            self.audited.errors.push(Failure {
                file: namespace.to_owned(),
                at: None,
                message: format!("the cluster has no namespace {namespace}"),
                help: Some("`kubectl get namespaces` lists them".to_owned()),
            });
        }
    }
}

/// What is not known without a list that nobody has to allow, of objects that few clusters have.
fn loss(resource: Resource) -> Option<&'static str> {
    match resource {
        Resource::Namespaces => Some("the overrides and exemptions by namespaceLabels cannot be applied"),
        Resource::KafkaTopics => Some("how many partitions a topic has is known from annotations only"),
        Resource::Rollouts => Some("ScaledObjects of Rollouts are judged without their pods"),
        Resource::Autoscalers => {
            Some("whether another HPA scales a workload, or KEDA's own has other bounds, is unknown")
        }
        Resource::Deployments | Resource::StatefulSets | Resource::ScaledObjects => None,
    }
}
