//! The ConfigMaps of the input, with the settings of the configuration files in them.

use std::collections::HashMap;

use serde_json::Value;

use super::fluent_bit;
use super::stream::parse;
use crate::engine::configs::{ConfigMap, Configs, Payload};

/// ConfigMaps by namespace and name. One that is defined several times is none: which one applies is not known.
#[derive(Debug, Default)]
pub(super) struct ConfigMaps {
    maps: HashMap<(Option<String>, String), Option<ConfigMap>>,
}

/// A ConfigMap with its namespace and name.
pub(super) type Named = ((Option<String>, String), ConfigMap);

impl ConfigMaps {
    /// Indexes ConfigMaps.
    pub(super) fn of(all: impl Iterator<Item = Named>) -> Self {
        let mut maps = HashMap::new();
        for (key, map) in all {
            maps.entry(key).and_modify(|known| *known = None).or_insert(Some(map));
        }
        Self { maps }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }
}

/// An object that is a ConfigMap.
pub(super) fn named(value: &Value) -> Option<Named> {
    if value["kind"] != "ConfigMap" || value["apiVersion"] != "v1" {
        return None;
    }
    let text = |key: &str| value["metadata"][key].as_str().map(ToOwned::to_owned);
    let namespace = text("namespace").filter(|namespace| !namespace.is_empty());
    let data = value["data"].as_object().into_iter().flatten();
    let data = data.filter_map(|(key, value)| Some((key.as_str().into(), payload(key, value.as_str()?))));
    Some(((namespace, text("name")?), ConfigMap { data: data.collect() }))
}

impl Configs for ConfigMaps {
    fn config_map(&self, namespace: Option<&str>, name: &str) -> Option<&ConfigMap> {
        let namespace = namespace.filter(|namespace| !namespace.is_empty()).map(ToOwned::to_owned);
        self.maps.get(&(namespace, name.to_owned()))?.as_ref()
    }
}

/// The most characters of a name: a text that nests for ever names nothing that is known.
const LONGEST: usize = 200;

fn payload(key: &str, text: &str) -> Payload {
    let parts = match key.rsplit('.').next() {
        Some("yaml" | "yml" | "json") => parse(text).0.iter().map(|document| flat(&document.value)).collect(),
        Some("toml") => toml::from_str(text).iter().map(flat).collect(),
        Some("conf") => vec![fluent_bit::inputs(text).unwrap_or_else(|| properties(text))],
        Some("properties" | "cfg") => vec![properties(text)],
        _ => Vec::new(),
    };
    let (of_profiles, always): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(is_of_a_profile);
    Payload { text: text.into(), settings: join(always), of_profiles: join(of_profiles) }
}

/// The settings of one document of a file.
type Part = Vec<(Box<str>, Box<str>)>;

fn join(parts: Vec<Part>) -> Part {
    parts.into_iter().flatten().collect()
}

/// Spring takes such a document only where its profile or platform is there (`spring.config.activate`, and
/// `spring.profiles` before Spring Boot 2.4).
fn is_of_a_profile(part: &Part) -> bool {
    part.iter().any(|(name, _)| name.starts_with("spring.config.activate.") || **name == *"spring.profiles")
}

fn flat(document: &Value) -> Part {
    let mut settings = Vec::new();
    flatten("", document, &mut settings);
    settings
}

fn flatten(prefix: &str, value: &Value, settings: &mut Vec<(Box<str>, Box<str>)>) {
    match value {
        Value::Object(map) if prefix.len() <= LONGEST => {
            for (key, value) in map {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&name, value, settings);
            }
        }
        Value::String(text) => settings.push((prefix.into(), text.as_str().into())),
        Value::Number(_) | Value::Bool(_) => settings.push((prefix.into(), value.to_string().into())),
        _ => {}
    }
}

fn properties(text: &str) -> Part {
    text.lines().filter_map(property).collect()
}

/// `name=value` or `name: value` of a Java properties file.
fn property(line: &str) -> Option<(Box<str>, Box<str>)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '!']) {
        return None;
    }
    let (name, value) = line.split_once(['=', ':'])?;
    Some((name.trim().into(), value.trim().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(key: &str, text: &str) -> Vec<(String, String)> {
        payload(key, text).settings.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_document_of_a_profile_is_kept_apart() {
        let text = "kafka.group: orders\n---\nspring.config.activate.on-profile: prod\nkafka.group: prod\n---\nkafka.topic: orders\n";
        let payload = payload("application.yml", text);
        let names = |part: &Part| part.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&payload.settings), ["kafka.group", "kafka.topic"]);
        assert_eq!(names(&payload.of_profiles), ["kafka.group", "spring.config.activate.on-profile"]);
    }

    #[test]
    fn nested_names_are_joined_with_dots() {
        let text = "spring:\n  kafka:\n    consumer:\n      group-id: orders\n      properties:\n        session.timeout.ms: 45000\n";
        assert_eq!(
            settings("application.yml", text),
            [
                pair("spring.kafka.consumer.group-id", "orders"),
                pair("spring.kafka.consumer.properties.session.timeout.ms", "45000")
            ]
        );
    }

    #[test]
    fn properties_have_comments_and_two_separators() {
        let text = "# comment\ngroup.id = orders\nsession.timeout.ms: 45000\n\nodd line\n";
        assert_eq!(
            settings("consumer.properties", text),
            [pair("group.id", "orders"), pair("session.timeout.ms", "45000")]
        );
    }

    #[test]
    fn toml_nests_as_yaml_does() {
        let text = "[sources.in]\ntype = \"kafka\"\ngroup_id = \"logs\"\nlibrdkafka_options.\"session.timeout.ms\" = \"30000\"\n";
        assert_eq!(
            settings("vector.toml", text),
            [
                pair("sources.in.group_id", "logs"),
                pair("sources.in.librdkafka_options.session.timeout.ms", "30000"),
                pair("sources.in.type", "kafka")
            ]
        );
        assert_eq!(settings("broken.toml", "[sources"), []);
    }

    #[test]
    fn a_classic_configuration_of_fluent_bit_is_no_properties_file() {
        let text = "[INPUT]\n    Name kafka\n    Group_Id logs\n";
        assert_eq!(settings("fluent-bit.conf", text), [pair("Name", "kafka"), pair("Group_Id", "logs")]);
    }

    #[test]
    fn other_texts_have_no_settings() {
        assert_eq!(settings("run.sh", "a=b"), []);
        assert_eq!(settings("broken.json", "{"), []);
    }
}
