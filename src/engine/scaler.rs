//! A ScaledObject, as rules, World and Snapshot know it.

use std::borrow::Cow;
use std::time::Duration;

use super::behavior::Behavior;
use super::duration::Unit;
use super::keda::dialect::Dialect;
use super::keda::keys::is_known_to;
use super::keda::parser::{Given, KedaRefusal, refusals};
use super::keda::{KedaVersion, Metadata, Origin, count_partitions, near};
use super::object::{
    Kind, Meta, annotation, declared_drain, declared_session, duration_setting, integer_field,
};
use super::place::Place;
use super::setting::{Flaw, Setting, Unknown, Written};
use super::target::Target;
use super::unquoted::Unquoted;
use super::views::{self, Scalar, Strings};
use super::world::Lookup;

pub use super::keda::TriggerKind;

/// A ScaledObject.
#[derive(Clone, Debug)]
pub struct Scaler {
    /// Identity, facts and exemptions.
    pub meta: Meta,
    /// `kafka.session.timeout.seconds`, for a workload that does not say it.
    pub declared_session: Setting<Duration>,
    /// `lagward.dev/drain`, likewise.
    pub declared_drain: Setting<Duration>,
    /// What it scales.
    pub target: Target,
    /// `spec.minReplicaCount`; KEDA's default is 0.
    pub min: Setting<i64>,
    /// `spec.maxReplicaCount`; KEDA's default is 100.
    pub max: Setting<i64>,
    /// `spec.idleReplicaCount`; no default.
    pub idle: Setting<i64>,
    /// `spec.pollingInterval` in seconds; KEDA's default is 30.
    pub polling_interval: Setting<i64>,
    /// `spec.cooldownPeriod` in seconds; KEDA's default is 300.
    pub cooldown_period: Setting<i64>,
    /// `spec.initialCooldownPeriod` in seconds; KEDA's default is 0.
    pub initial_cooldown_period: Setting<i64>,
    /// How fast the HPA may scale.
    pub behavior: Behavior,
    /// `spec.advanced.scalingModifiers`, if it has a formula: lagThreshold is no longer what the HPA aims at.
    pub formula: Option<Box<Formula>>,
    /// A trigger, Kafka or not, has `useCachedMetrics`: the HPA sees what KEDA polled last.
    pub uses_cached_metrics: bool,
    /// `spec.fallback` is set, which counts failures of KEDA's own polling, too.
    pub has_fallback: bool,
    /// The name of an HPA that it takes over (`scaledobject.keda.sh/transfer-hpa-ownership`).
    pub adopts: Option<Box<str>>,
    /// The annotation that pauses it: KEDA scales nothing (`NeedToBePausedByAnnotation`,
    /// apis/keda/v1alpha1/scaledobject_types.go, v2.20.2).
    pub paused: Option<Box<Written>>,
    /// The Kafka triggers; others are not judged.
    pub triggers: Box<[Trigger]>,
}

/// `spec.advanced.scalingModifiers`.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// `formula`.
    pub text: Box<str>,
    /// `target`, if it is a number.
    pub target: Option<f64>,
}

/// A Kafka trigger.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Which scaler it uses, or is meant to use.
    pub kind: TriggerKind,
    /// `type`, if it is that scaler's name in another case, which KEDA does not know (`buildScaler`,
    /// pkg/scaling/scalers_builder.go, v2.20.2).
    pub misspelt: Option<Box<str>>,
    /// `spec.triggers[i]`, keyed by its name or by type and ordinal.
    pub place: Place,
    /// `name`, by which a formula reads it.
    pub name: Option<Box<str>>,
    /// `metricType`, if it is set and not the default.
    pub metric_type: Option<Box<str>>,
    /// `metadata`, as it is written; how a value of it counts depends on KEDA's version.
    pub metadata: Metadata,
    /// What of it is no string, though the API server accepts nothing else.
    pub unquoted: Box<[Unquoted]>,
    /// `authenticationRef` names a TriggerAuthentication, which may supply what nobody here sees.
    pub has_authentication: bool,
    /// `metadata.sessionTimeout`: no KEDA version reads it; it is a declaration for lagward.
    pub session_timeout: Setting<Duration>,
    /// `metricType` is AverageValue (the default), so lagThreshold is the lag per replica.
    pub is_average: bool,
}

