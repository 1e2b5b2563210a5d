//! Command lines: flags, properties and JVM options, also inside a shell script.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::expand::{Variable, VariableScope};
use super::lookup::{Known, look_up};
use super::shutdown::base_name;
use super::sources::{Found, Hit, Hits, JvmOptions, SettingSource};
use super::table::Read;
use crate::engine::place::Place;
use crate::engine::setting::Reader;

/// `--name=value`, `--name value`, both also with one dash, `-Dname=value`, `-X name=value`, each also inside a shell script.
pub(super) fn read(hits: &mut Hits, list: &[&str], place: &Place, scope: &VariableScope) {
    let mut words = Vec::new();
    for (index, raw) in list.iter().enumerate() {
        // An argument with blanks is a script.
        let syntax = if raw.trim().contains(char::is_whitespace) { Syntax::Shell } else { Syntax::Plain };
        hits.is_partly_elsewhere |= split(&mut words, raw, (index, syntax), scope);
    }
    if words.iter().any(Word::is_admin_tool) {
        return;
    }
    let mut values = Values { hits, scope, shared: HashMap::new() };
    let mut rest = words.as_slice();
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        let Some(flag) = word.flag() else { continue };
        let Some((holder, span)) = flag.value(word, after) else { continue };
        let at = place.item(holder.index, None);
        match flag.kind {
            Kind::Property => values.client_property(holder, span, at, flag.reader()),
            Kind::Jvm => {
                values.take(
                    look_up(flag.name, Read::Env),
                    SettingSource::JvmOptions(JvmOptions::CommandLine),
                    holder,
                    span,
                    at,
                );
            }
            Kind::Long => {
                values.take(look_up(flag.name, Read::Flag), SettingSource::Arguments, holder, span, at);
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
    let mut words = Vec::new();
    hits.is_partly_elsewhere |= split(&mut words, text, (0, Syntax::Options), scope);
    let mut values = Values { hits, scope, shared: HashMap::new() };
    for word in &words {
        let Some((name, value)) = word.text.strip_prefix("-D").and_then(|word| word.split_once('=')) else {
            continue;
        };
        let end = word.start + word.text.len();
        let span = end - value.len()..end;
        values.take(look_up(name, Read::Env), SettingSource::JvmOptions(order), word, span, place.clone());
    }
}

/// Takes values that are parts of words.
struct Values<'h, 's> {
    hits: &'h mut Hits,
    scope: &'s VariableScope,
    /// An argument that is a long script may hold many values: each shares the text, by its address.
    shared: HashMap<usize, Arc<str>>,
}

impl Values<'_, '_> {
    fn take(
        &mut self,
        known: Option<Known>,
        source: SettingSource,
        word: &Word<'_>,
        span: Range<usize>,
        place: Place,
    ) {
        let Some(known) = known else { return };
        let Some(span) = word.value(span) else {
            self.hits.all.push(Hit::new(known, Found::Elsewhere, source));
            return;
        };
        let place = match word.variable {
            Some(variable) => place.referring_to(format!("{variable} of its environment")),
            None => place,
        };
        let whole = self.shared.entry(word.raw.as_ptr().addr()).or_insert_with(|| word.raw.into());
        self.hits.add_part(known, source, (&place, whole), span, self.scope);
    }

    /// `session.timeout.ms=45000`, the value of `-X` or `--consumer-property`.
    fn client_property(&mut self, word: &Word<'_>, span: Range<usize>, place: Place, reader: Reader) {
        let Some((name, _)) = word.raw.get(span.clone()).and_then(|text| text.split_once('=')) else {
            return;
        };
        let Some(known) = look_up(name, Read::Client) else { return };
        let start = span.start + name.len() + 1;
        self.take(Some(known), SettingSource::Arguments, word, start..span.end, place);
        if let Some(Hit { found: Found::Here(written), .. }) = self.hits.all.last_mut() {
            written.reader = reader;
        }
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

/// Who takes a text apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// Nobody: it is one word.
    Plain,
    /// A shell.
    Shell,
    /// The JVM, and for some variables a shell before it.
    Options,
}

/// A word of a text.
struct Word<'a> {
    text: &'a str,
    /// The text that holds it.
    raw: &'a str,
    /// Its offset there.
    start: usize,
    /// The argument's index.
    index: usize,
    syntax: Syntax,
    /// The variable whose value the text is.
    variable: Option<&'a str>,
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

    fn new(
        text: &'a str,
        raw: &'a str,
        (index, syntax): (usize, Syntax),
        variable: Option<&'a str>,
    ) -> Option<Self> {
        let quote = |c: char| matches!(c, '"' | '\'');
        let text = match syntax {
            Syntax::Shell => command_word(text),
            Syntax::Plain | Syntax::Options => text,
        };
        let text = if text.starts_with(quote) { text.trim_matches(quote) } else { text };
        let start = text.as_ptr().addr() - raw.as_ptr().addr();
        (!text.is_empty()).then_some(Self { text, raw, start, index, syntax, variable })
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

    /// The bytes of `raw` that the program gets, without quotes. `None` for what a shell makes of them.
    fn value(&self, span: Range<usize>) -> Option<Range<usize>> {
        if self.syntax == Syntax::Plain {
            return Some(span);
        }
        let text = self.raw.get(span.clone())?;
        let inner = unquoted(text);
        let start = span.start + (inner.as_ptr().addr() - text.as_ptr().addr());
        // `$(VAR)` is Kubernetes', which replaces it before.
        let is_open = inner.matches("$(").count() > inner.matches(')').count();
        let is_replaced = is_open || inner.replace("$(", "").contains(['$', '`', '"', '\'', '\\']);
        (!is_replaced).then(|| start..start + inner.len())
    }
}

/// Splits a text at blanks. A word `$(VAR)` gives way to the options that the variable holds; one that may hold some
/// makes the answer true.
fn split<'a>(
    words: &mut Vec<Word<'a>>,
    raw: &'a str,
    (index, syntax): (usize, Syntax),
    scope: &'a VariableScope,
) -> bool {
    let mut may_hold_options = false;
    for text in raw.split_whitespace() {
        let name = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
        match name.and_then(|name| Some((name, scope.get(name)?))) {
            Some((name, Variable::Known(options)))
                if holds_options(options) && scope.affords(options.len()) =>
            {
                let inner = options.split_whitespace();
                words.extend(inner.filter_map(|text| Word::new(text, options, (index, syntax), Some(name))));
            }
            found => {
                let is_value = words.last().and_then(Word::flag).is_some_and(|flag| flag.inline.is_none());
                may_hold_options |= !is_value
                    && match found {
                        Some((_, Variable::Elsewhere)) => true,
                        Some((_, Variable::Known(options))) => holds_options(options),
                        _ => false,
                    };
                words.extend(Word::new(text, raw, (index, syntax), None));
            }
        }
    }
    may_hold_options
}

fn holds_options(text: &str) -> bool {
    text.trim_start().starts_with('-')
}

/// A word of a script up to the operator that ends it; `$(` and `)` belong to it.
fn command_word(text: &str) -> &str {
    let text = text.trim_start_matches(['(', ';', '&', '|']);
    let end = text.find([';', '&', '|', '<', '>']).unwrap_or(text.len());
    let text = &text[..end];
    if text.contains('(') { text } else { text.trim_end_matches(')') }
}

/// Without the quotes around it, or the one that closes a longer text.
fn unquoted(text: &str) -> &str {
    let Some(last) = text.chars().next_back().filter(|c| matches!(c, '"' | '\'')) else { return text };
    let inner = &text[..text.len() - 1];
    inner.strip_prefix(last).unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::discover::table::Key;

    /// What is read of these arguments for a key; `None` where it stands where the input does not show it.
    fn read_of(key: Key, list: &[&str]) -> Vec<Option<String>> {
        let mut scope = VariableScope::default();
        scope.define("TUNING", Variable::Known("-Xmx1g --kafka-group-id=tuned".into()));
        scope.define("SECRET", Variable::Elsewhere);
        let mut hits = Hits::default();
        read(&mut hits, list, &Place::default(), &scope);
        let text = |hit: &Hit| match &hit.found {
            Found::Here(written) => Some(written.text().to_owned()),
            _ => None,
        };
        hits.all.iter().filter(|hit| hit.name.key == key).map(text).collect()
    }

    fn group(list: &[&str]) -> Vec<Option<String>> {
        read_of(Key::Group, list)
    }

    #[test]
    fn a_shell_takes_quotes_away_and_ends_a_word_at_an_operator() {
        let orders = [Some("orders".to_owned())];
        for script in [
            "app --kafka-group-id=orders; echo done",
            "app --kafka-group-id=\"orders\" &",
            "(app '--kafka-group-id=orders')",
            "app --kafka-group-id 'orders'|tee /log",
            "su app -c 'app --kafka-group-id=orders'",
            "app --kafka-group-id=orders>/log",
        ] {
            assert_eq!(group(&[script]), orders, "{script}");
        }
        assert_eq!(group(&["--kafka-group-id=a;b"]), [Some("a;b".to_owned())]);
    }

    #[test]
    fn what_a_shell_replaces_is_not_known() {
        for script in [
            "app --kafka-group-id=worker-$HOSTNAME",
            "app --kafka-group-id=worker-`hostname`",
            "app --kafka-group-id=worker-$(hostname -s)",
            "app --kafka-group-id=$$(hostname)",
            "app --kafka-group-id=\"my orders\"",
            "app --kafka-group-id=a\\ b",
        ] {
            assert_eq!(group(&[script]), [None], "{script}");
        }
    }

    #[test]
    fn a_variable_may_hold_options() {
        let tuned = [Some("tuned".to_owned())];
        assert_eq!(group(&["$(TUNING)"]), tuned);
        assert_eq!(group(&["app -v $(TUNING) --x"]), tuned);
        let is_partly_elsewhere = |list: &[&str]| {
            let mut scope = VariableScope::default();
            scope.define("SECRET", Variable::Elsewhere);
            let mut hits = Hits::default();
            read(&mut hits, list, &Place::default(), &scope);
            hits.is_partly_elsewhere
        };
        assert!(is_partly_elsewhere(&["app", "$(SECRET)"]));
        assert!(!is_partly_elsewhere(&["--topic", "$(SECRET)"]));
        assert!(!is_partly_elsewhere(&["--topic=$(SECRET)"]));
    }

    #[test]
    fn the_jvm_takes_quotes_away() {
        let mut hits = Hits::default();
        let text = "-Xmx1g -Dkafka.group.id=\"orders\" '-Dkafka.session.timeout.ms=10000'";
        jvm_options(
            &mut hits,
            (text, JvmOptions::JavaToolOptions),
            &Place::default(),
            &VariableScope::default(),
        );
        let texts = hits.all.iter().map(|hit| match &hit.found {
            Found::Here(written) => written.text(),
            _ => "",
        });
        assert_eq!(texts.collect::<Vec<_>>(), ["orders", "10000"]);
    }
}
