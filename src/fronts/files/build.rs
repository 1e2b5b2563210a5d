//! Parser events to one value and its spans, in one pass and without recursion.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use granit_parser::{Event, ScalarStyle, Span, StructureStyle, Tag};
use serde_json::{Map, Value};

use super::copies::{Copies, Kept};
use super::merge::{is_merge, merge};
use super::node::{Children, Member, Node, Repeat, Style};
use super::refusal::Refusal;
use super::{extent, scalar};

/// No map or list stands deeper than this, whatever aliases add: dropping a value recurses.
pub(super) const DEEPEST: usize = 255;

const YAML_TAGS: &str = "tag:yaml.org,2002:";
const COMPLEX_KEY: &str = "a map key is itself a map or a list";
const NO_KEY: &str = "a map key is null or a number beyond all bounds";

/// A finished value with its spans.
#[derive(Debug)]
struct Built {
    value: Value,
    node: Node,
    /// The levels of maps and lists in it.
    height: usize,
    /// About its bytes of memory.
    weight: usize,
}

/// The state of one document.
#[derive(Debug)]
pub(super) struct Builder<'text> {
    text: &'text str,
    /// Where `text` starts in the whole one.
    base: usize,
    /// Where the document starts in `text`.
    start: usize,
    depth: Depth,
    open: Vec<Open>,
    root: Option<Built>,
    copies: Copies,
    repeats: Vec<Repeat>,
    is_repeated: bool,
}

/// How much is remembered of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Its values.
    Values,
    /// Where the members of its maps stand, too: that takes half as much work again.
    Places,
}

/// What is remembered of a document.
pub(super) struct Finished {
    pub(super) value: Value,
    pub(super) range: Range<usize>,
    /// A map may have a key twice; `repeats` says which, if places are remembered.
    pub(super) is_repeated: bool,
    pub(super) repeats: Vec<Repeat>,
    pub(super) root: Node,
    pub(super) aliased: Vec<usize>,
}

/// Of a document that repeats thousands of keys, not every one has to be named.
const MOST_REPEATS: usize = 100;

/// A map or list whose end was not seen yet.
#[derive(Debug)]
struct Open {
    start: usize,
    style: Style,
    anchor: usize,
    height: usize,
    weight: usize,
    parts: Parts,
}

#[derive(Debug)]
enum Parts {
    Map { value: Map<String, Value>, members: Vec<Member>, key: Option<Key> },
    Seq { value: Vec<Value>, items: Vec<Node> },
}

#[derive(Debug)]
enum Key {
    Named(String, Range<usize>),
    Merge,
}

impl<'text> Builder<'text> {
    /// A builder for `text`, which starts at byte `base` of the whole.
    pub(super) fn new(text: &'text str, base: usize, depth: Depth) -> Self {
        Self {
            text,
            base,
            start: 0,
            depth,
            open: Vec::new(),
            root: None,
            copies: Copies::default(),
            repeats: Vec::new(),
            is_repeated: false,
        }
    }

