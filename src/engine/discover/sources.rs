//! Every value that is written under a known name in a container, and which of them the client reads.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::expand::{Expanded, VariableScope};
use super::lookup::Known;
use super::runtime::{self, Runtime};
use super::table::{Beside, HOME_MADE, Key, Name};
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
    JvmOptions(JvmOptions),
    Environment,
    /// Variables of `env` outrank those of `envFrom`.
    EnvFrom,
    /// A file, or a part of one, that counts only where a profile of Spring is active.
    ProfileFile,
    File,
}

/// Where options of a JVM stand, by precedence: the JVM takes `_JAVA_OPTIONS` last and `JAVA_TOOL_OPTIONS` first, and
/// its launcher puts `JDK_JAVA_OPTIONS` before the command line (`Arguments::parse_vm_init_args` and the manual page
/// of `java`, OpenJDK 21). Start scripts put variables of their own in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum JvmOptions {
    JavaOptions,
    CommandLine,
    StartScript,
    JdkJavaOptions,
    JavaToolOptions,
}

/// A known name, found.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) name: &'static Name,
    /// Which of the container's clients reads it; empty for all of them.
    pub(super) client: Cow<'static, str>,
    pub(super) found: Found,
    pub(super) source: SettingSource,
}

/// The value under a name.
#[derive(Clone, Debug)]
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

/// Every known name that the container sets, which variables it has, and the runtime that it proves.
pub(super) fn collect(
    view: &views::Container<'_>,
    container: &Place,
    around: &Surroundings<'_>,
) -> (Hits, Variables, Option<&'static Runtime>) {
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
    let runtime = runtime::recognise(view, &hits);
    hits.drop_weak(runtime.is_some_and(|runtime| runtime.is_worker));
    (hits, variables, runtime)
}

impl Hit {
    pub(super) fn new(Known { row: name, client }: Known, found: Found, source: SettingSource) -> Self {
        Self { name, client, found, source }
    }

    /// Set to nothing, as templates do with values that are not given.
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.found, Found::Here(written) if written.text().trim().is_empty())
    }

    /// Whether only a consumer is told this.
    pub(super) fn shows_a_consumer(&self) -> bool {
        self.name.key.is_of_a_consumer() && !self.is_empty()
    }

    fn is_integer(&self) -> bool {
        matches!(&self.found, Found::Here(written) if written.text().trim().parse::<i64>().is_ok())
    }
}

impl Hits {
    /// What the client reads for this key: the name that its framework prefers wherever it stands, what is for this
    /// client before what is for all, and of an option that is repeated the last.
    pub(super) fn best(&self, key: Key) -> Option<&Hit> {
        self.all.iter().rev().filter(|hit| hit.name.key == key && !hit.is_empty()).min_by_key(|hit| {
            let framework = hit.name.rank.min(HOME_MADE);
            (framework, hit.client.is_empty(), hit.source, hit.name.rank)
        })
    }

    /// The hits of the first client and of each further one. There are several where they are told their own:
    /// SmallRye's channels, or Kafka Streams beside a plain consumer. What is for all of them counts for each.
    pub(super) fn by_client(self) -> (Self, Vec<Self>) {
        let own = |hit: &&Hit| hit.name.key.tells_clients_apart() && !hit.client.is_empty();
        let mut told = self.all.iter().filter(own).map(|hit| &hit.client);
        let first = told.next();
        if told.all(|client| Some(client) == first) {
            return (self, Vec::new());
        }
        let mut clients: BTreeSet<&str> = self.all.iter().map(|hit| &*hit.client).collect();
        clients.remove("");
        // What the clients that are not judged are told is not known.
        let is_partly_elsewhere = self.is_partly_elsewhere || clients.len() > MOST_CLIENTS;
        let of = |client: &str| {
            let is_read = |hit: &&Hit| hit.client.is_empty() || *hit.client == *client;
            let all = self.all.iter().filter(is_read).cloned().collect();
            Self { all, is_partly_elsewhere, referred: self.referred.clone() }
        };
        let mut clients = clients.into_iter().take(MOST_CLIENTS).map(of);
        let first = clients.next().unwrap_or_default();
        (first, clients.collect())
    }

    /// Forgets the variables without effect of their own that this text of a file refers to: a file gives them one.
    pub(super) fn refer(&mut self, text: &str) {
        let is_named = |written: &Written| written.place.variable().is_some_and(|name| text.contains(name));
        self.all.retain(|hit| {
            hit.name.key != Key::Nothing || !matches!(&hit.found, Found::Here(written) if is_named(written))
        });
    }

    /// Takes the value that `span` of the scalar holds.
    pub(super) fn add_part(
        &mut self,
        known: Known,
        source: SettingSource,
        (place, raw): (&Place, &Arc<str>),
        span: Range<usize>,
        scope: &VariableScope,
    ) {
        let mut written =
            Written { span, reader: known.row.reader, ..Written::whole(place.clone(), Arc::clone(raw)) };
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
        self.all.push(Hit::new(known, found, source));
    }

    /// Names that are too common count only beside others. A group id that is a number is a user's, and a worker's is
    /// no group of consumers.
    fn drop_weak(&mut self, is_worker: bool) {
        let is_connected = self.best(Key::Bootstrap).is_some();
        let connects = |hit: &Hit| matches!(hit.name.key, Key::Bootstrap | Key::Topic);
        let has_flag = self.all.iter().any(|hit| connects(hit) && hit.source == SettingSource::Arguments);
        self.all.retain(|hit| {
            let is_met = match hit.name.beside {
                Beside::Anything | Beside::Consumer => return true,
                Beside::PodName => !matches!(hit.found, Found::Here(_)),
                Beside::Broker => is_connected,
                Beside::BrokerFlag => has_flag,
            };
            is_met && !(hit.name.key == Key::Group && (is_worker || hit.is_integer()))
        });
        let proves = |hit: &Hit| hit.name.beside != Beside::Consumer && hit.shows_a_consumer();
        let is_consumer = self.all.iter().any(proves);
        self.all.retain(|hit| hit.name.beside != Beside::Consumer || is_consumer);
    }
}

/// The most clients of a container that are judged. Rules compare them with each other, so that more take long.
const MOST_CLIENTS: usize = 16;

/// A value that a shell, Spring or Helm replaces before the client reads it.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains('{') && (text.contains("${") || text.contains("{{")) || text.starts_with('$')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::discover::lookup::look_up;
    use crate::engine::discover::table::Read;

    /// A container whose SmallRye channels each have a session timeout.
    fn channels(count: usize) -> Hits {
        let mut hits = Hits::default();
        for number in 0..count {
            let name = format!("mp.messaging.incoming.c{number}.session.timeout.ms");
            let known = look_up(&name, Read::Env).expect("a known name");
            let found = Found::Here(Written::whole(Place::default(), "45000"));
            hits.all.push(Hit::new(known, found, SettingSource::Environment));
        }
        hits
    }

    #[test]
    fn each_client_is_judged_by_its_own_settings_up_to_a_bound() {
        let clients = |count| {
            let (first, further) = channels(count).by_client();
            (1 + further.len(), first.all.len(), first.is_partly_elsewhere)
        };
        assert_eq!(clients(1), (1, 1, false));
        assert_eq!(clients(3), (3, 1, false));
        assert_eq!(clients(5000), (MOST_CLIENTS, 1, true));
    }
}
