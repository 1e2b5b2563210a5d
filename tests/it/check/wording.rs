//! Numbers and words of messages, for objects in which a plain sentence would be wrong.

use lagward::fronts::files::check::check;
use lagward::fronts::files::{Origin, Source};

use crate::support::{policy, today};

/// The keys that every trigger has here.
const KEYS: &str = "bootstrapServers: k:9092, consumerGroup: g, topic: t";

/// The statements of one rule about a ScaledObject with these partitions, this `spec` and these keys of its trigger.
fn said(code: &str, partitions: &str, spec: &str, keys: &str) -> String {
    of_policy(code, "", partitions, spec, &format!("{{type: kafka, metadata: {{{KEYS}{keys}}}}}"))
}

fn of_policy(code: &str, yaml: &str, partitions: &str, spec: &str, trigger: &str) -> String {
    let text = format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: a, annotations: {{lagward.dev/partitions: '{partitions}'}}}}\nspec: {{scaleTargetRef: {{name: a}}, {spec}triggers: [{trigger}]}}\n"
    );
    let source = Source { name: "a.yaml".to_owned(), text, folder: ".".into(), origin: Origin::File };
    let checked = check(&[source], &policy(yaml), today());
    let of_rule = checked.findings.iter().filter(|located| located.finding.rule.code == code);
    let texts: Vec<String> = of_rule
        .map(|located| {
            let report = &located.finding.report;
            format!("{} {}; {}; {}", report.place, report.found, report.want, report.cost)
        })
        .collect();
    texts.join("\n")
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

#[test]
fn keda_caps_at_the_partitions_that_it_watches() {
    let limited = ", lagThreshold: '800', partitionLimitation: 0-1";
    says(&said("LW202", "48", "maxReplicaCount: 100, ", limited), &["by lag KEDA itself stops at 3"]);
    says(&said("LW202", "48", "", limited), &["KEDA asks for up to 3 pods for 2 partitions"]);
    let plain = ", lagThreshold: '800'";
    says(&said("LW202", "48", "", plain), &["KEDA asks for up to 49 pods for 48 partitions"]);
}

#[test]
fn what_spreads_partitions_caps_though_idle_consumers_are_allowed() {
    let even = ", allowIdleConsumers: 'true', ensureEvenDistributionOfPartitions: 'true'";
    says(&said("LW202", "48", "", even), &["KEDA asks for up to 48 pods for 48 partitions"]);
    says(&said("LW301", "48", "maxReplicaCount: 90, ", even), &["one pod per partition (48)"]);
    let idle = ", allowIdleConsumers: 'true'";
    says(&said("LW202", "48", "", idle), &["lag can start 100 pods for 48 partitions"]);
    says(&said("LW301", "48", "maxReplicaCount: 90, ", idle), &["the maximum (90 pods)"]);
}

#[test]
fn a_formula_is_uncapped_by_keys_that_keda_takes_together() {
    let formula = "advanced: {scalingModifiers: {formula: lag * 2, target: '1'}}, ";
    let trigger = |keys: &str| format!("{{type: kafka, name: lag, metadata: {{{KEYS}{keys}}}}}");
    let said = |keys: &str| of_policy("LW314", "", "48", formula, &trigger(keys));
    says(&said(""), &["metadata.allowIdleConsumers is not true", "; set it to \"true\" and bound"]);
    let limited = said(", limitToPartitionsWithLag: 'true'");
    says(
        &limited,
        &["metadata.limitToPartitionsWithLag is true", "; remove limitToPartitionsWithLag, set allow"],
    );
}

#[test]
fn one_is_no_plural() {
    says(&said("LW202", "1", "maxReplicaCount: 4, ", ", lagThreshold: '800'"), &["is 4 for 1 partition;"]);
    let one = said("LW301", "1", "maxReplicaCount: 4, ", ", lagThreshold: '1'");
    says(&one, &["a lag of 1 message is enough", "one pod per partition (1)"]);
}

#[test]
fn keda_keeps_no_fewer_than_none() {
    says(&said("LW201", "48", "idleReplicaCount: -1, ", ""), &["is -1, so KEDA keeps 0"]);
}

#[test]
fn an_empty_word_is_seen() {
    let behavior = "advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {selectPolicy: ''}}}}, ";
    says(&said("LW205", "48", behavior, ""), &["is \"\"; must be Max, Min or Disabled"]);
}

