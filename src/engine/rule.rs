//! A rule: plain static data, and the vocabulary of its check.

use std::fmt::{self, Display};
use std::time::Duration;

use super::consumer::{Consumer, Container};
use super::evaluation::Evaluation;
use super::finding::Report;
use super::fix::Fix;
use super::keda::KedaVersion;
use super::object::Facts;
use super::policy::{Param, Parameter};
use super::scaler::{Scaler, Trigger};
use super::setting::Setting;
use super::world::OwnAutoscaler;

/// How firmly something is said, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not at all.
    Off,
    /// With a warning.
    Warn,
    /// With a denial.
    Deny,
}

impl Level {
    /// `off`, `warn`, `deny`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

impl Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One rule of the table. There are no defaults: a field that is left out does not compile.
#[derive(Debug)]
pub struct Rule {
    /// `LW201`; never reused.
    pub code: &'static str,
    /// Reads as "allow min-replicas-too-low": it names the bad pattern.
    pub name: &'static str,
    /// One sentence for tables.
    pub summary: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// Its level by profile.
    pub levels: Levels,
    /// What its fixes do.
    pub fixes: Fixes,
    /// What a policy can set.
    pub params: &'static [&'static dyn Parameter],
    /// Its page, whose examples are run.
    pub page: &'static str,
    /// What it looks at.
    pub checks: &'static [Check],
}

impl Rule {
    /// Never denies by itself: what it says is no breakage.
    pub fn only_warns(&self) -> bool {
        self.levels.strict < Level::Deny
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// A rule's level by profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Under `profile: strict`, the shipped default.
    pub strict: Level,
    /// Under `profile: baseline`; where only some of its findings are a judgement, that of the others.
    pub baseline: Level,
    /// The highest that a policy may ask for.
    pub highest: Level,
}

impl Levels {
    /// Denies in both profiles.
    pub const DENY: Self = Self { strict: Level::Deny, baseline: Level::Deny, highest: Level::Deny };
    /// A judgement call: denies under `strict` only.
    pub const JUDGEMENT: Self = Self { strict: Level::Deny, baseline: Level::Warn, highest: Level::Deny };
    /// Warns; a policy may let it deny.
    pub const WARN: Self = Self { strict: Level::Warn, baseline: Level::Warn, highest: Level::Deny };
    /// Warns and cannot be raised, since code that no manifest shows may be right.
    pub const WARN_AT_MOST: Self = Self { strict: Level::Warn, baseline: Level::Warn, highest: Level::Warn };
}

/// What a rule's fixes do; a test compares it with what its page's cases offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixes {
    /// Supplies what is unset.
    pub fill: bool,
    /// Overwrites what is set.
    pub set: bool,
    /// The webhook may apply them.
    pub at_admission: bool,
}

impl Fixes {
    /// No fix.
    pub const NONE: Self = Self { fill: false, set: false, at_admission: false };
}

