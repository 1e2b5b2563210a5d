//! Values of the text that a [`Walk`] walks through, for serde.
//!
//! serde_json's deserializer checks what nobody reads byte by byte; this one passes over it by bit masks, as over
//! everything else that a walk is not asked for.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Number;

use super::walk::{Broken, Cause, Walk};

impl<'de> Deserializer<'de> for &mut Walk<'de> {
    type Error = Broken;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        match self.peek()? {
            b'"' => text(self, visitor),
            b'{' => visitor.visit_map(Items::new(self, b'}')),
            b'[' => visitor.visit_seq(Items::new(self, b']')),
            _ => plain(self, visitor),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        match self.peek()? {
            b'n' => plain(self, visitor),
            _ => visitor.visit_some(self),
        }
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Broken> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier
    }
}

#[inline]
fn text<'de, V: Visitor<'de>>(walk: &mut Walk<'de>, visitor: V) -> Result<V::Value, Broken> {
    match walk.string()? {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

/// A number, a boolean or null.
fn plain<'de, V: Visitor<'de>>(walk: &mut Walk<'de>, visitor: V) -> Result<V::Value, Broken> {
    let syntax = walk.broken(Cause::Syntax);
    match walk.skip()? {
        "null" => visitor.visit_unit(),
        "true" => visitor.visit_bool(true),
        "false" => visitor.visit_bool(false),
        number => match whole(number) {
            Some(number) => visitor.visit_i64(number),
            // What is a number beyond that, serde_json knows.
            None => match serde_json::from_str::<Number>(number) {
                Ok(number) => number.deserialize_any(visitor).map_err(|_| syntax),
                Err(_) => Err(syntax),
            },
        },
    }
}

/// The whole number that JSON writes so: with neither a sign nor zeros that say nothing.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = text == "0" || digits.starts_with(|first| matches!(first, '1'..='9'));
    is_whole.then(|| text.parse().ok()).flatten()
}

/// What stands between two brackets.
struct Items<'w, 'a> {
    walk: &'w mut Walk<'a>,
    close: u8,
    is_first: bool,
}

impl<'w, 'a> Items<'w, 'a> {
    #[inline]
    fn new(walk: &'w mut Walk<'a>, close: u8) -> Self {
        walk.step();
        Self { walk, close, is_first: true }
    }

    /// Whether another one follows, in front of which the walk then is.
    #[inline]
    fn follows(&mut self) -> Result<bool, Broken> {
        let byte = self.walk.peek()?;
        let is_first = std::mem::replace(&mut self.is_first, false);
        if byte == self.close {
            self.walk.step();
            return Ok(false);
        }
        match (byte, is_first) {
            (b',', false) => self.walk.step(),
            (_, true) => {}
            (_, false) => return Err(self.walk.broken(Cause::Syntax)),
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Broken;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Broken> {
        if self.follows()? { seed.deserialize(&mut *self.walk).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Broken;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Broken> {
        if !self.follows()? {
            return Ok(None);
        }
        if self.walk.peek()? != b'"' {
            return Err(self.walk.broken(Cause::Syntax));
        }
        seed.deserialize(Name(self.walk)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Broken> {
        if self.walk.peek()? != b':' {
            return Err(self.walk.broken(Cause::Syntax));
        }
        self.walk.step();
        seed.deserialize(&mut *self.walk)
    }
}

/// The name of a member, whose quote was seen.
struct Name<'w, 'a>(&'w mut Walk<'a>);

impl<'de> Deserializer<'de> for Name<'_, 'de> {
    type Error = Broken;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        text(self.0, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it cannot be read")
    }
}

impl std::error::Error for Broken {}

/// What is wrong is said by whoever knows the place; nothing of the text is repeated.
impl de::Error for Broken {
    fn custom<T: Display>(_: T) -> Self {
        Self { cause: Cause::Type, at: 0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    fn read(text: &str) -> Result<Value, Broken> {
        let mut walk = Walk::new(text);
        let value = Value::deserialize(&mut walk)?;
        walk.end().map(|()| value)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            texts in prop::collection::vec(r#"[\\"\n\[\]{}aé😀]{0,40}"#, 0..6),
            numbers in prop::collection::vec(any::<f64>(), 0..4),
            (large, negative) in any::<(u64, i64)>(),
        ) {
            let json = serde_json::json!({
                "texts": texts, "numbers": numbers, "large": large, "negative": negative, "none": [null, true, {}, []],
            });
            prop_assert_eq!(read(&json.to_string()), Ok(json.clone()));
            prop_assert_eq!(read(&format!("{json:#} ")), Ok(json));
        }

        #[test]
        fn what_serde_json_reads_is_read_as_the_same(text in r#"[\[{]{1,2}[\[\]{}"\\a:, 0.1e\-nultrfs]{0,24}[\]}]{0,2}"#) {
            let ours = read(&text);
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(ours, Ok(value));
            }
        }
    }

    #[test]
    fn numbers_are_what_serde_json_takes_them_for() {
        for text in ["0", "-0", "-1", "9223372036854775807", "9223372036854775808", "1e3", "1.50", "1e400"] {
            assert_eq!(read(text).ok(), serde_json::from_str(text).ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_broken() {
        for text in
            ["{a:1}", "[1 2]", "[1,]", r#"{"a" 1}"#, "[,]", "01", "tru", "+1", "[1", r#""a"#, "", "1 2"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
