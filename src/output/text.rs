//! Findings for people, with the source line and a caret.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Report;
use crate::engine::rule;
use crate::fronts::files::check::{Located, Remark, Spot};

/// Writes every finding, remark and error, and a summary line.
pub fn render(report: &Report<'_>, colour: bool) -> String {
    let checked = report.checked;
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    let mut add = |text: String| {
        out += text.trim_end();
        out += "\n\n";
    };
    for located in checked.findings.iter().filter(|located| located.is_open()) {
        add(renderer.render(&[finding(report, located)]));
    }
    for remark in &checked.remarks {
        add(renderer.render(&[note(report, remark)]));
    }
    out += &super::summary(checked);
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
        .element(snippet(report, &located.spot, &finding.statement()))
        .element(Level::NOTE.message(finding.report.cost.clone()))
        .element(Level::HELP.message(help(located)))
}

fn help(located: &Located) -> String {
    let code = located.finding.rule.code;
    match &located.finding.report.fix {
        Some(fix) => format!("{}; `lagward explain {code}` says why", super::json::describe(fix)),
        None => format!("`lagward explain {code}` says more"),
    }
}

fn note<'a>(report: &Report<'a>, remark: &'a Remark) -> Group<'a> {
    let title = Level::WARNING.primary_title(format!("{}: {}", remark.object, remark.text));
    match &remark.spot {
        Some(spot) => title.element(snippet(report, spot, "")),
        None => Group::with_title(title),
    }
}

/// The lines of a spot. Only its first line is shown when it has many: a container is 60 lines long.
fn snippet<'a>(
    report: &Report<'a>,
    spot: &Spot,
    label: &str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = report.source(spot).map_or("", |source| source.text.as_str());
    let note = if report.has_lines(spot) { "" } else { " (rendered)" };
    let name = format!("{}{note}", report.name(spot));
    let end_of_line = text[spot.bytes.start..].find('\n').map_or(text.len(), |at| spot.bytes.start + at);
    let bytes = spot.bytes.start..spot.bytes.end.min(end_of_line).max(spot.bytes.start);
    let mark = AnnotationKind::Primary.span(bytes);
    let mark = if label.is_empty() { mark } else { mark.label(label.to_owned()) };
    Snippet::source(text).path(name).annotation(mark)
}
