//! The comment by which Helm heads each document: `# Source: consumer/templates/deployment.yaml`.

use memchr::memmem;

/// A document of a text that may have been rendered.
pub(super) struct Document<'a> {
    /// As it stands, with the `---` above it.
    pub(super) text: &'a str,
    /// The template that its heading names.
    pub(super) template: Option<&'a str>,
}

/// The documents of a text. One ends where a line is `---`, which no value can hold.
pub(super) fn documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let own = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let dashes = memmem::find_iter(&rest.as_bytes()[own..], "---");
        let end = dashes.map(|at| own + at).find(|at| is_separator(rest, *at));
        let (text, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        Some(Document { text, template: template(text) })
    })
}

impl Document<'_> {
    /// Whether a `---` stands above it: the first one of a text may do without.
    pub(super) fn is_separated(&self) -> bool {
        self.text.starts_with("---")
    }
}

fn is_separator(text: &str, at: usize) -> bool {
    let before = text.get(..at).is_some_and(|before| before.ends_with('\n'));
    let after = text.get(at + 3..).unwrap_or_default();
    before && (after.is_empty() || after.starts_with(['\n', '\r', ' ', '\t']))
}

/// What the first line names, or the one below `---`.
fn template(document: &str) -> Option<&str> {
    let mut lines = document.lines();
    let first = lines.next()?;
    let line = if first.trim_end() == "---" { lines.next()? } else { first };
    line.strip_prefix("# Source: ").map(str::trim).filter(|name| !name.is_empty())
}