/// A check, by what it looks at. The engine loops and looks up; a check sees one thing.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// A Deployment or a StatefulSet.
    Workload(fn(&Consumer, &mut Cx<'_>)),
    /// A container that runs a Kafka consumer.
    Container(fn(&Container, &Consumer, &mut Cx<'_>)),
    /// A ScaledObject with a Kafka trigger.
    Scaler(fn(&Scaler, &mut Cx<'_>)),
    /// One Kafka trigger.
    Trigger(fn(&Trigger, &Scaler, &mut Cx<'_>)),
    /// A workload and the ScaledObject that scales it.
    Pair(fn(&Consumer, &Scaler, &mut Cx<'_>)),
}

/// A trigger that names more topics than anybody has counts a number of partitions that is not known.
const MOST_TOPICS: usize = 64;

/// What a check may ask and say.
pub struct Cx<'a> {
    pub(super) rule: &'static Rule,
    /// The judged object and what stands around it.
    pub(super) evaluation: &'a Evaluation<'a>,
    /// What is said from now on rests on another object as well.
    pub(super) used_pair: bool,
    /// The object is an edited one that nobody has, judged to see whether a fix would help.
    pub(super) is_rehearsal: bool,
    pub(super) reports: Vec<(Report, bool)>,
}

impl<'a> Cx<'a> {
    pub(super) const fn new(rule: &'static Rule, evaluation: &'a Evaluation<'a>) -> Self {
        Self { rule, evaluation, used_pair: false, is_rehearsal: false, reports: Vec::new() }
    }

    /// Says something of the judged object (in a pair check: of the object that the check names the place of).
    pub fn report(&mut self, mut report: Report) {
        report.fix = report.fix.filter(Fix::is_possible);
        self.reports.push((report, self.used_pair));
    }

    /// A parameter's value for this object.
    pub fn get<T: super::policy::ParamValue>(&self, param: &'static Param<T>) -> T {
        self.evaluation.settings.get(param)
    }

    /// How the team aligns timeouts.
    pub fn alignment(&self) -> super::policy::Alignment {
        self.evaluation.context.policy.alignment
    }

    /// The version of KEDA that the policy speaks of.
    pub fn keda(&self) -> KedaVersion {
        self.evaluation.context.policy.keda_version
    }

    /// The ScaledObjects known to scale the judged workload; what is said after asking rests on them.
    pub fn scalers(&mut self) -> &'a [&'a Scaler] {
        self.used_pair |= !self.evaluation.scalers.is_empty();
        &self.evaluation.scalers
    }

    /// A ScaledObject is known to scale the judged workload. For words alone: nothing that is said may rest on it.
    pub fn is_scaled(&self) -> bool {
        !self.evaluation.scalers.is_empty()
    }

    /// The other ScaledObjects known to scale the same workload as the judged one.
    pub fn rivals(&mut self) -> &'a [&'a Scaler] {
        self.used_pair |= !self.evaluation.rivals.is_empty();
        &self.evaluation.rivals
    }

    /// An HPA that is known to scale the same workload, unless the ScaledObject takes it over.
    pub fn foreign_autoscaler(&mut self, scaler: &Scaler) -> Option<&'a str> {
        let is_foreign = |name: &&str| scaler.adopts.as_deref() != Some(*name);
        let found = self.evaluation.context.world.autoscalers_of(scaler).into_iter().find(is_foreign);
        self.used_pair |= found.is_some();
        found
    }

    /// The HPA that KEDA made for the ScaledObject, where it is known.
    pub fn own_autoscaler(&mut self, scaler: &Scaler) -> Option<OwnAutoscaler<'a>> {
        let found = self.evaluation.context.world.autoscaler_by_keda(scaler);
        self.used_pair |= found.is_some();
        found
    }

    /// The judged ScaledObject stands where everything is known, and its workload is not there.
    pub fn is_dangling(&mut self) -> bool {
        self.used_pair |= self.evaluation.is_dangling;
        self.evaluation.is_dangling
    }

    /// The object comes in a request to the API server, which has filled in defaults and may come before or after
    /// the objects that belong to it.
    pub fn is_request(&self) -> bool {
        self.evaluation.context.occasion.is_request()
    }

    /// A declared fact: the object's own, else its counterpart's.
    fn fact<T: Copy>(&mut self, pick: impl Fn(&Facts) -> &Setting<T>) -> Option<T> {
        if let Some((value, _)) = pick(&self.evaluation.subject.meta().facts).set() {
            return Some(*value);
        }
        let value = self
            .evaluation
            .others
            .iter()
            .find_map(|meta| pick(&meta.facts).set().map(|(value, _)| *value))?;
        self.used_pair = true;
        Some(value)
    }

    /// The partitions that the consumers of a ScaledObject share, if it has one Kafka trigger: declared, or those of its
    /// topics by their KafkaTopics.
    pub fn partitions(&mut self, scaler: &Scaler) -> Option<i64> {
        let [only] = &*scaler.triggers else { return None };
        let is_declarable = only.topic().is_none_or(|topic| !topic.contains(','));
        let declared = if is_declarable { self.fact(|facts| &facts.partitions) } else { None };
        let sum = |counts: Vec<i64>| counts.into_iter().fold(0, i64::saturating_add);
        declared.or_else(|| self.topic_partitions(only, scaler).map(sum))
    }

    /// The partitions by which KEDA caps a trigger: what its `partitionLimitation` leaves of them.
    pub fn watched_partitions(&mut self, trigger: &Trigger, scaler: &Scaler) -> Option<i64> {
        let counts = match self.topic_partitions(trigger, scaler) {
            Some(counts) => counts,
            None => vec![self.partitions(scaler)?],
        };
        counts
            .into_iter()
            .try_fold(0_i64, |sum, count| Some(sum.saturating_add(trigger.counted_partitions(count)?)))
    }

    /// Those of each topic, if all are known.
    fn topic_partitions(&self, trigger: &Trigger, scaler: &Scaler) -> Option<Vec<i64>> {
        let topics = trigger.topics(self.keda()).take(MOST_TOPICS + 1);
        let counts: Vec<i64> = topics
            .map(|topic| self.evaluation.context.world.partitions_of(scaler, topic))
            .collect::<Option<_>>()?;
        (1..=MOST_TOPICS).contains(&counts.len()).then_some(counts)
    }

    /// `lagward.dev/peak-rate`, in messages per second.
    pub fn peak_rate(&mut self) -> Option<i64> {
        self.fact(|facts| &facts.peak_rate)
    }

    /// `lagward.dev/message-time`.
    pub fn message_time(&mut self) -> Option<Duration> {
        self.fact(|facts| &facts.message_time)
    }

    /// `lagward.dev/commit-interval`.
    pub fn commit_interval(&mut self) -> Option<Duration> {
        self.fact(|facts| &facts.commit_interval)
    }

    /// `lagward.dev/max-delay`.
    pub fn max_delay(&mut self) -> Option<Duration> {
        self.fact(|facts| &facts.max_delay)
    }
}
