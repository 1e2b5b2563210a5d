//! How the commands that judge end: what they found, and what they could not read.

use std::io;

use super::outputs::{self, Output};
use super::{Exit, complain};
use crate::fronts::files::check::Failure;
use crate::output::Report;

/// Writes the report wherever it is wanted, and says how the command ends by it.
pub(super) fn write(
    report: &Report<'_>,
    outputs: &[Output],
    is_coloured: bool,
    print: fn(&str) -> io::Result<()>,
) -> Exit {
    let unwritten = outputs::write(report, outputs, is_coloured, print);
    for error in &unwritten {
        complain(error, None);
    }
    if !unwritten.is_empty() || !report.checked.errors.is_empty() {
        return Exit::Failed;
    }
    let fails = report.checked.findings.iter().any(|located| report.fails(located));
    if fails { Exit::Findings } else { Exit::Clean }
}

/// What is said of one file on standard error; a log that was taken for a manifest has thousands. JSON has all.
const COMPLAINTS: usize = 20;

/// What cannot be read is no finding: it goes to standard error, in the compilers' form.
pub(super) fn complain_about(failures: &[Failure]) {
    for of_file in failures.chunk_by(|one, other| one.file == other.file) {
        for failure in of_file.iter().take(COMPLAINTS) {
            let at = failure.at.map(|(line, column)| format!("{}:{line}:{column}: ", failure.file));
            complain(&format!("{}{}", at.unwrap_or_default(), failure.message), failure.help.as_deref());
        }
        if let [first, .., _] = of_file.get(COMPLAINTS - 1..).unwrap_or_default() {
            let more = of_file.len() - COMPLAINTS;
            complain(&format!("{} has {more} more of them", first.file), None);
        }
    }
}

/// Today in UTC, by which exemptions hold.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
