//! Generated files equal what generates them. `make generate` writes them anew.

mod chart;
mod policy;
mod summary;
mod timeline;

use std::fs;
use std::path::{Path, PathBuf};

use lagward::engine::policy::schema;
use lagward::engine::rule::Rule;
use lagward::rules::RULES;

/// Every generated file of the repository with its content.
fn generated() -> Vec<(PathBuf, String)> {
    let mut files = vec![
        (PathBuf::from("docs/rules/README.md"), index()),
        (PathBuf::from("manifests/policy/schema.json"), format!("{:#}\n", schema(RULES))),
    ];
    files.extend(chart::files());
    files.push((PathBuf::from("docs/SUMMARY.md"), summary::contents()));
    files.push((PathBuf::from("docs/policy.md"), policy::page()));
    files.push((PathBuf::from("docs/images/timeline.svg"), timeline::picture()));
    files
        .extend(RULES.iter().map(|rule| (PathBuf::from(format!("docs/rules/{}.md", rule.code)), page(rule))));
    files
}

fn index() -> String {
    let table = command(&["rules", "-o", "markdown"]);
    let linked: String = table
        .lines()
        .map(|line| match RULES.iter().find(|rule| line.starts_with(&format!("| {} |", rule.code))) {
            Some(Rule { code, .. }) => {
                // Denials and SARIF link to this page's anchors.
                let link = format!("<a id=\"{code}\"></a>[{code}]({code}.md)");
                format!("{}\n", line.replacen(code, &link, 1))
            }
            None => format!("{line}\n"),
        })
        .collect();
    format!(
        "# Rules\n\n<!-- Generated from the rule table: `make generate`. -->\n\n{linked}\n\
         Levels are those of `profile: strict` and `profile: baseline`; a policy may set others.\n\
         A fix that fills supplies what is unset; one that sets overwrites. A star marks fixes that the webhook may apply.\n"
    )
}

fn page(rule: &Rule) -> String {
    format!("<!-- Generated from src/rules: `make generate`. -->\n\n{}", rule.page)
}

fn command(arguments: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lagward"))
        .args(arguments)
        .output()
        .expect("the binary was built with this test");
    String::from_utf8(output.stdout).expect("its output is text")
}

#[test]
fn generated_files_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("LAGWARD_UPDATE").is_some();
    let mut stale = Vec::new();
    for (path, content) in generated() {
        let file = root.join(&path);
        if fs::read_to_string(&file).ok().as_deref() == Some(&content) {
            continue;
        }
        if update {
            fs::create_dir_all(file.parent().expect("a file has a folder")).expect("the folder can be made");
            fs::write(&file, content).expect("the file can be written");
        } else {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}; run `make generate`");
}

#[test]
fn no_page_is_left_of_a_rule_that_is_gone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known: Vec<PathBuf> = generated().into_iter().map(|(path, _)| root.join(path)).collect();
    let folder = fs::read_dir(root.join("docs/rules")).expect("the folder is there");
    let left: Vec<PathBuf> =
        folder.flatten().map(|entry| entry.path()).filter(|path| !known.contains(path)).collect();
    assert!(left.is_empty(), "no rule has these pages: {left:?}");
}
