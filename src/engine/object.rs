//! What every judged object has: an identity, labels, declared facts and exemptions.

use std::fmt::{self, Display};

use super::duration::{self, Form, Unit};
use super::place::Place;
use super::setting::{Flaw, Setting, Written};
use super::views::{Metadata, Scalar, Strings};

/// The kinds that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `apps/v1` Deployment.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `keda.sh/v1alpha1` ScaledObject.
    ScaledObject,
}

impl Kind {
    /// Every kind, in the order of registration.
    pub const ALL: [Self; 3] = [Self::Deployment, Self::StatefulSet, Self::ScaledObject];

    /// The kind of an object of this apiVersion and kind, if it is judged.
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == kind && k.api_version() == api_version)
    }

    /// `Deployment`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::ScaledObject => "ScaledObject",
        }
    }

    /// `apps/v1`.
    pub fn api_version(self) -> &'static str {
        match self {
            Self::Deployment | Self::StatefulSet => "apps/v1",
            Self::ScaledObject => "keda.sh/v1alpha1",
        }
    }
}

/// Names one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; `None` in a file that names none, which matches only such files.
    pub namespace: Option<Box<str>>,
    /// Its name, or its generateName with a `*` behind it.
    pub name: Box<str>,
}

/// `ScaledObject payments/consumer`.
impl Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind.name())?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// Labels: keys and values.
pub type Labels = [(Box<str>, Box<str>)];

/// An object's metadata, as far as it is judged.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Which object it is.
    pub object: ObjectRef,
    /// Labels, for the policy's overrides.
    pub labels: Box<Labels>,
    /// What the team declared about the workload.
    pub facts: Facts,
    /// Rules that this object is exempted from.
    pub exemptions: Box<[Exemption]>,
    /// Annotations under lagward's prefix that it does not read, without the prefix.
    pub unread: Box<[Box<str>]>,
    /// A controller owns the object and would write its own value back.
    pub controlled: bool,
    /// It has a uid: it comes from a cluster, which has filled in what the author left unset.
    pub is_from_cluster: bool,
}

/// An `ignore.lagward.dev/CODE` annotation, unparsed: whether it holds depends on the date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The code, as written.
    pub code: Box<str>,
    /// `batch job, owner agreed; until 2027-01-31`.
    pub text: Box<str>,
}

impl Exemption {
    /// The prefix of the annotations.
    pub const PREFIX: &'static str = "ignore.lagward.dev/";

    /// Where the exemption stands.
    pub fn place(&self) -> Place {
        annotation(format!("{}{}", Self::PREFIX, self.code))
    }
}

/// The prefix of lagward's own annotations.
pub const PREFIX: &str = "lagward.dev/";

/// The annotations of lagward's own that an object of any kind may have.
const DECLARATIONS: [&str; 6] =
    ["partitions", "peak-rate", "message-time", "commit-interval", "max-delay", "drain"];

/// Which container is a consumer is said where the containers are.
const OF_WORKLOADS: &str = "consumer";

fn is_read(name: &str, kind: Kind) -> bool {
    DECLARATIONS.contains(&name) || (name == OF_WORKLOADS && kind != Kind::ScaledObject)
}

/// The annotation that was probably meant by one that nobody reads, without the prefix.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let slips = |known: &&str| strsim::damerau_levenshtein(&name.to_ascii_lowercase(), known);
    let near = DECLARATIONS.into_iter().chain([OF_WORKLOADS]).min_by_key(slips)?;
    (name != near && slips(&near) <= 3 && name.len() <= 2 * near.len()).then_some(near)
}

/// Facts that a team declares in annotations, because no manifest holds them.
#[derive(Clone, Debug)]
pub struct Facts {
    /// `lagward.dev/partitions`.
    pub partitions: Setting<i64>,
    /// `lagward.dev/peak-rate`, in messages per second.
    pub peak_rate: Setting<i64>,
    /// `lagward.dev/message-time`: how long one message takes.
    pub message_time: Setting<std::time::Duration>,
    /// `lagward.dev/commit-interval`.
    pub commit_interval: Setting<std::time::Duration>,
    /// `lagward.dev/max-delay`: how late a message may be.
    pub max_delay: Setting<std::time::Duration>,
}

impl Meta {
    pub(crate) fn distil(kind: Kind, view: &Metadata<'_>) -> Self {
        let name = match (view.name.as_str(), view.generate_name.as_str()) {
            (Some(name), _) if !name.is_empty() => name.into(),
            (_, Some(prefix)) => format!("{prefix}*").into(),
            _ => "".into(),
        };
        let namespace = view.namespace.as_str().filter(|ns| !ns.is_empty()).map(Into::into);
        let exemptions = view.annotations.iter().filter_map(|(key, value)| {
            let code = key.strip_prefix(Exemption::PREFIX)?;
            Some(Exemption { code: code.into(), text: value.raw().into() })
        });
        let unread = view.annotations.iter().filter_map(|(key, _)| {
            let name = key.strip_prefix(PREFIX)?;
            (!is_read(name, kind)).then(|| name.into())
        });
        let labels = view.labels.iter().map(|(key, value)| (key.into(), value.raw().into()));
        Self {
            object: ObjectRef { kind, namespace, name },
            labels: labels.collect(),
            facts: Facts::distil(&view.annotations),
            exemptions: exemptions.collect(),
            unread: unread.collect(),
            is_from_cluster: view.uid != Scalar::Absent,
            controlled: view.owners.iter().any(|owner| owner.controller == Scalar::Bool(true)),
        }
    }
}

