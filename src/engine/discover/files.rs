//! Configuration files that a container mounts from ConfigMaps.

use super::lookup::{Known, look_up};
use super::sources::{Found, Hit, Hits, SettingSource, Surroundings, is_template};
use super::table::{Beside, Key, Read};
use crate::engine::configs::{ConfigMap, Settings};
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::views::{self, Scalar, VolumeMount, VolumeSource};

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
                    take(hits, view, (config, map), (source, mount), &place());
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
    ["cert", "ssl", "tls", "/ca", "truststore", "keystore", "serviceaccount", ".crt", ".pem"]
        .iter()
        .any(|part| path.contains(part))
}

fn take(
    hits: &mut Hits,
    view: &views::Container<'_>,
    (config, map): (&str, &ConfigMap),
    (source, mount): (&VolumeSource<'_>, &VolumeMount<'_>),
    place: &Place,
) {
    let sub_path = mount.sub_path.as_str().filter(|path| !path.is_empty());
    let files = map.data.iter().filter_map(|(key, payload)| {
        let item = source.items.iter().find(|item| item.key.as_str() == Some(key));
        let path = item.and_then(|item| item.path.as_str()).unwrap_or(key);
        let is_listed = source.items.is_empty() || item.is_some();
        let is_mounted = is_listed && sub_path.is_none_or(|wanted| wanted == path);
        is_mounted.then(|| (path.rsplit('/').next().unwrap_or(path), payload))
    });
    let files: Vec<_> = files.collect();
    // Where the command line names one file of settings, nobody knows who reads the others; Spring reads its own unasked.
    let has_settings = |settings: &Option<Settings>| settings.as_ref().is_some_and(|all| !all.is_empty());
    let is_any_told =
        files.iter().any(|(name, payload)| has_settings(&payload.settings) && is_told(view, name));
    let is_of_certificates = is_certificate(mount.path.as_str().unwrap_or_default());
    for (name, payload) in files {
        let is_another = is_any_told && !is_told(view, name) && !is_springs(name);
        let Some(settings) = payload.settings.as_ref().filter(|_| !is_another) else {
            hits.is_partly_elsewhere |= is_another || !(is_of_certificates || is_certificate(name));
            continue;
        };
        let is_profile = name.starts_with("application-");
        let always = if is_profile { SettingSource::ProfileFile } else { SettingSource::File };
        add(hits, (config, name), settings, always, place);
        add(hits, (config, name), &payload.of_profiles, SettingSource::ProfileFile, place);
    }
}

fn add(
    hits: &mut Hits,
    (config, file): (&str, &str),
    settings: &Settings,
    source: SettingSource,
    place: &Place,
) {
    for (_, value) in settings.iter().filter(|(_, value)| value.contains("${")) {
        hits.refer(value);
    }
    let is_worker = is_worker(file, settings);
    let reads: &[Read] = if is_springs(file) { &[Read::Env] } else { &[Read::Client, Read::File, Read::Env] };
    let known = settings.iter().filter_map(|(setting, value)| {
        // Of a worker's settings those with this prefix are its sink connectors'.
        let setting = if is_worker { setting.strip_prefix("consumer.")? } else { setting };
        Some((reads.iter().find_map(|read| look_up(setting, *read))?, setting, value))
    });
    let known: Vec<_> = known.collect();
    let is_named =
        is_worker || ["kafka", "consumer"].iter().any(|word| file.to_ascii_lowercase().contains(word));
    if !is_named && known.iter().all(|(known, ..)| is_common(known) || known.row.key == Key::Drain) {
        // Web sessions, Unix groups and applications have such keys, too.
        hits.is_partly_elsewhere |= known.iter().any(|(known, ..)| is_common(known));
        return;
    }
    for (known, setting, value) in known {
        if known.row.key == Key::Group && is_common(&known) && value.trim().parse::<i64>().is_ok() {
            continue;
        }
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

/// A client's key that other programs have as well: it counts in a file that a key of Kafka's alone, or its name,
/// shows to be a client's.
fn is_common(Known { row, .. }: &Known) -> bool {
    let is_short = row.read == Read::Client && matches!(row.key, Key::Session | Key::Heartbeat | Key::Group);
    is_short || row.beside != Beside::Anything
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
