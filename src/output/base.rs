//! Names of files for a reader who stands at the root of the repository.

use std::path::{Path, PathBuf};

use crate::fronts::files::{Origin, Source, upwards};

/// The folder from which reports name files: code hosts resolve names from the repository's root, wherever in it
/// the command was run.
#[derive(Clone, Debug)]
pub struct Base {
    root: PathBuf,
}

impl Base {
    /// The root of the repository of the current folder, or that folder.
    pub fn here() -> Self {
        let here = upwards::absolute(Path::new(".")).unwrap_or_default();
        Self { root: upwards::repository(&here).unwrap_or(here) }
    }

    /// The path of a source's file from the root, with slashes; an absolute path for one outside of it.
    pub(super) fn path(&self, source: &Source) -> String {
        let file = match &source.origin {
            Origin::StandardInput => return "stdin".to_owned(),
            Origin::Rendered { file: Some(file) } => file.as_path(),
            Origin::Rendered { file: None } | Origin::File => Path::new(&source.name),
        };
        let Some(absolute) = upwards::absolute(file) else { return source.name.clone() };
        let below = absolute.strip_prefix(&self.root).unwrap_or(&absolute);
        below.display().to_string().replace('\\', "/")
    }
}
