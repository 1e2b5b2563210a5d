//! Writes another value where one stands.

use serde_json::Value;

use super::super::node::Style;
use super::hand::{Setting, is_bare};
use super::reach::Reached;
use super::refused::Refused;
use super::{Made, Sheet, Splice, page};

/// Replaces what was reached, keeping its quotes where the new value is a string too.
pub(super) fn replace(sheet: Sheet<'_>, at: &Reached<'_>, value: &Value) -> Result<Made, Refused> {
    let span = at.node.span.clone();
    let raw = sheet.at(span.clone());
    let holder = at.holder.ok_or(Refused::Unfit)?;
    let setting = if holder.style == Style::Flow { Setting::Flow } else { Setting::Block };
    match at.node.style {
        Style::Plain | Style::Quoted | Style::BlockScalar => {}
        // What is in braces may hold comments, what is not has lines of its own.
        Style::Flow if !page::has_comment(sheet.text, span.clone()) => {
            return Ok(Made::one(span, sheet.hand(holder).flow(value)));
        }
        _ => return Err(Refused::Whole),
    }
    let is_written_specially = at.node.style == Style::BlockScalar
        || raw.contains('\n')
        || (raw.starts_with('"') && raw.contains('\\'));
    if is_written_specially
        && let (Value::String(old), Value::String(new)) = (at.value, value)
        && let Some(made) = within(sheet, at, old, new)
    {
        return Ok(made);
    }
    if at.node.style == Style::BlockScalar {
        return Err(Refused::TextBlock);
    }
    let hand = sheet.hand(holder);
    let with = match value {
        Value::String(text) if at.node.style == Style::Quoted => {
            hand.quoted(text, if raw.starts_with('\'') { '\'' } else { '"' })
        }
        // Who wrote a string without quotes gets one without, as long as it stays a string.
        Value::String(text) if at.value.is_string() && is_bare(text, setting) => text.clone(),
        Value::Object(_) | Value::Array(_) => hand.flow(value),
        scalar => hand.scalar(scalar, setting),
    };
    Ok(Made::one(span, with))
}

/// Puts quotes around what is written, and so repeats nothing of it. Of `010` and the 8 that YAML reads there, nobody
/// knows which is meant; `1.10` is no other number than the 1.1 that JSON makes of it.
pub(super) fn quote(sheet: Sheet<'_>, at: &Reached<'_>) -> Result<Made, Refused> {
    let span = at.node.span.clone();
    let holder = at.holder.ok_or(Refused::Unfit)?;
    let (written, read) = (sheet.at(span.clone()), at.value.to_string());
    if at.node.style != Style::Plain || (*written != *read && !is_decimal(written)) {
        return Err(Refused::Respelt);
    }
    let quote = sheet.hand(holder).quote();
    let splices = [span.start, span.end].map(|at| Splice { range: at..at, with: quote.into() });
    Ok(Made { splices: splices.into(), is_alone: false })
}

/// A number as everybody writes it, in whose place YAML reads no other one.
fn is_decimal(text: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_number(whole) && is_number(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// Changes only the word in which two strings differ. `None` when it cannot be found in the text as it is
/// written: escaped, or folded in a way of its own.
fn within(sheet: Sheet<'_>, at: &Reached<'_>, old: &str, new: &str) -> Option<Made> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let most = (old.len() - start).min(new.len() - start);
    let mut shared = 0;
    for (c, _) in old.chars().rev().zip(new.chars().rev()).take_while(same) {
        if shared + c.len_utf8() > most {
            break;
        }
        shared += c.len_utf8();
    }
    let start = old.get(..start)?.trim_end_matches(is_word).len();
    let rest = old.get(old.len() - shared..)?;
    let shared = rest.trim_start_matches(is_word).len();
    let (old_word, new_word) = (old.get(start..old.len() - shared)?, new.get(start..new.len() - shared)?);
    if old_word.is_empty() || !old_word.chars().all(is_word) || !new_word.chars().all(is_word) {
        return None;
    }
    let raw = sheet.at(at.node.span.clone());
    if raw.matches(old_word).count() != old.matches(old_word).count() {
        return None;
    }
    let nth = old.get(..start)?.matches(old_word).count();
    let (offset, _) = raw.match_indices(old_word).nth(nth)?;
    let offset = at.node.span.start + offset;
    Some(Made::one(offset..offset + old_word.len(), new_word))
}
