//! Every command line of the documentation: what this binary can do alone is run, what is shown of it is compared,
//! and everything else is in the list of `elsewhere`.

use super::elsewhere;
use super::markdown::{Block, blocks};
use super::scratch::Scratch;
use super::{Page, root};

/// Languages that show a command line.
fn is_shell(block: &Block) -> bool {
    matches!(block.language.as_str(), "sh" | "console")
}

/// The commands of a block, continued lines joined and comments left out.
fn commands(block: &Block) -> Vec<String> {
    let joined = block.text.replace("\\\n", "");
    let lines = joined.lines().filter_map(|line| match block.language.as_str() {
        "console" => line.strip_prefix("$ "),
        _ => Some(line),
    });
    let plain = lines.map(|line| line.split("  # ").next().unwrap_or_default());
    let plain = plain.map(|line| line.split(" # ").next().unwrap_or_default().trim());
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.filter(|line| !line.is_empty() && !line.starts_with('#')).map(words).collect()
}

/// Whether the command needs nothing but this binary and files.
fn runs_here(command: &str) -> bool {
    command.starts_with("lagward ") && elsewhere::reason(command).is_none()
}

#[test]
fn commands_that_need_nothing_else_are_understood() {
    let mut wrong = String::new();
    for page in Page::with_blocks() {
        for block in blocks(&page.text).iter().filter(|block| block.language == "sh") {
            let scratch = Scratch::new();
            for command in commands(block).iter().filter(|command| runs_here(command)) {
                let shown = scratch.run(command);
                if !matches!(shown.code, 0 | 1) {
                    wrong += &format!(
                        "{}: `{command}` ended with {}\n{}",
                        page.path.display(),
                        shown.code,
                        shown.text
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_other_command_is_known_to_be_run_elsewhere() {
    let (mut used, mut unknown) = (Vec::new(), Vec::new());
    for page in Page::with_blocks() {
        for block in blocks(&page.text).iter().filter(|block| is_shell(block)) {
            for command in commands(block).into_iter().filter(|command| !runs_here(command)) {
                match elsewhere::reason(&command) {
                    Some(start) => used.push(start),
                    None => unknown.push(format!("{}: {command}", page.path.display())),
                }
            }
        }
    }
    assert!(unknown.is_empty(), "nothing runs these:\n{}", unknown.join("\n"));
    let idle: Vec<_> = elsewhere::COMMANDS.iter().filter(|(start, _)| !used.contains(start)).collect();
    assert!(idle.is_empty(), "no page has these any more: {idle:?}");
}

/// `LAGWARD_UPDATE=1` writes what is shown anew.
#[test]
fn what_is_shown_is_what_the_program_says() {
    let update = std::env::var_os("LAGWARD_UPDATE").is_some();
    let mut stale = Vec::new();
    for page in Page::with_blocks() {
        let mut lines: Vec<String> = page.text.lines().map(ToOwned::to_owned).collect();
        // From the end, so that the lines of earlier blocks stay where they are.
        for block in blocks(&page.text).iter().rev().filter(|block| block.language == "console") {
            let commands = commands(block);
            if !commands.iter().all(|command| runs_here(command)) {
                continue;
            }
            let scratch = Scratch::new();
            let shown: String =
                commands.iter().map(|line| format!("$ {line}\n{}", scratch.run(line).text)).collect();
            lines.splice(block.lines.clone(), shown.trim_end().lines().map(ToOwned::to_owned));
        }
        let text = lines.join("\n") + "\n";
        if text != page.text {
            stale.push(page.path.clone());
            if update {
                std::fs::write(root().join(&page.path), text).expect("a page can be written");
            }
        }
    }
    assert!(update || stale.is_empty(), "stale: {stale:?}; run `make generate`");
}
