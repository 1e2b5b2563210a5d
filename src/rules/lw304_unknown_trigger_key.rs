//! LW304 unknown-trigger-key.

use super::lw305_misplaced_trigger_key::{SPEC_FIELDS, spec_field};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::keda::dialect::Dialect;
use crate::engine::keda::keys::{Form, KEYS, Key, Reading, reading};
use crate::engine::keda::near::{has_user_info, meant, slips};
use crate::engine::keda::{KedaVersion, TriggerKind};
use crate::engine::rehearsal::{Effect, Plan};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW304",
    name: "unknown-trigger-key",
    summary: "KEDA ignores a key of the trigger in silence",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw304_unknown_trigger_key.md"),
    checks: &[Check::Scaler(check)],
};

/// Keys that write-ups and KEDA 1 name, with the real one where there is one, else with what does it.
const DEAD: &[(&str, Result<&str, &str>)] = &[
    ("activationThreshold", Ok("activationLagThreshold")),
    ("brokerList", Ok("bootstrapServers")),
    ("saslType", Ok("sasl")),
    ("scaleToZero", Err("remove it: spec.minReplicaCount decides")),
    ("incrementalRebalance", Err("remove it: the consumer's partition.assignment.strategy decides")),
];

/// A key that KEDA does not read.
enum Unread {
    /// Of this key it is a slip, an old name or a variant with a variable, which can be renamed.
    Key(&'static Key, bool),
    /// It does nothing in any version; this does.
    Dead(&'static str),
    /// It is a slip of something that stands elsewhere.
    Misplaced(String),
    /// No variable is read for this key.
    NoVariable(&'static Key),
    /// This key of another version or of the other scaler.
    Elsewhere(&'static Key),
    /// Nothing is known of it.
    Nothing,
}

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let keda = cx.keda();
    // A newer KEDA may read more keys.
    if !keda.is_known() {
        return;
    }
    let mut plan = Plan::new(scaler);
    for (index, trigger) in scaler.triggers_of(keda) {
        for (name, value) in trigger.pairs() {
            let Some(unread) = Unread::of(name, trigger.kind, keda) else { continue };
            let fix = fix(&unread, name, value, index, &mut plan, cx);
            cx.report(report(&unread, name, trigger, keda, fix));
        }
    }
}

impl Unread {
    fn of(name: &str, kind: TriggerKind, keda: KedaVersion) -> Option<Self> {
        let unread = match reading(name, kind, keda) {
            Reading::Read => return None,
            Reading::NotFromEnv(key) => Self::NoVariable(key),
            Reading::Elsewhere(key) => Self::Elsewhere(key),
            // LW305 speaks of what belongs elsewhere; the last is our own declaration of the session timeout.
            Reading::OnlyFromAuth(_) => return None,
            Reading::Nobody if name == "sessionTimeout" || spec_field(name).is_some() => return None,
            Reading::Nobody => Self::unknown(name, kind, keda),
        };
        Some(unread)
    }

    fn unknown(name: &str, kind: TriggerKind, keda: KedaVersion) -> Self {
        if let Some((_, real)) = DEAD.iter().find(|(dead, _)| *dead == name) {
            return match real {
                Ok(real) => KEYS.iter().find(|key| key.name == *real).map_or(Self::Nothing, |k| Self::Key(k, false)),
                Err(advice) => Self::Dead(advice),
            };
        }
        match meant(name, kind, keda) {
            Some((key, is_variable)) if key.literal || is_variable => Self::Key(key, is_variable),
            Some((key, _)) => Self::Misplaced(format!("{} of a TriggerAuthentication is probably meant", key.name)),
            None => match SPEC_FIELDS.iter().find(|field| slips(name, field.name).is_some()) {
                Some(field) => Self::Misplaced(format!("spec.{} is probably meant", field.name)),
                None => Self::Nothing,
            },
        }
    }
}

fn report(unread: &Unread, name: &str, trigger: &Trigger, keda: KedaVersion, fix: Option<Fix>) -> Report {
    let scaler = trigger.kind.name();
    let not_read = || "is not read".to_owned();
    let (found, want) = match unread {
        Unread::Key(key, is_variable) => {
            let suffix = if *is_variable { "FromEnv" } else { "" };
            (format!("is not read, so {}", effective(key, trigger, keda)), format!("{}{suffix} is probably meant", key.name))
        }
        Unread::Dead(advice) => (not_read(), (*advice).to_owned()),
        Unread::Misplaced(meant) => (not_read(), meant.clone()),
        Unread::NoVariable(key) => {
            let place = if key.literal { "here" } else { "in a TriggerAuthentication" };
            let found = format!("is not read, so {}", effective(key, trigger, keda));
            (found, format!("set {} itself {place}", key.name))
        }
        Unread::Elsewhere(key) => (not_read(), whose(key, trigger.kind, keda)),
        Unread::Nothing => (not_read(), "remove it, or write the key that was meant".to_owned()),
    };
    let is_certain = !matches!(unread, Unread::Elsewhere(_) | Unread::Nothing);
    Report {
        place: trigger.key(name.to_owned()),
        found,
        want,
        cost: format!("the {scaler} scaler of KEDA {keda} has no such key and ignores it in silence"),
        severity: if is_certain { Severity::Firm } else { Severity::Advice },
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix,
    }
}

/// What applies instead of what was written under a wrong name.
fn effective(key: &Key, trigger: &Trigger, keda: KedaVersion) -> String {
    let Key { name, .. } = key;
    let dialect = Dialect::of(trigger.kind, keda);
    let variable = format!("{name}FromEnv");
    match (trigger.metadata.get(name).and_then(|raw| dialect.text(raw)), key.default) {
        (Some(_), _) if !key.literal => format!("{name} is not set"),
        (Some(text), _) if !matches!(key.form, Form::Text) => format!("{name} is {text:?} as set beside it"),
        (Some(_), _) => format!("{name} is what is set beside it"),
        (None, _) if key.from_env && trigger.text(&variable).is_some() => format!("{name} comes from {variable}"),
        (None, _) if key.from_auth && trigger.has_authentication => {
            format!("{name} is read from the TriggerAuthentication, if it is there")
        }
        (None, Some(default)) => format!("{name} is {default}"),
        (None, None) => format!("{name} is not set"),
    }
}

/// Who reads a key that this scaler in this version does not.
fn whose(key: &Key, kind: TriggerKind, keda: KedaVersion) -> String {
    match (key.since(kind), key.until(kind)) {
        (Some(_), Some(until)) if keda >= until => format!("remove it: KEDA {until} dropped it"),
        (Some(since), _) => format!("it needs KEDA {since} or newer"),
        _ => {
            let other = kind.other();
            let span = match (key.since(other), key.until(other)) {
                (_, Some(until)) if keda >= until => format!(", before KEDA {until}"),
                (Some(since), _) if keda < since => format!(", from KEDA {since} on"),
                _ => String::new(),
            };
            format!("remove it: only {} reads it{span}", other.name())
        }
    }
}

/// A slip is renamed, or removed where the right key is there or will be; what does nothing is removed.
fn fix(
    unread: &Unread,
    name: &str,
    value: &str,
    index: usize,
    plan: &mut Plan<'_>,
    cx: &Cx<'_>,
) -> Option<Fix> {
    // A fix is shown with what it removes, and a password must not be.
    if has_user_info(value) {
        return None;
    }
    let trigger = plan.scaler().triggers.get(index)?;
    let removal = Edit::Remove { place: trigger.key(name.to_owned()) };
    let (key, is_variable) = match unread {
        Unread::Key(key, is_variable) => (key, *is_variable),
        Unread::Dead(_) => return Some(Fix::new(Safety::Set, vec![removal])),
        _ => return None,
    };
    let right = format!("{}{}", key.name, if is_variable { "FromEnv" } else { "" });
    if trigger.metadata.get(&right).is_some() {
        return Some(Fix::new(Safety::Set, vec![removal]));
    }
    // What the TriggerAuthentication may hold already would be set twice, which KEDA refuses, or be overruled.
    if key.from_auth && trigger.has_authentication {
        return None;
    }
    let place = trigger.key(right.clone());
    let metadata = trigger.metadata.replaced(name, Some((&right, value)));
    match plan.try_out(&place, cx, |scaler| scaler.set_metadata(index, metadata)) {
        Effect::Helps => Some(Fix::moved(removal.place().clone(), place, value)),
        Effect::IsSupplied => Some(Fix::new(Safety::Set, vec![removal])),
        Effect::Spoils => None,
    }
}
