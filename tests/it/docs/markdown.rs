//! Markdown, as far as the tests need it: fenced blocks, links and the anchors of headings.

/// A fenced block.
pub(super) struct Block {
    /// What stands behind the fence: `sh`, `yaml`, ...
    pub(super) language: String,
    /// Its lines without the fence's own indentation.
    pub(super) text: String,
    /// The lines of the page that it is made of, without the fences.
    pub(super) lines: std::ops::Range<usize>,
}

/// The fenced blocks of a page.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut open): (Vec<Block>, Option<(Block, usize)>) = (Vec::new(), None);
    for (index, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let fence = line.trim_start().strip_prefix("```");
        match (open.take(), fence) {
            (None, None) => {}
            (None, Some(language)) => {
                let language = language.trim().to_owned();
                let block = Block { language, text: String::new(), lines: index + 1..index + 1 };
                open = Some((block, indent));
            }
            (Some((mut block, indent)), None) => {
                block.text += line.get(indent..).unwrap_or_default();
                block.text.push('\n');
                open = Some((block, indent));
            }
            (Some((mut block, _)), Some(_)) => {
                block.lines.end = index;
                blocks.push(block);
            }
        }
    }
    assert!(open.is_none(), "a block does not end");
    blocks
}

/// The lines that belong to no block.
pub(super) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let blocks: Vec<_> = blocks(text).into_iter().map(|block| block.lines).collect();
    let is_inside = move |index: usize| blocks.iter().any(|b| b.start <= index + 1 && index < b.end + 1);
    text.lines().enumerate().filter(move |(index, _)| !is_inside(*index))
}

/// The targets of a page's links and pictures, with their lines.
pub(super) fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (index, line) in prose(text) {
        let (mut rest, mut in_code) = (line, false);
        while let Some(at) = rest.find(['`', ']']) {
            let (mark, after) = rest[at..].split_at(1);
            rest = after;
            if mark == "`" {
                in_code = !in_code;
            } else if let Some(target) = rest.strip_prefix('(').filter(|_| !in_code) {
                let end = target.find(')').unwrap_or(target.len());
                found.push((index + 1, target[..end].split(' ').next().unwrap_or_default()));
            }
        }
    }
    found
}

/// The anchors of a page: of its headings, as GitHub and mdBook make them, and those that are written out.
pub(super) fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    let headings = headings.map(|(_, line)| anchor(line.trim_start_matches('#').trim()));
    let written = prose(text).flat_map(|(_, line)| line.split("<a id=\"").skip(1));
    let written = written.filter_map(|rest| rest.split_once("\"></a>").map(|(id, _)| id.to_owned()));
    headings.chain(written).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

#[test]
fn a_page_is_taken_apart() {
    let page = "# A `b`: c-d\n[x](y.md#z) and `[no](link)`\n- ```sh\n  no\n";
    assert_eq!(links(&page.replace("- ```sh\n  no\n", "")), [(2, "y.md#z")]);
    assert_eq!(anchors("# A `b`: c-d\n| <a id=\"X1\"></a>[x](y.md) |\n"), ["a-b-c-d", "X1"]);
    let blocks = blocks("x\n  ```sh\n  a\n    b\n  ```\n");
    assert_eq!((blocks[0].text.as_str(), blocks[0].lines.clone()), ("a\n  b\n", 2..4));
}
