//! Adds a key to a map, an item to a list, or a value to a key that has none.

use std::ops::Range;

use serde_json::Value;

use super::super::node::{Children, Member, Node, Style};
use super::reach::Reached;
use super::refused::Refused;
use super::{Made, Sheet, Splice, block, page};

/// Adds `name: value` to a map, or `value` to a list, behind what is there.
pub(super) fn insert(
    sheet: Sheet<'_>,
    holder: &Node,
    name: Option<&str>,
    value: &Value,
) -> Result<Made, Refused> {
    match holder.style {
        Style::Block => into_block(sheet, holder, name, value),
        Style::Flow => into_flow(sheet, holder, name, value),
        _ => Err(Refused::Unfit),
    }
}

/// Gives a value to what is null.
pub(super) fn fill(sheet: Sheet<'_>, at: &Reached<'_>, value: &Value) -> Result<Made, Refused> {
    let holder = at.holder.ok_or(Refused::Unfit)?;
    let hand = sheet.hand(holder);
    let span = at.node.span.clone();
    if let (Some(member), Style::Block) = (at.member, holder.style) {
        let indent = page::column(sheet.text, member.key_span.start);
        if let Some(lines) = block::below(&hand, sheet.habits.shape, value, indent) {
            let written = sheet.text.get(..span.start).unwrap_or_default().trim_end_matches(' ').len();
            let null = Splice { range: written..span.end, with: String::new() };
            let below = below(sheet, page::line_end(sheet.text, span.end), &lines);
            return Ok(Made { splices: vec![null, below], is_alone: false });
        }
    }
    let value = hand.flow(value);
    match at.node.style {
        Style::Empty => Ok(Made::one(span, format!(" {value}"))),
        _ => Ok(Made::one(span, value)),
    }
}

fn into_block(sheet: Sheet<'_>, holder: &Node, name: Option<&str>, value: &Value) -> Result<Made, Refused> {
    let last = match value {
        Value::Object(_) | Value::Array(_) => None,
        _ => last_line(sheet, holder),
    };
    let last = last.or_else(|| elements(holder).into_iter().map(|range| range.end).max());
    let last = last.ok_or(Refused::Merge)?;
    let hand = sheet.hand(holder);
    let shape = sheet.habits.shape.with_items_of(sheet.text, holder);
    let indent = page::column(sheet.text, holder.span.start);
    let lines = match name {
        Some(name) => block::member(&hand, shape, name, value, indent),
        None => block::item(&hand, shape, value, indent),
    };
    let end = page::block_end(sheet.text, kept(sheet, holder, last), indent);
    Ok(Made { splices: vec![below(sheet, end, &lines)], is_alone: false })
}

/// The end of the last key of a map whose value stands on the same line. One more such key belongs there, and not
/// behind the long list that often ends a map.
fn last_line(sheet: Sheet<'_>, holder: &Node) -> Option<usize> {
    let Children::Map(members) = &holder.children else { return None };
    let is_line = |member: &&Member| {
        matches!(member.node.style, Style::Plain | Style::Quoted)
            && !member.is_merged
            && !sheet.at(member.key_span.start..member.node.span.end).contains('\n')
    };
    members.iter().filter(is_line).map(|member| member.node.span.end).max()
}

/// Lines below the one that ends at `end`.
fn below(sheet: Sheet<'_>, end: usize, lines: &[String]) -> Splice {
    let ending = page::line_ending(sheet.text, end);
    let with = lines.iter().flat_map(|line| [ending, line]).collect();
    Splice { range: end..end, with }
}

/// A `|+` text keeps the blank lines below it, so nothing may come between.
fn kept(sheet: Sheet<'_>, holder: &Node, last: usize) -> usize {
    let keeps = |leaf: &Node| {
        let above = sheet.at(0..leaf.span.start).trim_end();
        let header = above.lines().last().and_then(|line| line.split(" #").next()).unwrap_or_default();
        let header = header.trim_end().trim_end_matches(|c: char| c.is_ascii_digit());
        leaf.style == Style::BlockScalar && header.ends_with('+')
    };
    if !last_leaf(holder).is_some_and(keeps) {
        return last;
    }
    let rest = sheet.text.get(last..).unwrap_or_default();
    let blank = rest.len() - rest.trim_start_matches([' ', '\n', '\r']).len();
    // The blanks in front of the next key are its indentation.
    let Some((lines, _)) = rest.get(..blank).and_then(|blank| blank.rsplit_once('\n')) else { return last };
    last + lines.strip_suffix('\r').unwrap_or(lines).len()
}

