//! A text to documents: a YAML stream, or JSON values one after another.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, Options, Parser};
use serde::de::IgnoredAny;
use serde_json::Deserializer;

use super::build::{Builder, DEEPEST, Depth, Finished};
use super::lines::Lines;
use super::refusal::Refusal;
use super::tree::{Bare, Document};

/// Reads every document of a YAML stream, or of JSON values one after another. A broken document loses only
/// itself: reading resumes at the next `---`.
pub fn parse(text: &str) -> (Vec<Document>, Vec<SyntaxError>) {
    let mut documents = Vec::new();
    let errors = each(text, &mut |document| documents.push(document));
    (documents, errors)
}

/// What a document is read into.
pub(super) trait Read {
    const DEPTH: Depth;
    fn of(finished: Finished) -> Self;
}

impl Read for Document {
    const DEPTH: Depth = Depth::Places;

    fn of(finished: Finished) -> Self {
        let Finished { value, root, aliased, range, repeats, .. } = finished;
        Self { value, root, aliased, range, repeats }
    }
}

impl Read for Bare {
    const DEPTH: Depth = Depth::Values;

    fn of(finished: Finished) -> Self {
        let Finished { value, range, is_repeated, .. } = finished;
        Self { value, range, is_repeated }
    }
}

/// As [`parse`], document by document.
pub(super) fn each<T: Read>(text: &str, take: &mut dyn FnMut(T)) -> Vec<SyntaxError> {
    let mut refusals = Vec::new();
    match json_values(text) {
        Some(values) => values.into_iter().for_each(|value| read(text, value, take, &mut refusals)),
        None => read(text, 0..text.len(), take, &mut refusals),
    }
    if refusals.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(text);
    refusals.into_iter().map(|refusal| SyntaxError::new(refusal, &lines)).collect()
}

/// The documents of a part of a text; `None` if one of them cannot be read.
pub(super) fn read_part(text: &str, part: Range<usize>) -> Option<Vec<Document>> {
    let (mut documents, mut refusals) = (Vec::new(), Vec::new());
    text.get(part.clone())?;
    read(text, part, &mut |document| documents.push(document), &mut refusals);
    refusals.is_empty().then_some(documents)
}

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The byte offset in the text.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, lower case.
    pub message: String,
}

impl SyntaxError {
    fn new(refusal: Refusal, lines: &Lines<'_>) -> Self {
        let (line, column) = lines.at(refusal.offset);
        Self { offset: refusal.offset, line, column, message: refusal.message.into_owned() }
    }
}

/// Reads the YAML stream in a part of the whole text.
fn read<T: Read>(whole: &str, part: Range<usize>, take: &mut dyn FnMut(T), refusals: &mut Vec<Refusal>) {
    let (base, text) = (part.start, whole.get(part).unwrap_or_default());
    let mut parser = Parser::new_from_str_with_options(text, options());
    let mut builder = Builder::new(text, base, T::DEPTH);
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, span)) => builder.take(event, &span),
            Err(error) => Err(refusal(&error, base, text.len())),
        };
        match step {
            Ok(None) => {}
            Ok(Some(finished)) => take(T::of(finished)),
            Err(refusal) => {
                refusals.push(refusal);
                builder = Builder::new(text, base, T::DEPTH);
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    return;
                }
            }
        }
    }
}

/// Comments are left out: an edit works on the text, and collecting them costs a fifth of the time and has a limit.
/// That they can be left out at build time does not help, since a dependency may ask for them.
fn options() -> Options {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    options
}

fn refusal(error: &granit_parser::ScanError, base: usize, end: usize) -> Refusal {
    let message = match error.kind() {
        ErrorKind::RecursionLimitExceeded => Refusal::TOO_DEEP.into(),
        ErrorKind::UnknownAnchor => "an alias names an anchor that is not defined above it".into(),
        ErrorKind::TabInBlockIndentation => "tabs cannot indent".into(),
        kind => Cow::Owned(kind.to_string()),
    };
    Refusal { offset: base + error.marker().byte_offset().unwrap_or(end), message }
}

