//! A Deployment or StatefulSet, as rules, World and Snapshot know it.

use std::time::Duration;

use super::configs::Configs;
use super::discover::{self, Runtime};
use super::kube_state::KubeStateMetrics;
use super::object::{Kind, Meta, declared_drain, declared_session, integer_field};
use super::place::{Place, Segment};
use super::scaler::Trigger;
use super::setting::{Setting, Written};
use super::unquoted::Unquoted;
use super::variables::Variables;
use super::views;

/// A workload whose pods may run a Kafka consumer.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Identity, facts and exemptions.
    pub meta: Meta,
    /// `spec.replicas`.
    pub replicas: Setting<i64>,
    /// `terminationGracePeriodSeconds`; Kubernetes' default is 30 s.
    pub grace_period: Setting<Duration>,
    /// The write-up's annotation `kafka.session.timeout.seconds`.
    pub declared_session: Setting<Duration>,
    /// `lagward.dev/drain`.
    pub declared_drain: Setting<Duration>,
    /// Every container of the pod; one with several clients is there once for each, since each has its own settings.
    pub containers: Box<[Container]>,
    /// The labels that its pods get.
    pub pod_labels: Box<[(Box<str>, Box<str>)]>,
    chosen: Chosen,
}

/// One container, with what its Kafka client is configured to do.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name.
    pub name: Box<str>,
    /// `spec.template.spec.containers[i]`.
    pub place: Place,
    /// What speaks for a Kafka consumer in it.
    pub evidence: Evidence,
    /// The client or framework, where something proves it.
    pub runtime: Option<&'static Runtime>,
    /// `session.timeout.ms` of the classic protocol, as the client reads it.
    pub session: Setting<Duration>,
    /// `heartbeat.interval.ms`.
    pub heartbeat: Setting<Duration>,
    /// `max.poll.interval.ms`.
    pub poll_interval: Setting<Duration>,
    /// `group.id`.
    pub group: Setting<Box<str>>,
    /// What else may name the group.
    pub group_rivals: GroupRivals,
    /// `group.instance.id`: a static member (KIP-345).
    pub instance: Instance,
    /// `group.protocol=consumer` (KIP-848): the broker holds the session timeout.
    pub consumer_protocol: Option<Box<Written>>,
    /// `group.protocol=streams` (KIP-1071): likewise.
    pub streams_protocol: bool,
    /// The keys that only the classic protocol knows.
    pub classic_keys: Box<[Written]>,
    /// Kafka Streams on the classic protocol, which does not leave its group when it stops.
    pub is_streams: bool,
    /// It is told to leave its group when it stops, though it is a static member or Kafka Streams.
    pub leaves_on_close: bool,
    /// `auto.offset.reset`.
    pub offset_reset: Setting<Box<str>>,
    /// The topics it is told, by one or more names; none if one of them is not known.
    pub topics: Box<[Written]>,
    /// The assignors it is told.
    pub assignors: Setting<Box<str>>,
    /// How long the framework lets work in flight finish after SIGTERM.
    pub drain: Setting<Duration>,
    /// How long the preStop hook takes, when that can be read; [`FOREVER`] if it does not end.
    pub pre_stop: Setting<Duration>,
    /// The shortest terminationGracePeriodSeconds of the container's own probes.
    pub probe_grace: Setting<Duration>,
    /// The command keeps SIGTERM from the application.
    pub wrapper: Option<Box<Wrapper>>,
    /// Settings under names that nobody reads.
    pub without_effect: Box<[Idle]>,
    /// `env`'s length, where a fix appends.
    pub env_count: usize,
    /// The variables of known names that its other values refer to.
    pub referred: Box<[Box<str>]>,
    /// Which variables it has.
    pub variables: Variables,
    /// The values of `env` that are no strings.
    pub unquoted: Box<[Unquoted]>,
    /// kube-state-metrics, where its image proves it.
    pub kube_state: Option<Box<KubeStateMetrics>>,
}

/// What may give a container another group than the one it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupRivals {
    /// Nothing.
    #[default]
    None,
    /// The framework lets code name the group, which outranks what is configured.
    Code,
    /// Another setting of the same container names another group.
    Settings,
}

/// `group.instance.id`.
#[derive(Clone, Debug, PartialEq)]
pub enum Instance {
    /// Not given: a dynamic member.
    None,
    /// One text for all pods.
    Constant(Box<Written>),
    /// The pod's name, or made of it.
    PodName(Box<Place>),
    /// Given where the input does not show it.
    Elsewhere,
}

