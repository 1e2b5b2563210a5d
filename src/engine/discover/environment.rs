//! The environment of a container: `env` and `envFrom`, JVM options, SPRING_APPLICATION_JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::arguments;
use super::expand::{Expanded, Variable, VariableScope};
use super::lookup::{Known, look_up};
use super::sources::{Found, Hit, Hits, JvmOptions, SettingSource, Surroundings, is_template};
use super::table::Read;
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::variables::{Holding, Variables};
use crate::engine::views::{self, EnvVar, Scalar};

/// Environment variables that hold JVM options.
const JVM_OPTIONS: &[(&str, JvmOptions)] = &[
    ("JAVA_TOOL_OPTIONS", JvmOptions::JavaToolOptions),
    ("JDK_JAVA_OPTIONS", JvmOptions::JdkJavaOptions),
    ("_JAVA_OPTIONS", JvmOptions::JavaOptions),
    ("JAVA_OPTS", JvmOptions::StartScript),
    ("JAVA_OPTIONS", JvmOptions::StartScript),
    ("JAVA_OPTS_APPEND", JvmOptions::StartScript),
    ("JVM_OPTS", JvmOptions::StartScript),
    ("JAVA_ARGS", JvmOptions::StartScript),
    ("KAFKA_OPTS", JvmOptions::StartScript),
    ("KSQL_OPTS", JvmOptions::StartScript),
    ("CATALINA_OPTS", JvmOptions::StartScript),
];

/// Reads the environment and returns its variables: what references in arguments stand for, and what KEDA finds.
pub(super) fn read(
    hits: &mut Hits,
    view: &views::Container<'_>,
    container: &Place,
    around: &Surroundings<'_>,
) -> (VariableScope, Variables) {
    let mut scope = VariableScope::default();
    let mut variables = Variables::with_room_for(view.env.len());
    env_from(hits, view, container, around, &mut scope, &mut variables);
    // Most containers refer to nothing, and then no variable needs to be remembered.
    let texts = || view.env.iter().map(|var| &var.value).chain(view.command.iter()).chain(view.args.iter());
    let texts = || texts().filter_map(Scalar::as_str);
    let has_references = texts().any(|text| text.contains('$'));
    let named =
        || view.env.iter().enumerate().filter_map(|(index, var)| Some((index, var.name.as_str()?, var)));
    let known: Vec<(usize, &str, Holds)> =
        named().filter_map(|(index, name, _)| Some((index, name, Holds::of(name)?))).collect();
    // Kubernetes lets the last of two variables with one name win.
    let last: BTreeMap<&str, usize> = known.iter().map(|(index, name, _)| (*name, *index)).collect();
    let env = container.field("env");
    let mut known = known.into_iter().peekable();
    for (index, name, var) in named() {
        variables.define(name, holding(var, around));
        if let Some((.., holds)) = known.next_if(|(at, ..)| *at == index)
            && last.get(name) == Some(&index)
        {
            one(hits, var, holds, || env.item(index, Some(name)), &scope, around);
        }
        if has_references {
            let variable = variable(var, &scope, around);
            scope.define(name, variable);
        }
    }
    if has_references {
        let referred = texts().flat_map(references).filter(|name| last.contains_key(name));
        hits.referred = referred.collect::<BTreeSet<_>>().into_iter().map(Into::into).collect();
    }
    (scope, variables)
}

/// The variables that a text refers to: `$(NAME)` to Kubernetes, `$NAME` and `${NAME}` to a shell.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| match rest.strip_prefix('(') {
        Some(rest) => rest.split(')').next(),
        None => rest.trim_start_matches('{').split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next(),
    })
}

/// What KEDA finds in a variable. A Secret is never read, and a ConfigMap that is not in the input may hold anything.
fn holding(var: &EnvVar<'_>, around: &Surroundings<'_>) -> Holding {
    match (&var.value, &var.value_from) {
        (Scalar::Text(text), None) if text.is_empty() => Holding::Nothing,
        (Scalar::Absent, None) => Holding::Nothing,
        (Scalar::Text(text), Some(from)) if text.is_empty() => held_by(from, around),
        (Scalar::Absent, Some(from)) => held_by(from, around),
        _ => Holding::Value,
    }
}

