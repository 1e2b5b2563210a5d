//! The ConfigMaps of the input, with the settings of the configuration files in them.

use std::collections::HashMap;

use serde_json::Value;

use super::stream::parse;
use super::{fluent_bit, properties};
use crate::engine::configs::{ConfigMap, Configs, Payload, Settings};

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
        Some("yaml" | "yml" | "json") => documents(text),
        Some("toml") => toml::from_str(text).ok().map(|document| vec![flat(&document)]),
        Some("conf") => fluent_bit::inputs(text).map(|inputs| vec![inputs]),
        Some("properties") => Some(vec![properties::read(text)]),
        _ => None,
    };
    let is_read = parts.is_some();
    let (of_profiles, always): (Vec<Settings>, Vec<Settings>) =
        parts.unwrap_or_default().into_iter().partition(is_of_a_profile);
    let settings = is_read.then(|| always.concat());
    Payload { text: text.into(), settings, of_profiles: of_profiles.concat() }
}

/// The settings of each document; `None` if the text cannot be read.
fn documents(text: &str) -> Option<Vec<Settings>> {
    let (documents, errors) = parse(text);
    let is_read = !documents.is_empty() || errors.is_empty();
    is_read.then(|| documents.iter().map(|document| flat(&document.value)).collect())
}

/// Spring takes such a document only where its profile or platform is there (`spring.config.activate`, and
/// `spring.profiles` before Spring Boot 2.4).
fn is_of_a_profile(part: &Settings) -> bool {
    part.iter().any(|(name, _)| name.starts_with("spring.config.activate.") || **name == *"spring.profiles")
}

fn flat(document: &Value) -> Settings {
    let mut settings = Vec::new();
    flatten("", document, &mut settings);
    settings
}

fn flatten(prefix: &str, value: &Value, settings: &mut Settings) {
    match value {
        Value::Object(map) if prefix.len() <= LONGEST => {
            for (key, value) in map {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&name, value, settings);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| flatten(prefix, item, settings)),
        Value::String(text) => settings.push((prefix.into(), text.as_str().into())),
        Value::Number(_) | Value::Bool(_) => settings.push((prefix.into(), value.to_string().into())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(key: &str, text: &str) -> Vec<(String, String)> {
        payload(key, text).settings.iter().flatten().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_document_of_a_profile_is_kept_apart() {
        let text = "kafka.group: orders\n---\nspring.config.activate.on-profile: prod\nkafka.group: prod\n---\nkafka.topic: orders\n";
        let payload = payload("application.yml", text);
        let names = |part: &Settings| part.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&payload.settings.unwrap_or_default()), ["kafka.group", "kafka.topic"]);
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
        assert_eq!(
            settings("fluent-bit.conf", text),
            [pair("pipeline.inputs.Name", "kafka"), pair("pipeline.inputs.Group_Id", "logs")]
        );
    }

    #[test]
    fn items_of_a_list_have_its_name() {
        assert_eq!(
            settings("fluent-bit.yaml", "inputs:\n- {name: kafka, topics: [a, b]}\n"),
            [pair("inputs.name", "kafka"), pair("inputs.topics", "a"), pair("inputs.topics", "b")]
        );
    }

    #[test]
    fn a_text_that_is_not_understood_may_set_anything() {
        for (key, text) in
            [("run.sh", "a=b"), ("broken.json", "{"), ("pipeline.conf", "group_id => \"orders\"")]
        {
            assert_eq!(payload(key, text).settings, None, "{key}");
        }
        assert_eq!(payload("log.yaml", "level: info").settings.map(|settings| settings.len()), Some(1));
    }
}