/// A shell that runs the application and does not pass signals on.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrapper {
    /// Where the script stands.
    pub written: Written,
    /// Why the application gets no SIGTERM, as the end of a sentence.
    pub why: &'static str,
    /// The script with `exec`, where that alone helps.
    pub mended: Option<Box<str>>,
    /// An init gets the signal first: the shell dies of it, and takes the init and so the container with it at once.
    pub is_below_init: bool,
}

/// A setting under a name that nobody reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Idle {
    /// Where it stands.
    pub written: Written,
    /// Why nobody reads it.
    pub why: &'static str,
    /// The name that does what was meant.
    pub instead: &'static str,
}

/// What speaks for a Kafka consumer in a container, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// What runs here joins no group: a Kafka broker, or Flink, which assigns itself its partitions.
    NoMember,
    /// Nothing.
    None,
    /// A broker address or a topic: a producer, a UI or an exporter has those too.
    Connects,
    /// A group id or a key that only consumers have.
    Consumes,
}

/// `lagward.dev/consumer`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Chosen {
    /// Not given: the evidence decides.
    ByEvidence,
    /// `"false"`: no consumer here.
    Nobody,
    /// The container of this name.
    Named(Box<str>),
    /// No container has this name: the evidence decides.
    Misnamed(Box<str>),
}

/// The length of a preStop hook that never ends.
pub const FOREVER: Duration = Duration::MAX;

/// Kubernetes' default grace period, since 2015 (`DefaultTerminationGracePeriodSeconds`, pkg/apis/core).
pub const DEFAULT_GRACE: Duration = Duration::from_secs(30);

impl Container {
    /// Whether the client speaks a protocol under which the broker holds the session timeout.
    pub fn new_protocol(&self) -> bool {
        self.consumer_protocol.is_some() || self.streams_protocol
    }

    /// Whether it consumes in the group that a trigger follows. One whose group is not known does if it is the only
    /// one of so many consumers.
    pub fn consumes_for(&self, trigger: &Trigger, consumers: usize) -> bool {
        match (self.group.value(), trigger.group()) {
            (Some(group), Some(followed)) => **group == *followed,
            _ => consumers == 1,
        }
    }

    /// The item of `env` that holds the value at `place`, if nothing else in the container needs it.
    pub fn removable_variable(&self, place: &Place) -> Option<Place> {
        let name = place.variable()?;
        place.parent().filter(|_| self.referred.iter().all(|referred| **referred != *name))
    }

    /// A native sidecar.
    pub fn is_sidecar(&self) -> bool {
        let list = self.place.parent();
        matches!(list.as_ref().and_then(Place::last), Some(Segment::Field(name)) if name == "initContainers")
    }

    /// A static member.
    pub fn is_static(&self) -> bool {
        self.instance != Instance::None
    }
}

