//! Where a JSON value ends.
//!
//! Strings and brackets are found 64 bytes at a time, as bit masks (Langdale and Lemire, "Parsing gigabytes of JSON
//! per second", 2019, sections 3.1.1 and 3.1.2).

use wide::u8x16;

/// The index behind the value that begins at `at`; `None` if the text ends before it does. The text must be JSON: of
/// any other the answer is some index within it.
pub(super) fn value(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'{' | b'[' => container(text, at),
        b'"' => string(text, at),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\r' | b'\n');
            Some(text[at..].iter().position(ends).map_or(text.len(), |length| at + length))
        }
    }
}

fn string(text: &[u8], quote: usize) -> Option<usize> {
    let mut at = quote + 1;
    loop {
        match quote_or_backslash(text, at)? {
            (end, b'"') => return Some(end + 1),
            (backslash, _) => at = backslash + 2,
        }
    }
}

/// The first of both at `from` or behind it, and where it is. Most strings are short, so that a search for long ones
/// takes longer to begin than this one to end.
#[inline]
pub(super) fn quote_or_backslash(text: &[u8], from: usize) -> Option<(usize, u8)> {
    let rest = text.get(from..)?;
    let (lanes, end) = rest.as_chunks::<16>();
    for (index, lane) in lanes.iter().enumerate() {
        let bytes = u8x16::new(*lane);
        let [quotes, backslashes] = [b'"', b'\\'].map(|byte| bytes.simd_eq(u8x16::splat(byte)));
        let found = (quotes | backslashes).to_bitmask();
        if found != 0 {
            let first = found.trailing_zeros();
            let is_quote = quotes.to_bitmask() >> first & 1 == 1;
            return Some((from + 16 * index + first as usize, if is_quote { b'"' } else { b'\\' }));
        }
    }
    let first = end.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    Some((text.len() - end.len() + first, end[first]))
}

fn container(text: &[u8], start: usize) -> Option<usize> {
    let mut strings = Strings::default();
    let mut depth = 0_u32;
    for (index, part) in text[start..].chunks(BLOCK).enumerate() {
        let mut block = Block::of(part);
        let inside = strings.inside(&block);
        block.open &= !inside;
        block.close &= !inside;
        if depth > block.close.count_ones() {
            depth = depth + block.open.count_ones() - block.close.count_ones();
            continue;
        }
        while block.close != 0 {
            let first = block.close.trailing_zeros();
            let before = block.open & ((1 << first) - 1);
            depth += before.count_ones();
            if depth <= 1 {
                return Some(start + index * BLOCK + first as usize + 1);
            }
            depth -= 1;
            block.open ^= before;
            block.close &= block.close - 1;
        }
        depth += block.open.count_ones();
    }
    None
}

/// Bytes that one mask covers.
const BLOCK: usize = 64;

/// Where in a block certain bytes stand: bit `i` is byte `i`.
struct Block {
    quote: u64,
    backslash: u64,
    /// `{` and `[`
    open: u64,
    /// `}` and `]`
    close: u64,
}

impl Block {
    fn of(part: &[u8]) -> Self {
        match part.first_chunk::<BLOCK>() {
            Some(block) => Self::of_whole(block),
            None => {
                // The last part of the text is filled up with bytes that mean nothing.
                let mut block = [b' '; BLOCK];
                block[..part.len()].copy_from_slice(part);
                Self::of_whole(&block)
            }
        }
    }

    fn of_whole(block: &[u8; BLOCK]) -> Self {
        let (lanes, _) = block.as_chunks::<16>();
        let lanes: [u8x16; 4] = std::array::from_fn(|index| u8x16::new(lanes[index]));
        // `[` and `{`, and `]` and `}`, differ in this bit alone.
        let braces = lanes.map(|lane| lane | u8x16::splat(0x20));
        let equal = |lanes: [u8x16; 4], byte| lanes.map(|lane| lane.simd_eq(u8x16::splat(byte)));
        let mask = |lanes: [u8x16; 4]| {
            lanes.iter().rev().fold(0, |mask, lane| mask << 16 | u64::from(lane.to_bitmask()))
        };
        let [a, b, c, d] = equal(lanes, b'\\');
        // Most blocks have none.
        let backslash = if ((a | b) | (c | d)).to_bitmask() == 0 { 0 } else { mask([a, b, c, d]) };
        Self {
            quote: mask(equal(lanes, b'"')),
            backslash,
            open: mask(equal(braces, b'{')),
            close: mask(equal(braces, b'}')),
        }
    }
}

/// What the blocks so far say of the next one.
#[derive(Default)]
struct Strings {
    /// All ones if it begins inside a string.
    is_inside: u64,
    /// 1 if its first byte is escaped.
    is_escaped: u64,
}

impl Strings {
    /// The bytes of the block that are inside a string, its first quote included.
    fn inside(&mut self, block: &Block) -> u64 {
        let quotes = block.quote & !self.escaped(block.backslash);
        let inside = parity(quotes) ^ self.is_inside;
        self.is_inside = if inside >> 63 == 1 { u64::MAX } else { 0 };
        inside
    }

    /// The bytes that follow a backslash which is not itself escaped.
    fn escaped(&mut self, backslash: u64) -> u64 {
        let mut escaped = self.is_escaped;
        let mut escapes = backslash & !self.is_escaped;
        self.is_escaped = 0;
        while escapes != 0 {
            let at = escapes.trailing_zeros();
            escapes &= escapes - 1;
            match 2_u64.checked_shl(at).filter(|next| *next != 0) {
                Some(next) => {
                    escaped |= next;
                    escapes &= !next;
                }
                None => self.is_escaped = 1,
            }
        }
        escaped
    }
}

/// Each bit: whether the number of ones up to it is odd.
fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::value;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            r#"[\\"\[\]{}a]{0,70}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 200, 8, |inner| {
            let key = r#"[\\"{}a]{0,5}"#;
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..8)
                    .prop_map(|map| Value::from(serde_json::Map::from_iter(map))),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_ends_where_it_was_written_to_end(json in json(), rest in "[,}\\] ].{0,80}", before in " {0,70}") {
            let text = json.to_string();
            let whole = format!("{before}{text}{rest}");
            prop_assert_eq!(value(whole.as_bytes(), before.len()), Some(before.len() + text.len()));
        }

        #[test]
        fn any_bytes_have_an_end_within_them_or_none(bytes in r#"[\[{][\[\]{}"\\a:, é]{0,200}"#) {
            let end = value(bytes.as_bytes(), 0);
            prop_assert!(end.is_none_or(|end| (1..=bytes.len()).contains(&end)));
        }
    }

    #[test]
    fn what_ends_too_early_has_no_end() {
        for text in ["{", "[[]", r#"{"a": "}"#, r#""a\""#, r#""a\"#, ""] {
            assert_eq!(value(text.as_bytes(), 0), None, "{text}");
        }
    }
}
