//! Properties files, as `java.util.Properties.load` reads them.

use crate::engine::configs::Settings;

/// Names and values, in the order of the text.
pub(super) fn read(text: &str) -> Settings {
    lines(text).iter().filter_map(|line| setting(line)).collect()
}

/// Lines that are no comments. One that ends in an odd number of backslashes goes on in the next, whose leading
/// blanks do not count.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines().map(str::trim_start) {
        if open.is_none() && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let escapes = line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2;
        let mut whole = open.take().unwrap_or_default();
        whole.push_str(&line[..line.len() - escapes]);
        if escapes == 1 {
            open = Some(whole);
        } else {
            lines.push(whole);
        }
    }
    lines.extend(open);
    lines
}

/// A name ends at the first `=`, `:` or blank that is not escaped.
fn setting(line: &str) -> Option<(Box<str>, Box<str>)> {
    let mut is_escaped = false;
    let ends = |c: char| {
        let ends = !is_escaped && (matches!(c, '=' | ':') || c.is_whitespace());
        is_escaped = c == '\\' && !is_escaped;
        ends
    };
    let (name, rest) = line.split_at(line.find(ends).unwrap_or(line.len()));
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
    (!name.is_empty()).then(|| (unescaped(name), unescaped(value)))
}

/// Without the backslashes; `\u0041` stays what it is, since no name that is known needs it.
fn unescaped(text: &str) -> Box<str> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    fn read(text: &str) -> Vec<(String, String)> {
        super::read(text).into_iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_name_ends_at_any_of_three_separators() {
        let text = "# comment\n! comment\ngroup.id = orders\nsession.timeout.ms: 45000\n\nheartbeat.interval.ms 3000\nalone\n";
        let expected = [
            ("group.id", "orders"),
            ("session.timeout.ms", "45000"),
            ("heartbeat.interval.ms", "3000"),
            ("alone", ""),
        ];
        assert_eq!(read(text), pairs(&expected));
    }

    #[test]
    fn a_backslash_continues_the_line() {
        let text = "session.timeout.ms=\\\n    60000\ntopics=a,\\\n  # no comment,\\\n  b\n";
        assert_eq!(read(text), pairs(&[("session.timeout.ms", "60000"), ("topics", "a,# no comment,b")]));
        assert_eq!(read("path=c:\\\\\nnext=1\\"), pairs(&[("path", "c:\\"), ("next", "1")]));
    }

    #[test]
    fn escapes_are_no_separators() {
        assert_eq!(read("a\\=b\\:c\\ d=e"), pairs(&[("a=b:c d", "e")]));
    }
}
