//! How the author of a text writes, so that what is added looks like the rest.

use std::fmt::Write;
use std::ops::Range;

use serde_json::Value;

use super::super::node::{Children, Node, Style};
use super::super::scalar::{Plain, plain};

/// The handwriting around one map or list.
#[derive(Debug)]
pub(super) struct Hand {
    /// The text is JSON, and stays JSON.
    is_json: bool,
    /// The quotes to use.
    quote: char,
    /// Strings are quoted where they need not be.
    quotes_all: bool,
    /// Keys are quoted.
    quotes_keys: bool,
    /// Between a key and its value, in flow style.
    colon: String,
    /// Between two values, in flow style.
    comma: String,
}

/// How a value that is added is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// In an indented map or list.
    Block,
    /// In braces or brackets.
    Flow,
}

impl Hand {
    /// The handwriting in `holder`; `sample` is where its separators are learnt if it has none.
    pub(super) fn of(text: &str, holder: &Node, sample: &Node, is_json: bool) -> Self {
        let at = |range: Range<usize>| text.get(range).unwrap_or_default();
        let mut hand = Self {
            is_json,
            quote: '"',
            quotes_all: is_json,
            quotes_keys: is_json,
            colon: separator(text, holder).or_else(|| separator(text, sample)).unwrap_or_else(|| ": ".into()),
            comma: String::new(),
        };
        hand.comma = comma(text, holder).unwrap_or(if hand.colon == ":" { "," } else { ", " }).to_owned();
        if is_json {
            return hand;
        }
        let values = values(holder);
        let quoted = || values.iter().filter(|node| node.style == Style::Quoted);
        let is_bare =
            |node: &&Node| node.style == Style::Plain && plain(at(node.span.clone())) == Plain::Text;
        if let Some(first) = quoted().find_map(|node| at(node.span.clone()).chars().next()) {
            hand.quote = first;
            hand.quotes_all = !values.iter().any(is_bare);
        }
        if let Children::Map(members) = &holder.children {
            let is_quoted = |range: &Range<usize>| at(range.clone()).starts_with(['"', '\'']);
            hand.quotes_keys =
                !members.is_empty() && members.iter().all(|member| is_quoted(&member.key_span));
        }
        // In YAML `a:1` is one word, `"a":1` is not.
        if !hand.quotes_keys && !hand.colon.ends_with(' ') {
            hand.colon.push(' ');
        }
        hand
    }

    /// The quotes to use.
    pub(super) fn quote(&self) -> char {
        self.quote
    }

    /// A scalar or an empty map or list.
    pub(super) fn scalar(&self, value: &Value, setting: Setting) -> String {
        match value {
            Value::String(text) if self.quotes_all || !is_bare(text, setting) => {
                self.quoted(text, self.quote)
            }
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    pub(super) fn key(&self, name: &str, setting: Setting) -> String {
        let is_bare = is_bare(name, setting) && !self.quotes_keys;
        if is_bare { name.to_owned() } else { self.quoted(name, self.quote) }
    }

    /// `"text"` or `'text'`.
    pub(super) fn quoted(&self, text: &str, quote: char) -> String {
        if quote == '\'' && !self.is_json && !text.chars().any(needs_escape) {
            return format!("'{}'", text.replace('\'', "''"));
        }
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                c if needs_escape(c) => {
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out.push('"');
        out
    }

    /// A key with its value in flow style.
    pub(super) fn flow_member(&self, name: &str, value: &str) -> String {
        format!("{}{}{value}", self.key(name, Setting::Flow), self.colon)
    }

    pub(super) fn comma(&self) -> &str {
        &self.comma
    }

    /// A value in flow style on one line.
    pub(super) fn flow(&self, value: &Value) -> String {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let members: Vec<_> =
                    map.iter().map(|(name, value)| self.flow_member(name, &self.flow(value))).collect();
                format!("{{{}}}", members.join(&self.comma))
            }
            Value::Array(items) if !items.is_empty() => {
                let items: Vec<_> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(&self.comma))
            }
            scalar => self.scalar(scalar, Setting::Flow),
        }
    }

    /// A value in flow style with a line for each part; `margin` starts the line that it stands on, `unit` is one
    /// step further in.
    pub(super) fn pretty(&self, value: &Value, margin: &str, unit: &str, ending: &str) -> String {
        let inner = format!("{margin}{unit}");
        let lines = |parts: Vec<String>, open: char, close: char| {
            let parts: Vec<_> = parts.into_iter().map(|part| format!("{ending}{inner}{part}")).collect();
            format!("{open}{}{ending}{margin}{close}", parts.join(","))
        };
        match value {
            Value::Object(map) if !map.is_empty() => {
                let member = |(name, value): (&String, &Value)| {
                    self.flow_member(name, &self.pretty(value, &inner, unit, ending))
                };
                lines(map.iter().map(member).collect(), '{', '}')
            }
            Value::Array(items) if !items.is_empty() => {
                lines(items.iter().map(|item| self.pretty(item, &inner, unit, ending)).collect(), '[', ']')
            }
            scalar => self.scalar(scalar, Setting::Flow),
        }
    }
}

/// The values beside which a new one will stand: of a list of maps, those of its last map.
fn values(holder: &Node) -> Vec<&Node> {
    match &holder.children {
        Children::Map(members) => members.iter().map(|member| &member.node).collect(),
        Children::Seq(items) => match items.last().map(|item| &item.children) {
            Some(Children::Map(members)) => members.iter().map(|member| &member.node).collect(),
            _ => items.iter().collect(),
        },
        Children::None => Vec::new(),
    }
}

/// What stands between a key and its value in flow style, if that is on one line.
fn separator(text: &str, map: &Node) -> Option<String> {
    let Children::Map(members) = &map.children else { return None };
    let first = members.first().filter(|_| map.style == Style::Flow)?;
    let between = text.get(first.key_span.end..first.node.span.start)?;
    (between.trim_matches(' ') == ":").then(|| between.to_owned())
}

fn comma<'t>(text: &'t str, holder: &Node) -> Option<&'t str> {
    let range = match &holder.children {
        Children::Map(members) => {
            let [first, second, ..] = members.as_slice() else { return None };
            first.node.span.end..second.key_span.start
        }
        Children::Seq(items) => {
            let [first, second, ..] = items.as_slice() else { return None };
            first.span.end..second.span.start
        }
        Children::None => return None,
    };
    text.get(range).filter(|between| between.trim_matches(' ') == ",")
}

/// Whether a string may stand without quotes and stays a string, to kubectl and to a reader. When in doubt it may
/// not.
pub(super) fn is_bare(text: &str, setting: Setting) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_well = match first {
        '-' => text.chars().nth(1).is_some_and(|next| next.is_alphanumeric() || next == '-'),
        first => !",[]{}#&*!|>'\"%@`?:=<~".contains(first) && !first.is_whitespace(),
    };
    let reads_as_number = text.contains(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-_.:eETZtz".contains(&byte));
    starts_well
        && plain(text) == Plain::Text
        && !reads_as_number
        && !text.chars().any(needs_escape)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && (setting == Setting::Block || !text.contains([',', '[', ']', '{', '}', ':']))
}

/// Characters that YAML forbids in a text, takes for a line's end, or that nobody sees.
fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