    /// Takes the next event; the whole document comes back with its last one.
    pub(super) fn take(&mut self, event: Event<'_>, span: &Span) -> Result<Option<Finished>, Refusal> {
        let range = extent::of(&event, span, self.text, self.behind_key());
        let range = self.base + range.start..self.base + range.end;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, style, anchor, tag.as_deref(), range)?;
            }
            Event::SequenceStart(style, anchor, _) => {
                self.enter(style, anchor, &range, Parts::Seq { value: Vec::new(), items: Vec::new() })?;
            }
            Event::MappingStart(style, anchor, _) => {
                let parts = Parts::Map { value: Map::new(), members: Vec::new(), key: None };
                self.enter(style, anchor, &range, parts)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(&range)?,
            Event::Alias(anchor) => self.alias(anchor, range)?,
            Event::DocumentStart(..) => self.start = span.byte_range().unwrap_or_default().start,
            Event::DocumentEnd => {
                let end = span.byte_range().map_or(self.text.len(), |range| range.end);
                let range = self.base + self.start..self.base + end;
                let anew = Self::new(self.text, self.base, self.depth);
                let Self { root, copies, repeats, is_repeated, .. } = std::mem::replace(self, anew);
                let Some(Built { value, node: root, .. }) = root else { return Ok(None) };
                let aliased = copies.into_used();
                return Ok(Some(Finished { value, range, is_repeated, repeats, root, aliased }));
            }
            _ => {}
        }
        Ok(None)
    }

    /// The text behind the key whose value comes next.
    fn behind_key(&self) -> Option<&'text str> {
        let Parts::Map { key: Some(Key::Named(_, span)), .. } = &self.open.last()?.parts else { return None };
        self.text.get(span.end - self.base..)
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        range: Range<usize>,
    ) -> Result<(), Refusal> {
        let tag = tag.map(|tag| tag.suffix_in_namespace(YAML_TAGS).unwrap_or(Cow::Borrowed("")));
        let awaits_key = self.awaits_key();
        if awaits_key && text == "<<" && is_merge(style, tag.as_deref()) {
            return self.name(Key::Merge);
        }
        let plain = match tag.as_deref() {
            None if style == ScalarStyle::Plain => scalar::plain(&text),
            None => scalar::Plain::Text,
            Some(tag) => scalar::tagged(tag, &text).ok_or_else(|| Refusal {
                offset: range.start,
                message: format!("`{}` cannot be read as !!{tag}", shortened(&text)).into(),
            })?,
        };
        let text = if tag.as_deref() == Some("binary") { decoded(&text, range.start)? } else { text };
        let weight = 64 + text.len();
        if awaits_key {
            if anchor != 0 {
                let value = value(text.clone(), plain, range.start)?;
                self.copies.remember(anchor, Kept { value, height: 0, weight }, range.start)?;
            }
            let name = scalar::key(text, plain).ok_or_else(|| Refusal::at(range.start, NO_KEY))?;
            return self.name(Key::Named(name, range));
        }
        let node = Node::leaf(range.clone(), written(style, &range));
        self.put(anchor, Built { value: value(text, plain, range.start)?, node, height: 0, weight })
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Refusal> {
        let Kept { value, height, weight } = self.copies.recall(anchor, range.start)?;
        if self.awaits_key() {
            let name = key_of(&value).ok_or_else(|| Refusal::at(range.start, COMPLEX_KEY))?;
            return self.name(Key::Named(name, range));
        }
        self.put(0, Built { value, node: Node::leaf(range, Style::Alias), height, weight })
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { parts: Parts::Map { key: None, .. }, .. }))
    }

    fn name(&mut self, name: Key) -> Result<(), Refusal> {
        if let Some(Open { parts: Parts::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(name);
        }
        Ok(())
    }

    fn enter(
        &mut self,
        style: StructureStyle,
        anchor: usize,
        range: &Range<usize>,
        parts: Parts,
    ) -> Result<(), Refusal> {
        if self.awaits_key() {
            return Err(Refusal::at(range.start, COMPLEX_KEY));
        }
        if self.open.len() >= DEEPEST {
            return Err(Refusal::too_deep(range.start));
        }
        let style = match style {
            StructureStyle::Block => Style::Block,
            StructureStyle::Flow => Style::Flow,
        };
        // A map's first entry costs a whole B-tree node.
        let weight = if matches!(parts, Parts::Map { .. }) { 640 } else { 96 };
        self.open.push(Open { start: range.start, style, anchor, height: 1, weight, parts });
        Ok(())
    }

    fn leave(&mut self, range: &Range<usize>) -> Result<(), Refusal> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (value, children, last) = match open.parts {
            Parts::Map { value, members, .. } => {
                let last = members.last().map(|member| member.node.span.end.max(member.key_span.end));
                (Value::Object(value), Children::Map(members), last)
            }
            Parts::Seq { value, items } => {
                let last = items.last().map(|item| item.span.end);
                (Value::Array(value), Children::Seq(items), last)
            }
        };
        // The parser ends a block where the next token stands, behind blank lines and comments.
        let end = if open.style == Style::Flow { range.end } else { last.unwrap_or(open.start) };
        let node = Node { span: open.start..end.max(open.start), style: open.style, anchor: 0, children };
        self.put(open.anchor, Built { value, node, height: open.height, weight: open.weight })
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, anchor: usize, mut built: Built) -> Result<(), Refusal> {
        let offset = built.node.span.start;
        if anchor != 0 {
            built.node.anchor = anchor;
            let copy = Kept { value: built.value.clone(), height: built.height, weight: built.weight };
            self.copies.remember(anchor, copy, offset)?;
        }
        if self.open.len() + built.height > DEEPEST {
            return Err(Refusal::too_deep(offset));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(built);
            return Ok(());
        };
        open.height = open.height.max(built.height + 1);
        open.weight += built.weight;
        match &mut open.parts {
            Parts::Seq { value, items } => {
                value.push(built.value);
                items.push(built.node);
            }
            Parts::Map { value, members, key } => match key.take() {
                Some(Key::Named(name, _)) if self.depth == Depth::Values => {
                    self.is_repeated |= value.insert(name, built.value).is_some();
                }
                Some(Key::Named(name, key_span)) => {
                    let key: Box<str> = name.as_str().into();
                    let is_new = value.insert(name, built.value).is_none();
                    if !is_new && self.repeats.len() < MOST_REPEATS {
                        let mut named = members.iter().filter(|member| !member.is_merged);
                        let first = named.rfind(|member| member.key == key);
                        let spans = first.map(|first| [first.key_span.clone(), key_span.clone()]);
                        self.repeats.extend(spans.map(|spans| Repeat { key: key.clone(), spans }));
                    }
                    members.push(Member { key, key_span, node: built.node, is_merged: false });
                }
                Some(Key::Merge) => merge(built.value, built.node, value, members)?,
                None => {}
            },
        }
        Ok(())
    }
}

fn value(text: Cow<'_, str>, plain: scalar::Plain, offset: usize) -> Result<Value, Refusal> {
    scalar::value(text, plain)
        .ok_or_else(|| Refusal::at(offset, "JSON has no such number, so kubectl refuses it"))
}

fn written(style: ScalarStyle, range: &Range<usize>) -> Style {
    match style {
        ScalarStyle::Plain if range.is_empty() => Style::Empty,
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::BlockScalar,
    }
}

fn key_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn decoded(text: &str, offset: usize) -> Result<Cow<'static, str>, Refusal> {
    let joined: String = text.split(['\r', '\n']).collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(joined)
        .map_err(|_| Refusal::at(offset, "a !!binary value is not base64"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}