/// KEDA's default of maxReplicaCount (`defaultHPAMaxReplicas`, apis/keda/v1alpha1/scaledobject_types.go, v2.20.2).
pub const DEFAULT_MAX: i64 = 100;
/// KEDA's default of pollingInterval, in seconds (`defaultPollingInterval`, apis/keda/v1alpha1/withtriggers_types.go).
pub const DEFAULT_POLLING: i64 = 30;
/// KEDA's default of cooldownPeriod, in seconds (`defaultCooldownPeriod`, pkg/scaling/executor/scale_executor.go).
pub const DEFAULT_COOLDOWN: i64 = 300;
/// KEDA's default of lagThreshold (`defaultKafkaLagThreshold`, pkg/scalers/kafka_scaler.go, every version).
pub const DEFAULT_LAG_THRESHOLD: i64 = 10;

impl Scaler {
    pub(crate) fn distil(view: &views::Object<'_>) -> Self {
        let spec = &view.spec;
        let field = |name| Place::fields(&["spec"]).field(name);
        let or_default = |scalar, name, default| match integer_field(scalar, || field(name)) {
            Setting::Unknown(_) => Setting::Defaulted { value: default },
            setting => setting,
        };
        Self {
            meta: Meta::distil(Kind::ScaledObject, &view.metadata),
            declared_session: declared_session(&view.metadata.annotations),
            declared_drain: declared_drain(&view.metadata.annotations),
            target: Target::distil(&spec.target),
            min: or_default(&spec.min, "minReplicaCount", 0),
            max: or_default(&spec.max, "maxReplicaCount", DEFAULT_MAX),
            idle: integer_field(&spec.idle, || field("idleReplicaCount")),
            polling_interval: or_default(&spec.polling_interval, "pollingInterval", DEFAULT_POLLING),
            cooldown_period: or_default(&spec.cooldown_period, "cooldownPeriod", DEFAULT_COOLDOWN),
            initial_cooldown_period: or_default(&spec.initial_cooldown_period, "initialCooldownPeriod", 0),
            behavior: Behavior::distil(&spec.advanced.hpa.behavior, &view.metadata.annotations),
            formula: Formula::distil(&spec.advanced.modifiers).map(Box::new),
            uses_cached_metrics: spec.triggers.iter().any(|t| t.use_cached_metrics == Scalar::Bool(true)),
            has_fallback: spec.fallback.failures != Scalar::Absent,
            adopts: adopted(view),
            paused: pause(&view.metadata.annotations).map(Box::new),
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

    /// Every session timeout that it declares: its own, then those of its triggers.
    pub fn declared_sessions(&self) -> impl Iterator<Item = &Setting<Duration>> {
        std::iter::once(&self.declared_session)
            .chain(self.triggers.iter().map(|trigger| &trigger.session_timeout))
    }

    /// The HPA has no room between its bounds: nothing is ever scaled but from and to zero.
    pub fn is_fixed(&self) -> bool {
        match (self.min.value(), self.max.value()) {
            (Some(min), Some(max)) => (*min).max(1) >= *max,
            _ => false,
        }
    }

    /// Expects that values of trigger metadata are filled in before KEDA reads them: [`Metadata::unrendered`].
    pub fn expect_placeholders(&mut self) {
        for trigger in &mut self.triggers {
            trigger.metadata = std::mem::take(&mut trigger.metadata).unrendered();
            if trigger.metadata.is_unknown("sessionTimeout") {
                trigger.session_timeout = Setting::Unknown(Unknown::Elsewhere);
            }
        }
    }

    /// The triggers for which KEDA has a scaler in this version, by their index among the Kafka triggers. What a key means
    /// to another one is nothing.
    pub fn triggers_of(&self, keda: KedaVersion) -> impl Iterator<Item = (usize, &Trigger)> {
        let is_built = move |trigger: &Trigger| trigger.misspelt.is_none() && trigger.kind.exists_in(keda);
        self.triggers.iter().enumerate().filter(move |(_, trigger)| is_built(trigger))
    }

    /// Gives one of the triggers other metadata.
    pub fn set_metadata(&mut self, index: usize, metadata: Metadata) {
        if let Some(trigger) = self.triggers.get_mut(index) {
            *trigger = trigger.clone().with_metadata(metadata);
        }
    }

    /// Gives one of the triggers the type that is meant.
    pub fn correct_type(&mut self, index: usize) {
        if let Some(trigger) = self.triggers.get_mut(index) {
            trigger.misspelt = None;
        }
    }

    /// Where the object holds what no output may repeat: parameters of a TriggerAuthentication in the wrong place,
    /// and user info in an address.
    pub fn secrets(&self) -> impl Iterator<Item = Place> {
        self.triggers.iter().flat_map(|trigger| {
            let pairs = trigger.metadata.iter();
            let secret = pairs.filter(|(key, value)| near::is_secret(key) || near::has_user_info(value));
            secret.map(|(key, _)| trigger.key(key.to_owned()))
        })
    }
}

impl Formula {
    fn distil(view: &views::ScalingModifiers<'_>) -> Option<Self> {
        let text = view.formula.as_str().filter(|formula| !formula.is_empty())?;
        Some(Self { text: text.into(), target: view.target.raw().trim().parse().ok() })
    }

    /// Whether it reads the trigger of this name. Names are identifiers of the expression language, which
    /// end where none of their characters follows.
    pub fn reads(&self, name: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.text.split(|c| !is_part(c)).any(|word| word == name)
    }
}

impl Trigger {
    fn distil(view: &views::Trigger<'_>, kind: TriggerKind, place: Place) -> Self {
        Self {
            kind,
            misspelt: view.kind.as_str().filter(|name| *name != kind.name()).map(Into::into),
            has_authentication: view.authentication.name.as_str().is_some_and(|name| !name.is_empty()),
            session_timeout: Setting::UNDECLARED,
            name: view.name.as_str().filter(|name| !name.is_empty()).map(Into::into),
            is_average: matches!(view.metric_type.as_str(), None | Some("" | "AverageValue")),
            metric_type: view
                .metric_type
                .as_str()
                .filter(|kind| !matches!(*kind, "" | "AverageValue"))
                .map(Into::into),
            unquoted: unquoted(&view.metadata, &place),
            place,
            metadata: Metadata::default(),
        }
        .with_metadata(Metadata::distil(&view.metadata))
    }

    /// The same trigger with other metadata.
    #[must_use]
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        let session_timeout = match metadata.get("sessionTimeout").map(str::trim) {
            Some(_) if metadata.is_unknown("sessionTimeout") => Setting::Unknown(Unknown::Elsewhere),
            None | Some("") => Setting::UNDECLARED,
            Some(raw) => duration_setting(Written::whole(self.key("sessionTimeout"), raw), Unit::ByValue),
        };
        Self { metadata, session_timeout, ..self }
    }

    /// The place of a key of the metadata.
    pub fn key(&self, name: impl Into<Cow<'static, str>>) -> Place {
        self.place.field("metadata").field(name)
    }

    /// A key of the metadata as it is written, without spaces around it; `None` if nothing is.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Where KEDA takes a key from that may also come from a variable of the container.
    pub fn origin(&self, key: &str, keda: KedaVersion) -> Origin<'_> {
        Origin::of(&self.metadata, key, Dialect::of(self.kind, keda))
    }

