//! What the documentation says is true: links lead somewhere, commands run, YAML is what it claims to be, and what
//! is shown is what the program says.

mod commands;
mod elsewhere;
mod greeting;
mod links;
mod markdown;
mod messages;
mod scratch;
mod yaml;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page with its text, named from the repository's root.
struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    /// The pages that people read: those at the root, the book, the examples and the chart's. The pages of rules
    /// are run by tests/pages.rs, so that only their links count.
    fn all() -> Vec<Self> {
        let walk = ignore::WalkBuilder::new(root()).hidden(false).build().flatten();
        let paths = walk.map(|entry| entry.path().to_owned());
        let is_page = |path: &PathBuf| {
            let inside = path.strip_prefix(root()).unwrap_or(path);
            let is_ours = ["docs", "examples", "manifests", ".github", "src/rules"];
            let is_top = inside.parent() == Some(Path::new(""));
            path.extension().is_some_and(|extension| extension == "md")
                && (is_top || is_ours.iter().any(|folder| inside.starts_with(folder)))
        };
        let read = |path: PathBuf| {
            let text = std::fs::read_to_string(&path).expect("a page is text");
            Self { path: path.strip_prefix(root()).expect("below the root").to_owned(), text }
        };
        let mut pages: Vec<Self> = paths.filter(is_page).map(read).collect();
        pages.sort_by(|a, b| a.path.cmp(&b.path));
        pages
    }

    /// Those whose blocks are run here.
    fn with_blocks() -> impl Iterator<Item = Self> {
        let of_rules = |page: &Self| page.path.starts_with("src/rules") || page.is_rule();
        Self::all().into_iter().filter(move |page| !of_rules(page))
    }

    /// A generated page of a rule.
    fn is_rule(&self) -> bool {
        self.path.starts_with("docs/rules") && !self.path.ends_with("README.md")
    }
}
