//! How Kafka clients are configured in a pod: from names to settings.
//!
//! `table` holds the names (`lookup` finds them), `runtime` the clients and their defaults; both only grow. `sources`
//! collects every written value of a container (`environment`, `arguments`, `files`; `expand` resolves references),
//! and this module picks the one that the client reads. `shutdown` reads how long the container takes to
//! stop, and `wrapper` whether a shell keeps SIGTERM from the application.

mod arguments;
mod environment;
mod expand;
mod files;
mod key;
mod lookup;
mod runtime;
mod shutdown;
mod sources;
mod table;
mod wrapper;

use std::iter;
use std::time::Duration;

use super::consumer::{Container, Evidence, GroupRivals, Idle, Instance};
use super::kube_state::KubeStateMetrics;
use super::object::duration_setting;
use super::place::Place;
use super::setting::{Setting, Unknown, Written};
use super::unquoted::Unquoted;
use super::variables::Variables;
use super::views;
pub use runtime::Runtime;
pub(crate) use runtime::repository;
use sources::{Found, Hit, Hits, SettingSource};
pub(crate) use sources::{Surroundings, is_template};
use table::{Key, Read};

/// Distils one container: once for each of its clients, where several have settings of their own.
pub(crate) fn container(
    view: &views::Container<'_>,
    place: Place,
    around: &Surroundings<'_>,
) -> impl Iterator<Item = Container> + use<> {
    let (hits, variables, runtime) = sources::collect(view, &place, around);
    let (first, further) = hits.by_client();
    let further: Vec<Container> =
        further.iter().map(|hits| client(view, place.clone(), hits, runtime, variables.clone())).collect();
    iter::once(client(view, place, &first, runtime, variables)).chain(further)
}

fn client(
    view: &views::Container<'_>,
    place: Place,
    hits: &Hits,
    runtime: Option<&'static Runtime>,
    variables: Variables,
) -> Container {
    let duration = |key, default: Option<Duration>| duration_of(hits, key, runtime, default);
    Container {
        name: view.name.as_str().unwrap_or_default().into(),
        evidence: evidence(hits, view, runtime),
        runtime,
        session: duration(Key::Session, runtime.and_then(|r| r.session)),
        heartbeat: duration(Key::Heartbeat, None),
        poll_interval: duration(Key::MaxPoll, runtime.and_then(|r| r.poll_interval)),
        drain: duration(Key::Drain, runtime.and_then(|r| r.drain)),
        group: text_of(hits, Key::Group),
        group_rivals: group_rivals(hits, runtime),
        instance: instance(hits),
        consumer_protocol: speaks(hits, "consumer").cloned().map(Box::new),
        classic_keys: written(hits, &[Key::Session, Key::Heartbeat, Key::Assignor]),
        streams_protocol: speaks(hits, "streams").is_some(),
        is_streams: is_classic_streams(hits),
        leaves_on_close: leaves_on_close(hits),
        offset_reset: text_of(hits, Key::OffsetReset),
        topics: topics(hits),
        assignors: text_of(hits, Key::Assignor),
        pre_stop: shutdown::pre_stop(view, &place),
        probe_grace: shutdown::probe_grace(view, &place),
        wrapper: wrapper::find(view, &place).map(Box::new),
        without_effect: without_effect(hits),
        env_count: view.env.len(),
        referred: hits.referred.clone(),
        variables,
        unquoted: unquoted(view, &place),
        kube_state: KubeStateMetrics::of(view, &place),
        place,
    }
}

/// Whether an environment variable of this name is known to set a client's session timeout.
pub(crate) fn names_session_timeout(variable: &str) -> bool {
    lookup::look_up(variable, Read::Env).is_some_and(|known| known.row.key == Key::Session)
}

/// Broker markers exclude.
fn evidence(hits: &Hits, view: &views::Container<'_>, runtime: Option<&Runtime>) -> Evidence {
    const FILES: SettingSource = SettingSource::ProfileFile;
    let of_consumers = hits.all.iter().filter(|hit| hit.shows_a_consumer()).map(|hit| hit.source).min();
    // A broker's file may lie beside that of a client whose own container says what it is.
    let is_by_files = of_consumers.is_none_or(|own| own >= FILES);
    let is_broker = hits.all.iter().any(|hit| {
        let counts = hit.source < FILES || (is_by_files && hit.name.read == Read::File);
        hit.name.key == Key::Broker && !hit.is_empty() && counts
    });
    if is_broker || starts_broker(view) || runtime.is_some_and(|runtime| !runtime.joins_groups) {
        return Evidence::NoMember;
    }
    if of_consumers.is_some() {
        return Evidence::Consumes;
    }
    let has = |key| hits.best(key).is_some();
    if has(Key::Bootstrap) || has(Key::Topic) { Evidence::Connects } else { Evidence::None }
}

/// Apache Kafka's own script, by whatever path and ending.
fn starts_broker(view: &views::Container<'_>) -> bool {
    let mut words = view.command.iter().chain(view.args.iter());
    words.any(|word| word.as_str().is_some_and(|word| word.contains("kafka-server-start")))
}

