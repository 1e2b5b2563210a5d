//! The table of contents of the book: what is written by hand, every rule, and every decision.

use std::fs;
use std::path::Path;

use lagward::rules::RULES;

const HEAD: &str = "\
# Summary

[lagward](introduction.md)

- [Concepts](concepts.md)
- [The incident](incident.md)
- [Install](install.md)
- [Policy reference](policy.md)
- [Pipelines and GitOps](gitops.md)
- [Operating](operating.md)
- [Troubleshooting](troubleshooting.md)
- [Security](security.md)
- [Performance](performance.md)
- [Questions](faq.md)
- [Comparison](comparison.md)
- [Public ScaledObjects](corpus.md)
";

pub(super) fn contents() -> String {
    let rules =
        RULES.iter().map(|rule| format!("  - [{code} {}](rules/{code}.md)\n", rule.name, code = rule.code));
    let decisions = decisions().into_iter().map(|(file, title)| format!("  - [{title}](decisions/{file})\n"));
    let (rules, decisions): (String, String) = (rules.collect(), decisions.collect());
    format!("{HEAD}- [Rules](rules/README.md)\n{rules}- [Decisions](decisions/README.md)\n{decisions}")
}

/// The numbered pages, by number, with their headings.
fn decisions() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/decisions");
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let page = |entry: fs::DirEntry| {
        let file = entry.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path()).expect("a page");
        Some((file, text.lines().next()?.strip_prefix("# ")?.to_owned()))
    };
    let mut pages: Vec<_> =
        entries.filter_map(page).filter(|(file, _)| file.starts_with(char::is_numeric)).collect();
    pages.sort();
    pages
}
