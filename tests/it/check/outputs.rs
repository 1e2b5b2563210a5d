//! The forms that programs read.

use serde_json::Value;

use super::{MISALIGNED, run};
use crate::support::{folder, lagward, read};

const EXEMPTED: &str = "\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: batch
  annotations:
    ignore.lagward.dev/LW201: \"batch, owner agreed\"
spec:
  scaleTargetRef: {name: batch}
  maxReplicaCount: 12
  triggers:
  - {type: kafka, metadata: {lagThreshold: \"10\", topic: t, consumerGroup: g, bootstrapServers: k}}
";

/// Findings of both levels, one exempted, in a file whose name needs care, beside a file that is no YAML.
fn reports() -> tempfile::TempDir {
    folder(&[
        ("k8s/so & co.yaml", MISALIGNED),
        ("k8s/batch.yaml", EXEMPTED),
        ("k8s/bad.yaml", "a: [\n"),
        ("k8s/clean.yaml", "a: 1\n"),
    ])
}

fn sarif(folder: &std::path::Path, arguments: &[&str]) -> Value {
    let said = run(folder, &[&["check", "-o", "sarif"], arguments].concat());
    serde_json::from_str(&said.out).expect("SARIF is JSON")
}

#[test]
fn sarif_holds_to_the_schema_of_oasis() {
    let folder = reports();
    let validator = sarif_validator();
    let log = sarif(folder.path(), &["k8s"]);
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false, "bad.yaml cannot be read");
}

pub(crate) fn sarif_validator() -> jsonschema::Validator {
    let schema =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sarif-schema-2.1.0.json"));
    // One pattern has a bracket too many, which only JavaScript forgives.
    let schema = schema.expect("the schema is there").replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&schema).expect("it is a schema")
}

#[test]
fn sarif_names_rule_region_and_file_from_the_root_of_the_repository() {
    let folder = reports();
    let log = sarif(&folder.path().join("k8s"), &["so & co.yaml"]);
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let index = result["ruleIndex"].as_u64().expect("it is a number") as usize;
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "k8s/so%20%26%20co.yaml");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    let text = serde_json::to_string(&place["region"]).expect("it is JSON");
    assert_eq!(text, r#"{"endColumn":21,"endLine":9,"startColumn":20,"startLine":9}"#);
}

#[test]
fn a_fingerprint_stays_while_lines_move_and_differs_by_object() {
    let prints = |text: &str| {
        let folder = folder(&[("a.yaml", text)]);
        let log = sarif(folder.path(), &[]);
        let results = log["runs"][0]["results"].as_array().expect("it is a list").clone();
        let print = |result: &Value| result["partialFingerprints"].to_string();
        results.iter().map(print).collect::<Vec<String>>()
    };
    let before = prints(MISALIGNED);
    assert_eq!(before.len(), 2, "{before:?}");
    assert_ne!(before[0], before[1]);
    assert_eq!(before, prints(&format!("# moved\n\n{MISALIGNED}")));
    assert_ne!(
        before,
        prints(&MISALIGNED.replace("name: consumer\n  namespace", "name: other\n  namespace"))
    );
}

#[test]
fn a_fix_is_offered_as_a_change_of_the_text() {
    let folder = reports();
    let log = sarif(folder.path(), &["k8s/so & co.yaml"]);
    let change = &log["runs"][0]["results"][1]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "k8s/so%20%26%20co.yaml");
    let replacement = &change["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "\"800\"");
    let region = serde_json::to_string(&replacement["deletedRegion"]).expect("it is JSON");
    assert_eq!(region, r#"{"endColumn":25,"endLine":17,"startColumn":21,"startLine":17}"#);
}

#[test]
fn an_exempted_finding_is_a_suppressed_result() {
    let folder = reports();
    let log = sarif(folder.path(), &["k8s/batch.yaml"]);
    let results = log["runs"][0]["results"].as_array().expect("it is a list");
    let suppressed: Vec<&Value> = results.iter().filter(|result| result["ruleId"] == "LW201").collect();
    assert_eq!(suppressed[0]["suppressions"][0]["kind"], "external");
    assert_eq!(suppressed[0]["suppressions"][0]["justification"], "batch, owner agreed");
}

