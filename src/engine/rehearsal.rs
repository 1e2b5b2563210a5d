//! Judging an object that nobody has yet: a fix is tried out before it is offered.

use std::borrow::Cow;
use std::collections::HashMap;

use super::finding::Report;
use super::place::Place;
use super::rule::{Check, Cx, Level, Rule};
use super::scaler::Scaler;

/// A ScaledObject as the fixes that a rule has offered so far would make it, so that they fit each other.
pub struct Plan<'a> {
    scaler: Cow<'a, Scaler>,
    found: Option<Found>,
    /// How many more fixes are tried out.
    left: usize,
}

/// What an edit would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing new is found but what only warns, and nothing at the place that the edit writes.
    Helps,
    /// Something is found at that place, and other rules offer a fix for it: the place is theirs to write.
    IsSupplied,
    /// Something that was right is wrong with it, or nobody knows.
    Spoils,
}

/// What the other rules say of the object.
type Found = Vec<(&'static Rule, Report)>;

/// What is tried out at most for one rule and one object, and the most keys that the object may have for that, so
/// that judging an absurd object stays quick. Beyond it, findings have no fix.
const MOST_FIXES: usize = 16;
const MOST_KEYS: usize = 512;

impl<'a> Plan<'a> {
    /// Before any fix.
    pub fn new(scaler: &'a Scaler) -> Self {
        let keys: usize = scaler.triggers.iter().map(|trigger| trigger.metadata.len()).sum();
        let left = if keys > MOST_KEYS { 0 } else { MOST_FIXES };
        Self { scaler: Cow::Borrowed(scaler), found: None, left }
    }

    /// The object as it would be.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// Judges the object with an edit that writes `target`, by all rules but the asking one that see a ScaledObject
    /// alone. An edit that helps stays in the plan.
    pub fn try_out(&mut self, target: &Place, cx: &Cx<'_>, edit: impl FnOnce(&mut Scaler)) -> Effect {
        // While something is tried out nothing else is: what is found counts then, not how it would be mended.
        if cx.is_rehearsal || self.left == 0 {
            return Effect::Spoils;
        }
        self.left -= 1;
        let mut edited = self.scaler.clone().into_owned();
        edit(&mut edited);
        let old = self.found.get_or_insert_with(|| cx.rehearse(&self.scaler));
        let new = cx.rehearse(&edited);
        let effect = effect(old, &new, target);
        if effect == Effect::Helps {
            (self.scaler, self.found) = (Cow::Owned(edited), Some(new));
        }
        effect
    }
}

impl Cx<'_> {
    fn rehearse(&self, scaler: &Scaler) -> Found {
        let mut found = Vec::new();
        let is_asked = |rule: &&&'static Rule| {
            **rule != self.rule && self.evaluation.settings.level(rule) != Some(Level::Off)
        };
        for rule in self.evaluation.context.policy.rules.iter().filter(is_asked) {
            let mut cx = Cx { is_rehearsal: true, ..Cx::new(rule, self.evaluation) };
            for check in rule.checks {
                match check {
                    Check::Scaler(check) => check(scaler, &mut cx),
                    Check::Trigger(check) => {
                        scaler
                            .triggers_of(self.keda())
                            .for_each(|(_, trigger)| check(trigger, scaler, &mut cx));
                    }
                    Check::Workload(_) | Check::Container(_) | Check::Pair(_) => {}
                }
            }
            found.extend(cx.reports.into_iter().map(|(report, _)| (*rule, report)));
        }
        found
    }
}

fn effect(old: &Found, new: &Found, target: &Place) -> Effect {
    let target = target.keyed();
    let key = |rule: &Rule, report: &Report| (rule.code, report.place.keyed());
    let before: HashMap<_, &Report> = old.iter().map(|(rule, report)| (key(rule, report), report)).collect();
    let mut effect = Effect::Helps;
    for (rule, report) in new {
        let key = key(rule, report);
        let is_at_target = key.1 == target;
        if is_at_target && report.fix.is_some() {
            effect = Effect::IsSupplied;
            continue;
        }
        let was_there = before.get(&key).is_some_and(|old| report.gap.is_no_worse_than(&old.gap));
        // That a period, say, is without effect in the mended object is no reason to leave it broken.
        if is_at_target || !(was_there || rule.only_warns()) {
            return Effect::Spoils;
        }
    }
    effect
}
