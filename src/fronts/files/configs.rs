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
    let ending = key.rsplit('.').next();
    if ending == Some("conf")
        && let Some(settings) = fluent_bit::inputs(text)
    {
        return Payload { text: text.into(), settings };
    }
    let settings = match ending {
        Some("yaml" | "yml" | "json") => {
            // Several documents of an application.yml are profiles, of which the first is the base.
            let (documents, _) = parse(text);
            let mut settings = Vec::new();
            if let Some(document) = documents.first() {
                flatten("", &document.value, &mut settings);
            }
            settings
        }
        Some("toml") => {
            let mut settings = Vec::new();
            if let Ok(document) = toml::from_str::<Value>(text) {
                flatten("", &document, &mut settings);
            }
            settings
        }
        Some("properties" | "conf" | "cfg") => text.lines().filter_map(property).collect(),
        _ => Vec::new(),
    };
    Payload { text: text.into(), settings }
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
    fn nested_names_are_joined_with_dots() {
        let text = "spring:\n  kafka:\n    consumer:\n      group-id: orders\n      properties:\n        session.timeout.ms: 45000\n---\nspring: {kafka: {consumer: {group-id: other}}}\n";
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
