//! What the cluster holds, as far as the watches know: a pure store.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::beside::{Autoscalers, Rollouts};
use super::packed::Packed;
use super::recent::Recent;
use super::resource::Resource;
use crate::engine::configs::NoConfigs;
use crate::engine::object::{Kind, Labels};
use crate::engine::scaler::Scaler;
use crate::engine::subject::{Sketch, Subject};
use crate::fronts::files::{Autoscaler, KafkaTopic, KedaAutoscaler, Neighbour, labels};

/// Namespace and name of an object: `payments/consumer`. Neither may hold a slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(Arc<str>);

impl Id {
    /// The object `name` in `namespace`.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self(format!("{namespace}/{name}").into())
    }

    /// Its namespace.
    pub fn namespace(&self) -> &str {
        self.0.split_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// Its name in it.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is kept of one object.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A workload; a stub where nothing speaks for a Kafka client in it: it is there, and that is all that is known.
    Workload(Option<Packed>),
    /// A ScaledObject and the hash of what it scales.
    Scaler(u64, Packed),
    /// A topic whose partitions are declared.
    Topic(KafkaTopic),
    /// A Rollout, with the workload whose pods it runs.
    Rollout(Kind, Box<str>),
    /// An HPA that KEDA did not make, with the workload that it scales.
    Autoscaler(Kind, Box<str>),
    /// An HPA that KEDA made.
    KedaAutoscaler(KedaAutoscaler),
    /// The labels of a namespace.
    Namespace(Box<Labels>),
    /// Nothing: it says nothing to anybody, or cannot be read.
    Nothing,
}

impl Entry {
    /// What to keep of an object of this resource, which is JSON text.
    ///
    /// # Errors
    /// When it cannot be read. The error may quote what the object holds, so that it is not for the log.
    pub fn read(resource: Resource, text: &str) -> serde_json::Result<Self> {
        let kind = match resource {
            Resource::Namespaces => {
                return Ok(Self::Namespace(labels(&serde_json::from_str(text)?)));
            }
            Resource::KafkaTopics | Resource::Rollouts => {
                return Ok(Neighbour::of(&serde_json::from_str(text)?).map_or(Self::Nothing, Self::from));
            }
            Resource::Autoscalers => {
                let neighbour = Neighbour::of_autoscaler(&serde_json::from_str(text)?);
                return Ok(neighbour.map_or(Self::Nothing, Self::from));
            }
            Resource::Deployments => Kind::Deployment,
            Resource::StatefulSets => Kind::StatefulSet,
            Resource::ScaledObjects => Kind::ScaledObject,
        };
        let sketch: Sketch<'_> = serde_json::from_str(text)?;
        let subject = sketch.distil(kind, &NoConfigs);
        Ok(Self::of(&subject, sketch))
    }

    /// What to keep of an object that was distilled of this sketch.
    pub(super) fn of(subject: &Subject, sketch: Sketch<'_>) -> Self {
        match subject {
            Subject::Scaler(scaler) => Self::Scaler(target_of(scaler), Packed::of(sketch)),
            Subject::Workload(consumer) => Self::Workload(consumer.may_consume().then(|| Packed::of(sketch))),
        }
    }

    /// What to keep of an object that cannot be read.
    pub fn unreadable(resource: Resource) -> Self {
        match resource {
            Resource::Deployments | Resource::StatefulSets => Self::Workload(None),
            _ => Self::Nothing,
        }
    }
}

impl From<Neighbour> for Entry {
    fn from(neighbour: Neighbour) -> Self {
        match neighbour {
            Neighbour::Topic(topic) => Self::Topic(topic),
            Neighbour::Rollout { workload: (kind, name), .. } => Self::Rollout(kind, name),
            Neighbour::Autoscaler(Autoscaler { target: (kind, name), .. }) => Self::Autoscaler(kind, name),
            Neighbour::KedaAutoscaler(own) => Self::KedaAutoscaler(own),
            Neighbour::Namespace(_, labels) => Self::Namespace(labels),
        }
    }
}

/// Workloads, ScaledObjects, topics and what an audit knows beside them, indexed by namespace and name and by scale target.
#[derive(Debug, Default)]
pub struct Snapshot {
    deployments: HashMap<Id, Option<Packed>>,
    stateful_sets: HashMap<Id, Option<Packed>>,
    scalers: HashMap<Id, (u64, Packed)>,
    /// Two targets with one hash are told apart where a ScaledObject is unpacked.
    by_target: BTreeSet<(u64, Id)>,
    topics: HashMap<Id, KafkaTopic>,
    /// The partitions that the objects of one topic declare: one, unless several Kafka clusters have such a topic.
    partitions: HashMap<Box<str>, Vec<i64>>,
    /// The labels of namespaces.
    namespaces: HashMap<Box<str>, Box<Labels>>,
    pub(super) recent: Recent,
    pub(super) rollouts: Rollouts,
    pub(super) autoscalers: Autoscalers,
}

impl Snapshot {
    /// Takes in an object, in place of what it was before.
    pub fn insert(&mut self, resource: Resource, id: Id, entry: Entry) {
        self.remove(resource, &id);
        match (resource, entry) {
            (Resource::Deployments, Entry::Workload(packed)) => drop(self.deployments.insert(id, packed)),
            (Resource::StatefulSets, Entry::Workload(packed)) => drop(self.stateful_sets.insert(id, packed)),
            (Resource::ScaledObjects, Entry::Scaler(target, packed)) => {
                self.by_target.insert((target, id.clone()));
                self.scalers.insert(id, (target, packed));
            }
            (Resource::KafkaTopics, Entry::Topic(topic)) => {
                self.partitions.entry(topic.name.clone()).or_default().push(topic.partitions);
                self.topics.insert(id, topic);
            }
            (Resource::Namespaces, Entry::Namespace(labels)) => {
                self.namespaces.insert(id.name().into(), labels);
            }
            (Resource::Rollouts, Entry::Rollout(kind, name)) => self.rollouts.insert(id, kind, name),
            (Resource::Autoscalers, Entry::Autoscaler(kind, name)) => {
                self.autoscalers.insert_foreign(id, kind, &name);
            }
            (Resource::Autoscalers, Entry::KedaAutoscaler(own)) => self.autoscalers.insert_own(&id, own),
            _ => {}
        }
    }