/// The ranges of JSON values that follow one another, one a line or not, as `kubectl get -o json` calls print
/// them; `None` for anything else.
fn json_values(text: &str) -> Option<Vec<Range<usize>>> {
    let json = text.trim_start_matches('\u{feff}');
    if !json.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let base = text.len() - json.len();
    let mut values = Deserializer::from_str(json).into_iter::<IgnoredAny>();
    let mut ranges = Vec::new();
    let mut start = base;
    while let Some(value) = values.next() {
        value.ok()?;
        let end = base + values.byte_offset();
        ranges.push(start..end);
        start = end;
    }
    (ranges.len() > 1).then_some(ranges)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::engine::place::Place;

    fn one(text: &str) -> Document {
        let (mut documents, errors) = parse(text);
        assert_eq!(errors, [], "{text:?}");
        assert_eq!(documents.len(), 1, "{text:?}");
        documents.remove(0)
    }

    fn refused(text: &str) -> SyntaxError {
        let (documents, mut errors) = parse(text);
        assert_eq!((documents.len(), errors.len()), (0, 1), "{text:.60}");
        errors.remove(0)
    }

    #[test]
    fn a_broken_document_does_not_lose_the_others() {
        let (documents, errors) = parse("a: 1\n---\nb: [1\n---\nc: 'x\n---\nd: 4\n");
        let values: Vec<_> = documents.iter().map(|document| document.value.clone()).collect();
        assert_eq!(values, [json!({"a": 1}), json!({"d": 4})]);
        let lines: Vec<_> = errors.iter().map(|error| (error.line, error.column)).collect();
        assert_eq!(lines, [(3, 4), (5, 4)]);
        assert_eq!(errors[0].message, "unclosed bracket '['");
    }

    #[test]
    fn a_column_counts_characters_and_an_offset_bytes() {
        let text = "\u{feff}ü: ü\r\näö: b: c\r\n";
        let error = refused(text);
        assert_eq!((error.line, error.column), (2, 6));
        assert_eq!(&text[error.offset..], ": c\r\n");
    }

    #[test]
    fn carriage_returns_and_tabs_in_json_are_fine() {
        assert_eq!(one("a: |\r\n  x\r\n  y\r\nb: 1\r\n").value, json!({"a": "x\ny\n", "b": 1}));
        assert_eq!(one("{\n\t\"a\": [\n\t\t1\n\t]\n}\n").value, json!({"a": [1]}));
    }

    #[test]
    fn json_values_may_follow_one_another() {
        let text = "{\"a\": 1}\n{\"a\": 2}\n\n{\n  \"a\": 3\n}\n";
        let (documents, errors) = parse(text);
        assert_eq!(errors, []);
        let spans: Vec<_> = documents
            .iter()
            .filter_map(|it| it.value_span(&Place::fields(&["a"])))
            .map(|span| &text[span])
            .collect();
        assert_eq!(spans, ["1", "2", "3"]);
    }

    #[test]
    fn a_hundred_thousand_comments_are_no_limit() {
        let text = format!("a:\n{}  b: 1\n", "  # why\n".repeat(100_000));
        assert_eq!(one(&text).value, json!({"a": {"b": 1}}));
    }

    #[test]
    fn deep_nesting_is_refused_and_never_overflows() {
        const LEVELS: usize = 10_000;
        let json = format!("{}1{}", "{\"a\":".repeat(LEVELS), "}".repeat(LEVELS));
        let block: String = (0..LEVELS).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        for text in ["[".repeat(LEVELS), "{".repeat(LEVELS), "- ".repeat(LEVELS), json, block] {
            let error = refused(&text);
            assert!(
                error.message.contains("nested deeper than 255")
                    || error.message.contains("map key is itself"),
                "{}",
                error.message
            );
        }
        let deepest = format!("{}1{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        one(&deepest);
    }

    #[test]
    fn aliases_cannot_nest_deeper_than_the_text_could() {
        let (open, close) = ("[".repeat(200), "]".repeat(200));
        assert_eq!(refused(&format!("- &a {open}1{close}\n- {open}*a{close}\n")).message, Refusal::TOO_DEEP);
    }

    #[test]
    fn a_billion_laughs_are_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let below = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", ")));
        }
        assert_eq!(refused(&text).message, "aliases expand to too many values");
    }

    #[test]
    fn large_and_odd_scalars_are_read_or_refused() {
        let large = "x".repeat(2 << 20);
        assert_eq!(one(&format!("a: \"{large}\"\n")).value["a"], large);
        assert_eq!(one(&format!("a: {large}\n")).value["a"], large);
        assert_eq!(one(r#"{"a": "\ud83d\ude00\/\u0000"}"#).value["a"], "😀/\0");
        assert!(refused(r#"{"a": "\ud800"}"#).message.contains("surrogate"));
        assert!(refused("a: x\0y\n").message.contains("unexpected character"));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9f64)
                .prop_filter("whole floats become integers", |it| it.fract() != 0.0)
                .prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ -~]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[ -~ä]{0,8}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn leaves(value: &Value, place: &Place, found: &mut Vec<(Place, Value)>) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    leaves(item, &place.item(index, None), found);
                }
            }
            Value::Object(map) => {
                for (name, member) in map {
                    leaves(member, &place.field(name.clone()), found);
                }
            }
            leaf => found.push((place.clone(), leaf.clone())),
        }
    }

    proptest! {
        #[test]
        fn json_reads_back_and_every_leaf_has_its_span(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.unwrap();
            let document = one(&text);
            prop_assert_eq!(&document.value, &value);
            let mut found = Vec::new();
            leaves(&value, &Place::default(), &mut found);
            for (place, leaf) in found {
                let span = document.value_span(&place).unwrap();
                prop_assert_eq!(&one(&text[span]).value, &leaf, "{}", place);
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            check_spans(&text);
        }

        #[test]
        fn any_yaml_like_text_is_read_without_a_panic(
            text in "([ab]: |- |\\? |[&*]a |<<: |\\n {0,3}|[\\[\\]{},:#\"'|>!~]|---\\n|\\.\\.\\.\\n|ü|\\r\\n|\t|!!int |1){0,40}"
        ) {
            check_spans(&text);
        }
    }

    fn check_spans(text: &str) {
        let (documents, errors) = parse(text);
        for document in documents {
            let mut found = Vec::new();
            leaves(&document.value, &Place::default(), &mut found);
            for (place, _) in found {
                let span =
                    document.value_span(&place).unwrap_or_else(|| panic!("no span for {place} in {text:?}"));
                assert!(text.get(span).is_some(), "{place} in {text:?}");
                assert!(text.get(document.span(&place)).is_some(), "{place} in {text:?}");
            }
        }
        assert!(errors.iter().all(|error| error.offset <= text.len()), "{errors:?}");
    }
}