    /// `consumerGroup`, if written there.
    pub fn group(&self) -> Option<&str> {
        self.text("consumerGroup").filter(|_| !self.metadata.is_unknown("consumerGroup"))
    }

    /// `topic`, if written there.
    pub fn topic(&self) -> Option<&str> {
        self.text("topic").filter(|_| !self.metadata.is_unknown("topic"))
    }

    /// `lagThreshold`; KEDA's default is 10 in every version, and it refuses what is not positive.
    pub fn lag_threshold(&self, keda: KedaVersion) -> Setting<i64> {
        self.number("lagThreshold", DEFAULT_LAG_THRESHOLD, 1, keda)
    }

    /// `activationLagThreshold`; KEDA's default is 0, and it refuses what is negative.
    pub fn activation(&self, keda: KedaVersion) -> Setting<i64> {
        self.number("activationLagThreshold", 0, 0, keda)
    }

    /// A boolean key is true, and this version of KEDA reads it.
    pub fn is_on(&self, key: &str, keda: KedaVersion) -> bool {
        let dialect = Dialect::of(self.kind, keda);
        let text = self.metadata.get(key).and_then(|raw| dialect.text(raw));
        text.is_some_and(|text| dialect.boolean(text) == Ok(true)) && is_known_to(key, self.kind, keda)
    }

    /// Everything that KEDA's own parser refuses for certain. The container's variables are not known, nor is a
    /// TriggerAuthentication.
    pub fn refusals(&self, keda: KedaVersion) -> Vec<KedaRefusal> {
        let env = |_: &str| Lookup::Unknown;
        let auth = |_: &str| if self.has_authentication { Lookup::Unknown } else { Lookup::Absent };
        refusals(self.kind, keda, &Given { metadata: &self.metadata, env: &env, auth: &auth })
    }

