//! Why an input could not be read.

use std::fmt::{self, Display};
use std::io;
use std::path::PathBuf;

use super::read::STANDARD_INPUT;

/// An input that was skipped, one variant for each step that failed.
#[derive(Debug)]
pub enum Unread {
    /// Nothing has this path.
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder without a single manifest, most often the wrong one.
    Nothing {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder could not be walked.
    Folder {
        /// The path as given.
        path: PathBuf,
        /// What failed, with the path below it.
        error: ignore::Error,
    },
    /// A file could not be opened or read.
    File {
        /// The file's path.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// Standard input could not be read.
    StandardInput {
        /// What failed.
        error: io::Error,
    },
    /// The input is larger than any manifest.
    TooLarge {
        /// The source's name.
        name: String,
        /// The most bytes that are read.
        limit: usize,
    },
    /// The input has NUL bytes.
    Binary {
        /// The source's name.
        name: String,
    },
    /// The input is text in another encoding.
    NotUtf8 {
        /// The source's name.
        name: String,
        /// The first line that is not UTF-8, from 1.
        line: usize,
    },
    /// A template, Helm's most of all, that was not rendered.
    Template {
        /// The source's name.
        name: String,
        /// The line of the action that shows it, from 1.
        line: usize,
    },
}

impl Unread {
    /// The input's name, as a source of it would have had.
    pub fn name(&self) -> String {
        match self {
            Self::Missing { path }
            | Self::Nothing { path }
            | Self::Folder { path, .. }
            | Self::File { path, .. } => path.display().to_string(),
            Self::StandardInput { .. } => STANDARD_INPUT.to_owned(),
            Self::TooLarge { name, .. }
            | Self::Binary { name }
            | Self::NotUtf8 { name, .. }
            | Self::Template { name, .. } => name.clone(),
        }
    }

    /// What to do about it, where there is more to do than to look at the path.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Template { .. } => Some("render it first: helm template . | lagward check -"),
            Self::NotUtf8 { .. } | Self::Binary { .. } => {
                Some("save it as UTF-8, or name it in .lagwardignore")
            }
            Self::TooLarge { .. } => Some("name it in .lagwardignore"),
            Self::Missing { .. }
            | Self::Nothing { .. }
            | Self::Folder { .. }
            | Self::File { .. }
            | Self::StandardInput { .. } => None,
        }
    }
}

impl Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "cannot read {}: no such file or folder", path.display()),
            Self::Nothing { path } => {
                write!(f, "cannot read {}: no .yaml, .yml or .json file is in it", path.display())
            }
            Self::Folder { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::File { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::StandardInput { error } => write!(f, "cannot read standard input: {error}"),
            Self::TooLarge { name, limit } => {
                write!(f, "cannot read {name}: it is larger than {} MB", limit >> 20)
            }
            Self::Binary { name } => write!(f, "cannot read {name}: it is a binary file"),
            Self::NotUtf8 { name, line } => write!(f, "cannot read {name}: line {line} is not UTF-8"),
            Self::Template { name, line } => {
                write!(f, "cannot read {name}: line {line} is a template that was not rendered")
            }
        }
    }
}

impl std::error::Error for Unread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { error, .. } | Self::StandardInput { error } => Some(error),
            Self::Folder { error, .. } => Some(error),
            Self::Missing { .. }
            | Self::Nothing { .. }
            | Self::TooLarge { .. }
            | Self::Binary { .. }
            | Self::NotUtf8 { .. }
            | Self::Template { .. } => None,
        }
    }
}
