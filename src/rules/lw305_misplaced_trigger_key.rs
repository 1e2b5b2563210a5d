//! LW305 misplaced-trigger-key.

use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::keda::KedaVersion;
use crate::engine::keda::keys::{Key, Reading, reading};
use crate::engine::keda::near::is_same;
use crate::engine::place::Place;
use crate::engine::rehearsal::{Effect, Plan};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::{Scaler, Trigger};
use crate::engine::setting::{Basis, Setting, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW305",
    name: "misplaced-trigger-key",
    summary: "A key stands in trigger metadata, where KEDA does not read it",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw305_misplaced_trigger_key.md"),
    checks: &[Check::Scaler(check)],
};

/// A number of `spec` that people write into trigger metadata.
pub(super) struct SpecField {
    pub(super) name: &'static str,
    /// The 2.x minor that brought it.
    since: u16,
    of: fn(&Scaler) -> &Setting<i64>,
    of_mut: fn(&mut Scaler) -> &mut Setting<i64>,
}

/// apis/keda/v1alpha1/scaledobject_types.go, v2.20.2; no scaler of any version reads them.
pub(super) const SPEC_FIELDS: &[SpecField] = &[
    SpecField { name: "minReplicaCount", since: 0, of: |s| &s.min, of_mut: |s| &mut s.min },
    SpecField { name: "maxReplicaCount", since: 0, of: |s| &s.max, of_mut: |s| &mut s.max },
    SpecField { name: "idleReplicaCount", since: 4, of: |s| &s.idle, of_mut: |s| &mut s.idle },
    SpecField {
        name: "pollingInterval",
        since: 0,
        of: |s| &s.polling_interval,
        of_mut: |s| &mut s.polling_interval,
    },
    SpecField {
        name: "cooldownPeriod",
        since: 0,
        of: |s| &s.cooldown_period,
        of_mut: |s| &mut s.cooldown_period,
    },
    SpecField {
        name: "initialCooldownPeriod",
        since: 14,
        of: |s| &s.initial_cooldown_period,
        of_mut: |s| &mut s.initial_cooldown_period,
    },
];

/// The field of `spec` that has this name, whatever its case.
pub(super) fn spec_field(name: &str) -> Option<&'static SpecField> {
    SPEC_FIELDS.iter().find(|field| is_same(name, field.name))
}

fn check(scaler: &Scaler, cx: &mut Cx<'_>) {
    let keda = cx.keda();
    let mut plan = Plan::new(scaler);
    for (_, trigger) in scaler.triggers_of(keda) {
        for (name, value) in trigger.pairs() {
            let place = || trigger.key(name.to_owned());
            match reading(name, trigger.kind, keda) {
                Reading::OnlyFromAuth(key) => cx.report(of_authentication(key, place(), trigger, keda)),
                Reading::Nobody => {
                    let Some(field) = spec_field(name) else { continue };
                    let fix = moved(field, &place(), value, &mut plan, cx);
                    cx.report(of_spec(field, place(), scaler, fix));
                }
                Reading::Read | Reading::NotFromEnv(_) | Reading::Elsewhere(_) => {}
            }
        }
    }
}

fn of_spec(field: &SpecField, place: Place, scaler: &Scaler, fix: Option<Fix>) -> Report {
    let name = field.name;
    let (applies, is_set) = match (field.of)(scaler) {
        Setting::Set { value, .. } => (format!("spec.{name}, {value}, applies"), true),
        Setting::Invalid { .. } => (format!("spec.{name} applies"), true),
        setting => match setting.value() {
            Some(default) => (format!("{name} is {default}"), false),
            None => (format!("{name} is not set"), false),
        },
    };
    Report {
        place,
        found: format!("is ignored there, so {applies}"),
        want: if is_set { "remove it".to_owned() } else { format!("move it to spec.{name}") },
        cost: format!("no scaler reads {name}: the value written here has no effect"),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix,
    }
}

/// Never says the value: it is a secret in the wrong place, or beside one.
fn of_authentication(key: &Key, place: Place, trigger: &Trigger, keda: KedaVersion) -> Report {
    let want = match (key.is_known_to(trigger.kind, keda), trigger.has_authentication) {
        (false, _) => format!("remove it: {} of KEDA {keda} reads it from nowhere", trigger.kind.name()),
        (true, true) => "put it into the TriggerAuthentication".to_owned(),
        (true, false) => "put it into a TriggerAuthentication, and name that in authenticationRef".to_owned(),
    };
    Report {
        place,
        found: "is ignored there".to_owned(),
        want,
        cost: "KEDA connects to the brokers without it, and whoever may read the ScaledObject can read it".to_owned(),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: None,
    }
}

/// Moves a number to where KEDA reads it, and never over one that is there.
fn moved(field: &SpecField, from: &Place, value: &str, plan: &mut Plan<'_>, cx: &Cx<'_>) -> Option<Fix> {
    let removal = Edit::Remove { place: from.clone() };
    if matches!((field.of)(plan.scaler()), Setting::Set { .. } | Setting::Invalid { .. }) {
        return Some(Fix::new(Safety::Set, vec![removal]));
    }
    let number: i64 = value.trim().parse().ok().filter(|number| *number >= 0)?;
    if !cx.keda().is_from(field.since) {
        return None;
    }
    let place = Place::fields(&["spec"]).field(field.name);
    let written = Written { number: true, ..Written::whole(place.clone(), number.to_string()) };
    let set = Setting::Set { value: number, written: Box::new(written) };
    match plan.try_out(&place, cx, |scaler| *(field.of_mut)(scaler) = set) {
        Effect::Helps => Some(Fix::moved(from.clone(), place, number)),
        Effect::IsSupplied => Some(Fix::new(Safety::Set, vec![removal])),
        Effect::Spoils => None,
    }
}
