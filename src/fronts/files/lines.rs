//! Byte offsets to lines and columns.

use memchr::memchr_iter;

/// The line starts of a text, for many questions about one text.
#[derive(Clone, Debug)]
pub struct Lines<'text> {
    text: &'text str,
    starts: Vec<usize>,
    /// Within long lines, at every [`STRIDE`]: the byte offset, and the characters from the start of the line to it.
    marks: Vec<(usize, usize)>,
}

/// Minified JSON is one line of megabytes, which must not be counted anew for each of its findings.
const STRIDE: usize = 4096;

/// The line and the column of a byte offset, both from 1. For more than one question build [`Lines`].
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    Lines::new(text).at(offset)
}

impl<'text> Lines<'text> {
    /// Indexes `text`.
    pub fn new(text: &'text str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let mut marks = Vec::new();
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(text.len());
            let (mut from, mut count) = (*start, 0);
            while end - from > STRIDE {
                let to = text.floor_char_boundary(from + STRIDE);
                count += characters(text, from, to);
                marks.push((to, count));
                from = to;
            }
        }
        Self { text, starts, marks }
    }

    /// The line and the column of a byte offset, both from 1. A column counts characters, as editors do, and a
    /// byte order mark is none. An offset behind the end is the end.
    pub fn at(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let mark = self.marks.partition_point(|(at, _)| *at <= offset).checked_sub(1);
        let mark = mark.and_then(|index| self.marks.get(index)).filter(|(at, _)| *at > start);
        let (from, count) = mark.copied().unwrap_or((start, 0));
        (line, count + characters(self.text, from, offset) + 1)
    }
}

/// The characters between two offsets; a byte order mark is none.
fn characters(text: &str, from: usize, to: usize) -> usize {
    let part = text.get(from..to).unwrap_or_default();
    let part = if from == 0 { part.trim_start_matches('\u{feff}') } else { part };
    part.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "a: 1\nähre: ü # x\r\nb: 2";
        assert_eq!(line_column(text, 0), (1, 1));
        assert_eq!(line_column(text, text.find('ü').unwrap()), (2, 7));
        assert_eq!(line_column(text, text.find('b').unwrap()), (3, 1));
    }

    #[test]
    fn columns_of_a_long_line_count_from_its_start() {
        let line: String = ('a'..='z').chain(['ü', '😀']).cycle().take(3 * STRIDE).collect();
        let text = format!("\u{feff}{line}\nx\n{line}\n");
        let lines = Lines::new(&text);
        let mut expected = (1, 1);
        for (offset, character) in text.char_indices() {
            assert_eq!(lines.at(offset), expected, "{offset}");
            match character {
                '\u{feff}' => {}
                '\n' => expected = (expected.0 + 1, 1),
                _ => expected.1 += 1,
            }
        }
    }

    #[test]
    fn an_offset_behind_the_end_or_inside_a_character_still_answers() {
        assert_eq!(line_column("ü", 1), (1, 1));
        assert_eq!(line_column("a\n", 99), (2, 1));
        assert_eq!(line_column("", 0), (1, 1));
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        assert_eq!(line_column("\u{feff}a: 1", 3), (1, 1));
    }
}