fn duration_of(
    hits: &Hits,
    key: Key,
    runtime: Option<&'static Runtime>,
    default: Option<Duration>,
) -> Setting<Duration> {
    match hits.best(key) {
        Some(Hit { found: Found::Here(written), name, .. }) => duration_setting(written.clone(), name.unit),
        Some(_) => Setting::Unknown(Unknown::Elsewhere),
        None if hits.is_partly_elsewhere => Setting::Unknown(Unknown::Elsewhere),
        None => match (default, runtime) {
            (Some(value), Some(runtime)) => Setting::Assumed { value, why: runtime.name },
            _ => Setting::UNDECLARED,
        },
    }
}

fn text_of(hits: &Hits, key: Key) -> Setting<Box<str>> {
    match hits.best(key) {
        Some(Hit { found: Found::Here(written), .. }) => {
            Setting::Set { value: written.text().trim().into(), written: Box::new(written.clone()) }
        }
        Some(_) => Setting::Unknown(Unknown::Elsewhere),
        None if hits.is_partly_elsewhere => Setting::Unknown(Unknown::Elsewhere),
        None => Setting::UNDECLARED,
    }
}

fn group_rivals(hits: &Hits, runtime: Option<&Runtime>) -> GroupRivals {
    let Some(best) = hits.best(Key::Group) else { return GroupRivals::None };
    let text = |hit: &Hit| match &hit.found {
        Found::Here(written) => Some(written.text().trim().to_owned()),
        _ => None,
    };
    let mut others = hits.all.iter().filter(|hit| hit.name.key == Key::Group && !hit.is_empty());
    if hits.is_partly_elsewhere || others.any(|hit| text(hit).is_none() || text(hit) != text(best)) {
        return GroupRivals::Settings;
    }
    // `@KafkaListener(groupId = ...)` and its id (Spring), `@KafkaListener("...")` (Micronaut) outrank the setting.
    let is_default =
        ["spring.kafka.", "kafka.consumers."].iter().any(|start| best.name.name.starts_with(start));
    if is_default || runtime.is_some_and(|runtime| runtime.names_groups) {
        GroupRivals::Code
    } else {
        GroupRivals::None
    }
}

fn topics(hits: &Hits) -> Box<[Written]> {
    let is_hidden = |hit: &Hit| hit.name.key == Key::Topic && !matches!(hit.found, Found::Here(_));
    if hits.is_partly_elsewhere || hits.all.iter().any(is_hidden) {
        return Box::default();
    }
    written(hits, &[Key::Topic])
}

fn unquoted(view: &views::Container<'_>, place: &Place) -> Box<[Unquoted]> {
    let env = || place.field("env");
    let all = view.env.iter().enumerate().filter_map(|(index, var)| {
        Unquoted::of(&var.value, || env().item(index, var.name.as_str()).field("value"))
    });
    all.take(MOST_WRITTEN).collect()
}

fn instance(hits: &Hits) -> Instance {
    match hits.best(Key::Instance).map(|hit| &hit.found) {
        None => Instance::None,
        Some(Found::Here(written)) => Instance::Constant(Box::new(written.clone())),
        Some(Found::PodName(place)) => Instance::PodName(Box::new(place.clone())),
        Some(Found::Elsewhere) => Instance::Elsewhere,
    }
}

/// Where the client is told this `group.protocol`.
fn speaks<'a>(hits: &'a Hits, protocol: &str) -> Option<&'a Written> {
    let Found::Here(written) = &hits.best(Key::Protocol)?.found else { return None };
    is(written, protocol).then_some(written)
}

/// A protocol that is not known may be `streams`, under which members leave (KIP-1071).
fn is_classic_streams(hits: &Hits) -> bool {
    let is_streams = |hit: &Hit| hit.name.client() == "streams" || hit.name.name == "app.application.id";
    let is_classic = hits
        .best(Key::Protocol)
        .is_none_or(|hit| matches!(&hit.found, Found::Here(written) if !is(written, "streams")));
    is_classic && hits.all.iter().any(is_streams)
}

fn leaves_on_close(hits: &Hits) -> bool {
    hits.best(Key::Leaves)
        .is_some_and(|hit| !matches!(&hit.found, Found::Here(written) if is(written, "false")))
}

fn is(written: &Written, text: &str) -> bool {
    written.text().trim().eq_ignore_ascii_case(text)
}

/// The most values of one kind that are looked at in a container; each may get a finding and a fix.
const MOST_WRITTEN: usize = 32;

/// Every written value of these keys.
fn written(hits: &Hits, keys: &[Key]) -> Box<[Written]> {
    let here = |hit: &Hit| match &hit.found {
        Found::Here(written) if keys.contains(&hit.name.key) && !hit.is_empty() => Some(written.clone()),
        _ => None,
    };
    hits.all.iter().filter_map(here).take(MOST_WRITTEN).collect()
}

fn without_effect(hits: &Hits) -> Box<[Idle]> {
    let idle = |hit: &Hit| match &hit.found {
        Found::Here(written) if hit.name.key == Key::Nothing => {
            Some(Idle { written: written.clone(), why: hit.name.why, instead: hit.name.instead })
        }
        _ => None,
    };
    hits.all.iter().filter_map(idle).take(MOST_WRITTEN).collect()
}
