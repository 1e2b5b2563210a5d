//! Workflow commands, by which GitHub Actions shows findings at the lines of a pull request.

use super::{Base, Report};
use crate::engine::rule::Level;
use crate::fronts::files::check::{Failure, Located, Remark, Spot};

/// A command for each finding, error and remark, and the summary as a plain line of the log.
pub fn render(report: &Report<'_>, base: &Base) -> String {
    let mut out = String::new();
    for located in report.checked.findings.iter().filter(|located| located.is_open()) {
        out += &finding(report, base, located);
    }
    for failure in &report.checked.errors {
        out += &error(report, base, failure);
    }
    for remark in &report.checked.remarks {
        out += &notice(report, base, remark);
    }
    out += &super::summary(report);
    out.push('\n');
    out
}

fn finding(report: &Report<'_>, base: &Base, located: &Located) -> String {
    let finding = &located.finding;
    let command = if finding.level == Level::Deny { "error" } else { "warning" };
    let title = ("title", format!("lagward {}", finding.rule.code));
    let mut properties = place(report, base, &located.spot);
    properties.push(title);
    // The log shows the message alone, so it says the code once more.
    let message = format!("{} {}: {}", finding.rule.code, finding.rule.name, super::message(located));
    line(command, &properties, &message)
}

fn error(report: &Report<'_>, base: &Base, failure: &Failure) -> String {
    let source = report.sources.iter().find(|source| source.name == failure.file);
    let file = source.map_or_else(|| failure.file.clone(), |source| base.path(source));
    let mut properties = vec![("file", file)];
    if let Some((line, column)) = failure.at {
        properties.extend([("line", line.to_string()), ("col", column.to_string())]);
    }
    properties.push(("title", "lagward".to_owned()));
    line("error", &properties, &failure.message)
}

fn notice(report: &Report<'_>, base: &Base, remark: &Remark) -> String {
    let mut properties = remark.spot.as_ref().map_or_else(Vec::new, |spot| place(report, base, spot));
    properties.push(("title", "lagward".to_owned()));
    line("notice", &properties, &format!("{}: {}", remark.object, remark.text))
}

fn place(report: &Report<'_>, base: &Base, spot: &Spot) -> Vec<(&'static str, String)> {
    let file = report.source(spot).map_or_else(String::new, |source| base.path(source));
    if !report.has_lines(spot) {
        return vec![("file", file), ("line", "1".to_owned())];
    }
    let ((line, column), (end_line, end_column)) = (spot.start, spot.end);
    let mut place = vec![("file", file), ("line", line.to_string()), ("endLine", end_line.to_string())];
    // GitHub takes columns only within one line, and counts the last one in.
    if line == end_line {
        let last = end_column.saturating_sub(1).max(column);
        place.extend([("col", column.to_string()), ("endColumn", last.to_string())]);
    }
    place
}

fn line(command: &str, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    format!("::{command} {}::{}\n", properties.join(","), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        let properties = [("file", "a,b:c%.yaml".to_owned()), ("line", "3".to_owned())];
        assert_eq!(
            line("error", &properties, "100% of\r\nit: a, b"),
            "::error file=a%2Cb%3Ac%25.yaml,line=3::100%25 of%0D%0Ait: a, b\n"
        );
    }
}
