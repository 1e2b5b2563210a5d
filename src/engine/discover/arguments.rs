//! Command lines: flags, properties and JVM options, also inside a shell script.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::expand::VariableScope;
use super::lookup::look_up;
use super::shutdown::base_name;
use super::sources::{Found, Hit, Hits, JvmOptions, SettingSource};
use super::table::Read;
use crate::engine::place::Place;
use crate::engine::setting::Reader;

/// `--name=value`, `--name value`, both also with one dash, `-Dname=value`, `-X name=value`, each also inside a shell script.
pub(super) fn read(hits: &mut Hits, list: &[&str], place: &Place, scope: &VariableScope) {
    let words: Vec<Word<'_>> = list.iter().enumerate().flat_map(|(index, raw)| split(raw, index)).collect();
    if words.iter().any(Word::is_admin_tool) {
        return;
    }
    // An argument that is a long script may hold many values: each shares the text.
    let mut shared: HashMap<usize, Arc<str>> = HashMap::new();
    let mut whole = |word: &Word<'_>| -> Arc<str> {
        Arc::clone(shared.entry(word.index).or_insert_with(|| word.raw.into()))
    };
    let mut rest = words.as_slice();
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        let Some(flag) = word.flag() else { continue };
        let Some((holder, span)) = flag.value(word, after) else { continue };
        let at = place.item(holder.index, None);
        match flag.kind {
            Kind::Property => {
                client_property(hits, (holder, flag.reader()), &mut whole, (span, &at), scope);
            }
            Kind::Jvm => {
                if let Some(known) = look_up(flag.name, Read::Env) {
                    let source = SettingSource::JvmOptions(JvmOptions::CommandLine);
                    hits.add_part(known, source, (&at, &whole(holder)), span, scope);
                }
            }
            Kind::Long => {
                if let Some(known) = look_up(flag.name, Read::Flag) {
                    hits.add_part(known, SettingSource::Arguments, (&at, &whole(holder)), span, scope);
                }
            }
        }
    }
}

/// `-Dname=value` in an environment variable of JVM options.
pub(super) fn jvm_options(
    hits: &mut Hits,
    (text, order): (&str, JvmOptions),
    place: &Place,
    scope: &VariableScope,
) {
    let whole: Arc<str> = text.into();
    for word in split(text, 0) {
        let Some((name, value)) = word.text.strip_prefix("-D").and_then(|word| word.split_once('=')) else {
            continue;
        };
        if let Some(known) = look_up(name, Read::Env) {
            let end = word.start + word.text.len();
            let source = SettingSource::JvmOptions(order);
            hits.add_part(known, source, (place, &whole), end - value.len()..end, scope);
        }
    }
}

/// `session.timeout.ms=45000`, the value of `-X` or `--consumer-property`.
fn client_property(
    hits: &mut Hits,
    (word, reader): (&Word<'_>, Reader),
    whole: &mut impl FnMut(&Word<'_>) -> Arc<str>,
    (span, place): (Range<usize>, &Place),
    scope: &VariableScope,
) {
    let Some((name, _)) = word.raw.get(span.clone()).and_then(|text| text.split_once('=')) else { return };
    let Some(known) = look_up(name, Read::Client) else { return };
    let start = span.start + name.len() + 1;
    hits.add_part(known, SettingSource::Arguments, (place, &whole(word)), start..span.end, scope);
    if let Some(Hit { found: Found::Here(written), .. }) = hits.all.last_mut() {
        written.reader = reader;
    }
}

enum Kind {
    /// `--name`
    Long,
    /// `-Dname`
    Jvm,
    /// `-X`, `--consumer-property`: the value is itself a name and a value.
    Property,
}

struct Flag<'a> {
    kind: Kind,
    name: &'a str,
    /// The offset behind `=` in the argument that holds the flag.
    inline: Option<usize>,
}

impl Flag<'_> {
    /// `-X` is kcat's and librdkafka's own tools', `--consumer-property` the Java console consumer's.
    fn reader(&self) -> Reader {
        match self.name {
            "X" => Reader::Librdkafka,
            "consumer-property" => Reader::Java,
            _ => Reader::Anybody,
        }
    }

    /// The value stands behind `=`, or is the next word.
    fn value<'w>(&self, word: &'w Word<'w>, after: &'w [Word<'w>]) -> Option<(&'w Word<'w>, Range<usize>)> {
        match self.inline {
            Some(start) => Some((word, start..word.start + word.text.len())),
            None => after.first().map(|next| (next, next.start..next.start + next.text.len())),
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
    /// A tool of Kafka's that names groups and joins none.
    fn is_admin_tool(&self) -> bool {
        let name = base_name(self.text);
        matches!(
            name.strip_suffix(".sh").unwrap_or(name),
            "kafka-consumer-groups" | "kafka-streams-application-reset"
        )
    }

    fn flag(&self) -> Option<Flag<'a>> {
        if let Some(property) = self.text.strip_prefix("-X") {
            // `-X name=value` and `-Xname=value`; `-Xmx1g` has no `=` and is the JVM's.
            let inline = property.contains('=').then_some(self.start + 2);
            let is_property = property.is_empty() || inline.is_some();
            return is_property.then_some(Flag { kind: Kind::Property, name: "X", inline });
        }
        let (kind, prefix) = match self.text {
            text if text.starts_with("-D") => (Kind::Jvm, "-D"),
            text if text.starts_with("--") => (Kind::Long, "--"),
            // Go's flag package takes one dash, too; one letter is another program's short option.
            text if text.starts_with('-') && text.len() > 2 => (Kind::Long, "-"),
            _ => return None,
        };
        let body = &self.text[prefix.len()..];
        let (name, inline) = match body.split_once('=') {
            Some((name, _)) => (name, Some(self.start + prefix.len() + name.len() + 1)),
            None => (body, None),
        };
        match (&kind, name) {
            (Kind::Jvm, _) if inline.is_none() => None,
            (Kind::Long, "consumer-property" | "property" | "command-property") => {
                Some(Flag { kind: Kind::Property, name, inline })
            }
            _ => Some(Flag { kind, name, inline }),
        }
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
