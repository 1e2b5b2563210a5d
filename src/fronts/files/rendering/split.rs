//! Helm's output, taken apart by the templates that it names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::super::read::{Origin, STANDARD_INPUT, Source};
use super::heading::{Document, documents};

/// Takes standard input apart if it names templates (`helm template . | lagward check -`); files stay whole, since
/// their lines are there to be read.
pub fn by_template(sources: Vec<Source>) -> Vec<Source> {
    let apart = |source: Source| match source.origin {
        // The chart of that command is here.
        Origin::StandardInput if names_templates(&source.text) => {
            templates(&source.text, STANDARD_INPUT, Path::new("."))
        }
        _ => vec![source],
    };
    sources.into_iter().flat_map(apart).collect()
}

/// The documents of `text` by the template that their heading names. What has none is called `rest`.
///
/// Documents of one template stand together, however Helm has sorted them, and their lines count from the first.
pub(super) fn templates(text: &str, rest: &str, chart: &Path) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for Document { text: document, template: name } in documents(text) {
        let index = *known.entry(name.unwrap_or(rest)).or_insert_with(|| {
            let file = name.and_then(|name| file(chart, name));
            sources.push(Source {
                name: name.unwrap_or(rest).to_owned(),
                text: String::new(),
                folder: rest.into(),
                origin: Origin::Rendered { file },
            });
            sources.len() - 1
        });
        if let Some(source) = sources.get_mut(index) {
            source.text += document;
        }
    }
    sources.retain(|source| !source.text.trim().is_empty());
    sources
}

fn names_templates(text: &str) -> bool {
    documents(text).any(|document| document.template.is_some())
}

/// The template's file: Helm writes the chart's name where its folder is. `None` for a chart from elsewhere.
fn file(chart: &Path, template: &str) -> Option<PathBuf> {
    let (_, below) = template.split_once('/')?;
    let file = if chart == Path::new(".") { PathBuf::from(below) } else { chart.join(below) };
    (chart.join("Chart.yaml").is_file() && file.is_file()).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard_input(text: String) -> Vec<Source> {
        let (name, folder) = (STANDARD_INPUT.to_owned(), STANDARD_INPUT.into());
        by_template(vec![Source { name, text, folder, origin: Origin::StandardInput }])
    }

    const HELM: &str = "\
---
# Source: app/templates/b.yaml
kind: B
---
# Source: app/templates/a.yaml
kind: A
text: |
  ---
  # Source: not/this.yaml
---
# Source: app/templates/b.yaml
kind: B2
";

    #[test]
    fn documents_go_to_the_template_that_they_name() {
        let sources = standard_input(HELM.to_owned());
        let found: Vec<(&str, &str)> =
            sources.iter().map(|source| (source.name.as_str(), source.text.as_str())).collect();
        assert_eq!(
            found,
            [
                (
                    "app/templates/b.yaml",
                    "---\n# Source: app/templates/b.yaml\nkind: B\n---\n# Source: app/templates/b.yaml\nkind: B2\n"
                ),
                (
                    "app/templates/a.yaml",
                    "---\n# Source: app/templates/a.yaml\nkind: A\ntext: |\n  ---\n  # Source: not/this.yaml\n"
                ),
            ]
        );
        assert_eq!(sources[0].folder, sources[1].folder);
        assert_eq!(sources[0].origin, Origin::Rendered { file: None });
    }

    #[test]
    fn other_input_stays_whole() {
        let text = "kind: A\n---\nkind: B # Source: x\n---\n# a comment\n# Source: x\n";
        let sources = standard_input(text.to_owned());
        assert_eq!(sources.len(), 1);
        assert_eq!((sources[0].name.as_str(), sources[0].text.as_str()), ("<stdin>", text));
        assert_eq!(sources[0].origin, Origin::StandardInput);
        assert_eq!(standard_input(String::new()).len(), 1);
    }

    #[test]
    fn a_document_that_names_no_template_belongs_to_none() {
        let text = "---\r\n# Source: app/a.yaml\r\nkind: A\r\n---\r\nkind: B\r\n";
        let names: Vec<String> = standard_input(text.to_owned()).into_iter().map(|s| s.name).collect();
        assert_eq!(names, ["app/a.yaml", "<stdin>"]);
    }
}
