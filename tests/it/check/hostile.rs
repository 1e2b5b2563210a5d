//! What goes wrong outside of a manifest: one clear line, the rest judged, nothing lost.
#![cfg(unix)]

use std::fs::{File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{MISALIGNED, run};
use crate::support::{Run, folder, lagward, read};

/// Runs `lagward` where no file can grow by a byte, as on a full disk.
fn run_full(folder: &Path, arguments: &[&str]) -> Run {
    let output = Command::new("/bin/sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_lagward")])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("a shell is there");
    Run::of(output)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("it is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("a file").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_leaves_every_file_as_it_was() {
    let folder = folder(&[("a.yaml", MISALIGNED), ("known.json", "{\"version\": 1, \"findings\": []}")]);
    let at = folder.path();
    let before = names(at);
    let said = run_full(at, &["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.starts_with("error: cannot fix a.yaml: ") && said.err.lines().count() == 1,
        "{}",
        said.err
    );
    assert!(said.out.contains("\n2 denials in 2 files"), "what was not fixed is reported: {}", said.out);
    let said = run_full(at, &["check", "--baseline", "known.json", "--write-baseline"]);
    assert!(said.err.starts_with("error: cannot write the baseline known.json: "), "{}", said.err);
    assert_eq!(said.code, 2);
    let said = run_full(at, &["init"]);
    assert!(said.err.starts_with("error: cannot write lagward.yaml: "), "{}", said.err);
    assert_eq!(said.code, 2);
    assert_eq!(names(at), before);
    assert_eq!(read(at, "a.yaml"), MISALIGNED);
    assert_eq!(read(at, "known.json"), "{\"version\": 1, \"findings\": []}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_no_success() {
    let folder = folder(&[("clean.yaml", "a: 1\n")]);
    for arguments in
        [&["check"][..], &["check", "-o", "sarif"], &["rules"], &["schema"], &["explain", "LW201"]]
    {
        let full = File::options().write(true).open("/dev/full").expect("it is there");
        let output = Command::new(env!("CARGO_BIN_EXE_lagward"))
            .args(arguments)
            .current_dir(folder.path())
            .stdout(full)
            .output()
            .expect("the binary was built with this test");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).expect("it writes text");
        assert!(said.starts_with("error: cannot write standard output: "), "{said}");
    }
}

#[test]
fn links_that_lead_nowhere_or_in_circles_and_what_is_no_file_do_not_stop_the_rest() {
    let folder = folder(&[("k8s/so.yaml", MISALIGNED)]);
    let at = folder.path();
    for (to, from) in [("gone", "gone.yaml"), ("b.yaml", "a.yaml"), ("a.yaml", "b.yaml"), (".", "self")] {
        symlink(to, at.join("k8s").join(from)).expect("a link can be made");
    }
    let made = Command::new("mkfifo").arg(at.join("k8s/pipe.yaml")).status().expect("mkfifo is there");
    assert!(made.success());
    // Nobody writes into the pipe: a run that reads it never ends.
    let said = run(at, &["check", "k8s"]);
    assert_eq!(said.code, 2);
    let named =
        ["k8s/a.yaml", "k8s/b.yaml", "k8s/gone.yaml"].map(|name| format!("error: cannot read {name}: "));
    assert_eq!(said.err.lines().count(), 3, "{}", said.err);
    assert!(said.err.lines().zip(&named).all(|(line, start)| line.starts_with(start)), "{}", said.err);
    assert!(said.out.contains("\n2 denials in 1 file (1 object), 3 errors"), "{}", said.out);
}

/// Runs `lagward` as a user who may not do everything. Root's tests borrow another one, who needs a binary within
/// reach.
fn run_unprivileged(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lagward"));
    if rustix::process::geteuid().is_root() {
        let reachable = folder.join("lagward");
        // By another process: one that is forked here meanwhile would hold the file open for writing.
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_lagward")).arg(&reachable).status();
        assert!(copied.expect("cp is there").success());
        command = Command::new(reachable);
        command.uid(65534).gid(65534);
    }
    Run::of(command.args(arguments).current_dir(folder).output().expect("it runs"))
}

#[test]
fn what_may_not_be_read_or_written_is_named_and_the_rest_is_judged() {
    let files = ["closed/so.yaml", "open/closed.yaml", "open/so.yaml", "sealed/so.yaml"];
    let folder = folder(&files.map(|name| (name, MISALIGNED)));
    let at = folder.path();
    let close = |name: &str, mode| {
        std::fs::set_permissions(at.join(name), Permissions::from_mode(mode)).expect("it is ours");
    };
    for (name, mode) in
        [("", 0o755), ("closed", 0), ("open/closed.yaml", 0), ("sealed/so.yaml", 0o666), ("sealed", 0o555)]
    {
        close(name, mode);
    }
    let closed = run_unprivileged(at, &["check", "closed", "open"]);
    let fixed = run_unprivileged(at, &["check", "--fix", "--unsafe-fixes", "sealed"]);
    for name in ["closed", "sealed"] {
        close(name, 0o755);
    }
    assert_eq!(closed.code, 2);
    let named = ["closed: ", "open/closed.yaml: "].map(|name| format!("error: cannot read {name}"));
    assert!(closed.err.lines().zip(&named).all(|(line, start)| line.starts_with(start)), "{}", closed.err);
    assert_eq!(closed.err.matches("Permission denied").count(), 2, "{}", closed.err);
    assert!(closed.out.contains("\n2 denials in 1 file (1 object), 2 errors"), "{}", closed.out);
    assert_eq!(fixed.code, 2);
    assert!(
        fixed
            .err
            .starts_with("error: cannot fix sealed/so.yaml: its folder takes no new file: permission denied"),
        "{}",
        fixed.err
    );
    assert_eq!(read(at, "sealed/so.yaml"), MISALIGNED);
}

#[test]
fn a_file_beyond_all_bounds_is_not_read() {
    let folder = folder(&[("so.yaml", MISALIGNED)]);
    let dump = File::create(folder.path().join("dump.json")).expect("a file can be made");
    dump.set_len(100 << 20).expect("it takes no space");
    let said = run(folder.path(), &["check"]);
    assert_eq!(said.code, 2);
    let line = "error: cannot read dump.json: it is larger than 64 MB\n  help: name it in .lagwardignore\n";
    assert_eq!(said.err, line);
    assert!(said.out.contains("LW201"), "{}", said.out);
}

#[test]
fn a_key_that_stands_twice_is_named_with_both_places_and_the_later_one_counts() {
    let text = MISALIGNED.replace("  minReplicaCount: 0\n", "  minReplicaCount: 0\n  minReplicaCount: 2\n");
    let folder = folder(&[("so.yaml", &text)]);
    let said = run(folder.path(), &["check"]);
    assert!(!said.out.contains("LW201"), "{}", said.out);
    let what = "warning: ScaledObject payments/consumer: minReplicaCount is also in line 9; as in kubectl, this one counts\n";
    assert!(said.out.contains(what) && said.out.contains("--> so.yaml:10:3\n"), "{}", said.out);
    // Items of a list may well have the same keys, and a merged key may be overridden.
    let text =
        MISALIGNED.replace("  minReplicaCount: 0\n", "  minReplicaCount: 2\n  <<: {minReplicaCount: 2}\n");
    let said = lagward(folder.path(), &["check", "-"], &text);
    assert!(!said.out.contains("is there already"), "{}", said.out);
}

#[test]
fn a_file_of_nothing_but_errors_says_so_in_a_few_lines() {
    let text = "a: [\n---\n".repeat(1000);
    let folder = folder(&[("log.yaml", text.as_str()), ("so.yaml", MISALIGNED)]);
    let said = run(folder.path(), &["check"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.err.lines().count(), 21, "{}", said.err);
    assert!(said.err.ends_with("error: log.yaml has 980 more of them\n"), "{}", said.err);
    assert!(said.out.contains("\n2 denials in 2 files (1 object), 1000 errors"), "{}", said.out);
}

#[test]
fn in_minified_json_the_place_is_named_and_the_line_is_not_shown() {
    let (documents, _) = lagward::fronts::files::parse(MISALIGNED);
    let items = vec![documents[0].value.clone(); 10];
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let folder = folder(&[]);
    let said = lagward(folder.path(), &["check", "--select", "LW201", "-"], &list);
    let column = list.rfind("\"minReplicaCount\":0").expect("it is there") + "\"minReplicaCount\":".len() + 1;
    assert!(said.out.contains(&format!("--> <stdin>:1:{column}\n")), "{}", said.out);
    assert!(said.out.contains("= note: spec.minReplicaCount is 0; needs at least 2\n"), "{}", said.out);
    assert!(said.out.lines().all(|line| line.len() < 300), "{}", said.out);
}

#[test]
fn no_form_repeats_a_password_of_digits_or_under_another_name() {
    let more = "      topic: payments\n      password: 48151623\n      sslKeystorePassword: hunter2\n";
    let scaler = MISALIGNED.replace("      topic: payments\n", more);
    let workload = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: consumer, namespace: payments}
spec:
  template:
    spec:
      containers:
      - name: consumer
        env:
        - {name: KAFKA_GROUP_ID, value: payments}
        - {name: KAFKA_SASL_PIN, value: 31415926}
        - {name: KAFKA_SESSION_TIMEOUT_MS, value: \"6000\"}
        - {name: SASL_JAAS_CONFIG, value: hunter3}
";
    let folder = folder(&[("all.yaml", &format!("{scaler}---{workload}"))]);
    for form in ["text", "json", "sarif", "junit", "github"] {
        let said = run(folder.path(), &["check", "-o", form]);
        assert!(said.out.contains("LW310") && said.out.contains("LW304"), "{form}: {}", said.out);
        for secret in ["48151623", "31415926", "hunter2", "hunter3"] {
            assert!(!said.out.contains(secret), "{form}: {}", said.out);
        }
    }
    let sarif = run(folder.path(), &["check", "-o", "sarif"]).out;
    assert!(sarif.contains("insertedContent"), "the text beside a secret can still be mended: {sarif}");
}

#[test]
fn a_number_that_yaml_reads_in_another_way_has_no_patch() {
    let text = MISALIGNED.replace("lagThreshold: \"10\"\n", "lagThreshold: 0800\n      version: 1.10\n");
    let folder = folder(&[("so.yaml", &text)]);
    let report = run(folder.path(), &["check", "--select", "LW310", "-o", "json"]).json();
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 2, "{report}");
    for finding in findings {
        assert_eq!(finding.get("fix"), None, "{finding}");
        assert!(finding["help"].as_str().is_some_and(|help| help.ends_with(" in quotes")), "{finding}");
    }
}

#[test]
fn a_baseline_holds_no_password() {
    let text =
        MISALIGNED.replace("      topic: payments\n", "      topic: payments\n      pasword: hunter2\n");
    let folder = folder(&[("so.yaml", &text)]);
    let at = folder.path();
    let said = run(at, &["check", "--baseline", "known.json", "--write-baseline"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let known = read(at, "known.json");
    assert!(known.contains("metadata.pasword") && !known.contains("hunter2"), "{known}");
    assert_eq!(run(at, &["check", "--baseline", "known.json", "--fail-on", "warn"]).code, 0);
}
