//! ConfigMaps of the input, as sources of settings. Secrets are never read.

use std::collections::BTreeMap;

/// Finds ConfigMaps. The webhook has none; files that are checked together do.
pub trait Configs {
    /// The ConfigMap of this name, if it is known.
    fn config_map(&self, namespace: Option<&str>, name: &str) -> Option<&ConfigMap>;
}

/// No ConfigMap is known.
#[derive(Clone, Copy, Debug)]
pub struct NoConfigs;

impl Configs for NoConfigs {
    fn config_map(&self, _: Option<&str>, _: &str) -> Option<&ConfigMap> {
        None
    }
}

/// A ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigMap {
    /// Its `data`.
    pub data: BTreeMap<Box<str>, Payload>,
}

/// Names and values of a file; an item of a list has the list's name.
pub type Settings = Vec<(Box<str>, Box<str>)>;

/// One key of a ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The text.
    pub text: Box<str>,
    /// Where the text is a configuration file: its settings, nested names joined with dots. `None` for a format
    /// that is not read, which may set anything.
    pub settings: Option<Settings>,
    /// Settings of those parts of the file that count only where a profile of Spring is active.
    pub of_profiles: Settings,
}