fn held_by(from: &views::ValueFrom<'_>, around: &Surroundings<'_>) -> Holding {
    let is_given = |reference: &views::KeyRef<'_>| reference.name != Scalar::Absent;
    if is_given(&from.secret) {
        return Holding::Value;
    }
    if !is_given(&from.config_map) {
        return Holding::Skipped;
    }
    let map = from.config_map.name.as_str().and_then(|n| around.configs.config_map(around.namespace, n));
    match (map, from.config_map.key.as_str()) {
        (Some(map), Some(key)) if map.data.get(key).is_none_or(|payload| payload.text.is_empty()) => {
            Holding::Nothing
        }
        _ => Holding::Value,
    }
}

/// What a variable of a known name holds.
enum Holds {
    JvmOptions(JvmOptions),
    ApplicationJson,
    Setting(Known),
}

impl Holds {
    fn of(name: &str) -> Option<Self> {
        match name {
            "SPRING_APPLICATION_JSON" => Some(Self::ApplicationJson),
            _ => match JVM_OPTIONS.iter().find(|(variable, _)| *variable == name) {
                Some((_, order)) => Some(Self::JvmOptions(*order)),
                None => look_up(name, Read::Env).map(Self::Setting),
            },
        }
    }
}

fn one(
    hits: &mut Hits,
    var: &EnvVar<'_>,
    holds: Holds,
    item: impl Fn() -> Place,
    scope: &VariableScope,
    around: &Surroundings<'_>,
) {
    if let Holds::Setting(known) = holds {
        let found = found(var, item, scope, around, known.row.reader);
        hits.all.push(Hit::new(known, found, SettingSource::Environment));
        return;
    }
    match text(var, item, around) {
        Some((text, place)) => options(hits, &holds, text, &place, scope),
        None => hits.is_partly_elsewhere = true,
    }
}

/// The text of a variable, and where it stands. `None` for one that the input does not show.
fn text<'a>(
    var: &'a EnvVar<'_>,
    item: impl Fn() -> Place,
    around: &'a Surroundings<'_>,
) -> Option<(&'a str, Place)> {
    match (&var.value, &var.value_from) {
        (Scalar::Absent, Some(from)) if has_source(from) => {
            config_map_key(from, around).map(|text| (text, config_map_place(from, item)))
        }
        (value, _) => Some((value.as_str().unwrap_or_default(), item().field("value"))),
    }
}

fn config_map_place(from: &views::ValueFrom<'_>, item: impl Fn() -> Place) -> Place {
    let source = format!("ConfigMap {}", from.config_map.name.raw());
    item().field("valueFrom").field("configMapKeyRef").field("key").referring_to(source)
}

/// The settings in JVM options or in JSON.
fn options(hits: &mut Hits, holds: &Holds, text: &str, place: &Place, scope: &VariableScope) {
    match holds {
        Holds::JvmOptions(order) => arguments::jvm_options(hits, (text, *order), place, scope),
        Holds::ApplicationJson => application_json(hits, text, place, scope),
        Holds::Setting(_) => {}
    }
}

fn found(
    var: &EnvVar<'_>,
    item: impl Fn() -> Place,
    scope: &VariableScope,
    around: &Surroundings<'_>,
    reader: crate::engine::setting::Reader,
) -> Found {
    if var.value == Scalar::Absent
        && let Some(from) = &var.value_from
    {
        if from.field.path.as_str() == Some("metadata.name") {
            return Found::PodName(item().field("valueFrom"));
        }
        if let Some(text) = config_map_key(from, around) {
            return Found::Here(Written { reader, ..Written::whole(config_map_place(from, item), text) });
        }
        if has_source(from) {
            return Found::Elsewhere;
        }
    }
    let raw = var.value.raw();
    let written = Written { reader, ..Written::whole(item().field("value"), &*raw) };
    match scope.expand(&raw) {
        Expanded::Unknown => Found::Elsewhere,
        Expanded::PodName => Found::PodName(written.place),
        Expanded::AsWritten if is_template(&raw) => Found::Elsewhere,
        Expanded::AsWritten => Found::Here(written),
        Expanded::To(text) => Found::Here(Written { expanded: Some(text.into()), ..written }),
    }
}

