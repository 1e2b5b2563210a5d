//! kube-state-metrics, by its arguments: the flags that it does not have, and which labels of pods it shows.
//!
//! `version` reads the image's tag, `flags` is the table of flags by version, `arguments` reads them as pflag does, and
//! `allowlist` is its reader of `--metric-labels-allowlist`.

mod allowlist;
mod arguments;
mod flags;
mod version;

use super::discover::repository;
use super::place::Place;
use super::views;
use allowlist::Allowlist;
use arguments::{Argument, Arguments};
pub use flags::Instead;
pub use version::KubeStateVersion;

/// A container that runs kube-state-metrics.
#[derive(Clone, Debug)]
pub struct KubeStateMetrics {
    /// Its version, where the image's tag says it.
    pub version: Option<KubeStateVersion>,
    /// Flags that this version does not have, or that lack their value: it ends at once.
    pub unknown: Box<[UnknownFlag]>,
    /// The labels of pods that it shows in `kube_pod_labels`.
    pub pod_labels: PodLabels,
}

/// A flag that this version does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFlag {
    /// The argument.
    pub place: Place,
    /// The flag as it is written, without its value.
    pub written: Box<str>,
    /// What does what was meant.
    pub instead: Instead,
}

/// The labels of pods that a kube-state-metrics shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodLabels {
    /// Not its business, or not known: other resources, a configuration file, metrics chosen by name.
    Unknown,
    /// None: no argument asks for them, which would stand at this place.
    Unset(Place),
    /// Its value is empty.
    Empty(Place),
    /// Its value is in no form that kube-state-metrics reads; it ends at once.
    Malformed(Place),
    /// The allowlist names resources, and pods are not among them: `pod` perhaps, which is no resource.
    OtherResources(Place),
    /// These, and whether they are all that a pod has.
    Some {
        /// The argument that counts: the last one, which replaces those before it.
        place: Place,
        /// Their names.
        names: Box<[Box<str>]>,
        /// Every label.
        is_all: bool,
    },
}

impl KubeStateMetrics {
    /// What a container's arguments say, if its image is that of kube-state-metrics 2 and nothing stands between the
    /// arguments and the program.
    pub(crate) fn of(view: &views::Container<'_>, place: &Place) -> Option<Box<Self>> {
        let image = view.image.as_str()?;
        let name = repository(image).rsplit('/').next()?;
        // The second is what Rancher's mirror calls it.
        if !["kube-state-metrics", "mirrored-kube-state-metrics-kube-state-metrics"].contains(&name) {
            return None;
        }
        let version = version::of_image(image)?;
        let arguments = Arguments::read(view, place, version)?;
        let unknown = arguments.all.iter().filter_map(|argument| match argument {
            Argument::Unknown(flag) => Some(flag.clone()),
            Argument::Known { .. } => None,
        });
        Some(Box::new(Self { version, unknown: unknown.collect(), pod_labels: pod_labels(&arguments) }))
    }
}

const ALLOWLIST: &str = "metric-labels-allowlist";

impl Argument {
    fn is_meant_for_allowlist(&self) -> bool {
        match self {
            Self::Unknown(UnknownFlag { instead: Instead::Flag(name), .. }) => *name == ALLOWLIST,
            Self::Unknown(UnknownFlag { instead: Instead::Value, written, .. }) => {
                written.ends_with(ALLOWLIST)
            }
            Self::Known { .. } | Self::Unknown(_) => false,
        }
    }
}

/// As `AddFlags` and `allowList` decide (pkg/options/options.go, internal/store/builder.go, v2.15.0).
fn pod_labels(arguments: &Arguments) -> PodLabels {
    let is_given = |name| arguments.last(name).is_some();
    let value = |name| arguments.last(name).map(|(_, value)| value);
    let lists =
        |name, item: &str| value(name).is_some_and(|list| list.split(',').any(|one| one.trim() == item));
    // What is in a file overrides what is not said here; whoever picks metrics by name has decided.
    let is_elsewhere = ["config", "metric-allowlist"].iter().any(|name| is_given(name))
        || value("custom-resource-state-only") == Some("true")
        || value("metric-denylist").is_some_and(|list| list.contains("labels"));
    if is_elsewhere || (is_given("resources") && !lists("resources", "pods")) {
        return PodLabels::Unknown;
    }
    let Some((place, text)) = arguments.last(ALLOWLIST) else {
        // What was meant for it is said to be unknown, or to lack its value.
        let is_meant = arguments.all.iter().any(Argument::is_meant_for_allowlist);
        return if is_meant { PodLabels::Unknown } else { PodLabels::Unset(arguments.list.clone()) };
    };
    let place = place.clone();
    if text.contains("$(") {
        return PodLabels::Unknown;
    }
    if text.trim().is_empty() {
        return PodLabels::Empty(place);
    }
    let Some(allowlist) = Allowlist::read(text) else { return PodLabels::Malformed(place) };
    match allowlist.of("pods") {
        None => PodLabels::OtherResources(place),
        Some(names) => {
            let is_all = names.first().is_some_and(|name| &**name == "*");
            PodLabels::Some { place, names: names.into(), is_all }
        }
    }
}
