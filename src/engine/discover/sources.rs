//! Every value that is written under a known name in a container, and which of them the client reads.

use std::ops::Range;
use std::sync::Arc;

use super::expand::{Expanded, VariableScope};
use super::table::{Key, Name};
use super::{arguments, environment, files};
use crate::engine::configs::Configs;
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::variables::Variables;
use crate::engine::views;

/// What surrounds a container.
pub(crate) struct Surroundings<'a> {
    pub(crate) configs: &'a dyn Configs,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) pod: &'a views::PodSpec<'a>,
}

/// Where a value stands, by precedence: a client reads its arguments first (Spring Boot's externalized
/// configuration has this order; for others the order decides nothing that matters).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SettingSource {
    Arguments,
    Json,
    JvmOptions,
    Environment,
    /// Variables of `env` outrank those of `envFrom`.
    EnvFrom,
    File,
}

/// A known name, found.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) name: &'static Name,
    pub(super) found: Found,
    pub(super) source: SettingSource,
}

/// The value under a name.
#[derive(Debug)]
pub(super) enum Found {
    /// It is written here.
    Here(Written),
    /// It is the pod's name, which is another one for each pod.
    PodName(Place),
    /// It comes from where the input does not show it.
    Elsewhere,
}

/// Everything found in one container.
#[derive(Debug, Default)]
pub(super) struct Hits {
    pub(super) all: Vec<Hit>,
    /// `envFrom` or a mounted file that is not in the input may hold any name.
    pub(super) is_partly_elsewhere: bool,
    /// The variables of known names that values of the container refer to.
    pub(super) referred: Box<[Box<str>]>,
}

/// Every known name that the container sets, and which variables it has.
pub(super) fn collect(
    view: &views::Container<'_>,
    container: &Place,
    around: &Surroundings<'_>,
) -> (Hits, Variables) {
    let mut hits = Hits::default();
    let (scope, variables) = environment::read(&mut hits, view, container, around);
    for (list, field) in [(&view.command, "command"), (&view.args, "args")] {
        if list.is_empty() {
            continue;
        }
        let place = container.field(field);
        let words: Vec<&str> = list.iter().map(|word| word.as_str().unwrap_or_default()).collect();
        arguments::read(&mut hits, &words, &place, &scope);
    }
    files::read(&mut hits, view, container, around);
    hits.drop_weak();
    (hits, variables)
}

impl Hit {
    /// Set to nothing, as templates do with values that are not given.
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.found, Found::Here(written) if written.text().trim().is_empty())
    }

    fn is_integer(&self) -> bool {
        matches!(&self.found, Found::Here(written) if written.text().trim().parse::<i64>().is_ok())
    }
}

impl Hits {
    /// What the client reads for this key.
    pub(super) fn best(&self, key: Key) -> Option<&Hit> {
        self.all
            .iter()
            .filter(|hit| hit.name.key == key && !hit.is_empty())
            .min_by_key(|hit| (hit.source, hit.name.rank))
    }

    /// Takes the value that `span` of the scalar holds.
    pub(super) fn add_part(
        &mut self,
        name: &'static Name,
        source: SettingSource,
        (place, raw): (&Place, &Arc<str>),
        span: Range<usize>,
        scope: &VariableScope,
    ) {
        let mut written =
            Written { span, reader: name.reader, ..Written::whole(place.clone(), Arc::clone(raw)) };
        let found = match scope.expand(written.text()) {
            Expanded::Unknown => Found::Elsewhere,
            Expanded::PodName => Found::PodName(written.place),
            Expanded::AsWritten if is_template(written.text()) => Found::Elsewhere,
            Expanded::AsWritten => Found::Here(written),
            Expanded::To(text) => {
                written.expanded = Some(text.into());
                Found::Here(written)
            }
        };
        self.all.push(Hit { name, found, source });
    }

    /// Weak names count only beside a broker address; a group id that is a number is a user's.
    fn drop_weak(&mut self) {
        let connected = self.best(Key::Bootstrap).is_some();
        self.all
            .retain(|hit| !hit.name.weak || (connected && !(hit.name.key == Key::Group && hit.is_integer())));
    }
}

/// A value that a shell, Spring or Helm replaces before the client reads it.
pub(super) fn is_template(text: &str) -> bool {
    text.contains('{') && (text.contains("${") || text.contains("{{")) || text.starts_with('$')
}