/// What a later reference to this variable stands for.
fn variable(var: &EnvVar<'_>, scope: &VariableScope, around: &Surroundings<'_>) -> Variable {
    if let Scalar::Absent = var.value {
        let Some(from) = &var.value_from else { return Variable::Known("".into()) };
        if from.field.path.as_str() == Some("metadata.name") {
            return Variable::PodName;
        }
        return match config_map_key(from, around) {
            Some(text) => Variable::Known(text.into()),
            None if has_source(from) => Variable::Elsewhere,
            None => Variable::Known("".into()),
        };
    }
    let raw = var.value.raw();
    match scope.expand(&raw) {
        Expanded::AsWritten => Variable::Known(raw.into()),
        Expanded::To(text) => Variable::Known(text.into()),
        Expanded::PodName => Variable::PodName,
        Expanded::Unknown => Variable::Elsewhere,
    }
}

fn config_map_key<'a>(from: &views::ValueFrom<'_>, around: &'a Surroundings<'_>) -> Option<&'a str> {
    let (name, key) = (from.config_map.name.as_str()?, from.config_map.key.as_str()?);
    let map = around.configs.config_map(around.namespace, name)?;
    map.data.get(key).map(|payload| &*payload.text)
}

fn has_source(from: &views::ValueFrom<'_>) -> bool {
    let references = [&from.config_map, &from.secret, &from.file];
    let scalars = [&from.field.path, &from.resource_field];
    references.iter().any(|reference| reference.name != Scalar::Absent || reference.key != Scalar::Absent)
        || scalars.iter().any(|scalar| **scalar != Scalar::Absent)
}

/// `envFrom`: later sources win, and all of them yield to `env`.
fn env_from(
    hits: &mut Hits,
    view: &views::Container<'_>,
    container: &Place,
    around: &Surroundings<'_>,
    scope: &mut VariableScope,
    variables: &mut Variables,
) {
    let mut found: BTreeMap<String, (&str, Place, Holds)> = BTreeMap::new();
    for (index, source) in view.env_from.iter().enumerate() {
        let map =
            source.config_map.name.as_str().and_then(|n| around.configs.config_map(around.namespace, n));
        let Some(map) = map else {
            hits.is_partly_elsewhere |= source.names_something();
            // What cannot be read may name something, too.
            variables.open();
            continue;
        };
        variables.define_all(map, source.prefix.as_str().unwrap_or_default());
        let place = container.field("envFrom").item(index, None).field("configMapRef").field("name");
        for (key, payload) in &map.data {
            let name = format!("{}{key}", source.prefix.as_str().unwrap_or_default());
            scope.define(&name, Variable::Known(payload.text.clone()));
            let Some(holds) = Holds::of(&name) else { continue };
            let place =
                place.clone().referring_to(format!("ConfigMap {}: {key}", source.config_map.name.raw()));
            found.insert(name, (&payload.text, place, holds));
        }
    }
    for (name, (text, place, holds)) in found {
        if let Holds::Setting(known) = holds {
            let written = Written { reader: known.row.reader, ..Written::whole(place, text) };
            hits.all.push(Hit::new(known, Found::Here(written), SettingSource::EnvFrom));
        } else if !view.env.iter().any(|var| var.name.as_str() == Some(&name)) {
            // Kubernetes replaces no reference in what comes from a ConfigMap.
            options(hits, &holds, text, &place, &VariableScope::default());
        }
    }
}

/// Nobody nests deeper; each level is parsed again, so that without a bound a deep text costs its square.
const DEEPEST_JSON: usize = 16;

/// SPRING_APPLICATION_JSON: nested keys are joined with dots.
fn application_json(hits: &mut Hits, text: &str, place: &Place, scope: &VariableScope) {
    let whole: Arc<str> = text.into();
    let mut open = vec![(String::new(), text, 0)];
    while let Some((prefix, json, depth)) = open.pop() {
        let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) else {
            // It may be made of references.
            hits.is_partly_elsewhere |= json.contains("$(");
            continue;
        };
        for (key, raw) in members {
            let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            let raw = raw.get();
            if raw.starts_with('{') {
                if depth < DEEPEST_JSON {
                    open.push((name, raw, depth + 1));
                }
            } else if let Some(known) = look_up(&name, Read::Env) {
                // The member's text is a part of `text`, so that its offset is the difference of addresses.
                let start = raw.as_ptr().addr() - text.as_ptr().addr();
                let quotes = usize::from(raw.starts_with('"'));
                let span = start + quotes..start + raw.len() - quotes;
                hits.add_part(known, SettingSource::Json, (place, &whole), span, scope);
            }
        }
    }
}
