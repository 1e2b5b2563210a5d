//! Removes a key with its value, or an item of a list. Comments stay: those above it, and one behind it, which keeps
//! its meaning only beside it, so that the whole line becomes a comment.

use std::ops::Range;

use super::super::node::{Children, Node, Style};
use super::insert::elements;
use super::reach::Reached;
use super::refused::Refused;
use super::{Made, Sheet, page};

/// Removes what was reached.
pub(super) fn remove(sheet: Sheet<'_>, at: &Reached<'_>) -> Result<Made, Refused> {
    let holder = at.holder.ok_or(Refused::Unfit)?;
    match (&holder.children, at.member) {
        (Children::Map(members), Some(member)) => {
            if members.iter().filter(|other| other.key == member.key).count() > 1 {
                return Err(Refused::Twice);
            }
            element(sheet, holder, member.key_span.clone(), &member.node)
        }
        // The items behind it get other numbers.
        (Children::Seq(_), _) => Ok(element(sheet, holder, dash(sheet, holder, at.node)?, at.node)?.alone()),
        _ => Err(Refused::Unfit),
    }
}

/// The dash of an item, up to its value; nothing in brackets.
fn dash(sheet: Sheet<'_>, holder: &Node, item: &Node) -> Result<Range<usize>, Refused> {
    let start = item.span.start;
    if holder.style == Style::Flow {
        return Ok(start..start);
    }
    let above = sheet.text.get(..start).unwrap_or_default().trim_end();
    let above = above.strip_suffix('-').ok_or(Refused::Comment)?;
    Ok(above.len()..start)
}

/// Removes `node` with the key or the dash in front of it.
fn element(sheet: Sheet<'_>, holder: &Node, head: Range<usize>, node: &Node) -> Result<Made, Refused> {
    let own = head.start..node.span.end.max(head.end);
    if gaps(sheet, head, node).into_iter().any(|gap| page::has_comment(sheet.text, gap)) {
        return Err(Refused::Comment);
    }
    let all = elements(holder);
    let index = all.iter().position(|range| own.contains(&range.start)).ok_or(Refused::Unfit)?;
    let previous = index.checked_sub(1).and_then(|index| all.get(index));
    let next = all.get(index + 1);
    match (holder.style, previous, next) {
        (_, None, None) => empty(sheet, holder, own),
        (Style::Flow, Some(previous), _) => cut(sheet, previous.end..own.end, previous.end..own.start),
        (Style::Flow, None, Some(next)) => cut(sheet, own.start..next.start, own.end..next.start),
        (_, None, Some(next)) if !page::starts_line(sheet.text, own.start) => {
            cut(sheet, own.start..next.start, own.end..next.start)
        }
        _ => lines(sheet, own),
    }
}

/// Cuts `range`, in which `gap` lies outside of all values.
fn cut(sheet: Sheet<'_>, range: Range<usize>, gap: Range<usize>) -> Result<Made, Refused> {
    if page::has_comment(sheet.text, gap) {
        return Err(Refused::Comment);
    }
    Ok(Made::one(range, ""))
}

/// Removes the only key or item, which leaves an empty map or list.
fn empty(sheet: Sheet<'_>, holder: &Node, own: Range<usize>) -> Result<Made, Refused> {
    let nothing = if matches!(holder.children, Children::Seq(_)) { "[]" } else { "{}" };
    if holder.style == Style::Flow {
        return Ok(Made::one(own, "").alone());
    }
    // They have to stand behind the key or the dash.
    let above = sheet.text.get(..own.start).unwrap_or_default().trim_end().len();
    if page::has_comment(sheet.text, page::line_start(sheet.text, above)..own.start) {
        return Err(Refused::Comment);
    }
    if above == 0 {
        return Ok(Made::one(own, nothing).alone());
    }
    Ok(Made::one(above..own.end, format!(" {nothing}")).alone())
}

/// Removes whole lines.
fn lines(sheet: Sheet<'_>, own: Range<usize>) -> Result<Made, Refused> {
    let text = sheet.text;
    if !page::starts_line(text, own.start) {
        return Err(Refused::Entangled);
    }
    let (start, end) = (page::line_start(text, own.start), page::line_end(text, own.end));
    let behind = sheet.at(own.end..end).trim_start_matches([' ', '\t']);
    if behind.starts_with('#') {
        let is_one_line = !sheet.at(own.clone()).contains('\n');
        return if is_one_line { Ok(Made::one(own.start..own.start, "# ")) } else { Err(Refused::Comment) };
    }
    if !behind.is_empty() {
        return Err(Refused::Entangled);
    }
    // The line ending above goes with the line: what is added behind the line stands in front of its own.
    let above = text.get(..start).and_then(|above| above.strip_suffix('\n'));
    Ok(match above.map(|above| above.strip_suffix('\r').unwrap_or(above)) {
        Some(above) => Made::one(above.len()..end, ""),
        None => Made::one(start..page::next_line(text, end).unwrap_or(end), ""),
    })
}

/// What lies between the head of an element and its scalars: punctuation, and perhaps comments.
fn gaps(sheet: Sheet<'_>, head: Range<usize>, node: &Node) -> Vec<Range<usize>> {
    let mut solid = vec![head];
    collect(sheet, node, &mut solid);
    solid.sort_by_key(|range| range.start);
    solid.windows(2).filter_map(|pair| Some(pair.first()?.end..pair.get(1)?.start)).collect()
}

fn collect(sheet: Sheet<'_>, node: &Node, solid: &mut Vec<Range<usize>>) {
    match &node.children {
        Children::Map(members) => {
            for member in members {
                solid.push(member.key_span.clone());
                collect(sheet, &member.node, solid);
            }
        }
        Children::Seq(items) => items.iter().for_each(|item| collect(sheet, item, solid)),
        // An empty text is its header, with the comment there.
        Children::None
            if node.style == Style::BlockScalar && !page::starts_line(sheet.text, node.span.start) => {}
        Children::None => solid.push(node.span.clone()),
    }
    // Behind the last scalar of a map in braces there may be a comment too.
    solid.push(node.span.end..node.span.end);
}
