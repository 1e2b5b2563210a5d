//! What `lagward check` writes: the contract of `-o json`, and text for people.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{BAD, good, warned};
use crate::support::{folder, lagward};

#[test]
fn json_keeps_its_contract() {
    let exempt = BAD.replace("metadata:\n", "metadata:\n  annotations: {ignore.lagward.dev/LW201: batch}\n");
    // Its own target too: two ScaledObjects on one workload are a finding of their own.
    let warned =
        warned().replace("name: orders\n", "name: warned\n").replace("{name: orders}", "{name: warned}");
    let folder = folder(&[
        ("a.yaml", BAD),
        ("b.yaml", exempt.as_str()),
        ("c.yaml", warned.as_str()),
        ("d.yaml", "a: ["),
    ]);
    let run = lagward(folder.path(), &["check", "-o", "json", "."], "");
    assert_eq!(run.code, 2);
    let report = run.json();
    assert_eq!(report["version"], 1);
    let summary = &report["summary"];
    for (key, count) in
        [("files", 4), ("objects", 3), ("deny", 1), ("warn", 1), ("exempted", 1), ("fixed", 0)]
    {
        assert_eq!(summary[key], count, "{key} in {summary}");
    }
    let [first, second, third] = report["findings"].as_array().expect("a list").as_slice() else {
        panic!("{report}")
    };
    assert_eq!(
        first["object"],
        json!({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "namespace": "shop", "name": "orders"})
    );
    for (key, value) in [
        ("code", json!("LW201")),
        ("name", json!("min-replicas-too-low")),
        ("level", json!("deny")),
        ("path", json!("/spec/minReplicaCount")),
        ("file", json!("a.yaml")),
        ("line", json!(7)),
        ("column", json!(20)),
        ("endLine", json!(7)),
        ("endColumn", json!(21)),
        ("exempted", json!(false)),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    assert!(
        first["message"].as_str().is_some_and(|text| text.starts_with("spec.minReplicaCount is 0")),
        "{first}"
    );
    assert!(first["help"].as_str().is_some_and(|text| !text.is_empty()), "{first}");
    assert_eq!(
        first["fix"],
        json!({"safety": "unsafe", "patch": [
            {"op": "test", "path": "/spec/minReplicaCount", "value": 0},
            {"op": "replace", "path": "/spec/minReplicaCount", "value": 2},
        ]})
    );
    assert_eq!((&second["file"], &second["exempted"]), (&json!("b.yaml"), &json!(true)));
    assert_eq!((&third["code"], &third["level"], third.get("fix")), (&json!("LW302"), &json!("warn"), None));
    let error = &report["errors"][0];
    assert_eq!(error["file"], "d.yaml");
    assert!(error["line"].is_u64() && error["column"].is_u64() && error["message"].is_string(), "{error}");
}

#[test]
fn json_names_every_input_that_could_not_be_read() {
    let folder = folder(&[("binary.yaml", "\u{0}"), ("template.yaml", "a: {{ .Values.a }}\n")]);
    let run = lagward(folder.path(), &["check", "-o", "json", "missing", "binary.yaml", "template.yaml"], "");
    assert_eq!(run.code, 2);
    let report = run.json();
    let errors = report["errors"].as_array().expect("a list");
    assert_eq!(errors.len(), 2, "{report}");
    // A template is passed over, not refused: what it renders to is judged.
    assert_eq!(report["skipped"][0]["file"], "template.yaml", "{report}");
    for name in ["missing", "binary.yaml"] {
        let about = format!("cannot read {name}: ");
        let is_named =
            |error: &&Value| error["message"].as_str().is_some_and(|text| text.starts_with(&about));
        assert_eq!(errors.iter().filter(is_named).count(), 1, "{name} in {report}");
    }
    assert_eq!(report["summary"]["deny"], 0);
}

#[test]
fn what_an_object_leaves_out_is_left_out() {
    let text = BAD.replace("  namespace: shop\n", "");
    let run = lagward(folder(&[]).path(), &["check", "-o", "json", "-"], &text);
    let finding = &run.json()["findings"][0];
    assert_eq!(finding["object"].get("namespace"), None);
    assert_eq!(finding["file"], "<stdin>");
    assert_eq!(finding["line"], 6);
}

#[test]
fn output_is_the_same_twice_and_for_json_in_yaml() {
    let folder = folder(&[("bad.yaml", BAD)]);
    for format in ["text", "json"] {
        let run = || lagward(folder.path(), &["check", "-o", format, "bad.yaml"], "").out;
        assert_eq!(run(), run());
    }
    let value = json!({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "orders"},
        "spec": {"minReplicaCount": 0, "maxReplicaCount": 12,
            "triggers": [{"type": "kafka", "metadata": {"lagThreshold": "800"}}]}});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [value, value]});
    let run = lagward(folder.path(), &["check", "-o", "json", "-"], &list.to_string());
    let lines: Vec<Value> =
        run.json()["findings"].as_array().expect("a list").iter().map(|f| f["code"].clone()).collect();
    assert!(lines.iter().filter(|code| **code == "LW201").count() == 2, "{lines:?}");
}

#[test]
fn text_shows_the_line_a_caret_and_help() {
    let run = lagward(folder(&[]).path(), &["check", "-"], BAD);
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(
        lines[0].starts_with("error[LW201]: min-replicas-too-low: ScaledObject shop/orders"),
        "{}",
        run.out
    );
    let source = lines.iter().position(|line| line.contains("minReplicaCount: 0 # ü")).expect("the line");
    let caret = lines[source + 1].find('^').expect("a caret");
    assert_eq!(lines[source].as_bytes()[caret], b'0', "{}", run.out);
    assert!(run.out.contains("= help: set spec.minReplicaCount to 2"), "{}", run.out);
    assert!(run.out.contains("`lagward explain LW201`"), "{}", run.out);
}

#[test]
fn colour_is_for_terminals_and_by_request() {
    let folder = folder(&[]);
    let has_colour = |arguments: &[&str]| {
        lagward(folder.path(), &[&["check"], arguments, &["-"]].concat(), BAD).out.contains('\u{1b}')
    };
    assert!(!has_colour(&[]));
    assert!(!has_colour(&["--color", "auto"]));
    assert!(!has_colour(&["--color", "never"]));
    assert!(has_colour(&["--color", "always"]));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let many: Vec<String> =
        (0..2000).map(|index| BAD.replace("name: orders\n", &format!("name: o{index}\n"))).collect();
    let text = many.join("---\n");
    let folder = folder(&[("many.yaml", text.as_str())]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_lagward"))
        .args(["check", "many.yaml"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built with this test");
    let mut start = [0; 16];
    child.stdout.take().expect("a pipe").read_exact(&mut start).expect("some output");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn clean_input_says_so_in_both_forms() {
    let folder = folder(&[]);
    let run = lagward(folder.path(), &["check", "-o", "json", "-"], &good());
    assert_eq!((run.code, run.codes()), (0, vec![]));
    assert_eq!(run.json()["errors"], json!([]));
}
