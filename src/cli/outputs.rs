//! Where the findings of a run go: `-o FORMAT[=FILE]`.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;

use super::complaint::Complaint;
use crate::output::{Base, Report, github, json, junit, sarif, table, text};

/// One format and its destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    format: Format,
    /// `None` is standard output.
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    /// What text becomes on a terminal where no source is shown.
    #[value(skip)]
    Table,
    Json,
    Sarif,
    Junit,
    Github,
}

/// A report that could not be written.
#[derive(Debug)]
pub(super) struct WriteError {
    /// `None` is standard output.
    file: Option<PathBuf>,
    error: io::Error,
}

impl Output {
    /// Whether it says in which lines of files the findings are.
    pub(super) fn needs_files(&self) -> bool {
        self.format == Format::Github
    }

    pub(super) fn is_on_stdout(&self) -> bool {
        self.file.is_none()
    }

    /// Text on standard output as a table.
    #[must_use]
    pub(super) fn into_table(mut self) -> Self {
        if self == (Self { format: Format::Text, file: None }) {
            self.format = Format::Table;
        }
        self
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("the name of the file is missing behind `=`".to_owned()),
            Some((format, "-")) => (format, None),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = Format::from_str(format, false)
            .map_err(|_| "must be text, json, sarif, junit or github, each with or without =FILE")?;
        Ok(Self { format, file })
    }
}

/// What is written where: text goes to standard output unless another format does, so that a log is never empty.
pub(super) fn plan(asked: &[Output]) -> Result<Vec<Output>, Complaint> {
    let mut taken = HashSet::new();
    for output in asked {
        if taken.insert(output.file.as_deref()) {
            continue;
        }
        let place = output.file.as_deref().unwrap_or(Path::new("standard output")).display().to_string();
        return Err(Complaint::new(format!("two formats cannot both be written to {place}"))
            .with_help("give one of them a file of its own: -o sarif=FILE"));
    }
    let mut outputs = asked.to_vec();
    if !taken.contains(&None) {
        outputs.push(Output { format: Format::Text, file: None });
    }
    Ok(outputs)
}

/// Writes every report that can be written; `print` is for what goes to standard output.
pub(super) fn write(
    report: &Report<'_>,
    outputs: &[Output],
    is_coloured: bool,
    print: fn(&str) -> io::Result<()>,
) -> Vec<WriteError> {
    let base = Base::here();
    let mut errors = Vec::new();
    for Output { format, file } in outputs {
        let written = match format {
            Format::Text => text::render(report, is_coloured && file.is_none()),
            Format::Table => table::render(report, is_coloured),
            Format::Json => format!("{:#}\n", json::render(report)),
            Format::Sarif => format!("{:#}\n", sarif::render(report, &base)),
            Format::Junit => junit::render(report),
            Format::Github => github::render(report, &base),
        };
        let written = match file {
            None => print(&written),
            Some(file) => std::fs::write(file, written),
        };
        errors.extend(written.err().map(|error| WriteError { file: file.clone(), error }));
    }
    errors
}

impl Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.file.as_deref().unwrap_or(Path::new("standard output"));
        write!(f, "cannot write {}: {}", place.display(), self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(asked: &[&str]) -> Result<Vec<String>, String> {
        let asked: Vec<Output> = asked.iter().map(|text| text.parse().unwrap()).collect();
        let name = |output: Output| format!("{:?}={:?}", output.format, output.file.as_deref());
        plan(&asked)
            .map(|outputs| outputs.into_iter().map(name).collect())
            .map_err(|complaint| complaint.message)
    }

    #[test]
    fn text_goes_to_standard_output_unless_another_format_does() {
        assert_eq!(planned(&[]).unwrap(), ["Text=None"]);
        assert_eq!(planned(&["json"]).unwrap(), ["Json=None"]);
        assert_eq!(planned(&["sarif=a.sarif"]).unwrap(), ["Sarif=Some(\"a.sarif\")", "Text=None"]);
        assert_eq!(planned(&["github=-", "junit=a"]).unwrap(), ["Github=None", "Junit=Some(\"a\")"]);
    }

    #[test]
    fn two_formats_do_not_go_to_one_place() {
        assert_eq!(
            planned(&["json", "text"]).unwrap_err(),
            "two formats cannot both be written to standard output"
        );
        assert_eq!(planned(&["json=a", "sarif=a"]).unwrap_err(), "two formats cannot both be written to a");
    }

    #[test]
    fn a_format_that_is_none_is_refused() {
        assert!("yaml".parse::<Output>().unwrap_err().starts_with("must be text, json"));
        assert!("sarif=".parse::<Output>().unwrap_err().starts_with("the name of the file"));
    }
}
