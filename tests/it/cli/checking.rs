//! `lagward check`: what it reads, and how it ends.

use super::{BAD, good, warned};
use crate::support::{folder, lagward};

#[test]
fn it_ends_with_0_1_or_2_for_clean_denied_and_unreadable() {
    let good = good();
    let folder = folder(&[("good.yaml", good.as_str()), ("bad.yaml", BAD), ("odd.yaml", "a: [")]);
    let run = |file: &str| lagward(folder.path(), &["check", file], "");
    let clean = run("good.yaml");
    assert_eq!((clean.code, clean.err.as_str()), (0, ""));
    assert_eq!(clean.out, "no findings in 1 file (1 object)\n");
    let denied = run("bad.yaml");
    assert_eq!((denied.code, denied.err.as_str()), (1, ""));
    assert!(denied.out.contains("\n1 denial in 1 file (1 object)"), "{}", denied.out);
    assert_eq!(run("odd.yaml").code, 2);
    assert_eq!(lagward(folder.path(), &["check", "--nonsense"], "").code, 2);
    assert_eq!(lagward(folder.path(), &[], "").code, 2);
}

#[test]
fn fail_on_says_from_which_level() {
    let warned = warned();
    let folder = folder(&[("warned.yaml", warned.as_str()), ("bad.yaml", BAD)]);
    let code =
        |file: &str, level: &str| lagward(folder.path(), &["check", "--fail-on", level, file], "").code;
    assert_eq!(
        [code("warned.yaml", "deny"), code("warned.yaml", "warn"), code("warned.yaml", "never")],
        [0, 1, 0]
    );
    assert_eq!([code("bad.yaml", "deny"), code("bad.yaml", "warn"), code("bad.yaml", "never")], [1, 1, 0]);
}

#[test]
fn a_dash_is_standard_input() {
    let folder = folder(&[]);
    let run = lagward(folder.path(), &["check", "-"], BAD);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("--> <stdin>:7:20"), "{}", run.out);
    assert_eq!(lagward(folder.path(), &["check", "-"], &good()).code, 0);
    // Nothing at all is no finding, as in a pipeline whose first half printed nothing.
    assert_eq!(lagward(folder.path(), &["check", "-"], "").code, 0);
}

#[test]
fn a_folder_is_read_without_what_gitignore_names() {
    let files = [
        (".gitignore", "/rendered/\n"),
        ("rendered/bad.yaml", BAD),
        ("deep/er/bad.yml", BAD),
        ("notes.txt", BAD),
        ("values.yaml", "replicas: 1\n"),
    ];
    let folder = folder(&files);
    for arguments in [&["check"][..], &["check", "."], &["check", ".", "./deep"]] {
        let run = lagward(folder.path(), arguments, "");
        assert_eq!(run.code, 1, "{arguments:?}");
        assert!(run.out.contains("--> deep/er/bad.yml:7:20"), "{}", run.out);
        assert!(run.out.contains("\n1 denial in 2 files (1 object)"), "{}", run.out);
    }
    // Who names a file means it.
    assert_eq!(lagward(folder.path(), &["check", "rendered/bad.yaml"], "").code, 1);
}

#[test]
fn what_cannot_be_read_is_one_line_and_the_rest_is_judged() {
    let folder = folder(&[("bad.yaml", BAD), ("binary.yaml", "a\u{0}b"), ("empty/readme.md", "")]);
    let template = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: {{ .Values.replicas }}\n";
    std::fs::write(folder.path().join("template.yaml"), template).expect("a file");
    std::fs::write(folder.path().join("latin.yaml"), b"a: 1\nb: f\xfcr\n").expect("a file");
    for (file, line) in [
        ("missing.yaml", "error: cannot read missing.yaml: no such file or folder"),
        ("binary.yaml", "error: cannot read binary.yaml: it is a binary file"),
        ("latin.yaml", "error: cannot read latin.yaml: line 2 is not UTF-8"),
        ("empty", "error: cannot read empty: no .yaml, .yml or .json file is in it"),
    ] {
        let run = lagward(folder.path(), &["check", file, "bad.yaml"], "");
        assert_eq!(run.code, 2, "{file}");
        assert_eq!(run.err.lines().next(), Some(line));
        assert!(run.err.lines().skip(1).all(|line| line.starts_with("  help: ")), "{}", run.err);
        assert!(run.out.contains("error[LW201]"), "{}", run.out);
    }
    let help = lagward(folder.path(), &["check", "template.yaml"], "").err;
    assert!(help.contains("helm template"), "{help}");
}

#[test]
fn a_yaml_error_names_file_line_and_column_and_the_rest_is_judged() {
    let text =
        format!("{BAD}---\nkind: ConfigMap\ndata:\n  a: [1, 2\n---\n{}", BAD.replace("orders", "other"));
    let folder = folder(&[("k8s/all.yaml", text.as_str())]);
    let run = lagward(folder.path(), &["check", "k8s"], "");
    assert_eq!(run.code, 2);
    let error = run.err.lines().next().expect("an error").to_owned();
    let at = error.strip_prefix("error: k8s/all.yaml:").expect("the file");
    let [line, column, _] = at.splitn(3, ':').collect::<Vec<_>>()[..] else { panic!("{error}") };
    assert!((16..=17).contains(&line.parse::<usize>().expect("a line")), "{error}");
    assert!(column.parse::<usize>().is_ok_and(|column| column > 0), "{error}");
    assert_eq!(run.out.matches("error[LW201]").count(), 2, "{}", run.out);
    assert!(run.out.contains("\n2 denials in 1 file (2 objects), 1 error"), "{}", run.out);
}

#[test]
fn select_and_ignore_narrow_the_rules() {
    let both = BAD.replace("\"800\"", "\"10\"");
    let folder = folder(&[("both.yaml", both.as_str())]);
    let codes = |arguments: &[&str]| {
        lagward(folder.path(), &[&["check", "-o", "json"], arguments, &["both.yaml"]].concat(), "").codes()
    };
    assert_eq!(codes(&[]), ["LW201", "LW301"]);
    assert_eq!(codes(&["--select", "LW301"]), ["LW301"]);
    assert_eq!(codes(&["--select", "lag-threshold-too-low,LW302"]), ["LW301"]);
    assert_eq!(codes(&["--ignore", "LW301"]), ["LW201"]);
    assert_eq!(codes(&["--select", "LW301", "--ignore", "LW301"]), [] as [&str; 0]);
    for option in ["--select", "--ignore"] {
        let run = lagward(folder.path(), &["check", option, "LW999", "both.yaml"], "");
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.starts_with("error: \"LW999\" is not a rule\n"), "{}", run.err);
    }
}

#[test]
fn a_pair_is_judged_across_files() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders, namespace: shop}\nspec: {template: {spec: {containers: [{name: app, env: [{name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]}]}}}\n";
    let scaler = good().replace("topic:", "sessionTimeout: 60s, topic:");
    let folder = folder(&[("a/d.yaml", deployment), ("b/so.yaml", scaler.as_str())]);
    let run = lagward(folder.path(), &["check", "-o", "json"], "");
    assert!(run.codes().contains(&"LW104".to_owned()), "{}", run.out);
    assert_eq!(run.code, 1);
    let alone = lagward(folder.path(), &["check", "-o", "json", "b"], "");
    assert!(!alone.codes().contains(&"LW104".to_owned()), "{}", alone.out);
}
