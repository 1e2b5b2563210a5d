//! `lagward check --fix` and `--diff`, run as a person runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Run, folder, lagward, read};

/// A pair that is wrong in several ways, as its author wrote it.
const PAIR: &str = "\
# owned by payments
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: consumer, namespace: payments}
    spec:
      template:
        spec:
          terminationGracePeriodSeconds: 60   # two batches
          containers:
            - name: consumer
              env: [{name: KAFKA_GROUP_ID, value: payments}, {name: KAFKA_SESSION_TIMEOUT, value: \"10000\"}]
  - apiVersion: keda.sh/v1alpha1
    kind: ScaledObject
    metadata: {name: consumer, namespace: payments}
    spec:
      scaleTargetRef: {name: consumer}
      # no more than partitions
      maxReplicaCount: 12
      triggers:
        - type: kafka
          metadata:
            bootstrapServers: kafka:9092
            consumerGroup: payments
            topic: payments
            sessionTimeout: '45000'  # as the client's
";

fn check(folder: &Path, arguments: &[&str], input: &str) -> Run {
    lagward(folder, &[&["check"], arguments].concat(), input)
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn a_variable_is_removed_and_then_the_one_behind_it_but_none_that_is_needed() {
    let instance = "        - name: KAFKA_GROUP_INSTANCE_ID\n          valueFrom: {fieldRef: {fieldPath: metadata.name}}\n";
    let spring = "        # of the pod\n        - name: SPRING_KAFKA_CONSUMER_PROPERTIES_GROUP_INSTANCE_ID\n          value: $(KAFKA_GROUP_INSTANCE_ID)\n";
    let rest = "        - {name: KAFKA_SESSION_TIMEOUT_MS, value: \"45000\"}\n";
    let client = "        - {name: KAFKA_CLIENT_ID, value: app-$(KAFKA_GROUP_INSTANCE_ID)}\n";
    let deployment = |env: &[&str]| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: consumer, namespace: payments}}\nspec:\n  template:\n    \
             spec:\n      containers:\n      - name: consumer\n        env:\n{}",
            env.concat()
        )
    };
    let fixed = |env: &[&str]| {
        let folder = folder(&[("consumer.yaml", deployment(env).as_str())]);
        let ran = check(folder.path(), &["--select", "LW110", "--fix", "--unsafe-fixes", "."], "");
        assert!(!ran.out.contains("fixable"), "{}", ran.out);
        (read(folder.path(), "consumer.yaml"), ran.code)
    };
    let comment = "        # of the pod\n";
    assert_eq!(fixed(&[instance, spring, rest]), (deployment(&[comment, rest]), 0));
    assert_eq!(fixed(&[instance, spring, client, rest]), (deployment(&[instance, comment, client, rest]), 1));
}

#[test]
fn fix_fills_what_is_missing_and_nothing_else() {
    let folder = folder(&[("pair.yaml", PAIR)]);
    let ran = check(folder.path(), &["--fix", "."], "");
    let filled = PAIR
        .replace("      maxReplicaCount: 12\n", "      maxReplicaCount: 12\n      minReplicaCount: 2\n")
        .replace("# as the client's\n", "# as the client's\n            lagThreshold: '800'\n");
    assert_eq!(read(folder.path(), "pair.yaml"), filled);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(
        last_line(&ran.out).ends_with("; 2 fixed (2 more with --unsafe-fixes)"),
        "{}",
        last_line(&ran.out)
    );
}

#[test]
fn unsafe_fixes_go_on_until_nothing_is_left_and_then_change_nothing() {
    let folder = folder(&[("pair.yaml", PAIR)]);
    let ran = check(folder.path(), &["--fix", "--unsafe-fixes", "-o", "json"], "");
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((ran.code, &report["summary"]["fixed"]), (0, &serde_json::json!(4)), "{}", ran.out);
    let fixed = read(folder.path(), "pair.yaml");
    // The client's timeout first, and in the next round the declaration that follows it.
    assert!(fixed.contains("value: \"90000\"}]\n"), "{fixed}");
    assert!(fixed.contains("sessionTimeout: '90000'  # as the client's\n"), "{fixed}");
    assert_eq!(check(folder.path(), &["--fix", "--unsafe-fixes"], "").code, 0);
    assert_eq!(read(folder.path(), "pair.yaml"), fixed);
}

