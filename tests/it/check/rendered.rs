//! Charts and kustomizations: the user's own programs render them. Small scripts stand for those programs.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{MISALIGNED, codes_and_files, found, in_file, run};
use crate::support::{folder, lagward, read, write};

/// A chart whose template is what the fake helm writes.
fn chart() -> tempfile::TempDir {
    let folder = folder(&[
        ("charts/app/Chart.yaml", "name: app\n"),
        ("charts/app/templates/so.yaml", "{{ .Values.x }}"),
        (
            "rendered.yaml",
            &format!(
                "---\n# Source: app/templates/so.yaml\n{MISALIGNED}---\n# Source: app/charts/sub/cm.yaml\na: 1\n"
            ),
        ),
    ]);
    script(folder.path(), "bin/helm", "echo \"helm $*\" >&2\nexec /bin/cat rendered.yaml");
    folder
}

fn script(folder: &Path, name: &str, body: &str) {
    write(folder, name, &format!("#!/bin/sh\n{body}\n"));
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.join(name), mode).expect("its mode can be set");
}

#[test]
fn findings_in_a_chart_name_the_template() {
    let folder = chart();
    let arguments = ["--helm", "charts/app", "--values", "a.yaml", "-f", "b.yaml"];
    let codes = ["LW201", "LW301"];
    assert_eq!(found(folder.path(), &arguments), in_file("app/templates/so.yaml", &codes));
    let said = run(folder.path(), &[&["check"], arguments.as_slice()].concat());
    assert_eq!(said.err, "helm template charts/app --values a.yaml --values b.yaml\n");
    assert!(said.out.contains("--> app/templates/so.yaml (rendered):11:20"), "{}", said.out);
    assert!(said.out.contains("2 denials in 2 files (1 object)"), "{}", said.out);
}

#[test]
fn what_helm_writes_into_a_pipe_has_the_same_names() {
    let folder = chart();
    let rendered = read(folder.path(), "rendered.yaml");
    let said = lagward(folder.path(), &["check", "-o", "json", "-"], &rendered);
    assert_eq!(codes_and_files(&said), in_file("app/templates/so.yaml", &["LW201", "LW301"]));
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
    assert_eq!(report["findings"][0]["rendered"], true);
    assert_eq!(report["findings"][0]["line"], 11);
}

#[test]
fn code_hosts_are_sent_to_the_first_line_of_the_template_itself() {
    let folder = chart();
    let said = run(folder.path(), &["check", "-o", "github", "--helm", "charts/app"]);
    assert!(said.out.starts_with("::error file=charts/app/templates/so.yaml,line=1,title="), "{}", said.out);
}

#[test]
fn a_missing_program_is_one_clear_line() {
    let folder = folder(&[("k/kustomization.yaml", "")]);
    let said = run(folder.path(), &["check", "--helm", "app"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: cannot run helm: no such program\n  help: install it, or name the program with --helm-bin\n"
    );
    let said = run(folder.path(), &["check", "--kustomize", "k"]);
    assert_eq!(said.err.lines().next(), Some("error: cannot run kustomize or kubectl: no such program"));
    let said = run(folder.path(), &["check", "--kustomize", "k", "--kustomize-bin", "/no/kubectl"]);
    assert_eq!(said.err.lines().next(), Some("error: cannot run /no/kubectl: no such program"));
}

#[test]
fn what_a_failing_program_says_is_passed_on_and_the_rest_is_judged() {
    let folder = folder(&[("so.yaml", MISALIGNED)]);
    script(folder.path(), "bin/helm", "echo 'Error: no such chart' >&2\nexit 1");
    let said = run(folder.path(), &["check", "--helm", "app", "so.yaml"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.err, "Error: no such chart\nerror: \"helm template app\" failed (exit status: 1)\n");
    assert!(said.out.contains("LW201"), "{}", said.out);
}

#[test]
fn kustomize_comes_before_kubectl_and_either_can_be_named() {
    let folder = folder(&[("k/kustomization.yaml", ""), ("so.yaml", MISALIGNED)]);
    let at = folder.path();
    script(at, "bin/kubectl", "[ \"$*\" = 'kustomize k' ] && exec /bin/cat so.yaml");
    assert_eq!(found(at, &["--kustomize", "k"]), in_file("k/kustomization.yaml", &["LW201", "LW301"]));
    script(at, "bin/kustomize", "[ \"$*\" = 'build k' ] && echo 'a: 1'");
    assert_eq!(found(at, &["--kustomize", "k"]), []);
    assert_eq!(found(at, &["--kustomize", "k", "--kustomize-bin", "bin/kubectl"]).len(), 2);
}

#[test]
fn the_policy_beside_a_chart_applies() {
    let folder = chart();
    write(folder.path(), "charts/lagward.yaml", "rules: {LW301: {level: off}}\n");
    assert_eq!(found(folder.path(), &["--helm", "charts/app"]), in_file("app/templates/so.yaml", &["LW201"]));
}

#[test]
fn templates_that_were_not_rendered_are_skipped_with_a_hint() {
    let folder = folder(&[
        ("app/templates/a.yaml", "kind: A\nspec: {{ .Values.spec }}\n"),
        ("app/templates/b.yaml", "{{- if .Values.b }}\nkind: B\n{{- end }}\n"),
        ("so.yaml", MISALIGNED),
    ]);
    let said = run(folder.path(), &["check"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(
        said.err
            .starts_with("warning: 2 templates are skipped, app/templates/a.yaml first\n  help: judge what"),
        "{}",
        said.err
    );
    assert!(said.out.contains("2 denials in 3 files (1 object), 2 templates skipped"), "{}", said.out);
}
