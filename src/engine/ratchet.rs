//! The ratchet: an update is denied only for what it makes worse.

use std::collections::HashMap;

use super::finding::{Finding, Gap, Severity};
use super::keda::origin::FROM_ENV;
use super::place::{Place, Segment};
use super::rule::Level;
use super::scaler::Trigger;
use super::subject::Subject;

/// A finding denies only if the object was better before: an equal or worse one at the same keyed place lets it
/// pass with a warning. What an exemption covered before counts as right, so that removing it is refused, and so
/// does mere advice where its distance is measured from another bound. One finding lets one pass: of two triggers
/// that watch the same, both cannot be as bad as one was.
pub(super) fn ratchet((new, subject): (&mut [Finding], &Subject), (old, before): (&[Finding], &Subject)) {
    // Advice never denied. What was paused or owned did not either, but its values were what they are: whoever
    // pauses a running consumer must be able to let it run again.
    let has_one_bound = |finding: &Finding| matches!(finding.report.gap, Gap::Whole(_));
    let excuses = |before: &&Finding| {
        before.exempted.is_none() && (before.report.severity != Severity::Advice || has_one_bound(before))
    };
    let (of_new, of_old) = lines(triggers(subject), triggers(before));
    let mut known: HashMap<_, Vec<&Finding>> = HashMap::new();
    for finding in old.iter().filter(excuses) {
        known.entry(key(finding, &of_old)).or_default().push(finding);
    }
    for finding in new.iter_mut().filter(|finding| finding.denies()) {
        let Some(known) = known.get_mut(&key(finding, &of_new)) else { continue };
        let is_no_better = |(_, before): &(usize, &&Finding)| {
            before.object == finding.object && finding.report.gap.is_no_worse_than(&before.report.gap)
        };
        // The best that will do, so that what is worse is left for others.
        let best = known.iter().enumerate().filter(is_no_better).min_by_key(|(_, before)| distance(before));
        if let Some((index, _)) = best {
            known.swap_remove(index);
            finding.is_ratcheted = true;
            finding.level = Level::Warn;
        }
    }
}

fn distance(finding: &Finding) -> u128 {
    match finding.report.gap {
        Gap::Distance(distance) | Gap::Whole(distance) => distance,
        Gap::Value(_) => 0,
    }
}

/// By what a finding of the old object is found again in the new one.
fn key(finding: &Finding, lines: &Lines) -> (&'static str, String) {
    let place = &finding.report.place;
    let key = match (&finding.report.gap, &*place.segments()) {
        (Gap::Whole(_), _) => String::new(),
        (_, [Segment::Field(_), Segment::Field(list), Segment::Item { index, .. }, rest @ ..])
            if list == "triggers"
                && let Some(line) = lines.get(index) =>
        {
            format!("{line} {}", Place::default().join(rest.iter().copied()).keyed())
        }
        _ => place.keyed(),
    };
    (finding.rule.code, key)
}

fn triggers(subject: &Subject) -> &[Trigger] {
    match subject {
        Subject::Scaler(scaler) => &scaler.triggers,
        Subject::Workload(_) => &[],
    }
}

/// Of which line each trigger is, by its index in `spec.triggers`: triggers of the old object and of the new one are
/// of one line if they are the same.
type Lines = HashMap<usize, usize>;

/// A name tells what is the same, else what the trigger watches, else type and ordinal.
fn lines(new: &[Trigger], old: &[Trigger]) -> (Lines, Lines) {
    let (mut of_new, mut of_old) = (Lines::new(), Lines::new());
    let mut line = 0..;
    for identity in [name, watched, ordinal] {
        let known = by(identity, old, &of_old);
        for (identity, of_identity) in by(identity, new, &of_new) {
            let (Some(ancestors), Some(line)) = (known.get(&identity), line.next()) else { continue };
            of_old.extend(ancestors.iter().map(|index| (*index, line)));
            of_new.extend(of_identity.into_iter().map(|index| (index, line)));
        }
    }
    for (triggers, lines) in [(new, &mut of_new), (old, &mut of_old)] {
        for (index, _) in triggers.iter().filter_map(|trigger| item(&trigger.place)) {
            lines.entry(index).or_insert_with(|| line.next().unwrap_or_default());
        }
    }
    (of_new, of_old)
}

type Identity<'t> = Vec<Option<&'t str>>;

/// The triggers whose line is not known yet.
fn by<'t>(
    identity: for<'a> fn(&'a Trigger) -> Option<Identity<'a>>,
    triggers: &'t [Trigger],
    known: &Lines,
) -> HashMap<Identity<'t>, Vec<usize>> {
    let mut indices: HashMap<_, Vec<usize>> = HashMap::new();
    for trigger in triggers {
        let index = item(&trigger.place).map(|(index, _)| index).filter(|index| !known.contains_key(index));
        if let (Some(index), Some(identity)) = (index, identity(trigger)) {
            indices.entry(identity).or_default().push(index);
        }
    }
    indices
}

fn name(trigger: &Trigger) -> Option<Identity<'_>> {
    trigger.name.as_deref().map(|name| vec![Some(name)])
}

/// The lag of one group in one topic is the same lag, whatever the trigger is called.
fn watched(trigger: &Trigger) -> Option<Identity<'_>> {
    let metadata = &trigger.metadata;
    let [_, group, topic] = FROM_ENV;
    let keys = [group, topic].into_iter().flat_map(|key| [metadata.get(key), metadata.from_env(key)]);
    Some([Some(trigger.kind.name())].into_iter().chain(keys).collect())
}

fn ordinal(trigger: &Trigger) -> Option<Identity<'_>> {
    let (_, key) = item(&trigger.place)?;
    trigger.name.is_none().then(|| vec![key])
}

fn item(place: &Place) -> Option<(usize, Option<&str>)> {
    match place.last()? {
        Segment::Item { index, key } => Some((*index, key.as_deref())),
        Segment::Field(_) => None,
    }
}
