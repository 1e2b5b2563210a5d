//! Which policy applies, which rules are asked, and what a baseline covers.

use super::{MISALIGNED, found, in_file, run};
use crate::support::{folder, lagward, read, write};

const LENIENT: &str = "rules: {LW301: {level: off}}\n";

#[test]
fn the_nearest_policy_applies_and_a_named_one_wins() {
    let folder = folder(&[("k8s/so.yaml", MISALIGNED), ("other.yaml", "profile: strict\n")]);
    let at = folder.path();
    assert_eq!(found(at, &["k8s/so.yaml"]), in_file("k8s/so.yaml", &["LW201", "LW301"]));
    write(at, "lagward.yaml", LENIENT);
    assert_eq!(found(at, &["k8s"]), in_file("k8s/so.yaml", &["LW201"]));
    assert_eq!(found(at, &["--policy", "other.yaml", "k8s"]), in_file("k8s/so.yaml", &["LW201", "LW301"]));
    write(at, "k8s/lagward.yaml", "profile: strict\n");
    assert_eq!(found(at, &["k8s"]), in_file("k8s/so.yaml", &["LW201", "LW301"]));
    let said = lagward(at, &["check", "-"], MISALIGNED);
    assert!(!said.out.contains("LW301"), "standard input has the policy of the current folder: {}", said.out);
    assert_eq!(said.err, "", "which policy applies is not worth a line");
}

#[test]
fn a_policy_selects_by_the_labels_of_a_namespace_that_is_in_the_input() {
    let policy = "overrides: [{namespaceLabels: {tier: test}, rules: {LW301: {level: off}}}]\n";
    let folder = folder(&[("k8s/so.yaml", MISALIGNED), ("lagward.yaml", policy)]);
    let at = folder.path();
    let said = run(at, &["check", "k8s"]);
    assert!(said.out.contains("warning[LW301]") && said.out.contains("error[LW201]"), "{}", said.out);
    assert!(said.out.contains("are not known, so that LW301 can only warn"), "{}", said.out);
    let namespace = |tier| {
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: payments, labels: {{tier: {tier}}}}}\n")
    };
    write(at, "k8s/namespace.yaml", &namespace("test"));
    assert_eq!(found(at, &["k8s"]), in_file("k8s/so.yaml", &["LW201"]));
    write(at, "k8s/namespace.yaml", &namespace("prod"));
    assert_eq!(found(at, &["k8s"]), in_file("k8s/so.yaml", &["LW201", "LW301"]));
}

#[test]
fn a_bad_policy_that_was_found_is_named() {
    let folder = folder(&[("k8s/so.yaml", MISALIGNED), ("lagward.yaml", "ruels: {}\n")]);
    let said = run(folder.path(), &["check", "k8s"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.starts_with("error: lagward.yaml:1:1: unknown key \"ruels\""), "{}", said.err);
}

#[test]
fn rules_are_selected_by_code_name_and_prefix() {
    let folder = folder(&[("so.yaml", MISALIGNED)]);
    let at = folder.path();
    assert_eq!(found(at, &["--select", "LW2"]), in_file("so.yaml", &["LW201"]));
    assert_eq!(found(at, &["--select", "lag-threshold-too-low"]), in_file("so.yaml", &["LW301"]));
    assert_eq!(found(at, &["--select", "LW2,LW3", "--ignore", "LW301"]), in_file("so.yaml", &["LW201"]));
    let said = run(at, &["check", "--select", "LW20l"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.starts_with("error: \"LW20l\" is not a rule\n  help: did you mean LW20"),
        "{}",
        said.err
    );
}

#[test]
fn an_exemption_from_a_rule_that_is_not_asked_is_not_called_useless() {
    let exempt = "  namespace: payments\n  annotations: {ignore.lagward.dev/LW201: \"agreed\"}\n";
    let folder = folder(&[("so.yaml", &MISALIGNED.replace("  namespace: payments\n", exempt))]);
    let said = run(folder.path(), &["check", "--select", "LW3"]);
    assert!(!said.out.contains("covers nothing"), "{}", said.out);
}

#[test]
fn a_baseline_lets_only_new_findings_fail() {
    let folder = folder(&[("k8s/so.yaml", MISALIGNED)]);
    let at = folder.path();
    let check = ["check", "--baseline", "known.json", "k8s"];
    let said = run(at, &check);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("help: --write-baseline writes it"), "{}", said.err);

    let said = run(at, &["check", "--baseline", "known.json", "--write-baseline", "k8s"]);
    assert_eq!((said.code, said.out.as_str()), (0, "2 findings written to known.json\n"));
    assert_eq!(
        read(at, "known.json"),
        "{\"version\": 1, \"findings\": [\n  \
         {\"object\":\"ScaledObject payments/consumer\",\"path\":\"spec.minReplicaCount\",\"code\":\"LW201\",\"found\":\"0\"},\n  \
         {\"object\":\"ScaledObject payments/consumer\",\"path\":\"spec.triggers[kafka#0].metadata.lagThreshold\",\"code\":\"LW301\",\"found\":\"10\"}\n]}\n"
    );
    let said = run(at, &check);
    assert_eq!((said.code, said.out.as_str()), (0, "no findings in 1 file (1 object), 2 in the baseline\n"));

    write(at, "k8s/so.yaml", &format!("# moved\n\n{}", MISALIGNED.replace("\"10\"", "'10'")));
    assert_eq!(run(at, &check).code, 0, "moved lines and other quotes are no new finding");
    write(at, "k8s/so.yaml", &MISALIGNED.replace("\"10\"", "\"5\""));
    let said = run(at, &check);
    assert_eq!(said.code, 1, "another value is");
    assert!(said.out.contains("LW301") && !said.out.contains("LW201"), "{}", said.out);
}

#[test]
fn a_baseline_covers_each_finding_as_often_as_it_was_there() {
    let folder = folder(&[("k8s/dev/so.yaml", MISALIGNED)]);
    let at = folder.path();
    run(at, &["check", "--baseline", "known.json", "--write-baseline", "k8s"]);
    write(at, "k8s/prod/so.yaml", MISALIGNED);
    let said = run(at, &["check", "--baseline", "known.json", "k8s"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("2 denials in 2 files (2 objects), 2 in the baseline"), "{}", said.out);
}

#[test]
fn a_baseline_is_not_written_from_half_the_input() {
    let folder = folder(&[("so.yaml", MISALIGNED), ("bad.yaml", "a: [\n")]);
    let said = run(folder.path(), &["check", "--baseline", "known.json", "--write-baseline"]);
    assert_eq!(said.code, 2);
    assert!(!folder.path().join("known.json").exists());
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let folder = folder(&[("so.yaml", MISALIGNED), ("known.json", "{\"version\": 9, \"findings\": []}")]);
    let said = run(folder.path(), &["check", "--baseline", "known.json"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: the baseline known.json has version 9"), "{}", said.err);
    write(folder.path(), "known.json", "[]");
    assert!(
        run(folder.path(), &["check", "--baseline", "known.json"])
            .err
            .contains("known.json is not a baseline: ")
    );
}
