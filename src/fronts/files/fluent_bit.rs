//! Fluent Bit's classic configuration: sections of `Name value` lines.

use crate::engine::configs::Settings;

/// The settings of its Kafka inputs, under the names that they have in its YAML; `None` if the text is no such configuration. A Kafka output is a producer, whose
/// settings are not taken.
pub(super) fn inputs(text: &str) -> Option<Settings> {
    let mut inputs: Vec<Vec<(&str, &str)>> = Vec::new();
    let (mut is_input, mut is_known) = (false, false);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_input = name.eq_ignore_ascii_case("INPUT");
            is_known |= is_input || name.eq_ignore_ascii_case("SERVICE");
            if is_input {
                inputs.push(Vec::new());
            }
        } else if is_input
            && !line.starts_with('#')
            && let Some((name, value)) = line.split_once([' ', '\t'])
            && let Some(input) = inputs.last_mut()
        {
            input.push((name, value.trim()));
        }
    }
    let is_kafka = |input: &Vec<(&str, &str)>| {
        input
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("Name") && value.eq_ignore_ascii_case("kafka"))
    };
    let kafka = inputs.into_iter().filter(is_kafka).flatten();
    let named = |(name, value): (&str, &str)| (format!("pipeline.inputs.{name}").into(), value.into());
    is_known.then(|| kafka.map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inputs_from_kafka_are_taken() {
        let text = "[SERVICE]\n    Flush 1\n[INPUT]\n    Name   kafka\n    Group_Id\tlogs\n    # rdkafka.session.timeout.ms 1\n    rdkafka.session.timeout.ms 30000\n[INPUT]\n    Name tail\n    Path /var/log/*\n[OUTPUT]\n    Name kafka\n    rdkafka.session.timeout.ms 6000\n";
        let found = inputs(text).unwrap_or_default();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(name, value)| (name.trim_start_matches("pipeline.inputs."), &**value))
            .collect();
        let expected = [("Name", "kafka"), ("Group_Id", "logs"), ("rdkafka.session.timeout.ms", "30000")];
        assert_eq!(found, expected);
    }

    #[test]
    fn another_conf_is_none() {
        assert_eq!(inputs("[server]\ngroup.id = logs\n"), None);
        assert_eq!(inputs("group.id=logs\n"), None);
    }
}
