//! Links within the repository lead somewhere, and the book's table of contents names every page.

use std::path::{Component, Path, PathBuf};

use lagward::rules::RULES;

use super::markdown::{anchors, links};
use super::{Page, root};

/// Where pages of the book link to files outside of it.
const REPOSITORY: [&str; 2] =
    ["https://github.com/lagward/lagward/blob/main/", "https://github.com/lagward/lagward/tree/main/"];

/// The file and the anchor that a link leads to, if it leads into this repository.
fn target(page: &Page, link: &str) -> Option<(PathBuf, Option<String>)> {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    if let Some(path) = REPOSITORY.iter().find_map(|prefix| path.strip_prefix(prefix)) {
        return Some((path.into(), anchor));
    }
    let is_outside = ["https://", "http://", "mailto:"].iter().any(|scheme| path.starts_with(scheme));
    // GitHub resolves these against the repository, not against the file tree.
    if is_outside || path.starts_with("../") && page.path.starts_with(".github") {
        return None;
    }
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let file = if path.is_empty() { page.path.clone() } else { folder.join(path) };
    Some((normal(&file), anchor))
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(normal.pop(), "{} leaves the repository", path.display()),
            part => normal.push(part),
        }
    }
    normal
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in Page::all().iter().filter(|page| !page.path.starts_with("src/rules")) {
        for (line, link) in links(&page.text) {
            let Some((path, anchor)) = target(page, link) else { continue };
            let full = root().join(&path);
            let is_there = full.exists() && (path.as_os_str().is_empty() || full.starts_with(root()));
            let has_anchor = anchor.is_none_or(|anchor| {
                std::fs::read_to_string(&full).is_ok_and(|text| anchors(&text).contains(&anchor))
            });
            if !is_there || !has_anchor {
                wrong.push(format!("{}:{line}: {link}", page.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these links lead nowhere:\n{}", wrong.join("\n"));
}

/// Denials and SARIF send people to `docsUrl#CODE`.
#[test]
fn every_rule_has_its_anchor_in_the_table_of_rules() {
    let table = std::fs::read_to_string(root().join("docs/rules/README.md")).expect("the table of rules");
    let anchors = anchors(&table);
    let missing: Vec<&str> =
        RULES.iter().map(|rule| rule.code).filter(|code| !anchors.contains(&(*code).to_owned())).collect();
    assert!(missing.is_empty(), "no anchor: {missing:?}");
}

/// A relative link out of the book works on GitHub and is dead in the book.
#[test]
fn pages_of_the_book_link_to_files_outside_of_it_by_their_address() {
    for page in Page::all().iter().filter(|page| page.path.starts_with("docs")) {
        for (line, link) in links(&page.text) {
            let is_address = link.starts_with("https://") || link.starts_with('#');
            let inside = || target(page, link).is_some_and(|(path, _)| path.starts_with("docs"));
            assert!(is_address || inside(), "{}:{line}: {link} leaves the book", page.path.display());
        }
    }
}

#[test]
fn the_table_of_contents_names_every_page_once() {
    let pages = Page::all();
    let summary = pages.iter().find(|page| page.path.ends_with("docs/SUMMARY.md")).expect("docs/SUMMARY.md");
    let mut named: Vec<PathBuf> =
        links(&summary.text).into_iter().map(|(_, link)| Path::new("docs").join(link)).collect();
    named.sort();
    let in_book =
        pages.iter().filter(|page| page.path.starts_with("docs") && !page.path.ends_with("SUMMARY.md"));
    let expected: Vec<PathBuf> = in_book.map(|page| page.path.clone()).collect();
    assert_eq!(named, expected);
}
