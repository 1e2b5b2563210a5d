//! Where the parts of a document stand in its text.

use std::ops::Range;

/// How a value is written, which decides how an edit has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// An unquoted scalar.
    Plain,
    /// A scalar in single or double quotes.
    Quoted,
    /// A `|` or `>` scalar.
    BlockScalar,
    /// A key without a value: null, with an empty range behind the colon or the dash.
    Empty,
    /// An indented map or list.
    Block,
    /// A map in braces or a list in brackets.
    Flow,
    /// `*name` or something merged from one: an edit here would change other places too.
    Alias,
}

/// One value of the tree.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) style: Style,
    /// The number of the anchor (`&name`) on it; 0 for none.
    pub(super) anchor: usize,
    pub(super) children: Children,
}

#[derive(Clone, Debug)]
pub(super) enum Children {
    None,
    /// In the order of the text. Of two equal keys the later one counts.
    Map(Vec<Member>),
    Seq(Vec<Node>),
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: Box<str>,
    pub(super) key_span: Range<usize>,
    pub(super) node: Node,
    /// It came with a merge key (`<<`).
    pub(super) is_merged: bool,
}

/// A key that a map has twice. The later one counts, as to kubectl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    pub(super) key: Box<str>,
    /// The key, and the key again.
    pub(super) spans: [Range<usize>; 2],
}

impl Node {
    /// A value without children of its own.
    pub(super) fn leaf(span: Range<usize>, style: Style) -> Self {
        Self { span, style, anchor: 0, children: Children::None }
    }

    /// What to underline for a value that has no key of its own: its first key, or all of it.
    pub(super) fn caret(&self) -> Range<usize> {
        match &self.children {
            Children::Map(members) if self.style == Style::Block => {
                members.first().map_or_else(|| self.span.clone(), |member| member.key_span.clone())
            }
            Children::Seq(items) if self.style == Style::Block => {
                items.first().map_or_else(|| self.span.clone(), Self::caret)
            }
            _ => self.span.clone(),
        }
    }

    pub(super) fn member(&self, key: &str) -> Option<&Member> {
        let Children::Map(members) = &self.children else { return None };
        members.iter().rev().find(|member| *member.key == *key)
    }

    /// The first answer that `test` gives for the range of an unquoted scalar or a key.
    pub(super) fn find_plain<T>(&self, test: &dyn Fn(Range<usize>) -> Option<T>) -> Option<T> {
        match &self.children {
            Children::Map(members) => members
                .iter()
                .find_map(|member| test(member.key_span.clone()).or_else(|| member.node.find_plain(test))),
            Children::Seq(items) => items.iter().find_map(|item| item.find_plain(test)),
            Children::None if self.style == Style::Plain => test(self.span.clone()),
            Children::None => None,
        }
    }

    pub(super) fn item(&self, index: usize) -> Option<&Self> {
        let Children::Seq(items) = &self.children else { return None };
        items.get(index)
    }
}
