//! Configuration files that a container mounts from ConfigMaps.

use super::lookup::look_up;
use super::sources::{Found, Hit, Hits, SettingSource, Surroundings, is_template};
use super::table::Read;
use crate::engine::configs::{ConfigMap, Payload};
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::views::{self, VolumeSource};

/// Reads the files of mounted ConfigMaps that are in the input. Any other mounted configuration may hold anything.
pub(super) fn read(
    hits: &mut Hits,
    view: &views::Container<'_>,
    container: &Place,
    around: &Surroundings<'_>,
) {
    for (index, mount) in view.mounts.iter().take(views::MOST_ITEMS).enumerate() {
        let Some(name) = mount.name.as_str() else { continue };
        let Some(volume) = around
            .pod
            .volumes
            .iter()
            .take(views::MOST_ITEMS)
            .find(|volume| volume.name.as_str() == Some(name))
        else {
            continue;
        };
        let projected =
            volume.projected.sources.iter().flat_map(|s| [(&s.config_map, false), (&s.secret, true)]);
        let direct = [(&volume.config_map, false), (&volume.secret, true)];
        let place = || container.field("volumeMounts").item(index, Some(name)).field("name");
        for (source, is_secret) in direct.into_iter().chain(projected) {
            let Some(config) = named(source) else { continue };
            match around.configs.config_map(around.namespace, config).filter(|_| !is_secret) {
                Some(map) => {
                    let sub_path = mount.sub_path.as_str().filter(|path| !path.is_empty());
                    take(hits, (config, map), source, sub_path, &place());
                }
                None => hits.is_partly_elsewhere |= !is_certificate(mount.path.as_str().unwrap_or_default()),
            }
        }
    }
}

fn named<'a>(source: &'a VolumeSource<'_>) -> Option<&'a str> {
    source.name.as_str().or_else(|| source.secret_name.as_str()).filter(|name| !name.is_empty())
}

/// Certificates and CA bundles hold no settings.
fn is_certificate(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["cert", "ssl", "tls", "/ca", "truststore", "keystore", "serviceaccount"]
        .iter()
        .any(|part| path.contains(part))
}

fn take(
    hits: &mut Hits,
    (config, map): (&str, &ConfigMap),
    source: &VolumeSource<'_>,
    sub_path: Option<&str>,
    place: &Place,
) {
    for (key, payload) in &map.data {
        let file = source
            .items
            .iter()
            .find(|item| item.key.as_str() == Some(key))
            .and_then(|item| item.path.as_str())
            .unwrap_or(key);
        let is_listed = source.items.is_empty() || source.items.iter().any(|i| i.key.as_str() == Some(key));
        if !is_listed || sub_path.is_some_and(|path| path != file) {
            continue;
        }
        // A Spring profile's file (application-prod.yml) outranks the base only when its profile is active,
        // which code may decide: it says nothing certain.
        let name = file.rsplit('/').next().unwrap_or(file);
        if name.starts_with("application-") {
            hits.is_partly_elsewhere = true;
            continue;
        }
        let is_worker = is_worker(name, payload);
        let reads =
            if name.starts_with("application.") { [Read::Env, Read::Env] } else { [Read::Client, Read::Env] };
        for (setting, value) in &payload.settings {
            // Of a worker's settings those with this prefix are its sink connectors'.
            let of_client = if is_worker { setting.strip_prefix("consumer.") } else { Some(&**setting) };
            let Some(setting) = of_client else { continue };
            let Some(known) = reads.iter().find_map(|read| look_up(setting, *read)) else { continue };
            let found = match is_template(value) || value.contains("$(") {
                true => Found::Elsewhere,
                false => {
                    let place = place.clone().referring_to(format!("ConfigMap {config}: {setting}"));
                    Found::Here(Written { reader: known.row.reader, ..Written::whole(place, &**value) })
                }
            };
            hits.all.push(Hit::new(known, found, SettingSource::File));
        }
    }
}

/// Whether a file configures a worker of Kafka Connect, whose group is one of workers (`DistributedConfig.java`).
fn is_worker(name: &str, payload: &Payload) -> bool {
    let has = |wanted: &str| payload.settings.iter().any(|(name, _)| **name == *wanted);
    (name.starts_with("connect-") && name.ends_with(".properties"))
        || has("key.converter")
        || has("config.storage.topic")
}
