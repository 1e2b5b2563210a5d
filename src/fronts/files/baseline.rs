//! Findings that were there before: only new ones fail.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::Located;
use super::write;

/// The findings of an earlier run, and how often each was there.
///
/// A finding is known by its rule, its object, its place (list items by name, not by number) and the value that
/// stands there. So lines may move and triggers be reordered; another value is another finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<Entry, usize>,
}

/// Fields in the order by which the file is sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    object: String,
    path: String,
    code: String,
    /// The value as text; left out where none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

/// Why a baseline cannot be used.
#[derive(Debug)]
pub enum BaselineError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: std::io::Error,
    },
    /// It is not a baseline.
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// A newer lagward wrote it.
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// The file cannot be written.
    Write {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: std::io::Error,
    },
}

const VERSION: u32 = 1;

impl Baseline {
    /// The baseline that these findings make. What an exemption covers needs none.
    pub fn of(findings: &[Located]) -> Self {
        let mut baseline = Self::default();
        for located in findings.iter().filter(|located| located.finding.exempted.is_none()) {
            *baseline.known.entry(Entry::of(located)).or_default() += 1;
        }
        baseline
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// The file cannot be read, or is not a baseline of this version.
    pub fn load(path: &Path) -> Result<Self, BaselineError> {
        let path = path.to_owned();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return Err(BaselineError::Read { path, error }),
        };
        let file: File = match serde_json::from_str(&text) {
            Ok(file) => file,
            Err(error) => return Err(BaselineError::Content { path, error }),
        };
        if file.version != VERSION {
            return Err(BaselineError::Version { path, version: file.version });
        }
        let mut baseline = Self::default();
        for entry in file.findings {
            *baseline.known.entry(entry).or_default() += 1;
        }
        Ok(baseline)
    }

    /// Writes it: one finding a line, sorted, so that a review of its changes is easy.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), BaselineError> {
        write::save(path, &self.text()).map_err(|error| BaselineError::Write { path: path.to_owned(), error })
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.known.values().sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Marks the findings that it holds, each as often as it was there.
    pub fn apply(&self, findings: &mut [Located]) {
        let mut left = self.known.clone();
        for located in findings.iter_mut().filter(|located| located.finding.exempted.is_none()) {
            if let Some(count) = left.get_mut(&Entry::of(located)).filter(|count| **count > 0) {
                *count -= 1;
                located.is_baselined = true;
            }
        }
    }

    fn text(&self) -> String {
        let lines = self.known.iter().flat_map(|(entry, count)| {
            let line = serde_json::to_string(entry).unwrap_or_default();
            std::iter::repeat_n(format!("  {line}"), *count)
        });
        let lines: Vec<String> = lines.collect();
        format!("{{\"version\": {VERSION}, \"findings\": [\n{}\n]}}\n", lines.join(",\n"))
    }
}

impl Entry {
    fn of(located: &Located) -> Self {
        let found = match &located.value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Self {
            object: located.finding.object.to_string(),
            path: located.finding.report.place.keyed(),
            code: located.finding.rule.code.to_owned(),
            found,
        }
    }
}

impl BaselineError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Read { .. } | Self::Content { .. } => Some("--write-baseline writes it"),
            Self::Version { .. } => Some("update lagward, or write it anew with --write-baseline"),
            Self::Write { .. } => None,
        }
    }
}

impl Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, error } => write!(f, "cannot read the baseline {}: {error}", path.display()),
            Self::Content { path, error } => write!(f, "{} is not a baseline: {error}", path.display()),
            Self::Version { path, version } => {
                write!(
                    f,
                    "the baseline {} has version {version}, but this lagward knows {VERSION}",
                    path.display()
                )
            }
            Self::Write { path, error } => write!(f, "cannot write the baseline {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for BaselineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { error, .. } | Self::Write { error, .. } => Some(error),
            Self::Content { error, .. } => Some(error),
            Self::Version { .. } => None,
        }
    }
}
