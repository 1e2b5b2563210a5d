//! Judging an object that nobody has yet: an offered fix is tried out before it is offered.

use super::finding::Report;
use super::place::Place;
use super::rule::{Check, Cx, Level, Rule};
use super::scaler::Scaler;

/// What an edit would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing new is found, and nothing at the place that the edit writes.
    Helps,
    /// Something is found at that place, and other rules offer a fix for it: the place is theirs to write.
    IsSupplied,
    /// Something else that was right is wrong with it.
    Spoils,
}

/// An object with more triggers than this gets no fixes that have to be tried out, so that judging it stays quick.
const MOST_TRIGGERS: usize = 64;

impl Cx<'_> {
    /// Judges a ScaledObject with an edit that writes `target`, by all rules that see a ScaledObject alone.
    pub fn try_out(&self, before: &Scaler, after: &Scaler, target: &Place) -> Effect {
        // Fixes are not tried out while one is tried out: what is found counts, not how it would be mended.
        if self.is_rehearsal || after.triggers.len() > MOST_TRIGGERS {
            return Effect::Spoils;
        }
        let old = self.rehearse(before);
        let new = self.rehearse(after);
        let target = target.keyed();
        let mut effect = Effect::Helps;
        for (rule, report) in &new {
            let place = report.place.keyed();
            if place == target && report.fix.is_some() {
                effect = Effect::IsSupplied;
                continue;
            }
            let was_there = old.iter().any(|(before, old)| {
                before == rule && old.place.keyed() == place && report.gap.is_no_worse_than(&old.gap)
            });
            if place == target || !was_there {
                return Effect::Spoils;
            }
        }
        effect
    }

    fn rehearse(&self, scaler: &Scaler) -> Vec<(&'static Rule, Report)> {
        let mut found = Vec::new();
        let rules = self.policy.rules.iter().filter(|rule| self.settings.level(rule) != Some(Level::Off));
        for rule in rules {
            let mut cx = Cx {
                settings: self.settings,
                policy: self.policy,
                own: self.own,
                others: self.others.clone(),
                scalers: self.scalers,
                used_pair: false,
                is_rehearsal: true,
                reports: Vec::new(),
            };
            for check in rule.checks {
                match check {
                    Check::Scaler(check) => check(scaler, &mut cx),
                    Check::Trigger(check) => scaler.triggers.iter().for_each(|t| check(t, scaler, &mut cx)),
                    Check::Container(_) | Check::Pair(_) => {}
                }
            }
            found.extend(cx.reports.into_iter().map(|(report, _)| (*rule, report)));
        }
        found
    }
}
