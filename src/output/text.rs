//! Findings for people, with the source line and a caret.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use rayon::prelude::*;

use super::Report;
use crate::engine::rule;
use crate::fronts::files::check::{Located, Remark, Spot};

/// The bytes before and behind a place up to which its line is shown.
const LONGEST: usize = 1000;

/// Writes every finding, remark and error, and a summary line.
pub fn render(report: &Report<'_>, colour: bool) -> String {
    let checked = report.checked;
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let findings = checked.findings.par_iter().filter(|located| located.is_open());
    let findings = findings.map(|located| finding(report, located));
    let groups = findings.chain(checked.remarks.par_iter().map(|remark| note(report, remark)));
    let texts: Vec<String> = groups.map(|group| renderer.render(&[group])).collect();
    let mut out = String::new();
    for text in texts {
        out += text.trim_end();
        out += "\n\n";
    }
    out += &super::summary(report);
    out.push('\n');
    out
}

fn finding<'a>(report: &Report<'a>, located: &'a Located) -> Group<'a> {
    let finding = &located.finding;
    let (level, id) = match finding.level {
        rule::Level::Deny => (Level::ERROR, finding.rule.code),
        _ => (Level::WARNING, finding.rule.code),
    };
    let title = format!("{}: {}", finding.rule.name, finding.object);
    level
        .primary_title(title)
        .id(id)
        .elements(elements(report, &located.spot, &finding.statement()))
        .element(Level::NOTE.message(finding.report.cost.clone()))
        .element(Level::HELP.message(help(located)))
}

fn help(located: &Located) -> String {
    let code = located.finding.rule.code;
    match &located.finding.report.fix {
        Some(fix) => format!("{fix}; `lagward explain {code}` says why"),
        None => format!("`lagward explain {code}` says more"),
    }
}

fn note<'a>(report: &Report<'a>, remark: &'a Remark) -> Group<'a> {
    let title = Level::WARNING.primary_title(format!("{}: {}", remark.object, remark.text));
    match &remark.spot {
        Some(spot) => title.elements(elements(report, spot, "")),
        None => Group::with_title(title),
    }
}

/// The first line of a spot, with what is said of it: a container is 60 lines long. The renderer looks at everything
/// that it gets, for each finding anew, so that it gets one line, and none of those that nobody could read.
fn elements<'a>(report: &Report<'a>, spot: &Spot, label: &str) -> Vec<Element<'a>> {
    if !report.has_files() {
        return (!label.is_empty())
            .then(|| Level::NOTE.message(label.to_owned()).into())
            .into_iter()
            .collect();
    }
    let text = report.source(spot).map_or("", |source| source.text.as_str());
    let note = if report.has_lines(spot) { "" } else { " (rendered)" };
    let name = format!("{}{note}", report.name(spot));
    let ((number, column), Range { start, end }) = (spot.start, spot.bytes.clone());
    let Some(line) = line(text, start) else {
        let said = (!label.is_empty()).then(|| Level::NOTE.message(label.to_owned()).into());
        return std::iter::once(Origin::path(name).line(number).char_column(column).into())
            .chain(said)
            .collect();
    };
    let from = start - line.start;
    let mark = AnnotationKind::Primary.span(from..end.min(line.end).max(start) - line.start);
    let mark = if label.is_empty() { mark } else { mark.label(label.to_owned()) };
    let source = report.checked.concealed_part(spot.source, text, line);
    vec![Snippet::source(source).line_start(number).path(name).annotation(mark).into()]
}

/// The line that holds a byte; `None` if it is as long as minified JSON.
fn line(text: &str, offset: usize) -> Option<Range<usize>> {
    // Bytes, since a limit may fall into a character.
    let bytes = text.as_bytes();
    let before = bytes.get(offset.saturating_sub(LONGEST)..offset)?;
    let behind = bytes.get(offset..bytes.len().min(offset + LONGEST))?;
    let start = match before.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => offset - before.len() + at + 1,
        None if before.len() == offset => 0,
        None => return None,
    };
    let end = match behind.iter().position(|byte| *byte == b'\n') {
        Some(at) => offset + at,
        None if offset + behind.len() == bytes.len() => bytes.len(),
        None => return None,
    };
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_from_within_unless_it_is_endless() {
        let text = "a\nüb: c\n";
        assert_eq!([0, 1, 2, 4, 8].map(|at| line(text, at)), [0..1, 0..1, 2..8, 2..8, 2..8].map(Some));
        assert_eq!(line(text, 9), Some(9..9));
        let long = format!("a\n{}\nb\n", "ü".repeat(LONGEST));
        assert_eq!(
            [0, 2, 2 * LONGEST, 2 * LONGEST + 3].map(|at| line(&long, at).is_some()),
            [true, false, false, true]
        );
    }
}
