//! New lines for block style.

use serde_json::Value;

use super::super::node::{Children, Node, Style};
use super::hand::{Hand, Setting};
use super::page;

/// How far things are indented in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// A map below a key.
    step: usize,
    /// A list below a key.
    list: usize,
    /// An item's content behind its dash.
    item: usize,
}

impl Shape {
    /// What the document does where it first does it.
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let mut found = Found::default();
        found.search(text, root);
        let step = found.step.unwrap_or(2);
        Self { step, list: found.list.unwrap_or(step), item: found.item.unwrap_or(2) }
    }

    /// The same with the items of this list.
    pub(super) fn with_items_of(self, text: &str, list: &Node) -> Self {
        let Children::Seq(items) = &list.children else { return self };
        items.first().and_then(|item| gap(text, list, item)).map_or(self, |item| Self { item, ..self })
    }
}

#[derive(Default)]
struct Found {
    step: Option<usize>,
    list: Option<usize>,
    item: Option<usize>,
}

impl Found {
    /// Recursion is bounded by the depth that the reader allows.
    fn search(&mut self, text: &str, node: &Node) {
        if node.style != Style::Block || (self.step.is_some() && self.list.is_some() && self.item.is_some()) {
            return;
        }
        match &node.children {
            Children::Map(members) => {
                let own = page::column(text, node.span.start);
                for member in members.iter().filter(|member| !member.is_merged) {
                    let below = page::column(text, member.node.span.start).checked_sub(own);
                    let slot = match member.node.children {
                        Children::Map(_) => &mut self.step,
                        _ => &mut self.list,
                    };
                    let least = usize::from(matches!(member.node.children, Children::Map(_)));
                    if member.node.style == Style::Block && slot.is_none() {
                        *slot = below.filter(|below| (least..=8).contains(below));
                    }
                    self.search(text, &member.node);
                }
            }
            Children::Seq(items) => {
                for item in items {
                    self.item = self.item.or_else(|| gap(text, node, item));
                    self.search(text, item);
                }
            }
            Children::None => {}
        }
    }
}

/// From a list's first dash to the content behind it.
fn gap(text: &str, list: &Node, item: &Node) -> Option<usize> {
    let between = text.get(list.span.start..item.span.start)?;
    let blanks = between.strip_prefix('-')?;
    (!blanks.is_empty() && blanks.bytes().all(|byte| byte == b' ')).then_some(between.len())
}

/// The lines of `name: value`, `indent` columns in.
pub(super) fn member(hand: &Hand, shape: Shape, name: &str, value: &Value, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    Writer { hand, shape, lines: &mut lines }.member(name, value, indent);
    lines
}

/// The lines of `- value`, the dash `indent` columns in.
pub(super) fn item(hand: &Hand, shape: Shape, value: &Value, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    Writer { hand, shape, lines: &mut lines }.item(value, indent);
    lines
}

/// The lines of a map or list that belongs to a key `indent` columns in; `None` for what fits behind the key.
pub(super) fn below(hand: &Hand, shape: Shape, value: &Value, indent: usize) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    let is_written = Writer { hand, shape, lines: &mut lines }.below(value, indent);
    is_written.then_some(lines)
}

struct Writer<'a> {
    hand: &'a Hand,
    shape: Shape,
    lines: &'a mut Vec<String>,
}

impl Writer<'_> {
    fn member(&mut self, name: &str, value: &Value, indent: usize) {
        let key = format!("{:indent$}{}:", "", self.hand.key(name, Setting::Block));
        let line = self.lines.len();
        self.lines.push(key);
        if self.below(value, indent) {
            return;
        }
        let value = self.hand.scalar(value, Setting::Block);
        if let Some(key) = self.lines.get_mut(line) {
            key.push(' ');
            key.push_str(&value);
        }
    }

    fn below(&mut self, value: &Value, indent: usize) -> bool {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, value) in map {
                    self.member(name, value, indent + self.shape.step);
                }
                true
            }
            Value::Array(items) if !items.is_empty() => {
                for value in items {
                    self.item(value, indent + self.shape.list);
                }
                true
            }
            _ => false,
        }
    }

    fn item(&mut self, value: &Value, indent: usize) {
        let first = self.lines.len();
        let inner = indent + self.shape.item;
        match value {
            Value::Object(map) if !map.is_empty() => {
                map.iter().for_each(|(name, value)| self.member(name, value, inner));
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().for_each(|item| self.item(item, inner));
            }
            scalar => {
                self.lines.push(format!("{:inner$}{}", "", self.hand.scalar(scalar, Setting::Block)));
            }
        }
        // The dash stands in the first line's own indentation.
        if let Some(line) = self.lines.get_mut(first) {
            line.replace_range(indent..=indent, "-");
        }
    }
}
