//! The ConfigMaps of the input, with the settings of the configuration files in them.

use std::collections::HashMap;

use serde_json::Value;

use super::properties;
use super::stream::parse;
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
    let settings = match key.rsplit('.').next() {
        Some("yaml" | "yml" | "json") => structured(text),
        Some("properties") => Some(properties::read(text)),
        _ => None,
    };
    Payload { text: text.into(), settings }
}

/// Several documents of an application.yml are profiles, of which the first is the base.
fn structured(text: &str) -> Option<Settings> {
    let (documents, errors) = parse(text);
    let mut settings = Vec::new();
    match documents.first() {
        Some(document) => flatten("", &document.value, &mut settings),
        None if errors.is_empty() => {}
        None => return None,
    }
    Some(settings)
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
