//! Configuration files that a container mounts from ConfigMaps.

use super::lookup::look_up;
use super::sources::{Found, Hit, Hits, SettingSource, Surroundings, is_template};
use super::table::{Key, Name, Read};
use crate::engine::configs::{ConfigMap, Settings};
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::views::{self, VolumeMount, VolumeSource};

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
                    take(hits, (config, map), source, mount, &place());
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
    (config, map): (&str, &ConfigMap),
    source: &VolumeSource<'_>,
    mount: &VolumeMount<'_>,
    place: &Place,
) {
    let sub_path = mount.sub_path.as_str().filter(|path| !path.is_empty());
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
        let settings = payload.settings.as_ref().filter(|_| !name.starts_with("application-"));
        let Some(settings) = settings else {
            let may_set = !is_certificate(mount.path.as_str().unwrap_or_default()) && !is_certificate(file);
            hits.is_partly_elsewhere |= may_set;
            continue;
        };
        one(hits, name, settings, |setting| {
            place.clone().referring_to(format!("ConfigMap {config}: {setting}"))
        });
    }
}

fn one(hits: &mut Hits, name: &str, settings: &Settings, place: impl Fn(&str) -> Place) {
    let reads: &[Read] =
        if name.starts_with("application.") { &[Read::Env] } else { &[Read::Client, Read::File, Read::Env] };
    let row = |setting: &str| reads.iter().find_map(|read| look_up(setting, *read));
    let known: Vec<_> =
        settings.iter().filter_map(|(setting, value)| Some((row(setting)?, setting, value))).collect();
    let is_named = ["kafka", "consumer"].iter().any(|word| name.to_ascii_lowercase().contains(word));
    if !is_named && known.iter().all(|(row, ..)| is_common(row) || row.key == Key::Drain) {
        // Web sessions, Unix groups and applications have such keys, too.
        hits.is_partly_elsewhere |= known.iter().any(|(row, ..)| is_common(row));
        return;
    }
    for (row, setting, value) in known {
        if row.key == Key::Group && is_common(row) && value.trim().parse::<i64>().is_ok() {
            continue;
        }
        let found = match is_template(value) || value.contains("$(") {
            true => Found::Elsewhere,
            false => Found::Here(Written { reader: row.reader, ..Written::whole(place(setting), &**value) }),
        };
        hits.all.push(Hit { name: row, found, source: SettingSource::File });
    }
}

/// A client's key that other programs have as well: it counts in a file that a key of Kafka's alone, or its name,
/// shows to be a client's.
fn is_common(row: &Name) -> bool {
    row.weak || (row.read == Read::Client && matches!(row.key, Key::Session | Key::Heartbeat | Key::Group))
}
