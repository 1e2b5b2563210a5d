//! Whether a text is a template that was not rendered, Helm's most of all.

use std::collections::HashSet;

use super::super::lines::Lines;
use super::super::stream::SyntaxError;
use super::super::tree::Document;

/// What only Helm's actions name. Prometheus (`{{ $labels.pod }}`), Argo (`{{inputs.parameters.x}}`) and
/// ApplicationSets (`{{.name}}`) write actions too, and theirs are values.
const NAMES: [&str; 9] = [
    ".Values",
    ".Release.",
    ".Chart.",
    ".Capabilities.",
    ".Files.",
    ".Template.",
    "include \"",
    "tpl (",
    "tpl .",
];

/// What an action with a line of its own starts with.
const KEYWORDS: [&str; 9] = ["if ", "else", "end", "range ", "with ", "define ", "block ", "template ", "/*"];

/// An action names what it uses early; text without closing braces is not searched to its end each time.
const LONGEST: usize = 256;

/// The line of the action that shows `text` to be a template, from 1; `None` when it is none.
///
/// Actions in quotes and block scalars are text. One outside of them breaks the syntax, or stands in an unquoted
/// scalar, where only Helm's own makes a template of it.
pub(in crate::fronts::files) fn template_line(
    text: &str,
    documents: &[Document],
    errors: &[SyntaxError],
) -> Option<usize> {
    if !text.contains("{{") {
        return None;
    }
    if !errors.is_empty() {
        return broken_at(text, errors);
    }
    let offset = documents.iter().find_map(|document| {
        document.find_plain(&|span| {
            let scalar = text.get(span.clone()).filter(|scalar| !scalar.starts_with(['"', '\'']))?;
            actions(scalar).find(|(_, action)| names_helm(action)).map(|(at, _)| span.start + at)
        })
    })?;
    Some(Lines::new(text).at(offset).0)
}

fn broken_at(text: &str, errors: &[SyntaxError]) -> Option<usize> {
    let wrong: HashSet<usize> = errors.iter().map(|error| error.line).collect();
    let first = |test: &dyn Fn(usize, &str) -> bool| {
        (1..).zip(text.lines()).find(|(number, line)| test(*number, line)).map(|(number, _)| number)
    };
    first(&|number, line| wrong.contains(&number) && starts_a_value(line))
        .or_else(|| first(&|_, line| is_control(line) || is_helm(line)))
}

/// `replicas: {{ .replicas }}`: where braces open a map whose key is a map.
fn starts_a_value(line: &str) -> bool {
    actions(line).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().trim_end();
        before.is_empty() || before.ends_with([':', '-', ',', '['])
    })
}

/// `{{- if .enabled }}`, alone on its line.
fn is_control(line: &str) -> bool {
    let Some(action) = line.trim_start().strip_prefix("{{") else { return false };
    let words = action.trim_start_matches('-').trim_start();
    KEYWORDS.iter().any(|word| words.starts_with(word))
}

fn is_helm(line: &str) -> bool {
    actions(line).any(|(_, action)| names_helm(action))
}

fn names_helm(action: &str) -> bool {
    NAMES.iter().any(|name| action.contains(name))
}

/// The actions of a text with their offsets, each up to its closing braces or as far as it matters.
fn actions(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("{{").filter_map(|(at, _)| {
        let rest = text.get(at + 2..text.floor_char_boundary(at + LONGEST))?;
        Some((at, rest.split("}}").next().unwrap_or(rest)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::parse;
    use super::*;

    fn judged(text: &str) -> Option<usize> {
        let (documents, errors) = parse(text);
        template_line(text, &documents, &errors)
    }

    #[test]
    fn helm_templates_are_told_by_their_first_action() {
        assert_eq!(judged("kind: A\nspec:\n  replicas: {{ .Values.replicas }}\n"), Some(3));
        assert_eq!(judged("{{- if .Values.enabled }}\nkind: A\n{{- end }}\n"), Some(1));
        assert_eq!(judged("kind: A\nspec:\n  {{- toYaml .Values.spec | nindent 2 }}\n"), Some(3));
        assert_eq!(judged("kind: A\nspec:\n{{ include \"x\" . }}\n"), Some(3));
        assert_eq!(judged("kind: A\nimage: app:{{ .Values.tag }}\n"), Some(2));
        assert_eq!(judged("kind: A\nlabels:\n  {{ .Release.Name }}-a: b\n"), Some(3));
        assert_eq!(judged("kind: A\nlabels:\n  a-{{ .Release.Name }}: b\n"), Some(3));
        assert_eq!(judged("kind: A\n{{- range .items }}\n- {{ . }}\n{{- end }}\n"), Some(2));
        assert_eq!(judged("hosts: {{ ansible_host }}\n"), Some(1));
    }

    #[test]
    fn actions_inside_values_are_no_template() {
        for text in [
            "summary: \"{{ $labels.pod }} is down\"\n",
            "summary: Pod {{ $labels.pod }} is down\n",
            "text: |\n  {{ if .Values.x }}\n  {{ end }}\n",
            "value: '{{inputs.parameters.message}}'\n",
            "value: echo {{inputs.parameters.message}}\n",
            "name: \"{{ .Values.x }}\"\n",
            "\"{{ .Values.x }}\": 1\n",
            "# {{ .Values.x }}\na: 1\n",
            "{\"a\":{\"b\":1}}\n",
        ] {
            assert_eq!(judged(text), None, "{text}");
        }
    }

    #[test]
    fn a_syntax_error_in_a_file_with_actions_stays_a_syntax_error() {
        assert_eq!(judged("summary: \"{{ $labels.pod }} is down\"\nspec: [1\n"), None);
        assert_eq!(judged("summary: \"{{ $labels.pod }}\" is down\n"), None);
    }
}
