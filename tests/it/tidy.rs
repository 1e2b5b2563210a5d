//! The shape of the source: what is pure stays pure, files stay short, a rule is two files and a line.

use std::fs;
use std::path::{Path, PathBuf};

use lagward::rules::RULES;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the repository that ends so, with its text.
fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path.strip_prefix(root()).expect("a path below").to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no .{extension}");
    found
}

/// The source without its comments, which may name anything. No text of the engine holds two slashes but URLs.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines());
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// What reaches outside, keeps time, or is no business of a pure engine.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant::",
    "SystemTime",
    "jiff::Timestamp",
    "Zoned",
    "now(",
    "io::std",
    "println!",
    "eprintln!",
    "print!(",
    "dbg!",
    "env!(",
    "tokio",
    "async ",
    "clap",
    "kube::",
    "k8s_openapi",
    "tracing",
    "rayon",
    "rustls",
    "hyper",
    "axum",
    "rand::",
    "static mut",
    "thread_local",
    "crate::fronts",
    "crate::output",
    "crate::cli",
];

#[test]
fn engine_and_rules_reach_for_nothing_outside() {
    for (path, text) in files("src/engine", "rs").into_iter().chain(files("src/rules", "rs")) {
        for (number, line) in code(&text) {
            let impure: Vec<_> = IMPURE.iter().filter(|name| line.contains(**name)).collect();
            assert!(impure.is_empty(), "{}:{number} has {impure:?}", path.display());
        }
    }
}

#[test]
fn the_engine_knows_no_rule_by_name_outside_its_tests() {
    for (path, text) in files("src/engine", "rs") {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        for (number, line) in code(&text) {
            assert!(!line.contains("crate::rules"), "{}:{number}", path.display());
            let names_one = RULES.iter().any(|rule| line.contains(&format!("\"{}\"", rule.code)));
            assert!(!names_one, "{}:{number} treats a rule by its code", path.display());
        }
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    for (path, text) in ["src", "tests/it", "certs-tooling"].iter().flat_map(|folder| files(folder, "rs")) {
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines", path.display());
    }
    let main = fs::read_to_string(root().join("src/main.rs")).expect("a text");
    assert!(main.lines().count() < 40);
}

#[test]
fn a_rule_is_two_files_and_one_line() {
    let table = fs::read_to_string(root().join("src/rules/mod.rs")).expect("a text");
    let stems = |extension: &str| {
        let stem = |(path, _): (PathBuf, String)| Some(path.file_stem()?.to_str()?.to_owned());
        let mut stems: Vec<String> = files("src/rules", extension).into_iter().filter_map(stem).collect();
        stems.retain(|stem| stem.starts_with("lw"));
        stems.sort();
        stems
    };
    let expected: Vec<String> = RULES
        .iter()
        .map(|rule| format!("{}_{}", rule.code.to_lowercase(), rule.name.replace('-', "_")))
        .collect();
    assert_eq!(stems("rs"), expected);
    assert_eq!(stems("md"), expected);
    for stem in &expected {
        assert_eq!(table.matches(stem.as_str()).count(), 1, "{stem} in src/rules/mod.rs");
    }
}

#[test]
fn codes_are_sorted_and_names_and_parameters_are_unique() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    for rule in RULES {
        let mut keys: Vec<&str> =
            rule.params.iter().map(|param| param.key()).chain(["level", "exemptable"]).collect();
        keys.sort_unstable();
        assert!(keys.is_sorted_by(|a, b| a < b), "{}: {keys:?}", rule.code);
        assert!(rule.levels.baseline <= rule.levels.strict, "{}", rule.code);
        assert!(rule.levels.strict <= rule.levels.highest, "{}", rule.code);
        assert!(!rule.checks.is_empty() && !rule.page.trim().is_empty(), "{}", rule.code);
    }
}

#[test]
fn nothing_is_left_to_do_and_nothing_names_this_machine() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    let machine = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    for folder in ["src", "tests", "certs-tooling", "manifests", "examples", "docs", "benches"] {
        for extension in ["rs", "md", "yaml", "tpl"] {
            for (path, text) in all(folder, extension) {
                let found: Vec<_> =
                    marks.iter().chain(&machine).filter(|mark| text.contains(**mark)).collect();
                assert!(found.is_empty(), "{} has {found:?}", path.display());
            }
        }
    }
}

/// As [`files`], where there may be none.
fn all(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let walk = ignore::WalkBuilder::new(root().join(folder)).build().flatten();
    let paths = walk
        .map(|entry| entry.path().to_owned())
        .filter(|path| path.extension().is_some_and(|e| e == extension));
    paths.filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?))).collect()
}

#[test]
fn the_binary_stands_on_the_allowed_layers() {
    // Outputs and fronts may use the engine; neither uses the command line.
    for folder in ["src/fronts", "src/output"] {
        for (path, text) in files(folder, "rs") {
            let found = code(&text).find(|(_, line)| line.contains("crate::cli"));
            assert_eq!(found, None, "{}", path.display());
        }
    }
}

/// A dependency that nobody can give a reason for is one too many.
#[test]
fn every_direct_dependency_has_its_reason_in_the_architecture() {
    let text = |path: &str| fs::read_to_string(root().join(path)).expect("a text");
    let reasons = text("ARCHITECTURE.md");
    for manifest in ["Cargo.toml", "certs-tooling/Cargo.toml"] {
        let mut section = String::new();
        for line in text(manifest).lines() {
            if line.starts_with('[') {
                line.clone_into(&mut section);
            } else if section.ends_with("dependencies]")
                && let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
            {
                assert!(reasons.contains(&format!("`{name}`")), "{manifest}: {name} has no reason");
            }
        }
    }
}
