//! LW108 grace-period-too-short.

use std::time::Duration;

use super::timing::{self, Shutdown};
use crate::engine::consumer::{Consumer, Container, FOREVER};
use crate::engine::cost::Standstill;
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::policy::Param;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::Basis;

pub(super) static MARGIN: Param<Duration> = Param {
    key: "margin",
    doc: "What a fix leaves between the end of the shutdown and the kill, for the commit and the close.",
    default: Duration::from_secs(5),
    range: Duration::from_secs(1)..=Duration::from_secs(600),
};

pub(super) static RULE: Rule = Rule {
    code: "LW108",
    name: "grace-period-too-short",
    summary: "The pod is killed before its consumer can leave the group",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[&MARGIN],
    page: include_str!("lw108_grace_period_too_short.md"),
    checks: &[Check::Container(check), Check::Container(probes), Check::Pair(in_scaler)],
};

/// The least that anything can be done in; the kubelet itself floors what a preStop hook leaves at 2 s.
const TINY: Duration = Duration::from_secs(2);

fn check(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    let Some(grace) = consumer.grace_period.value().copied() else { return };
    let Some(mended) = timing::planned_grace(consumer, cx) else { return };
    let shutdown = Shutdown::of(container, consumer);
    let pre_stop = shutdown.pre_stop;
    let fix = || Fix::new(Safety::Set, edits(mended, consumer, cx));
    let is = match consumer.grace_period.set() {
        // `Convert_v1_PodSpec_To_core_PodSpec` and its like make 1 s of it (pkg/apis/core/v1/conversion.go).
        Some((_, written)) if written.raw.starts_with('-') => format!("is {}, which counts as", written.raw),
        Some(_) => "is".to_owned(),
        None => "is not set, so it is".to_owned(),
    };
    let found = |what: String| format!("{is} {}, {what}", human(grace));
    let report = |found, want: String, needed: Duration, severity, basis, fix| Report {
        place: consumer.grace_place(),
        found,
        want,
        cost: cost(container, consumer),
        severity,
        basis,
        gap: Gap::Distance(needed.saturating_sub(grace).as_millis()),
        fix,
    };
    if pre_stop == FOREVER {
        let found = found(format!("but the preStop hook of {} never ends", container.name));
        let want = "let the hook end in time".to_owned();
        cx.report(report(found, want, pre_stop, Severity::Firm, Basis::Certain, None));
        return;
    }
    if shutdown.leaves_nothing(grace) {
        let found = found(format!("but the preStop hook of {} alone takes {}", container.name, human(pre_stop)));
        let want = format!("needs more than {}; {} leaves the application its time", human(pre_stop), human(mended));
        cx.report(report(found, want, mended, Severity::Firm, Basis::Certain, Some(fix())));
        return;
    }
    if let Some(drain) = &shutdown.drain {
        let total = pre_stop.saturating_add(drain.time);
        let parts = match pre_stop {
            Duration::ZERO => format!("but {} may take {}", drain.source, human(drain.time)),
            _ => format!(
                "but preStop ({}) and {} ({}) may take {}",
                human(pre_stop),
                drain.source,
                human(drain.time),
                human(total)
            ),
        };
        let want = format!("needs more than {}", human(total));
        if total > grace {
            let fix = (drain.basis == Basis::Certain).then(fix);
            cx.report(report(found(parts), want, total, Severity::Firm, drain.basis, fix));
            return;
        }
        if total == grace {
            cx.report(report(found(parts), want, total, Severity::Advice, drain.basis, None));
            return;
        }
    }
    if grace <= TINY {
        let found = format!("{is} {}", human(grace));
        let want = format!("needs more than {} to finish, commit and leave", human(TINY));
        cx.report(report(found, want, TINY, Severity::Advice, Basis::Certain, None));
    }
}

/// The grace period, and with it the session timeouts that fitted the old one: a fix makes no new denial (LW101).
fn edits(mended: Duration, consumer: &Consumer, cx: &Cx<'_>) -> Vec<Edit> {
    let mut edits = vec![Edit::Set { place: consumer.grace_place(), value: mended.as_secs().into() }];
    let mut last = None;
    for container in consumer.consuming(true).into_iter().filter(|container| !container.new_protocol()) {
        // Clients of one container may share the setting.
        let place = container.session.set().map(|(_, written)| &written.place);
        if place.is_some() && place == last {
            continue;
        }
        last = place;
        let raised = timing::raised_session(container, consumer, cx).zip(container.session.set());
        let fix = raised.and_then(|(planned, (_, at))| timing::set_session(at, planned, container, consumer));
        edits.extend(fix.into_iter().flat_map(|fix| fix.edits));
    }
    edits
}

/// A probe's own grace period replaces the pod's when the kubelet kills because of that probe (KEP-2238).
fn probes(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    let Some((grace, written)) = container.probe_grace.set() else { return };
    let Some(drain) = Shutdown::of(container, consumer).drain.filter(|drain| *grace < drain.time) else { return };
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {}, but {} may take {}", human(*grace), drain.source, human(drain.time)),
        want: format!("needs at least {}", human(drain.time)),
        cost: cost(container, consumer),
        severity: Severity::Advice,
        basis: drain.basis,
        gap: Gap::Distance(drain.time.saturating_sub(*grace).as_millis()),
        fix: None,
    });
}

/// Where nothing in the workload says how long a drain takes, what its ScaledObject declares counts.
fn in_scaler(consumer: &Consumer, scaler: &Scaler, cx: &mut Cx<'_>) {
    let Some((drain, written)) = scaler.declared_drain.set() else { return };
    let Some(grace) = consumer.grace_period.value().copied() else { return };
    for container in consumer.consuming(true) {
        let Shutdown { pre_stop, drain: told } = Shutdown::of(container, consumer);
        let total = pre_stop.saturating_add(*drain);
        // That a hook never ends is said of the workload.
        if total <= grace || pre_stop == FOREVER || told.is_some_and(|told| told.basis == Basis::Certain) {
            continue;
        }
        cx.report(Report {
            place: written.place.clone(),
            found: format!("is {}, but the pod has {} to stop", human(*drain), human(grace.saturating_sub(pre_stop))),
            want: format!("needs more than {} at {} {}", human(total), consumer.meta.object, consumer.grace_place()),
            cost: cost(container, consumer),
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: Gap::Distance(total.saturating_sub(grace).as_millis()),
            fix: None,
        });
    }
}

fn cost(container: &Container, consumer: &Consumer) -> String {
    format!(
        "the kill comes before the consumer has committed and left: its partitions are not consumed for {}, then what it had not committed is processed twice",
        Standstill::of(container, consumer)
    )
}