    /// Whether this trigger watches one topic, so that its partition count is that topic's.
    pub fn has_one_topic(&self) -> bool {
        self.topic().is_some_and(|topic| !topic.contains(','))
    }

    /// The topics that it watches, as far as they are written there: `apache-kafka` takes a list, to `kafka` commas are
    /// part of one name.
    pub fn topics(&self, keda: KedaVersion) -> impl Iterator<Item = &str> {
        let literal = match self.origin("topic", keda) {
            Origin::Literal(text) => Some(text),
            Origin::Variable(_) | Origin::Nowhere | Origin::Unknown => None,
        };
        let most = if self.kind == TriggerKind::ApacheKafka { usize::MAX } else { 1 };
        literal.into_iter().flat_map(move |text| text.splitn(most, ',').map(str::trim))
    }

    /// How many of a topic's partitions KEDA counts: those of `partitionLimitation`. `None` if it refuses the list.
    pub fn counted_partitions(&self, partitions: i64) -> Option<i64> {
        count_partitions(self.metadata.get("partitionLimitation").unwrap_or_default(), partitions)
    }

    /// The keys and values of the metadata, up to a number that no real trigger has.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata.iter().take(views::MOST_ITEMS)
    }

    fn number(&self, key: &'static str, default: i64, least: i64, keda: KedaVersion) -> Setting<i64> {
        let dialect = Dialect::of(self.kind, keda);
        let Some(text) = self.metadata.get(key).and_then(|raw| dialect.text(raw)) else {
            return Setting::Defaulted { value: default };
        };
        if self.metadata.is_unknown(key) {
            return Setting::Unknown(Unknown::Elsewhere);
        }
        let written = Box::new(Written::whole(self.key(key), text));
        match dialect.integer(text) {
            Ok(value) if value >= least => Setting::Set { value, written },
            Ok(_) => Setting::Invalid { written, why: Flaw::NotPositive },
            Err(_) => Setting::Invalid { written, why: Flaw::NoInteger },
        }
    }
}

fn unquoted(metadata: &Strings<'_>, trigger: &Place) -> Box<[Unquoted]> {
    let place = |key: &str| trigger.field("metadata").field(key.to_owned());
    let all = metadata.iter().filter_map(|(key, value)| Unquoted::of(value, || place(key)));
    all.take(views::MOST_ITEMS).collect()
}

fn triggers<'v>(views: &'v [views::Trigger<'v>]) -> impl Iterator<Item = Trigger> + 'v {
    let mut ordinals = [0, 0];
    views.iter().enumerate().filter_map(move |(index, view)| {
        let kind = TriggerKind::meant_by(view.kind.as_str()?)?;
        let ordinal = match kind {
            TriggerKind::Kafka => &mut ordinals[0],
            TriggerKind::ApacheKafka => &mut ordinals[1],
        };
        let nth = std::mem::replace(ordinal, *ordinal + 1);
        let key = match view.name.as_str() {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => format!("{}#{nth}", kind.name()),
        };
        let place = Place::fields(&["spec", "triggers"]).item(index, Some(&key));
        Some(Trigger::distil(view, kind, place))
    })
}

/// `verifyHpas`, apis/keda/v1alpha1/scaledobject_webhook.go, v2.20.2.
fn adopted(view: &views::Object<'_>) -> Option<Box<str>> {
    let transfer = view.metadata.annotations.get("scaledobject.keda.sh/transfer-hpa-ownership")?;
    let name = view.spec.advanced.hpa.name.as_str().filter(|name| !name.is_empty())?;
    (transfer.raw() == "true").then(|| name.into())
}

/// The annotation that pauses a ScaledObject.
fn pause(annotations: &Strings<'_>) -> Option<Written> {
    // Its presence alone pauses, whatever it says.
    if let Some(value) = annotations.get("autoscaling.keda.sh/paused-replicas") {
        return Some(Written::whole(annotation("autoscaling.keda.sh/paused-replicas"), value.raw()));
    }
    let value = annotations.get("autoscaling.keda.sh/paused")?.raw();
    is_true_or_odd(&value).then(|| Written::whole(annotation("autoscaling.keda.sh/paused"), &*value))
}

/// A text that is no boolean counts as true (`getBoolAnnotation`, apis/keda/v1alpha1/scaledobject_types.go, v2.20.2).
pub(super) fn is_true_or_odd(text: &str) -> bool {
    !matches!(text, "0" | "f" | "F" | "false" | "FALSE" | "False")
}
