//! Configuration files that a container mounts from ConfigMaps.

use super::lookup::look_up;
use super::sources::{Found, Hit, Hits, SettingSource, Surroundings, is_template};
use super::table::Read;
use crate::engine::configs::ConfigMap;
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::views::{self, Scalar, VolumeSource};

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
                    take(hits, view, (config, map), source, sub_path, &place());
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
    view: &views::Container<'_>,
    (config, map): (&str, &ConfigMap),
    source: &VolumeSource<'_>,
    sub_path: Option<&str>,
    place: &Place,
) {
    let files = map.data.iter().filter_map(|(key, payload)| {
        let item = source.items.iter().find(|item| item.key.as_str() == Some(key));
        let path = item.and_then(|item| item.path.as_str()).unwrap_or(key);
        let is_listed = source.items.is_empty() || item.is_some();
        let is_mounted = is_listed && sub_path.is_none_or(|wanted| wanted == path);
        is_mounted.then(|| (path.rsplit('/').next().unwrap_or(path), payload))
    });
    let files: Vec<_> = files.collect();
    // Where the command line names one file of settings, nobody knows who reads the others; Spring reads its own unasked.
    let is_any_told = files.iter().any(|(name, payload)| !payload.settings.is_empty() && is_told(view, name));
    for (name, payload) in files {
        if is_any_told && !is_told(view, name) && !is_springs(name) {
            hits.is_partly_elsewhere = true;
            continue;
        }
        let is_profile = name.starts_with("application-");
        for (settings, source) in [
            (&payload.settings, if is_profile { SettingSource::ProfileFile } else { SettingSource::File }),
            (&payload.of_profiles, SettingSource::ProfileFile),
        ] {
            add(hits, (config, name), settings, source, place);
        }
    }
}

fn add(
    hits: &mut Hits,
    (config, file): (&str, &str),
    settings: &[(Box<str>, Box<str>)],
    source: SettingSource,
    place: &Place,
) {
    let is_worker = is_worker(file, settings);
    let reads = if is_springs(file) { [Read::Env, Read::Env] } else { [Read::Client, Read::Env] };
    for (setting, value) in settings {
        if value.contains("${") {
            hits.refer(value);
        }
        // Of a worker's settings those with this prefix are its sink connectors'.
        let of_client = if is_worker { setting.strip_prefix("consumer.") } else { Some(&**setting) };
        let Some(setting) = of_client else { continue };
        let Some(known) = reads.iter().find_map(|read| look_up(setting, *read)) else { continue };
        // Code may decide which profiles are active.
        let is_elsewhere = source == SettingSource::ProfileFile || is_template(value) || value.contains("$(");
        let found = match is_elsewhere {
            true => Found::Elsewhere,
            false => {
                let place = place.clone().referring_to(format!("ConfigMap {config}: {setting}"));
                Found::Here(Written { reader: known.row.reader, ..Written::whole(place, &**value) })
            }
        };
        hits.all.push(Hit::new(known, found, source));
    }
}

/// Whether the command line names a file.
fn is_told(view: &views::Container<'_>, file: &str) -> bool {
    let words = view.command.iter().chain(view.args.iter()).filter_map(Scalar::as_str);
    words.flat_map(|word| word.split(['/', '=', ':', ',', ' '])).any(|part| part == file)
}

/// Whether Spring reads a file of this name (`spring.config.name`).
fn is_springs(file: &str) -> bool {
    file.starts_with("application.") || file.starts_with("application-")
}

/// Whether a file configures a worker of Kafka Connect, whose group is one of workers (`DistributedConfig.java`).
fn is_worker(name: &str, settings: &[(Box<str>, Box<str>)]) -> bool {
    let has = |wanted: &str| settings.iter().any(|(name, _)| **name == *wanted);
    (name.starts_with("connect-") && name.ends_with(".properties"))
        || has("key.converter")
        || has("config.storage.topic")
}