    /// Forgets an object that is gone.
    pub fn remove(&mut self, resource: Resource, id: &Id) {
        match resource {
            Resource::Deployments => drop(self.deployments.remove(id)),
            Resource::StatefulSets => drop(self.stateful_sets.remove(id)),
            Resource::ScaledObjects => {
                if let Some((target, _)) = self.scalers.remove(id) {
                    self.by_target.remove(&(target, id.clone()));
                }
            }
            Resource::KafkaTopics => self.remove_topic(id),
            Resource::Namespaces => drop(self.namespaces.remove(id.name())),
            // They are listed once, and not watched.
            Resource::Rollouts | Resource::Autoscalers => {}
        }
    }

    fn remove_topic(&mut self, id: &Id) {
        let Some(topic) = self.topics.remove(id) else { return };
        let Some(counts) = self.partitions.get_mut(&topic.name) else { return };
        if let Some(index) = counts.iter().position(|count| *count == topic.partitions) {
            counts.swap_remove(index);
        }
        if counts.is_empty() {
            self.partitions.remove(&topic.name);
        }
    }

    /// Takes everything of one resource from `aside`, where a list of all of it was put together, and gives back in
    /// it what was here before: dropping that takes a while, for which nobody has to hold a lock.
    pub fn swap(&mut self, resource: Resource, aside: &mut Self) {
        use std::mem::swap;
        match resource {
            Resource::Deployments => swap(&mut self.deployments, &mut aside.deployments),
            Resource::StatefulSets => swap(&mut self.stateful_sets, &mut aside.stateful_sets),
            Resource::ScaledObjects => {
                swap(&mut self.scalers, &mut aside.scalers);
                swap(&mut self.by_target, &mut aside.by_target);
            }
            Resource::KafkaTopics => {
                swap(&mut self.topics, &mut aside.topics);
                swap(&mut self.partitions, &mut aside.partitions);
            }
            Resource::Namespaces => swap(&mut self.namespaces, &mut aside.namespaces),
            Resource::Rollouts => swap(&mut self.rollouts, &mut aside.rollouts),
            Resource::Autoscalers => swap(&mut self.autoscalers, &mut aside.autoscalers),
        }
    }

    /// How many objects of a resource are known.
    pub fn len(&self, resource: Resource) -> usize {
        match resource {
            Resource::Deployments => self.deployments.len(),
            Resource::StatefulSets => self.stateful_sets.len(),
            Resource::ScaledObjects => self.scalers.len(),
            Resource::KafkaTopics => self.topics.len(),
            Resource::Namespaces => self.namespaces.len(),
            Resource::Rollouts => self.rollouts.len(),
            Resource::Autoscalers => self.autoscalers.len(),
        }
    }

    /// A workload: whether it is there, and what is kept of it.
    pub(super) fn workload(&self, kind: Kind, id: &Id) -> Option<Option<&Packed>> {
        let workloads = match kind {
            Kind::Deployment => &self.deployments,
            Kind::StatefulSet => &self.stateful_sets,
            Kind::ScaledObject => return None,
        };
        workloads.get(id).map(Option::as_ref)
    }

    /// Whether a ScaledObject scales the workload, itself or by a Rollout.
    pub(super) fn is_scaled(&self, kind: Kind, id: &Id) -> bool {
        let workload = target(Some(kind), id.namespace(), id.name());
        let by_rollout = || {
            let mut rollouts = self.rollouts.of(workload).iter();
            rollouts.any(|rollout| {
                self.scalers_of(target(None, rollout.namespace(), rollout.name())).next().is_some()
            })
        };
        self.scalers_of(workload).next().is_some() || by_rollout()
    }

    /// The ScaledObjects whose target has this hash, by name.
    pub(super) fn scalers_of(&self, target: u64) -> impl Iterator<Item = (&Id, &Packed)> {
        let first = (target, Id(Arc::from("")));
        let of_target = self.by_target.range(first..).take_while(move |(found, _)| *found == target);
        of_target.filter_map(|(_, id)| Some((id, &self.scalers.get(id)?.1)))
    }

    /// The labels of a namespace, if it is known.
    pub(super) fn labels_of(&self, namespace: &str) -> Option<&Labels> {
        self.namespaces.get(namespace).map(|labels| &**labels)
    }

    /// The partitions of a topic, if all that declare it agree.
    pub(super) fn partitions(&self, topic: &str) -> Option<i64> {
        let (first, others) = self.partitions.get(topic)?.split_first()?;
        others.iter().all(|other| other == first).then_some(*first)
    }
}

/// The hash of the workload that a ScaledObject scales.
pub(super) fn target_of(scaler: &Scaler) -> u64 {
    let namespace = scaler.meta.object.namespace.as_deref().unwrap_or_default();
    target(scaler.target.kind, namespace, &scaler.target.name)
}

/// The hash of a workload as a target. Whatever is no kind of workload that is judged has one hash for each name.
pub(super) fn target(kind: Option<Kind>, namespace: &str, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, namespace, name).hash(&mut hasher);
    hasher.finish()
}
