//! Walks through JSON text and reads only what it is asked for.
//!
//! Half of a review is an old object that is almost never needed: passing over it costs a tenth of parsing it. What is
//! passed over is not checked; whoever needs it parses it then.

use std::borrow::Cow;

use serde::Deserialize;

use super::skip;

/// A place in JSON text, in front of a value or of a member.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    text: &'a str,
    at: usize,
}

/// Why a walk cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The text is no JSON.
    Syntax,
    /// The text ends too early.
    End,
    /// A value is not of the type that is asked for.
    Type,
}

/// Why a walk cannot go on, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) cause: Cause,
    pub(super) at: usize,
}

impl<'a> Walk<'a> {
    /// In front of the value that is all of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Steps into the object that begins here.
    pub(super) fn enter(&mut self) -> Result<(), Broken> {
        match self.peek()? {
            b'{' => self.at += 1,
            b'[' | b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9' => return Err(self.broken(Cause::Type)),
            _ => return Err(self.broken(Cause::Syntax)),
        }
        Ok(())
    }

    /// The name of the next member, as it is written between its quotes; `None` behind the last one, where the object
    /// is left. The walk then stands in front of the member's value.
    pub(super) fn member(&mut self) -> Result<Option<&'a str>, Broken> {
        if self.peek()? == b',' {
            self.at += 1;
        }
        match self.peek()? {
            b'}' => {
                self.at += 1;
                return Ok(None);
            }
            b'"' => {}
            _ => return Err(self.broken(Cause::Syntax)),
        }
        let name = self.skip()?;
        if self.peek()? != b':' {
            return Err(self.broken(Cause::Syntax));
        }
        self.at += 1;
        Ok(Some(&name[1..name.len() - 1]))
    }

    /// Passes over the value here and returns its text.
    pub(super) fn skip(&mut self) -> Result<&'a str, Broken> {
        self.peek()?;
        let end = skip::value(self.text.as_bytes(), self.at);
        let end = end.ok_or(Broken { cause: Cause::End, at: self.text.len() })?;
        let value = self.text.get(self.at..end).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| self.broken(Cause::Syntax))?;
        self.at = end;
        Ok(value)
    }

    /// Reads the value here.
    pub(super) fn read<T: Deserialize<'a>>(&mut self) -> Result<T, Broken> {
        let start = self.at;
        T::deserialize(&mut *self).map_err(|broken| match broken.cause {
            Cause::Type => Broken { at: start, ..broken },
            Cause::Syntax | Cause::End => broken,
        })
    }

    /// Reads the text here, which is usually borrowed.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, Broken> {
        match self.peek()? {
            b'"' => self.string(),
            _ => Err(self.broken(Cause::Type)),
        }
    }

    /// Reads the text whose quote stands here.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Broken> {
        let start = self.at + 1;
        match skip::quote_or_backslash(self.text.as_bytes(), start) {
            Some((end, b'"')) => {
                self.at = end + 1;
                Ok(Cow::Borrowed(&self.text[start..end]))
            }
            _ => self.escaped(),
        }
    }

    #[cold]
    fn escaped(&mut self) -> Result<Cow<'a, str>, Broken> {
        let start = self.clone();
        serde_json::from_str(self.skip()?).map_err(|_| start.broken(Cause::Syntax))
    }

    /// Whether a null stands here.
    pub(super) fn is_null(&self) -> bool {
        self.text[self.at..].trim_start().starts_with("null")
    }

    /// Nothing may stand behind the value.
    pub(super) fn end(mut self) -> Result<(), Broken> {
        match self.peek() {
            Err(_) => Ok(()),
            Ok(_) => Err(self.broken(Cause::Syntax)),
        }
    }

    /// Goes to the next byte that is no white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, Broken> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(self.broken(Cause::End)),
            }
        }
    }

    /// Goes behind the byte that was peeked at.
    #[inline]
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// The text from here to where `later` is.
    pub(super) fn text_to(&self, later: &Self) -> &'a str {
        self.text.get(self.at..later.at).unwrap_or_default()
    }

    /// The error of an object that was left without what it must have, or with too much of it.
    pub(super) fn missing(&self) -> Broken {
        self.broken(Cause::Type)
    }

    pub(super) fn broken(&self, cause: Cause) -> Broken {
        Broken { cause, at: self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_passed_over_and_entered() {
        let mut walk = Walk::new(r#" { "a" : [1, {"}": "]"}] , "b":{"c":"d"},"e": 7 } "#);
        walk.enter().expect("an object");
        assert_eq!(walk.member(), Ok(Some("a")));
        assert_eq!(walk.skip(), Ok(r#"[1, {"}": "]"}]"#));
        assert_eq!(walk.member(), Ok(Some("b")));
        walk.enter().expect("an object");
        assert_eq!(walk.member(), Ok(Some("c")));
        assert_eq!(walk.text().as_deref(), Ok("d"));
        assert_eq!(walk.member(), Ok(None));
        assert_eq!(walk.member(), Ok(Some("e")));
        assert_eq!(walk.read(), Ok(7));
        assert_eq!(walk.member(), Ok(None));
        assert_eq!(walk.end(), Ok(()));
    }

    #[test]
    fn what_is_broken_is_said_with_its_place() {
        let broken = |text: &'static str| {
            let mut walk = Walk::new(text);
            walk.enter()
                .and_then(|()| walk.member())
                .and_then(|_| walk.skip())
                .err()
                .map(|it| (it.cause, it.at))
        };
        assert_eq!(broken("[]"), Some((Cause::Type, 0)));
        assert_eq!(broken(" x"), Some((Cause::Syntax, 1)));
        assert_eq!(broken("{"), Some((Cause::End, 1)));
        assert_eq!(broken(r#"{"a" 1}"#), Some((Cause::Syntax, 5)));
        assert_eq!(broken(r#"{"a": {"b": 1}"#), None);
        assert_eq!(broken(r#"{"a": {"b": 1"#), Some((Cause::End, 13)));
    }
}
