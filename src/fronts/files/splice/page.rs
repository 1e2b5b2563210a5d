//! The geometry of a text: lines, columns, line endings, comments.

use std::ops::Range;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Where the line of `at` starts; behind a byte order mark.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    match before.rfind('\n') {
        Some(end) => end + 1,
        None if text.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len_utf8().min(at),
        None => 0,
    }
}

/// Where the line of `at` ends, in front of its line ending.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let is_ended = line.len() < rest.len();
    at + if is_ended { line.strip_suffix('\r').unwrap_or(line) } else { line }.len()
}

/// Where the next line starts; `None` on the last one.
pub(super) fn next_line(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    rest.find('\n').map(|end| at + end + 1)
}

/// The line ending at `at` or, on the last line, that of the text.
pub(super) fn line_ending(text: &str, at: usize) -> &'static str {
    let ends_with_return = |line: &str| line.ends_with('\r');
    let here = text.get(at..).and_then(|rest| rest.split_once('\n')).map(|(line, _)| line);
    let line = here.or_else(|| text.split_once('\n').map(|(line, _)| line));
    if line.is_some_and(ends_with_return) { "\r\n" } else { "\n" }
}

/// How many characters stand before `at` on its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    text.get(line_start(text, at)..at).unwrap_or_default().chars().count()
}

/// The blanks that the line of `at` starts with.
pub(super) fn indent(text: &str, at: usize) -> &str {
    let line = text.get(line_start(text, at)..line_end(text, at)).unwrap_or_default();
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

/// Whether only blanks stand before `at` on its line.
pub(super) fn starts_line(text: &str, at: usize) -> bool {
    text.get(line_start(text, at)..at).unwrap_or_default().trim_matches([' ', '\t']).is_empty()
}

/// Whether `range`, which holds no value, holds a comment. What else could hold a `#` there, an anchor or a tag,
/// is as good a reason to leave it alone.
pub(super) fn has_comment(text: &str, range: Range<usize>) -> bool {
    text.get(range).unwrap_or_default().contains('#')
}

/// The end of the last line that belongs to a block which ends at `at`: comments below it that are indented
/// deeper than `column` are its own.
pub(super) fn block_end(text: &str, at: usize, column: usize) -> usize {
    let mut end = line_end(text, at);
    let mut line = end;
    while let Some(start) = next_line(text, line) {
        line = line_end(text, start);
        let content = text.get(start..line).unwrap_or_default();
        let depth = content.len() - content.trim_start_matches(' ').len();
        match content.trim_start().chars().next() {
            None => {}
            Some('#') if depth > column => end = line,
            Some(_) => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_their_ending_whatever_it_is() {
        let text = "\u{feff}a: 1\r\n  b: ü # x\n\nc";
        let at = |part: &str| text.find(part).unwrap();
        assert_eq!(&text[line_start(text, at("1"))..line_end(text, at("a"))], "a: 1");
        assert_eq!((line_ending(text, at("a")), line_ending(text, at("b"))), ("\r\n", "\n"));
        assert_eq!(line_ending(text, at("c")), "\r\n");
        assert_eq!((column(text, at("1")), column(text, at("#"))), (3, 7));
        assert_eq!(indent(text, at("#")), "  ");
        assert!(starts_line(text, at("b")) && starts_line(text, at("a")) && !starts_line(text, at("1")));
        assert_eq!(next_line(text, at("c")), None);
    }

    #[test]
    fn a_block_keeps_the_deeper_comments_below_it() {
        let text = "a:\n  b: 1\n\n  # of b\n# of c\nc: 1\n";
        assert_eq!(&text[..block_end(text, text.find('1').unwrap(), 0)], "a:\n  b: 1\n\n  # of b");
        assert_eq!(&text[..block_end(text, text.find('1').unwrap(), 2)], "a:\n  b: 1");
    }
}
