//! Finds every value that is written under a known name in a container: in command and arguments, in
//! SPRING_APPLICATION_JSON, in JVM options and in the environment.

use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;

use super::table::{self, Key, Name, Read};
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::views::{self, Scalar};

/// Where a value stands, by precedence: a client reads its arguments first (Spring Boot's externalized
/// configuration has this order; for others the order decides nothing that matters).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Arguments,
    Json,
    JvmOptions,
    Environment,
}

/// A known name, found.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) name: &'static Name,
    pub(super) found: Found,
    source: Source,
}

/// The value under a name.
#[derive(Debug)]
pub(super) enum Found {
    /// It is written here.
    Here(Written),
    /// It comes from a ConfigMap, a Secret, a field or another variable.
    Elsewhere,
}

/// Everything found in one container.
#[derive(Debug, Default)]
pub(super) struct Hits {
    all: Vec<Hit>,
    /// `envFrom` may hold any name.
    pub(super) env_is_partly_elsewhere: bool,
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

    /// Weak names count only beside a broker address; a group id that is a number is a user's.
    pub(super) fn drop_weak(&mut self) {
        let connected = self.best(Key::Bootstrap).is_some();
        self.all
            .retain(|hit| !hit.name.weak || (connected && !(hit.name.key == Key::Group && hit.is_integer())));
    }

    fn add(&mut self, name: &'static Name, source: Source, found: Found) {
        self.all.push(Hit { name, found, source });
    }

    /// Takes the value that `span` of the scalar holds.
    fn add_part(
        &mut self,
        name: &'static Name,
        source: Source,
        place: &Place,
        raw: &str,
        span: std::ops::Range<usize>,
    ) {
        let written = Written { span, ..Written::whole(place.clone(), raw) };
        let found = if is_reference(written.text()) { Found::Elsewhere } else { Found::Here(written) };
        self.add(name, source, found);
    }
}

/// Environment variables that hold JVM options.
const JVM_OPTIONS: &[&str] = &[
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "JAVA_OPTS",
    "JAVA_OPTS_APPEND",
    "JVM_OPTS",
    "JAVA_ARGS",
    "KAFKA_OPTS",
    "KSQL_OPTS",
    "CATALINA_OPTS",
];

/// Every known name that the container sets.
pub(super) fn collect(view: &views::Container<'_>, container: &Place) -> Hits {
    let mut hits = Hits {
        env_is_partly_elsewhere: view.env_from.iter().any(|source| source.iter().next().is_some()),
        ..Hits::default()
    };
    environment(&mut hits, view, container);
    for (list, field) in [(&view.command, "command"), (&view.args, "args")] {
        let place = container.field(field);
        let words: Vec<&str> = list.iter().map(|word| word.as_str().unwrap_or_default()).collect();
        arguments(&mut hits, &words, &place);
    }
    hits
}

fn environment(hits: &mut Hits, view: &views::Container<'_>, container: &Place) {
    let named =
        || view.env.iter().enumerate().filter_map(|(index, var)| Some((index, var.name.as_str()?, var)));
    // Kubernetes lets the last of two variables with one name win.
    let last: HashMap<&str, usize> = named().map(|(index, name, _)| (name, index)).collect();
    for (index, name, var) in named().filter(|(index, name, _)| last.get(name) == Some(index)) {
        let place = || container.field("env").item(index, Some(name)).field("value");
        if let Some(text) = var.value.as_str() {
            if JVM_OPTIONS.contains(&name) {
                jvm_options(hits, text, &place());
                continue;
            }
            if name == "SPRING_APPLICATION_JSON" {
                application_json(hits, text, &place());
                continue;
            }
        }
        let Some(row) = table::look_up(name, Read::Env) else { continue };
        let found = match &var.value {
            Scalar::Absent if has_source(var) => Found::Elsewhere,
            value if is_reference(value.as_str().unwrap_or_default()) => Found::Elsewhere,
            value => Found::Here(Written::whole(place(), &value.raw())),
        };
        hits.add(row, Source::Environment, found);
    }
}

fn has_source(var: &views::EnvVar<'_>) -> bool {
    let from = &var.value_from;
    from.field.path != Scalar::Absent
        || [&from.config_map, &from.secret, &from.resource_field, &from.file]
            .iter()
            .any(|source| **source != Scalar::Absent)
}

/// A value that Kubernetes, a shell, Spring or Helm replaces before the client reads it.
fn is_reference(text: &str) -> bool {
    text.contains("$(") || text.contains("${") || text.contains("{{")
}

