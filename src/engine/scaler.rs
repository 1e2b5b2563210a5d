//! A ScaledObject, as rules, World and Snapshot know it.

use std::time::Duration;

use super::duration::Unit;
use super::object::{Kind, Meta, duration_setting, integer_field};
use super::place::Place;
use super::setting::{Flaw, Setting, Written};
use super::views::{self, Scalar, Strings};

/// A ScaledObject.
#[derive(Clone, Debug)]
pub struct Scaler {
    /// Identity, facts and exemptions.
    pub meta: Meta,
    /// What it scales.
    pub target: Target,
    /// `spec.minReplicaCount`; KEDA's default is 0.
    pub min: Setting<i64>,
    /// `spec.maxReplicaCount`; KEDA's default is 100.
    pub max: Setting<i64>,
    /// `spec.idleReplicaCount`; no default.
    pub idle: Setting<i64>,
    /// `spec.pollingInterval`; KEDA's default is 30 s.
    pub polling_interval: Duration,
    /// `spec.advanced.scalingModifiers.formula` is set: lagThreshold is no longer what the HPA aims at.
    pub has_formula: bool,
    /// An annotation pauses it: KEDA scales nothing (`NeedToBePausedByAnnotation`,
    /// apis/keda/v1alpha1/scaledobject_types.go, v2.20.2).
    pub paused: bool,
    /// The Kafka triggers; others are not judged.
    pub triggers: Box<[Trigger]>,
}

/// `spec.scaleTargetRef`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The kind, if it is one that is judged. `None` for a Rollout or any other kind.
    pub kind: Option<Kind>,
    /// Its name.
    pub name: Box<str>,
}

/// The two Kafka scalers of KEDA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerKind {
    /// `kafka`, on sarama.
    Kafka,
    /// `apache-kafka`, on segmentio/kafka-go.
    ApacheKafka,
}

/// A Kafka trigger.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Which scaler it uses.
    pub kind: TriggerKind,
    /// `spec.triggers[i]`, keyed by its name or by type and ordinal.
    pub place: Place,
    /// `metadata.consumerGroup`, if written there.
    pub group: Option<Box<str>>,
    /// `metadata.topic`, if written there.
    pub topic: Option<Box<str>>,
    /// `metadata.lagThreshold`; KEDA's default is 10 in every version.
    pub lag_threshold: Setting<i64>,
    /// `metadata.activationLagThreshold`; KEDA's default is 0.
    pub activation: Setting<i64>,
    /// `metadata.sessionTimeout`: no KEDA version reads it; it is a declaration for lagward.
    pub session_timeout: Setting<Duration>,
    /// `metadata.allowIdleConsumers` is true, so KEDA does not cap replicas at partitions + 1.
    pub allows_idle_consumers: bool,
    /// `metricType` is AverageValue (the default), so lagThreshold is the lag per replica.
    pub is_average: bool,
}

/// KEDA's default of maxReplicaCount (`defaultHPAMaxReplicas`, apis/keda/v1alpha1/scaledobject_types.go, v2.20.2).
pub const DEFAULT_MAX: i64 = 100;
/// KEDA's default of lagThreshold (`defaultKafkaLagThreshold`, pkg/scalers/kafka_scaler.go, every version).
pub const DEFAULT_LAG_THRESHOLD: i64 = 10;

impl Scaler {
    pub(crate) fn distil(view: &views::ScaledObject<'_>) -> Self {
        let spec = &view.spec;
        let field = |name| Place::fields(&["spec"]).field(name);
        let or_default = |scalar, name, default| match integer_field(scalar, || field(name)) {
            Setting::Unknown(_) => Setting::Defaulted { value: default },
            setting => setting,
        };
        let seconds = match spec.polling_interval {
            Scalar::Int(seconds) => u64::try_from(seconds).unwrap_or(30),
            _ => 30,
        };
        Self {
            meta: Meta::distil(Kind::ScaledObject, &view.metadata),
            target: Target::distil(&spec.target),
            min: or_default(&spec.min, "minReplicaCount", 0),
            max: or_default(&spec.max, "maxReplicaCount", DEFAULT_MAX),
            idle: integer_field(&spec.idle, || field("idleReplicaCount")),
            polling_interval: Duration::from_secs(seconds),
            has_formula: spec.advanced.modifiers.formula.as_str().is_some_and(|f| !f.is_empty()),
            paused: is_paused(&view.metadata.annotations),
            triggers: triggers(&spec.triggers).take(views::MOST_ITEMS).collect(),
        }
    }