#[test]
fn diff_shows_what_fix_would_do_and_does_nothing() {
    let folder = folder(&[("pair.yaml", PAIR)]);
    let ran = check(folder.path(), &["--diff"], "");
    assert_eq!((ran.code, ran.err.as_str()), (1, "2 would be fixed (2 more with --unsafe-fixes)\n"));
    let added: Vec<_> = ran.out.lines().filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(
        added,
        ["--- pair.yaml", "+++ pair.yaml", "+      minReplicaCount: 2", "+            lagThreshold: '800'"]
    );
    assert_eq!(read(folder.path(), "pair.yaml"), PAIR);
    check(folder.path(), &["--fix"], "");
    let ran = check(folder.path(), &["--diff"], "");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn standard_input_is_filtered_and_the_findings_go_beside_it() {
    let ran = check(Path::new("."), &["--fix", "-"], PAIR);
    assert!(ran.out.starts_with("# owned by payments\n") && ran.out.contains("      minReplicaCount: 2\n"));
    assert!(ran.err.contains("LW101") && ran.err.contains("2 fixed"), "{}", ran.err);
    let ran = check(Path::new("."), &["--fix", "-"], "a: [\n");
    assert_eq!((ran.code, ran.out.as_str()), (2, "a: [\n"));
    let ran = check(Path::new("."), &["--fix", "-"], "a: \0\n");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
}

#[test]
fn what_helm_rendered_is_not_edited() {
    let rendered = PAIR.replace("# owned by payments", "---\n# Source: app/templates/pair.yaml");
    let ran = check(Path::new("."), &["--fix", "-"], &rendered);
    assert_eq!((ran.code, ran.out.as_str()), (1, rendered.as_str()));
    let line = "warning: <stdin> is not fixed: helm rendered it from app/templates/pair.yaml\n  help: change the template or its values\n";
    assert!(ran.err.starts_with(line), "{}", ran.err);
    assert!(!last_line(&ran.err).contains("fix"), "{}", ran.err);
}

#[test]
fn exempted_and_unselected_findings_are_not_fixed() {
    let exempted = PAIR.replace(
        "kind: ScaledObject\n    metadata: {name: consumer,",
        "kind: ScaledObject\n    metadata: {annotations: {ignore.lagward.dev/LW201: agreed}, name: consumer,",
    );
    let folder = folder(&[("pair.yaml", &exempted)]);
    check(folder.path(), &["--fix", "--unsafe-fixes", "--ignore", "LW301"], "");
    let fixed = read(folder.path(), "pair.yaml");
    assert!(!fixed.contains("minReplicaCount") && !fixed.contains("lagThreshold"), "{fixed}");
    assert!(fixed.contains("value: \"90000\""), "{fixed}");
}

#[test]
fn a_fix_that_would_reach_an_alias_is_refused_with_the_reason() {
    let aliased =
        PAIR.replace("    spec:\n      scaleTargetRef", "    spec: &spec\n      scaleTargetRef").to_owned()
            + "x: *spec\n";
    let folder = folder(&[("pair.yaml", &aliased)]);
    let ran = check(folder.path(), &["--fix"], "");
    assert_eq!(read(folder.path(), "pair.yaml"), aliased);
    let why =
        "LW201 of ScaledObject payments/consumer is not fixed: an alias elsewhere repeats what stands there";
    assert!(ran.err.contains(why), "{}", ran.err);
    assert!(
        last_line(&ran.out).ends_with("; 1 fixable with `lagward check --fix --unsafe-fixes`"),
        "{}",
        ran.out
    );
}

#[test]
fn a_broken_file_and_one_that_may_not_be_written_stay_and_the_others_are_fixed() {
    let broken = format!("{PAIR}---\na: [\n");
    let folder = folder(&[("broken.yaml", &broken), ("locked.yaml", PAIR), ("pair.yaml", PAIR)]);
    let locked = folder.path().join("locked.yaml");
    let mut permissions = fs::metadata(&locked).expect("the file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&locked, permissions).expect("a read-only file");
    let ran = check(folder.path(), &["--fix"], "");
    assert_eq!(ran.code, 2);
    assert_eq!(
        (read(folder.path(), "broken.yaml"), read(folder.path(), "locked.yaml")),
        (broken, PAIR.to_owned())
    );
    assert!(read(folder.path(), "pair.yaml").contains("minReplicaCount: 2"));
    assert!(
        ran.err.contains("warning: broken.yaml is not fixed: the file has a syntax error"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("error: cannot fix locked.yaml: it is read-only\n"), "{}", ran.err);
    assert!(last_line(&ran.out).contains("; 2 fixed"), "{}", last_line(&ran.out));
}

#[cfg(unix)]
#[test]
fn an_interrupted_fix_leaves_each_file_old_or_new_and_nothing_else() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::os::unix::process::ExitStatusExt;
    let names: Vec<String> = (0..400).map(|index| format!("{index:03}.yaml")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), PAIR)).collect();
    for signal in [Signal::INT, Signal::TERM] {
        let folder = folder(&files);
        let mut child = Command::new(env!("CARGO_BIN_EXE_lagward"))
            .args(["check", "--fix"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        while read(folder.path(), "000.yaml") == PAIR && child.try_wait().expect("it can be asked").is_none()
        {
            std::thread::yield_now();
        }
        let id = Pid::from_raw(child.id().cast_signed()).expect("it has an id");
        kill_process(id, signal).expect("it has not been waited for");
        let output = child.wait_with_output().expect("it ends");
        // A fast disk may have all of them before the signal is there.
        if let Some(ended_by) = output.status.signal() {
            assert_eq!(ended_by, signal.as_raw());
            let said = String::from_utf8(output.stderr).expect("UTF-8");
            assert!(said.starts_with("error: interrupted: ") || said.is_empty(), "{said}");
        }
        let fixed = read(folder.path(), "000.yaml");
        let mut left: Vec<String> = fs::read_dir(folder.path())
            .expect("the folder")
            .map(|entry| entry.expect("a file").file_name().into_string().expect("UTF-8"))
            .filter(|name| name != ".git")
            .collect();
        left.sort();
        assert_eq!(left, names);
        assert!(names.iter().all(|name| [PAIR, &fixed].contains(&read(folder.path(), name).as_str())));
    }
}

#[test]
fn a_misspelt_key_is_renamed_before_anything_is_filled() {
    let misspelt = PAIR.replace(
        "            topic: payments\n",
        "            topic: payments\n            lagTreshold: '1000'\n",
    );
    let folder = folder(&[("pair.yaml", &misspelt)]);
    let ran = check(folder.path(), &["--fix"], "");
    assert!(!read(folder.path(), "pair.yaml").contains("lagThreshold"));
    let why = "LW301 of ScaledObject payments/consumer is not fixed: the fix of LW304 would set the same field to what is written elsewhere\n  help: use --unsafe-fixes\n";
    assert!(ran.err.contains(why), "{}", ran.err);
    check(folder.path(), &["--fix", "--unsafe-fixes"], "");
    let fixed = read(folder.path(), "pair.yaml");
    assert!(fixed.contains("lagThreshold: '1000'\n") && !fixed.contains("lagTreshold"), "{fixed}");
}

#[test]
fn the_authors_number_is_moved_before_another_one_is_written() {
    let misplaced = PAIR
        .replace("      maxReplicaCount: 12\n", "      maxReplicaCount: 12\n      idleReplicaCount: 0\n")
        .replace(
            "            topic: payments\n",
            "            topic: payments\n            minReplicaCount: '3'\n",
        );
    let folder = folder(&[("pair.yaml", &misplaced)]);
    check(folder.path(), &["--fix", "--unsafe-fixes"], "");
    let fixed = read(folder.path(), "pair.yaml");
    assert!(fixed.contains("minReplicaCount: 3\n"), "{fixed}");
    assert!(!fixed.contains("idleReplicaCount") && !fixed.contains("'3'"), "{fixed}");
}

#[test]
fn flags_that_make_no_sense_are_usage_errors() {
    for arguments in [&["--unsafe-fixes"][..], &["--diff", "-o", "json"]] {
        let ran = check(Path::new("."), arguments, "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_diff_stars_the_passwords_that_stand_beside_a_change() {
    let text = PAIR.replace(
        "            topic: payments\n",
        "            topic: payments\n            password: hunter2\n",
    );
    let folder = folder(&[("pair.yaml", &text)]);
    let ran = check(folder.path(), &["--diff"], "");
    assert!(ran.out.contains("password: *******\n") && !ran.out.contains("hunter2"), "{}", ran.out);
    check(folder.path(), &["--fix"], "");
    assert!(read(folder.path(), "pair.yaml").contains("password: hunter2\n"));
}

#[test]
fn unquoted_values_are_put_in_quotes_as_they_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = PAIR.replace("\"10000\"", "10000").replace("topic: payments", "topic: payments\n            lagThreshold: 5\n            version: 1.10\n            allowIdleConsumers: yes");
    let file = folder.path().join("pair.yaml");
    fs::write(&file, text).expect("written");
    let ran = check(folder.path(), &["--fix", "--select", "LW301,LW310", "pair.yaml"], "");
    let mended = fs::read_to_string(&file).expect("read");
    assert!(mended.contains("value: \"10000\"}"), "{mended}");
    assert!(
        mended.contains("lagThreshold: '5'\n"),
        "what LW301 would overwrite is quoted all the same: {mended}"
    );
    assert!(mended.contains("version: '1.10'\n") && mended.contains("allowIdleConsumers: yes\n"), "{mended}");
    assert!(ran.err.contains("YAML reads another value than the one that is written there"), "{}", ran.err);
}

#[test]
fn only_what_fix_would_make_is_counted_as_fixable() {
    let ambiguous = PAIR.replace("topic: payments", "topic: payments\n            allowIdleConsumers: yes");
    let claimed = PAIR.replace("topic: payments", "topic: payments\n            lagTreshold: '1000'");
    let aliased = PAIR.replace("    spec:\n      scaleTargetRef", "    spec: &spec\n      scaleTargetRef")
        + "x: *spec\n";
    let broken = format!("{PAIR}---\na: [\n");
    for (text, fixable) in [
        (PAIR, "2 fixable with `lagward check --fix` (2 more with --unsafe-fixes)"),
        (&ambiguous, "2 fixable with `lagward check --fix` (2 more with --unsafe-fixes)"),
        (&claimed, "1 fixable with `lagward check --fix` (3 more with --unsafe-fixes)"),
        (&aliased, "1 fixable with `lagward check --fix --unsafe-fixes`"),
        (&broken, "1 error"),
    ] {
        let folder = folder(&[("pair.yaml", text)]);
        let before = check(folder.path(), &[], "");
        assert!(last_line(&before.out).ends_with(fixable), "{}", before.out);
        let after = check(folder.path(), &["--fix"], "");
        let fixed = last_line(&after.out).replace(" fixed", " fixable with `lagward check --fix`");
        assert!(fixed.ends_with(fixable), "{}", after.out);
    }
}

#[test]
fn a_declaration_follows_the_timeout_that_a_fix_raises_in_one_run() {
    let agreed = PAIR.replace("'45000'  # as the client's", "'10000'  # as the client's");
    let folder = folder(&[("pair.yaml", &agreed)]);
    let before = check(folder.path(), &["--select", "LW104"], "");
    assert_eq!(before.code, 0, "{}", before.out);
    let ran = check(folder.path(), &["--fix", "--unsafe-fixes"], "");
    let fixed = read(folder.path(), "pair.yaml");
    assert!(
        fixed.contains("value: \"90000\"}]\n") && fixed.contains("sessionTimeout: '90000'  # as"),
        "{fixed}"
    );
    assert_eq!(ran.code, 0, "{}", ran.out);
}