fn last_leaf(node: &Node) -> Option<&Node> {
    match &node.children {
        Children::Map(members) => members.last().and_then(|member| last_leaf(&member.node)),
        Children::Seq(items) => items.last().and_then(last_leaf),
        Children::None => Some(node),
    }
}

fn into_flow(sheet: Sheet<'_>, holder: &Node, name: Option<&str>, value: &Value) -> Result<Made, Refused> {
    let close = holder.span.end.saturating_sub(1);
    // `[a: 1]` holds a map without braces.
    if !matches!(sheet.at(close..holder.span.end), "}" | "]") {
        return Err(Refused::Unfit);
    }
    if let Children::Map(members) = &holder.children
        && members.iter().any(|member| member.is_merged && member.node.style != Style::Alias)
    {
        return Err(Refused::Merge);
    }
    let elements = elements(holder);
    let hand = sheet.hand(holder);
    let named = |value: String| name.map_or(value.clone(), |name| hand.flow_member(name, &value));
    let Some(last) = elements.last() else {
        let inner = holder.span.start + 1..close;
        if !sheet.at(inner.clone()).trim().is_empty() {
            return Err(Refused::Comment);
        }
        return Ok(Made::one(inner, named(hand.flow(value))).alone());
    };
    let before = elements.iter().rev().nth(1).map_or(holder.span.start, |previous| previous.end);
    let has_own_line = sheet.at(before..last.start).contains('\n');
    let comma = trailing_comma(sheet.at(last.end..close)).map(|at| last.end + at + 1);
    if !has_own_line {
        let value = named(hand.flow(value));
        return Ok(match comma {
            Some(behind) => Made::one(behind..behind, format!(" {value},")),
            None => Made::one(last.end..last.end, format!("{}{value}", hand.comma())),
        });
    }
    let margin = page::indent(sheet.text, last.start);
    let outer = page::indent(sheet.text, holder.span.start);
    let unit = margin.strip_prefix(outer).filter(|unit| !unit.is_empty()).unwrap_or("  ");
    let end = page::line_end(sheet.text, comma.unwrap_or(last.end)).min(close);
    // A closing brace on the last element's line stays behind the new one.
    let end = if end == close { comma.unwrap_or(last.end) } else { end };
    let ending = page::line_ending(sheet.text, end);
    let line = format!("{ending}{margin}{}", named(hand.pretty(value, margin, unit, ending)));
    Ok(match comma {
        Some(_) => Made::one(end..end, format!("{line},")),
        None => Made {
            splices: vec![
                Splice { range: last.end..last.end, with: ",".to_owned() },
                Splice { range: end..end, with: line },
            ],
            is_alone: false,
        },
    })
}

/// Where the comma behind the last value stands, in the text between it and the closing brace.
fn trailing_comma(tail: &str) -> Option<usize> {
    let mut offset = 0;
    for line in tail.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default();
        if let Some(at) = code.find(',') {
            return Some(offset + at);
        }
        offset += line.len();
    }
    None
}

/// The bytes of each key with its value, or of each item, in the order of the text.
pub(super) fn elements(holder: &Node) -> Vec<Range<usize>> {
    let mut elements: Vec<_> = match &holder.children {
        Children::Map(members) => members
            .iter()
            .map(|member| member.key_span.start..member.node.span.end.max(member.key_span.end))
            .collect(),
        Children::Seq(items) => items.iter().map(|item| item.span.clone()).collect(),
        Children::None => Vec::new(),
    };
    elements.sort_by_key(|range| (range.start, range.end));
    elements.dedup();
    elements
}
