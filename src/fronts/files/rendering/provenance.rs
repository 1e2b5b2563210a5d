//! Whether a text was rendered, by Helm most of all: the next rendering would undo an edit.

use super::super::read::{Origin, Source};
use super::heading::{Document, documents};

const CHART_LABEL: &str = "helm.sh/chart:";

/// That a text was rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fronts::files) struct Rendered<'a> {
    /// The first template that it names.
    pub(in crate::fronts::files) template: Option<&'a str>,
}

/// `None` if the text was not rendered.
///
/// Helm heads every document with a `# Source:` line, in a file too. Its chart label alone says less: authors
/// copy it with a chart's manifests. On standard input nobody edits, so there the label is enough.
pub(in crate::fronts::files) fn rendered(source: &Source) -> Option<Rendered<'_>> {
    let template =
        documents(&source.text).filter(Document::is_separated).find_map(|document| document.template);
    let is_rendered = match source.origin {
        Origin::Rendered { .. } => true,
        Origin::StandardInput => source.text.contains(CHART_LABEL),
        Origin::File => false,
    };
    (template.is_some() || is_rendered).then_some(Rendered { template })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(folder: &str, text: &str) -> Source {
        let is_file = folder != "<stdin>";
        let origin = if is_file { Origin::File } else { Origin::StandardInput };
        Source { name: "a.yaml".to_owned(), text: text.to_owned(), folder: folder.into(), origin }
    }

    #[test]
    fn a_source_line_below_a_separator_is_helms() {
        let rendered =
            |text: &str| super::rendered(&source(".", text)).map(|it| it.template.map(ToOwned::to_owned));
        let template = Some(Some("app/templates/so.yaml".to_owned()));
        assert_eq!(rendered("---\n# Source: app/templates/so.yaml\nkind: A\n"), template);
        assert_eq!(rendered("---\r\n# Source: app/templates/so.yaml\r\nkind: A\r\n"), template);
        assert_eq!(rendered("# Source: the wiki\nkind: A\n"), None);
        assert_eq!(rendered("kind: A\nmetadata:\n  labels:\n    helm.sh/chart: app-1\n"), None);
    }

    #[test]
    fn on_standard_input_the_chart_label_is_enough() {
        let text = "kind: A\nmetadata: {labels: {helm.sh/chart: app-1}}\n";
        assert_eq!(rendered(&source("<stdin>", text)), Some(Rendered { template: None }));
        assert_eq!(rendered(&source("<stdin>", "kind: A\n")), None);
    }
}
