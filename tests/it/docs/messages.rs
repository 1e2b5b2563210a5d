//! The messages by which troubleshooting is looked up are those that the programs print.

use std::path::Path;

use super::markdown::{blocks, prose};
use super::{Page, root};

#[test]
fn every_message_is_shown_or_asserted() {
    let pages = Page::all();
    let page = pages.iter().find(|page| page.path.ends_with("docs/troubleshooting.md")).expect("the page");
    let shown: String = blocks(&page.text).into_iter().map(|block| block.text).collect();
    let asserted = ["tests/e2e", "tests/it", "certs-tooling/tests"].map(texts).concat();
    let headings = prose(&page.text).filter_map(|(_, line)| line.strip_prefix("### `"));
    let messages: Vec<&str> = headings.filter_map(|line| line.strip_suffix('`')).collect();
    assert!(messages.len() > 8, "{messages:?}");
    for message in messages {
        let words = message.replace('"', "\\\"");
        let is_known = shown.contains(message) || asserted.contains(message) || asserted.contains(&words);
        assert!(is_known, "nothing prints `{message}`");
    }
}

/// The sources of tests, but for those of the documentation itself.
fn texts(folder: &str) -> String {
    let walk = ignore::WalkBuilder::new(root().join(folder)).build().flatten();
    let paths = walk.map(|entry| entry.path().to_owned());
    let sources = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let others = sources.filter(|path| !path.starts_with(root().join(Path::new("tests/it/docs"))));
    others.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}