/// `--name=value`, `--name value`, `-Dname=value`, `-X name=value`, each also inside a shell script.
fn arguments(hits: &mut Hits, list: &[&str], place: &Place) {
    let words: Vec<Word<'_>> = list.iter().enumerate().flat_map(|(index, raw)| split(raw, index)).collect();
    let mut rest = words.as_slice();
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        let Some((asked, flag, at)) = word.flag() else { continue };
        // The value follows behind `=` or is the next word.
        let (flag, value) = match flag.split_once('=') {
            Some((flag, value)) => {
                (flag, Some((word, at + flag.len() + 1..at + flag.len() + 1 + value.len())))
            }
            None => (flag, after.first().map(|next| (next, next.start..next.start + next.text.len()))),
        };
        let client = matches!(flag, "X" | "consumer-property" | "property");
        let Some((holder, span)) = value else { continue };
        if client && asked != Read::Env {
            property(hits, holder, span, place);
            continue;
        }
        if asked == Read::Client {
            continue;
        }
        if let Some(name) = table::look_up(flag, if asked == Read::Env { Read::Env } else { Read::Flag }) {
            let source = if asked == Read::Env { Source::JvmOptions } else { Source::Arguments };
            hits.add_part(name, source, &place.item(holder.index, None), holder.raw, span);
        }
    }
}

/// `session.timeout.ms=45000`, the value of `-X` or `--consumer-property`.
fn property(hits: &mut Hits, word: &Word<'_>, span: std::ops::Range<usize>, place: &Place) {
    let Some(text) = word.raw.get(span.clone()) else { return };
    let Some((name, _)) = text.split_once('=') else { return };
    let Some(row) = table::look_up(name, Read::Client) else { return };
    let start = span.start + name.len() + 1;
    hits.add_part(row, Source::Arguments, &place.item(word.index, None), word.raw, start..span.end);
}

/// `-Dname=value` in JVM options.
fn jvm_options(hits: &mut Hits, text: &str, place: &Place) {
    for word in split(text, 0) {
        let Some((name, value)) = word.text.strip_prefix("-D").and_then(|word| word.split_once('=')) else {
            continue;
        };
        if let Some(row) = table::look_up(name, Read::Env) {
            let end = word.start + word.text.len();
            hits.add_part(row, Source::JvmOptions, place, text, end - value.len()..end);
        }
    }
}

/// The levels of SPRING_APPLICATION_JSON that are read, each by reading all below it once more. The longest name
/// of the table has eleven parts.
const DEEPEST_JSON: usize = 16;

/// SPRING_APPLICATION_JSON: nested keys are joined with dots.
fn application_json(hits: &mut Hits, text: &str, place: &Place) {
    let mut open = vec![(String::new(), text, 0)];
    while let Some((prefix, json, depth)) = open.pop() {
        let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) else { continue };
        for (key, raw) in members {
            let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            let raw = raw.get();
            if raw.starts_with('{') {
                if depth < DEEPEST_JSON {
                    open.push((name, raw, depth + 1));
                }
            } else if let Some(row) = table::look_up(&name, Read::Env) {
                // The member's text is a part of `text`, so that its offset is the difference of addresses.
                let start = raw.as_ptr().addr() - text.as_ptr().addr();
                let quotes = usize::from(raw.starts_with('"'));
                hits.add_part(row, Source::Json, place, text, start + quotes..start + raw.len() - quotes);
            }
        }
    }
}

/// A word of an argument; an argument with blanks is a script and has several.
struct Word<'a> {
    text: &'a str,
    /// The argument that holds it.
    raw: &'a str,
    /// Its offset there.
    start: usize,
    /// The argument's index.
    index: usize,
}

impl<'a> Word<'a> {
    /// The kind of flag, its text without dashes, and that text's offset. `-D` flags are properties, which are
    /// looked up as the environment is.
    fn flag(&self) -> Option<(Read, &'a str, usize)> {
        let kinds = [("-D", Read::Env), ("--", Read::Flag)];
        for (prefix, read) in kinds {
            if let Some(flag) = self.text.strip_prefix(prefix) {
                return Some((read, flag, self.start + prefix.len()));
            }
        }
        (self.text == "-X").then_some((Read::Client, "X", self.start + 1))
    }
}

/// Splits at blanks; quotes around a word do not belong to it.
fn split(raw: &str, index: usize) -> impl Iterator<Item = Word<'_>> {
    let quote = |c: char| c == '"' || c == '\'';
    raw.split(char::is_whitespace).filter_map(move |word| {
        let text = word.trim_matches(quote);
        let start = text.as_ptr().addr() - raw.as_ptr().addr();
        (!text.is_empty()).then_some(Word { text, raw, start, index })
    })
}