impl Consumer {
    pub(crate) fn distil(kind: Kind, view: &views::Object<'_>, configs: &dyn Configs) -> Self {
        let pod = Place::fields(&["spec", "template", "spec"]);
        let spec = &view.spec.template.spec;
        let annotations = &view.metadata.annotations;
        let around =
            discover::Surroundings { configs, namespace: view.metadata.namespace.as_str(), pod: spec };
        let read = |list: &str, index: usize, container: &views::Container<'_>| {
            let place = pod.field(list.to_owned()).item(index, container.name.as_str());
            discover::container(container, place, &around)
        };
        let main = spec
            .containers
            .iter()
            .take(views::MOST_ITEMS)
            .enumerate()
            .flat_map(|(index, c)| read("containers", index, c));
        // A native sidecar runs as long as the others (KEP-753); other init containers end before them.
        let lives_on = |c: &&views::Container<'_>| c.restart_policy.as_str() == Some("Always");
        let sidecars = spec.init_containers.iter().take(views::MOST_ITEMS).enumerate();
        let sidecars = sidecars.filter(|(_, c)| lives_on(c)).flat_map(|(i, c)| read("initContainers", i, c));
        let containers: Box<[Container]> = main.chain(sidecars).take(2 * views::MOST_ITEMS).collect();
        let chosen = match annotations.get(CONSUMER_ANNOTATION).map(views::Scalar::raw) {
            None => Chosen::ByEvidence,
            Some(text) if text == "false" => Chosen::Nobody,
            Some(name) if containers.iter().any(|c| *c.name == *name) => Chosen::Named(name.into()),
            Some(name) => Chosen::Misnamed(name.into()),
        };
        let pod_labels = view.spec.template.metadata.labels.iter();
        let pod_labels = pod_labels.map(|(key, value)| (key.into(), value.raw().into()));
        Self {
            meta: Meta::distil(kind, &view.metadata),
            replicas: integer_field(&view.spec.replicas, || Place::fields(&["spec", "replicas"])),
            grace_period: match seconds(&spec.grace_period, || pod.field("terminationGracePeriodSeconds")) {
                Setting::Unknown(_) => Setting::Defaulted { value: DEFAULT_GRACE },
                setting => setting,
            },
            declared_session: declared_session(annotations),
            declared_drain: declared_drain(annotations),
            containers,
            pod_labels: pod_labels.collect(),
            chosen,
        }
    }

    /// The containers that run a Kafka consumer. A workload that a Kafka-triggered ScaledObject scales, or that
    /// carries one of lagward's declarations, has one even if no container shows it: the only one that could.
    pub fn consuming(&self, is_scaled: bool) -> Vec<&Container> {
        match &self.chosen {
            Chosen::Nobody => return Vec::new(),
            Chosen::Named(name) => return self.containers.iter().filter(|c| c.name == *name).collect(),
            Chosen::ByEvidence | Chosen::Misnamed(_) => {}
        }
        let with =
            |evidence| self.containers.iter().filter(move |c| c.evidence == evidence).collect::<Vec<_>>();
        let proven = with(Evidence::Consumes);
        if !proven.is_empty() || !(is_scaled || self.declares_something()) {
            return proven;
        }
        let connected = with(Evidence::Connects);
        if !connected.is_empty() {
            return connected;
        }
        match with(Evidence::None) {
            only if only.len() == 1 => only,
            _ => Vec::new(),
        }
    }

    /// Whether a container or a declaration speaks for a Kafka client, so that it matters to a ScaledObject.
    pub fn may_consume(&self) -> bool {
        let is_client = |container: &Container| container.evidence >= Evidence::Connects;
        self.chosen != Chosen::ByEvidence
            || self.declares_something()
            || self.containers.iter().any(is_client)
    }

    /// The name that `lagward.dev/consumer` gives and no container has.
    pub fn misnamed(&self) -> Option<&str> {
        match &self.chosen {
            Chosen::Misnamed(name) => Some(name),
            _ => None,
        }
    }

    /// The container whose variables KEDA reads for a ScaledObject that names this one, or none
    /// (`ResolveContainerEnv`, pkg/scaling/resolver/scale_resolvers.go, v2.20.2). Sidecars among the init containers
    /// do not count.
    pub fn env_source(&self, name: Option<&str>) -> Option<&Container> {
        let mut main = self.containers.iter().filter(|container| !container.is_sidecar());
        match name {
            Some(name) => main.find(|container| *container.name == *name),
            None => main.next(),
        }
    }

    /// Where terminationGracePeriodSeconds is, or would be.
    pub fn grace_place(&self) -> Place {
        Place::fields(&["spec", "template", "spec", "terminationGracePeriodSeconds"])
    }

    fn declares_something(&self) -> bool {
        let facts = &self.meta.facts;
        let times =
            [&self.declared_session, &self.declared_drain, &facts.message_time, &facts.commit_interval];
        times.iter().any(|setting| setting.set().is_some())
            || facts.max_delay.set().is_some()
            || facts.partitions.set().is_some()
            || facts.peak_rate.set().is_some()
    }
}

/// Names the container that is the consumer, or is `"false"`.
pub const CONSUMER_ANNOTATION: &str = "lagward.dev/consumer";

/// A field that counts whole seconds. Zero is a value; a negative one counts as 1 s, as Kubernetes takes it.
pub(crate) fn seconds(scalar: &views::Scalar<'_>, place: impl FnOnce() -> Place) -> Setting<Duration> {
    match integer_field(scalar, place) {
        Setting::Set { value, written } => {
            let value = Duration::from_secs(u64::try_from(value).unwrap_or(1));
            Setting::Set { value, written }
        }
        Setting::Invalid { written, why } => Setting::Invalid { written, why },
        _ => Setting::UNDECLARED,
    }
}