#[test]
fn junit_fails_what_fails_the_run_and_skips_the_rest() {
    let folder = reports();
    let said = run(folder.path(), &["check", "-o", "junit", "k8s"]);
    assert_eq!(said.code, 2);
    let document = roxmltree::Document::parse(&said.out).expect("it is XML");
    let root = document.root_element();
    let suites: Vec<(&str, &str, &str, &str)> = root
        .children()
        .filter(|node| node.has_tag_name("testsuite"))
        .map(|suite| {
            let number = |name| suite.attribute(name).unwrap_or_default();
            (number("name"), number("failures"), number("errors"), number("skipped"))
        })
        .collect();
    assert_eq!(
        suites,
        [
            ("k8s/bad.yaml", "0", "1", "0"),
            ("k8s/batch.yaml", "1", "0", "1"),
            ("k8s/clean.yaml", "0", "0", "0"),
            ("k8s/so & co.yaml", "2", "0", "0"),
        ]
    );
    assert_eq!(root.attribute("failures"), Some("3"));
    let cases = root.descendants().filter(|node| node.has_tag_name("testcase")).count();
    assert_eq!(root.attribute("tests"), Some(cases.to_string().as_str()));
    let never = run(folder.path(), &["check", "-o", "junit", "--fail-on", "never", "k8s/so & co.yaml"]);
    assert!(
        never.out.contains("failures=\"0\"") && never.out.contains("<skipped message=\"deny: "),
        "{}",
        never.out
    );
}

#[test]
fn github_annotations_name_the_place_and_the_code() {
    let folder = reports();
    let said = run(folder.path(), &["check", "-o", "github", "k8s/so & co.yaml"]);
    let lines: Vec<&str> = said.out.lines().collect();
    let start = "::error file=k8s/so & co.yaml,line=9,endLine=9,col=20,endColumn=20,title=lagward LW201::\
                 LW201 min-replicas-too-low: ScaledObject payments/consumer: spec.minReplicaCount ";
    assert!(lines[0].starts_with(start), "{}", lines[0]);
    assert!(lines[0].contains("%0A"), "{}", lines[0]);
    assert!(lines[2].starts_with("2 denials in 1 file (1 object)"), "{}", lines[2]);
}

#[test]
fn one_run_serves_log_and_upload() {
    let folder = reports();
    let arguments = ["check", "-o", "sarif=out.sarif", "-o", "junit=out.xml", "k8s/so & co.yaml"];
    let said = run(folder.path(), &arguments);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("error[LW201]: min-replicas-too-low"), "{}", said.out);
    assert!(read(folder.path(), "out.sarif").contains("\"ruleId\": \"LW201\""));
    assert!(read(folder.path(), "out.xml").starts_with("<?xml"));
}

#[test]
fn two_formats_on_standard_output_are_a_usage_error_and_an_unwritable_file_is_said() {
    let folder = reports();
    let said = run(folder.path(), &["check", "-o", "json", "-o", "sarif", "k8s"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(
        said.err.starts_with("error: two formats cannot both be written to standard output\n"),
        "{}",
        said.err
    );
    let said = run(folder.path(), &["check", "-o", "json=no/such/folder", "k8s/clean.yaml"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: cannot write no/such/folder: "), "{}", said.err);
    assert!(said.out.contains("no findings"), "{}", said.out);
}

#[test]
fn standard_input_has_a_name_in_every_form() {
    let folder = folder(&[]);
    let said = lagward(folder.path(), &["check", "-o", "sarif", "-"], MISALIGNED);
    let log: Value = serde_json::from_str(&said.out).expect("SARIF is JSON");
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "stdin");
    let said = lagward(folder.path(), &["check", "-"], MISALIGNED);
    assert!(said.out.contains("--> <stdin>:9:20"), "{}", said.out);
}
