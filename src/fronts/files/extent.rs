//! The bytes of an event, where the parser's own range is no help to a reader.

use std::ops::Range;

use granit_parser::{Event, ScalarStyle, Span, StructureStyle};

/// The bytes of `event` in `text`. `behind_key` is the text behind the key whose value the event starts.
pub(super) fn of(event: &Event<'_>, span: &Span, text: &str, behind_key: Option<&str>) -> Range<usize> {
    let range = span.byte_range().unwrap_or_default();
    match event {
        Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => block_scalar(range, text),
        Event::Scalar(_, ScalarStyle::Plain, ..) if range.is_empty() => {
            missing_value(range, text, behind_key)
        }
        Event::SequenceStart(StructureStyle::Block, ..) => list(range, text, behind_key),
        _ => range,
    }
}

/// The blank lines behind a block scalar belong to nobody.
fn block_scalar(range: Range<usize>, text: &str) -> Range<usize> {
    let end = text.get(..range.end).unwrap_or_default().trim_end().len();
    range.start.min(end)..end
}

/// A missing value is reported at the end of its key; it belongs behind the colon.
fn missing_value(range: Range<usize>, text: &str, behind_key: Option<&str>) -> Range<usize> {
    let colon = behind_key.and_then(|rest| rest.trim_start_matches([' ', '\t']).strip_prefix(':'));
    let at = colon.map_or(range.start, |rest| range.start.max(text.len() - rest.len()));
    at..at
}

/// A list that is not indented under its key is reported at its first item's content, behind the dash.
fn list(range: Range<usize>, text: &str, behind_key: Option<&str>) -> Range<usize> {
    let dash = behind_key.and_then(first_dash);
    let start = dash.map_or(range.start, |rest| range.start.min(text.len() - rest.len()));
    start..range.end
}

/// The text from the first dash that starts a line on, behind the rest of this line, blank lines and comments.
fn first_dash(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let (_, below) = rest.split_once('\n')?;
        rest = below.trim_start();
        if !rest.starts_with('#') {
            return rest.starts_with('-').then_some(rest);
        }
    }
}
