//! LW205 scale-down-too-eager.

use std::time::Duration;

use crate::engine::behavior::{DEFAULT_DOWN_WINDOW, ScalingRules};
use crate::engine::consumer::Consumer;
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Setting};

pub(super) static REBALANCE: Param<Duration> = Param {
    key: "rebalance",
    doc: "How long one rebalance takes, until every consumer works again.",
    default: Duration::from_secs(30),
    range: Duration::ZERO..=Duration::from_secs(1800),
};

pub(super) static RULE: Rule = Rule {
    code: "LW205",
    name: "scale-down-too-eager",
    summary: "Consumers are removed before the group has settled, or the HPA is refused",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[&REBALANCE],
    page: include_str!("lw205_scale_down_too_eager.md"),
    checks: &[Check::Scaler(refused), Check::Pair(pair), Check::Scaler(alone)],
};

/// What the HPA API refuses, in either direction.
fn refused(scaler: &Scaler, cx: &mut Cx<'_>) {
    for refused in [&scaler.behavior.up, &scaler.behavior.down].into_iter().flat_map(ScalingRules::refused) {
        cx.report(Report {
            place: refused.place,
            found: refused.found,
            want: refused.want,
            cost: match refused.is_by_schema {
                true => "the API server refuses the ScaledObject, and nothing of it is applied".to_owned(),
                false => "the API server refuses the HPA that KEDA makes of it: a new ScaledObject scales nothing, a changed one keeps its old autoscaler".to_owned(),
            },
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: refused.gap,
            fix: None,
        });
    }
}

/// By what the clients' own session timeout is, else what is declared of it.
fn pair(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let containers = consumer.consuming(true);
    let sessions = containers.iter().filter(|container| !container.new_protocol()).map(|c| &c.session);
    let known = sessions.filter_map(|session| Some((*session.value()?, session.basis())));
    let declared = consumer.declared_session.value().map(|value| (*value, Basis::Certain));
    if let Some((session, basis)) = known.max_by_key(|(value, _)| *value).or(declared) {
        eager(scaler, Some(session), basis, cx);
    }
}

/// By what the ScaledObject declares. Whatever the session timeout is, one rebalance has to fit.
fn alone(scaler: &Scaler, cx: &mut Cx<'_>) {
    let own = scaler.declared_session.value().copied();
    let of_triggers = scaler.triggers.iter().filter_map(|trigger| trigger.session_timeout.value().copied());
    eager(scaler, own.or_else(|| of_triggers.max()), Basis::Certain, cx);
}

fn eager(scaler: &Scaler, session: Option<Duration>, basis: Basis, cx: &mut Cx<'_>) {
    let down = &scaler.behavior.down;
    let Some(window) = down.window.value().copied() else { return };
    let rebalance = cx.get(&REBALANCE);
    let need = whole_seconds(session.unwrap_or_default().saturating_add(rebalance));
    // One pod at a time with as much time between two is as good as a window.
    let is_slow = down.allows_only(|policy| {
        let is_single = policy.kind.as_deref() == Some("Pods") && policy.value.value() == Some(&1);
        is_single && policy.period.value().is_some_and(|period| *period >= need)
    });
    if window >= need || is_slow || scaler.is_fixed() {
        return;
    }
    let (rebalance, is_set) = (human(rebalance), matches!(down.window, Setting::Set { .. }));
    let place = down.place().field("stabilizationWindowSeconds");
    // The HPA's own default is the longer window where it is not known what has to fit.
    let mended = if session.is_some() { need } else { need.max(DEFAULT_DOWN_WINDOW) };
    cx.report(Report {
        found: match is_set {
            true => format!("is {window}"),
            false => format!("is not set, so the HPA uses {window}"),
        },
        want: match session {
            Some(session) => format!("needs at least {need} (session timeout of {} and a rebalance of {rebalance})", human(session)),
            None => format!("needs at least {need} (one rebalance), and the session timeout on top"),
        },
        cost: cost(window, session, &rebalance),
        severity: Severity::Advice,
        basis,
        gap: Gap::Distance(u128::from(need.abs_diff(window))),
        // An unset window is the HPA's own: there the session timeout is what is long.
        fix: (is_set && mended <= 3600).then(|| Fix::set(place.clone(), mended)),
        place,
    });
}

fn cost(window: i64, session: Option<Duration>, rebalance: &str) -> String {
    let dip = match window {
        ..=0 => "the first dip of lag".to_owned(),
        _ => format!("a dip of lag of {}", human(Duration::from_secs(window.unsigned_abs()))),
    };
    let orphans = match session {
        Some(session) => format!(", and what a killed one held is not consumed for {}", human(session)),
        None => String::new(),
    };
    format!("{dip} removes pods: each removal rebalances the group for about {rebalance}{orphans}, lag grows, and the pods come back")
}

fn whole_seconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}