#[test]
fn a_key_of_the_other_scaler_says_when_that_has_it() {
    let spoken = |version: &str| {
        let trigger = format!("{{type: kafka, metadata: {{{KEYS}, awsEndpoint: e}}}}");
        of_policy("LW304", &format!("kedaVersion: '{version}'"), "48", "", &trigger)
    };
    says(&spoken("2.11"), &["remove it: only apache-kafka reads it, from KEDA 2.12 on;"]);
    says(&spoken("2.14"), &["remove it: only apache-kafka reads it;"]);
    says(&spoken("2.20"), &["remove it: only apache-kafka reads it, before KEDA 2.17;"]);
}

#[test]
fn what_a_trigger_authentication_may_hold_is_not_said_to_be_unset() {
    let spoken = |more: &str| {
        let trigger = format!("{{type: kafka, {more}metadata: {{{KEYS}, SASL: plaintext}}}}");
        of_policy("LW304", "", "48", "", &trigger)
    };
    says(&spoken(""), &["so sasl is none"]);
    says(
        &spoken("authenticationRef: {name: a}, "),
        &["sasl is read from the TriggerAuthentication, if it is there"],
    );
}

/// The statements of all rules about a consumer whose pod has this grace period, with what their fixes write.
fn of_grace(grace: &str, container: &str) -> String {
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {{template: {{spec: {{terminationGracePeriodSeconds: {grace}, containers: [{{name: a, {container}}}]}}}}}}\n"
    );
    let source = Source { name: "a.yaml".to_owned(), text, folder: ".".into(), origin: Origin::File };
    let checked = check(&[source], &policy("rules: {LW103: {variable: KAFKA_SESSION_TIMEOUT_MS}}"), today());
    let texts: Vec<String> = checked
        .findings
        .iter()
        .map(|located| {
            let report = &located.finding.report;
            let fix = report.fix.as_ref().map_or_else(String::new, ToString::to_string);
            format!("{} {}; {}; {}; {fix}", located.finding.rule.code, report.found, report.want, report.cost)
        })
        .collect();
    texts.join("\n")
}

#[test]
fn nothing_is_made_of_a_grace_period_that_cannot_be_read() {
    let group = "{name: KAFKA_GROUP_ID, value: g}";
    let undeclared = format!("env: [{group}]");
    let long = format!("env: [{group}, {{name: KAFKA_SESSION_TIMEOUT_MS, value: '90000'}}]");
    let wrapped = format!("command: [sh, -c, java -jar app.jar], {long}");
    for grace in ["abc", "30.5", "30s"] {
        let said = of_grace(grace, &undeclared);
        says(&said, &["LW103 ", "; set KAFKA_SESSION_TIMEOUT_MS; ", "compare it with a grace period; "]);
        assert!(said.ends_with("; "), "no fix: {said}");
        assert_eq!(of_grace(grace, &long), "");
        says(&of_grace(grace, &wrapped), &["until SIGKILL ends it, commits nothing"]);
    }
    says(&of_grace("60", &undeclared), &["the grace period of 60 s", "\"90000\""]);
}

#[test]
fn a_grace_period_is_named_as_it_is_written() {
    let env = "env: [{name: KAFKA_GROUP_ID, value: g}, {name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]";
    says(&of_grace("-1", env), &["LW108 is -1, which counts as 1 s; needs more than 2 s"]);
    says(&of_grace("0", env), &["LW108 is 0 s; needs more than 2 s"]);
    says(&of_grace("1", env), &["LW108 is 1 s; needs more than 2 s"]);
}

#[test]
fn a_hook_that_never_ends_is_to_be_ended_and_no_grace_period_is_long_enough() {
    let env = "env: [{name: KAFKA_GROUP_ID, value: g}, {name: KAFKA_SESSION_TIMEOUT_MS, value: '45000'}]";
    let hook = "lifecycle: {preStop: {exec: {command: [sh, -c, sleep infinity]}}}";
    let said = of_grace("30", &format!("{env}, {hook}"));
    says(&said, &["LW108 is 30 s, but the preStop hook of a never ends; let the hook end in time"]);
    assert!(said.ends_with("; ") && said.lines().count() == 1, "no fix: {said}");
}