impl Facts {
    fn distil(annotations: &Strings<'_>) -> Self {
        let count = |name| count_annotation(annotations, name);
        let time = |name| duration_annotation(annotations, name, Unit::Go);
        Self {
            partitions: count("lagward.dev/partitions"),
            peak_rate: count("lagward.dev/peak-rate"),
            message_time: time("lagward.dev/message-time"),
            commit_interval: time("lagward.dev/commit-interval"),
            max_delay: time("lagward.dev/max-delay"),
        }
    }

    /// The declared facts that cannot be read, to be told to the user: where, and what is wrong.
    pub fn unreadable(&self) -> impl Iterator<Item = (&Written, Flaw)> {
        let counts = [&self.partitions, &self.peak_rate].map(|s| match s {
            Setting::Invalid { written, why } => Some((&**written, *why)),
            _ => None,
        });
        let times = [&self.message_time, &self.commit_interval, &self.max_delay].map(|s| match s {
            Setting::Invalid { written, why } => Some((&**written, *why)),
            _ => None,
        });
        counts.into_iter().chain(times).flatten()
    }
}

/// The place of an annotation on the object itself.
pub(crate) fn annotation(name: impl Into<std::borrow::Cow<'static, str>>) -> Place {
    Place::fields(&["metadata", "annotations"]).field(name)
}

/// The write-up's own annotation for the session timeout.
pub const SESSION_ANNOTATION: &str = "kafka.session.timeout.seconds";

/// The session timeout that the object declares.
pub(crate) fn declared_session(annotations: &Strings<'_>) -> Setting<std::time::Duration> {
    duration_annotation(annotations, SESSION_ANNOTATION, Unit::SecondsOrMillis)
}

/// How long work in flight may take after SIGTERM, as the object declares it.
pub(crate) fn declared_drain(annotations: &Strings<'_>) -> Setting<std::time::Duration> {
    duration_annotation(annotations, "lagward.dev/drain", Unit::Go)
}

/// A duration in an annotation of the object.
fn duration_annotation(
    annotations: &Strings<'_>,
    name: &'static str,
    unit: Unit,
) -> Setting<std::time::Duration> {
    match annotations.get(name) {
        None | Some(Scalar::Absent) => Setting::UNDECLARED,
        Some(value) => duration_setting(Written::whole(annotation(name), value.raw()), unit),
    }
}

/// The duration that is written there, under a name with this unit. What is no duration keeps the form that its
/// name asks for.
pub(crate) fn duration_setting(mut written: Written, unit: Unit) -> Setting<std::time::Duration> {
    let invalid = |written, why| Setting::Invalid { written: Box::new(written), why };
    written.form = match unit {
        Unit::Millis => Some(Form::Millis),
        Unit::Seconds => Some(Form::Seconds),
        _ => None,
    };
    match duration::parse(written.text(), unit) {
        Ok((value, form)) => {
            written.form = Some(form);
            Setting::Set { value, written: Box::new(written) }
        }
        Err(duration::NoDuration::Ambiguous) => invalid(written, Flaw::AmbiguousUnit),
        Err(duration::NoDuration::NotPositive) => invalid(written, Flaw::NotPositive),
        Err(duration::NoDuration::Malformed) => invalid(written, Flaw::NoDuration),
    }
}

fn count_annotation(annotations: &Strings<'_>, name: &'static str) -> Setting<i64> {
    let Some(value) = annotations.get(name).filter(|value| **value != Scalar::Absent) else {
        return Setting::UNDECLARED;
    };
    let written = Box::new(Written::whole(annotation(name), value.raw()));
    match written.raw.trim().parse::<i64>() {
        Ok(value) if value > 0 => Setting::Set { value, written },
        Ok(_) => Setting::Invalid { written, why: Flaw::NotPositive },
        Err(_) => Setting::Invalid { written, why: Flaw::NoInteger },
    }
}

/// An integer field of the object. Most are absent, and then nobody needs their place.
pub(crate) fn integer_field(scalar: &Scalar<'_>, place: impl FnOnce() -> Place) -> Setting<i64> {
    match scalar {
        Scalar::Absent => Setting::UNDECLARED,
        Scalar::Int(value) => {
            let written = Written { number: true, ..Written::whole(place(), value.to_string()) };
            Setting::Set { value: *value, written: Box::new(written) }
        }
        other => {
            Setting::Invalid { written: Box::new(Written::whole(place(), other.raw())), why: Flaw::NoInteger }
        }
    }
}
