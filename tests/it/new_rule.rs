//! `make new-rule`: what it writes compiles, its page's examples hold, and it touches nothing else.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::date;
use lagward::engine::policy::Policy;
use lagward::engine::rule::{Level, Rule};
use lagward::fronts::files::{self, Origin, Source};

/// The skeleton itself, so that it never rots.
#[path = "../../src/rules/skeleton/rule.rs"]
mod skeleton;

static RULES: &[&Rule] = &[&skeleton::RULE];

#[test]
fn the_examples_of_the_skeleton_s_page_hold() {
    let mut examples = skeleton::RULE.page.split("```yaml\n").skip(1).peekable();
    assert!(examples.peek().is_some());
    for example in examples {
        let text = example.split("```").next().unwrap_or_default();
        let source = Source {
            name: "page.yaml".to_owned(),
            text: text.to_owned(),
            folder: ".".into(),
            origin: Origin::File,
        };
        let checked = files::check::check(&[source], &Policy::new(RULES), date(2026, 11, 24));
        let open = checked.findings.iter().filter(|located| located.finding.exempted.is_none());
        let levels: Vec<Level> = open.map(|located| located.finding.level).collect();
        let marked = if text.contains("# LW000 warn") { vec![Level::Warn] } else { vec![] };
        assert_eq!(levels, marked, "{text}");
    }
}

/// A copy of what the script reads, in a folder of its own.
fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules"), folder.path().join("skeleton"));
    fs::create_dir(&to).expect("a folder");
    for file in ["rule.rs", "page.md", "write"] {
        fs::copy(from.join("skeleton").join(file), to.join(file)).expect("a file");
    }
    fs::copy(from.join("mod.rs"), folder.path().join("mod.rs")).expect("a file");
    folder
}

fn write(folder: &Path, code: &str, name: &str) -> Output {
    Command::new(folder.join("skeleton/write")).args([code, name]).output().expect("a shell")
}

#[test]
fn a_new_rule_is_two_files_and_a_line() {
    for (code, before) in [("LW100", "    lw101_"), ("LW299", "    lw301_"), ("LW998", "}")] {
        let folder = scratch();
        let old = fs::read_to_string(folder.path().join("mod.rs")).expect("the table");
        let run = write(folder.path(), code, "made-up");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let stem = format!("{}_made_up", code.to_lowercase());
        let text = |name: String| fs::read_to_string(folder.path().join(name)).expect("it was written");
        let (rule, page, table) =
            (text(format!("{stem}.rs")), text(format!("{stem}.md")), text("mod.rs".to_owned()));
        assert!(
            rule.contains(&format!("code: \"{code}\"")) && rule.contains(&format!("\"{stem}.md\"")),
            "{rule}"
        );
        assert!(page.starts_with(&format!("# {code} made-up\n")), "{page}");
        assert!(!rule.contains("LW000") && !page.contains("LW000"));
        let line = format!("    {stem},\n");
        assert_eq!(table.replace(&line, ""), old);
        let after = table.split(&line).nth(1).expect("its line");
        assert!(after.starts_with(before), "{code} stands before {after}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 4);
    }
}

#[test]
fn a_code_that_is_taken_or_none_is_refused() {
    for (code, name) in [("LW301", "made-up"), ("LW1", "made-up"), ("LW998", "Made_Up"), ("", "")] {
        let folder = scratch();
        let run = write(folder.path(), code, name);
        assert_eq!(run.status.code(), Some(2), "{code} {name}");
        assert!(run.stderr.starts_with(b"error: "), "{}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
