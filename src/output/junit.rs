//! JUnit XML, as Jenkins and GitLab read it.
//!
//! A file is a suite, or a namespace of a cluster, and a finding a case. What fails the run is a failure; what does not is a skipped case, the
//! only kind beside it whose text both tools show.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Report;
use crate::fronts::files::check::{Checked, Failure, Located};

/// The whole report.
pub fn render(report: &Report<'_>) -> String {
    let suites = Suites::of(report);
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    let mut body = String::new();
    for (name, suite) in &suites.by_name {
        // A suite without a case is an error to Jenkins, and a clean file has been tested.
        let found = suite.findings.len() + suite.errors.len() + suite.templates.len();
        let clean = usize::from(found == 0);
        let failing = suite.findings.iter().filter(|located| report.fails(located)).count();
        let (all, errors) = (found + clean, suite.errors.len());
        let rest = found - failing - errors;
        let name = escape(name);
        let _ = writeln!(
            body,
            "  <testsuite name=\"{name}\" tests=\"{all}\" failures=\"{failing}\" errors=\"{errors}\" skipped=\"{rest}\" time=\"0\">"
        );
        if clean == 1 {
            let file = file(report, &name);
            let _ = writeln!(body, "    <testcase classname=\"{name}\" name=\"lagward\"{file} time=\"0\"/>");
        }
        for located in &suite.findings {
            body += &finding(report, located, &name);
        }
        for failure in &suite.errors {
            body += &unread(report, failure, "error", &name);
        }
        for template in &suite.templates {
            body += &unread(report, template, "skipped", &name);
        }
        body += "  </testsuite>\n";
        (tests, failures, skipped) = (tests + all, failures + failing, skipped + rest);
    }
    let errors = report.checked.errors.len();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"lagward\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\">\n\
         {body}</testsuites>\n"
    )
}

/// What each file has; a file of which nothing was read has errors only.
struct Suites<'a> {
    by_name: BTreeMap<&'a str, Suite<'a>>,
}

#[derive(Default)]
struct Suite<'a> {
    findings: Vec<&'a Located>,
    errors: Vec<&'a Failure>,
    templates: Vec<&'a Failure>,
}

impl<'a> Suites<'a> {
    fn of(report: &Report<'a>) -> Self {
        let Checked { findings, errors, skipped, .. } = report.checked;
        let mut by_name: BTreeMap<&str, Suite<'_>> =
            report.sources.iter().map(|source| (source.name.as_str(), Suite::default())).collect();
        for located in findings {
            by_name.entry(report.name(&located.spot)).or_default().findings.push(located);
        }
        for failure in errors {
            by_name.entry(&failure.file).or_default().errors.push(failure);
        }
        for failure in skipped {
            by_name.entry(&failure.file).or_default().templates.push(failure);
        }
        Self { by_name }
    }
}

/// The case's name holds no line and no value, so that tools know it again in the next run.
fn finding(report: &Report<'_>, located: &Located, suite: &str) -> String {
    let finding = &located.finding;
    let name = format!(
        "{} {}: {} {}",
        finding.rule.code,
        finding.rule.name,
        finding.object,
        finding.report.place.keyed()
    );
    let ((line, column), message) = (located.spot.start, super::message(located));
    let (element, why) = match (&finding.exempted, located.is_baselined) {
        (Some(reason), _) => ("skipped", format!("exempted: {reason}")),
        (None, true) => ("skipped", format!("in the baseline: {}", finding.statement())),
        (None, false) if report.fails(located) => ("failure", finding.statement()),
        (None, false) => ("skipped", format!("{}: {}", finding.level.name(), finding.statement())),
    };
    let kind = if element == "failure" { format!(" type=\"{}\"", finding.rule.code) } else { String::new() };
    let file = file(report, suite);
    let at = if report.has_files() { format!("{suite}:{line}:{column}: ") } else { String::new() };
    format!(
        "    <testcase classname=\"{suite}\" name=\"{}\"{file} time=\"0\">\n      \
         <{element} message=\"{}\"{kind}>{at}{}</{element}>\n    </testcase>\n",
        escape(&name),
        escape(&why),
        escape(&message)
    )
}

/// The attribute by which tools find a case's file.
fn file(report: &Report<'_>, suite: &str) -> String {
    if report.has_files() { format!(" file=\"{suite}\"") } else { String::new() }
}

fn unread(report: &Report<'_>, failure: &Failure, element: &str, suite: &str) -> String {
    let file = file(report, suite);
    let at = failure.at.map_or_else(String::new, |(line, column)| format!(" {line}:{column}"));
    let message = escape(&failure.message);
    format!(
        "    <testcase classname=\"{suite}\" name=\"read{at}\"{file} time=\"0\">\n      \
         <{element} message=\"{message}\">{suite}{at}: {message}</{element}>\n    </testcase>\n"
    )
}

/// For attributes and text. XML 1.0 has no place at all for most control characters.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' => out += "&#10;",
            '\r' => out += "&#13;",
            '\t' => out += "&#9;",
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            control if control.is_control() && control < ' ' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_replaced() {
        assert_eq!(escape("a<b>&\"c\"\n\u{1b}[0m"), "a&lt;b&gt;&amp;&quot;c&quot;&#10;\u{fffd}[0m");
    }
}
