//! How Kafka clients are configured in a pod: from names to settings.
//!
//! `table` holds the names, `runtime` the clients and their defaults; both are data and only grow.
//! `sources` finds every written value in a container, and this module picks the one that the client reads.

mod runtime;
mod shutdown;
mod sources;
mod table;

use std::time::Duration;

use super::consumer::{Container, Evidence};
use super::object::duration_setting;
use super::place::Place;
use super::setting::{Setting, Unknown};
use super::views;
pub use runtime::Runtime;
use sources::{Found, Hit, Hits};
use table::Key;

/// Distils one container.
pub(crate) fn container(view: &views::Container<'_>, place: Place) -> Container {
    let mut hits = sources::collect(view, &place);
    hits.drop_weak();
    let runtime = runtime::recognise(view);
    let duration = |key, default: Option<Duration>| duration_of(&hits, key, runtime, default);
    Container {
        name: view.name.as_str().unwrap_or_default().into(),
        evidence: evidence(&hits),
        runtime,
        session: duration(Key::Session, runtime.and_then(|r| r.session)),
        heartbeat: duration(Key::Heartbeat, None),
        poll_interval: duration(Key::MaxPoll, runtime.and_then(|r| r.poll_interval)),
        drain: duration(Key::Drain, runtime.and_then(|r| r.drain)),
        group: text_of(&hits, Key::Group),
        is_static: hits.best(Key::Instance).is_some_and(|hit| !hit.is_empty()),
        new_protocol: text_of(&hits, Key::Protocol)
            .value()
            .is_some_and(|text| text.eq_ignore_ascii_case("consumer")),
        pre_stop: shutdown::pre_stop(view, &place),
        probe_grace: shutdown::probe_grace(view, &place),
        env_count: view.env.len(),
        place,
    }
}

/// Whether an environment variable of this name is known to set a client's session timeout.
pub(crate) fn names_session_timeout(variable: &str) -> bool {
    table::look_up(variable, table::Read::Env).is_some_and(|name| name.key == Key::Session)
}

/// A broker address or a topic alone says nothing: producers have them. Broker markers exclude.
fn evidence(hits: &Hits) -> Evidence {
    let has = |key| hits.best(key).is_some();
    if has(Key::Broker) {
        return Evidence::Broker;
    }
    let consumes = [
        Key::Group,
        Key::Session,
        Key::Heartbeat,
        Key::MaxPoll,
        Key::Instance,
        Key::OffsetReset,
        Key::Protocol,
    ];
    if consumes.into_iter().any(has) {
        return Evidence::Consumes;
    }
    if has(Key::Bootstrap) || has(Key::Topic) { Evidence::Connects } else { Evidence::None }
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
        None if hits.env_is_partly_elsewhere => Setting::Unknown(Unknown::Elsewhere),
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
        None if hits.env_is_partly_elsewhere => Setting::Unknown(Unknown::Elsewhere),
        None => Setting::UNDECLARED,
    }
}
