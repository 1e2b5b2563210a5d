//! `lagward check` on what the real helm and the real kustomize render.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::helm::Helm;
use crate::installed::Ran;
use crate::scenario::scenarios;
use crate::tools;

scenarios![
    a_chart_is_judged_by_what_helm_makes_of_its_values,
    a_pipe_from_helm_says_what_the_flag_says,
    a_chart_that_helm_refuses_is_no_clean_chart,
    a_kustomization_is_judged_with_its_patches,
    the_templates_of_a_chart_are_not_judged_as_they_stand,
];

const TEMPLATE: &str = "orders/templates/scaledobject.yaml";

fn data(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/data").join(path).display().to_string()
}

fn tool(name: &str) -> String {
    tools::build().unwrap_or_else(|why| panic!("{why}")).join(name).display().to_string()
}

fn check(arguments: &[&str]) -> Ran {
    Ran::of(Command::new(env!("CARGO_BIN_EXE_lagward")).arg("check").args(arguments).stdin(Stdio::null()))
}

/// File, object and code of each finding of a report.
fn findings(ran: &Ran) -> Vec<[String; 3]> {
    let report: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}\n{}{}", ran.stdout, ran.stderr));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|one| [text(&one["file"]), text(&one["object"]["name"]), text(&one["code"])]).collect()
}

fn of_chart(flags: &[&str]) -> Ran {
    let (chart, helm) = (data("chart"), tool("helm"));
    check(&[&["-o", "json", "--helm", &chart, "--helm-bin", &helm], flags].concat())
}

fn a_chart_is_judged_by_what_helm_makes_of_its_values() {
    let ran = of_chart(&[]);
    let found = findings(&ran);
    let codes: Vec<&str> = found.iter().map(|[_, _, code]| code.as_str()).collect();
    assert_eq!((ran.ok, codes), (false, vec!["LW201", "LW301"]));
    assert!(found.iter().all(|[file, ..]| file == TEMPLATE), "{found:?}");
    let prod = data("chart/prod.yaml");
    let ran = of_chart(&["--values", &prod]);
    assert_eq!((ran.ok, findings(&ran)), (true, vec![]));
}

fn a_pipe_from_helm_says_what_the_flag_says() {
    let rendered = Helm::alone().run(&["template", &data("chart")]).succeeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rendered.yaml");
    std::fs::write(&file, rendered).expect("a file");
    let stdin = std::fs::File::open(&file).expect("the file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lagward"));
    let piped = Ran::of(command.args(["check", "-o", "json", "-"]).stdin(stdin));
    assert_eq!(findings(&piped), findings(&of_chart(&[])));
}

fn a_chart_that_helm_refuses_is_no_clean_chart() {
    let (nothing, helm) = (data("no-such-chart"), tool("helm"));
    let ran = check(&["--helm", &nothing, "--helm-bin", &helm]);
    assert!(!ran.ok && ran.stderr.contains("no-such-chart"), "{}{}", ran.stdout, ran.stderr);
}

fn a_kustomization_is_judged_with_its_patches() {
    let (folder, kubectl) = (data("kustomization"), tool("kubectl"));
    let ran = check(&["-o", "json", "--kustomize", &folder, "--kustomize-bin", &kubectl]);
    let found = findings(&ran);
    assert!(matches!(&*found, [[_, name, code]] if name == "blue-orders" && code == "LW201"), "{found:?}");
    let file = data("kustomization/scaledobject.yaml");
    assert!(check(&[&file]).ok, "the base alone is well");
}

fn the_templates_of_a_chart_are_not_judged_as_they_stand() {
    let ran = check(&[&data("chart")]);
    assert!(ran.stderr.contains("--helm"), "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("LW"), "{}", ran.stdout);
}
