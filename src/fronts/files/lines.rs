//! Byte offsets to lines and columns.

/// The line starts of a text, for many questions about one text.
#[derive(Clone, Debug)]
pub struct Lines<'text> {
    text: &'text str,
    starts: Vec<usize>,
}

/// The line and the column of a byte offset, both from 1. For more than one question build [`Lines`].
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    Lines::new(text).at(offset)
}

impl<'text> Lines<'text> {
    /// Indexes `text`.
    pub fn new(text: &'text str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        Self { text, starts }
    }

    /// The line and the column of a byte offset, both from 1. A column counts characters, as editors do, and a
    /// byte order mark is none. An offset behind the end is the end.
    pub fn at(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        let before = if start == 0 { before.trim_start_matches('\u{feff}') } else { before };
        (line, before.chars().count() + 1)
    }
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
