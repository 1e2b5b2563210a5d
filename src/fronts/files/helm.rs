//! Whether a text was rendered, by Helm most of all: the next rendering would undo an edit.

use super::read::{Origin, Source};

const SOURCE: &str = "# Source: ";
const CHART_LABEL: &str = "helm.sh/chart:";

/// `None` if the text was not rendered; else the first template that it names.
///
/// Helm heads every document with a `# Source:` line, in a file too. Its chart label alone says less: authors
/// copy it with a chart's manifests. On standard input nobody edits, so there the label is enough.
pub(super) fn rendered(source: &Source) -> Option<Option<&str>> {
    let is_rendered = match source.origin {
        Origin::Rendered { .. } => true,
        Origin::StandardInput => source.text.contains(CHART_LABEL),
        Origin::File => false,
    };
    headed(&source.text).map(Some).or(is_rendered.then_some(None))
}

/// The template of the first `# Source:` line below a `---`.
fn headed(text: &str) -> Option<&str> {
    let mut is_start = false;
    for line in text.lines() {
        if let Some(template) = line.strip_prefix(SOURCE).filter(|_| is_start) {
            return Some(template.trim());
        }
        is_start = line.trim_end() == "---";
    }
    None
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
        let rendered = |text: &str| super::rendered(&source(".", text)).map(|it| it.map(ToOwned::to_owned));
        let template = Some(Some("app/templates/so.yaml".to_owned()));
        assert_eq!(rendered("---\n# Source: app/templates/so.yaml\nkind: A\n"), template);
        assert_eq!(rendered("---\r\n# Source: app/templates/so.yaml\r\nkind: A\r\n"), template);
        assert_eq!(rendered("# Source: the wiki\nkind: A\n"), None);
        assert_eq!(rendered("kind: A\nmetadata:\n  labels:\n    helm.sh/chart: app-1\n"), None);
    }

    #[test]
    fn on_standard_input_the_chart_label_is_enough() {
        let text = "kind: A\nmetadata: {labels: {helm.sh/chart: app-1}}\n";
        assert_eq!(rendered(&source("<stdin>", text)), Some(None));
        assert_eq!(rendered(&source("<stdin>", "kind: A\n")), None);
    }
}