    /// The fewest replicas KEDA keeps while nothing happens: idleReplicaCount where it is set, else
    /// minReplicaCount (`scaleToZeroOrIdle`, pkg/scaling/executor/scale_scaledobjects.go, v2.20.2).
    pub fn floor(&self) -> Option<i64> {
        match self.idle.value() {
            Some(idle) => Some((*idle).max(0)),
            None => self.min.value().map(|min| (*min).max(0)),
        }
    }

    /// The most replicas KEDA asks for by this trigger: maxReplicaCount, and one consumer a partition plus one
    /// unless idle consumers are allowed (the cap of `getTotalLag`, pkg/scalers/kafka_scaler.go, v2.20.2).
    pub fn ceiling(&self, trigger: &Trigger, partitions: Option<i64>) -> Option<i64> {
        let max = *self.max.value()?;
        match partitions {
            Some(count) if !trigger.allows_idle_consumers => Some(max.min(count.saturating_add(1))),
            _ => Some(max),
        }
    }
}

impl Target {
    fn distil(view: &views::ScaleTargetRef<'_>) -> Self {
        let kind = view.kind.as_str().filter(|k| !k.is_empty()).unwrap_or("Deployment");
        let api_version = view.api_version.as_str().filter(|v| !v.is_empty()).unwrap_or("apps/v1");
        let kind = Kind::of(api_version, kind).filter(|kind| *kind != Kind::ScaledObject);
        Self { kind, name: view.name.as_str().unwrap_or_default().into() }
    }
}

impl Trigger {
    fn distil(view: &views::Trigger<'_>, kind: TriggerKind, place: Place) -> Self {
        let text = |key| metadata_text(&view.metadata, key);
        let number = |key, default| {
            let Some(raw) = text(key) else { return Setting::Defaulted { value: default } };
            let written = Box::new(Written::whole(place.field("metadata").field(key), raw.as_str()));
            match raw.parse() {
                Ok(value) => Setting::Set { value, written },
                Err(_) => Setting::Invalid { written, why: Flaw::NoInteger },
            }
        };
        let session_timeout = match text("sessionTimeout") {
            None => Setting::UNDECLARED,
            Some(raw) => duration_setting(
                Written::whole(place.field("metadata").field("sessionTimeout"), raw.as_str()),
                Unit::ByValue,
            ),
        };
        Self {
            kind,
            group: text("consumerGroup").map(Into::into),
            topic: text("topic").map(Into::into),
            lag_threshold: number("lagThreshold", DEFAULT_LAG_THRESHOLD),
            activation: number("activationLagThreshold", 0),
            session_timeout,
            allows_idle_consumers: text("allowIdleConsumers").is_some_and(|raw| is_true(&raw)),
            is_average: matches!(view.metric_type.as_str(), None | Some("" | "AverageValue")),
            place,
        }
    }

    /// Whether this trigger watches one topic, so that its partition count is that topic's.
    pub fn has_one_topic(&self) -> bool {
        self.topic.as_ref().is_some_and(|topic| !topic.is_empty() && !topic.contains(','))
    }
}

fn triggers<'v>(views: &'v [views::Trigger<'v>]) -> impl Iterator<Item = Trigger> + 'v {
    let mut ordinals = [0, 0];
    views.iter().enumerate().filter_map(move |(index, view)| {
        let (kind, ordinal) = match view.kind.as_str()? {
            "kafka" => (TriggerKind::Kafka, &mut ordinals[0]),
            "apache-kafka" => (TriggerKind::ApacheKafka, &mut ordinals[1]),
            _ => return None,
        };
        let nth = std::mem::replace(ordinal, *ordinal + 1);
        let key = match view.name.as_str() {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => format!("{}#{nth}", view.kind.as_str()?),
        };
        let place = Place::fields(&["spec", "triggers"]).item(index, Some(&key));
        Some(Trigger::distil(view, kind, place))
    })
}

/// A key of trigger metadata. Since 2.20 KEDA trims values and takes an empty one as absent; before, an
/// empty lagThreshold was refused (facts of `TypedConfig`, pkg/scalers/scalersconfig/typed_config.go).
fn metadata_text(metadata: &Strings<'_>, key: &str) -> Option<String> {
    let raw = metadata.get(key)?.raw();
    let text = raw.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Go's strconv.ParseBool, for true.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

fn is_paused(annotations: &Strings<'_>) -> bool {
    if annotations.get("autoscaling.keda.sh/paused-replicas").is_some() {
        return true;
    }
    // A text that is no boolean counts as true (`getBoolAnnotation`, v2.20.2).
    annotations
        .get("autoscaling.keda.sh/paused")
        .is_some_and(|value| !matches!(value.raw().as_str(), "0" | "f" | "F" | "false" | "FALSE" | "False"))
}
