//! Makes the fixes that findings offer.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;

use super::check::{Checked, Fixes, Located, check};
use super::mend::{Mended, mend};
use super::read::Source;
use super::splice::Refused;
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::object::ObjectRef;
use crate::engine::policy::Policy;

/// A fix may make another one possible: a pair's timeouts, then what depends on them. Rules that undo each other
/// must not go on for ever.
const ROUNDS: usize = 10;

/// What fixing came to.
#[derive(Debug)]
pub struct Outcome {
    /// The sources, with their texts mended.
    pub sources: Vec<Source>,
    /// What was changed, by source.
    pub changed: BTreeMap<usize, Changed>,
    /// What is left to find in the mended texts, and how much was fixed.
    pub checked: Checked,
    /// The fixes that were not made.
    pub refused: Vec<NotFixed>,
}

/// A text that was changed.
#[derive(Debug, Default)]
pub struct Changed {
    /// As it was.
    pub old: String,
    /// How many findings were fixed in it.
    pub fixed: usize,
}

/// A fix that was not made.
#[derive(Debug)]
pub struct NotFixed {
    /// The file.
    pub file: String,
    /// The line of the finding, from 1.
    pub line: usize,
    /// The rule's code.
    pub code: &'static str,
    /// The object.
    pub object: ObjectRef,
    /// Why.
    pub why: Refused,
}

/// Makes every fix that is offered and at most this unsafe, round after round until nothing is left to fix.
/// Exempted findings are not touched. Nothing is written.
pub fn fix(sources: Vec<Source>, policy: &Policy, today: Date, most: Safety) -> Outcome {
    let mut work =
        Work { sources, changed: BTreeMap::new(), fixed: HashSet::new(), refused: BTreeMap::new() };
    let mut checked = check(&work.sources, policy, today);
    for _ in 0..ROUNDS {
        if !work.round(&checked, most) {
            break;
        }
        checked = check(&work.sources, policy, today);
    }
    if work.undo_what_goes_on(&checked, most) {
        checked = check(&work.sources, policy, today);
    }
    for (source, ..) in &work.fixed {
        work.changed.entry(*source).or_default().fixed += 1;
    }
    // What is still offered was refused; only what was not asked for is left.
    let overwriting = if most == Safety::Fill { checked.fixes.overwriting } else { 0 };
    checked.fixes = Fixes { fixed: work.fixed.len(), safe: 0, overwriting };
    let refused = work.refused.into_values().collect();
    Outcome { sources: work.sources, changed: work.changed, checked, refused }
}

/// The fix of a finding, if it may be made.
pub(super) fn offered(located: &Located, most: Safety) -> Option<&Fix> {
    let finding = &located.finding;
    finding.report.fix.as_ref().filter(|fix| located.is_open() && fix.safety <= most)
}

/// A place in an object of the input.
type Target = (usize, usize, String, String);

/// What a fix writes.
fn targets(located: &Located, fix: &Fix) -> impl Iterator<Item = Target> {
    let object = &located.object;
    fix.edits.iter().filter_map(|edit| match edit {
        Edit::Set { place, .. } => {
            Some((located.spot.source, object.document, object.root.pointer(), place.pointer()))
        }
        Edit::Remove { .. } | Edit::Quote { .. } => None,
    })
}

/// The codes of fixes, by what they write.
pub(super) type Claims = HashMap<Target, &'static str>;

/// What only fixes write that are not asked for, with their codes. Filling it would lose what they carry over: the
/// value of a misspelt key.
pub(super) fn claims(checked: &Checked, most: Safety) -> Claims {
    let mut claims = HashMap::new();
    for located in checked.findings.iter().filter(|located| offered(located, most).is_none()) {
        let Some(fix) = offered(located, Safety::Set) else { continue };
        // What only overwrites its own place carries nothing there.
        let own = located.finding.report.place.pointer();
        let elsewhere = targets(located, fix).filter(|(.., place)| *place != own);
        claims.extend(elsewhere.map(|target| (target, located.finding.rule.code)));
    }
    claims
}

/// The code of the fix that claims what this one would write.
pub(super) fn claim(located: &Located, fix: &Fix, claims: &Claims) -> Option<&'static str> {
    targets(located, fix).find_map(|target| claims.get(&target).copied())
}

/// What tells a finding apart from all others, in every round.
type Identity = (usize, usize, String, &'static str, String);

fn identity(located: &Located) -> Identity {
    let Located { finding, spot, object, .. } = located;
    let place = finding.report.place.pointer();
    (spot.source, object.document, object.root.pointer(), finding.rule.code, place)
}

struct Work {
    sources: Vec<Source>,
    changed: BTreeMap<usize, Changed>,
    fixed: HashSet<Identity>,
    refused: BTreeMap<Identity, NotFixed>,
}

impl Work {
    /// Mends each text once; false if none changed.
    fn round(&mut self, checked: &Checked, most: Safety) -> bool {
        let claims = claims(checked, most);
        let mut wanted: BTreeMap<usize, Vec<(&Located, &Fix)>> = BTreeMap::new();
        for located in &checked.findings {
            let Some(fix) = offered(located, most) else { continue };
            match claim(located, fix, &claims) {
                _ if self.refused.contains_key(&identity(located)) => {}
                Some(code) => self.refuse(located, Refused::Claimed { code }),
                None => wanted.entry(located.spot.source).or_default().push((located, fix)),
            }
        }
        let mut is_changed = false;
        for (index, mut wanted) in wanted {
            // What carries over what the author wrote comes before what writes something else, and that before what
            // only fills.
            wanted.sort_by_key(|(_, fix)| Reverse((fix.moves, fix.safety)));
            let Some(source) = self.sources.get(index) else { continue };
            let Mended { text, fixed, refused } = mend(source, &wanted);
            self.fixed.extend(fixed.into_iter().map(identity));
            for (located, why) in refused {
                self.refuse(located, why);
            }
            if let (Some(text), Some(source)) = (text, self.sources.get_mut(index)) {
                let old = std::mem::replace(&mut source.text, text);
                self.changed.entry(index).or_insert(Changed { old, fixed: 0 });
                is_changed = true;
            }
        }
        is_changed
    }

    /// Rules that undo each other would leave a text that the next run changes again, so it is left alone.
    fn undo_what_goes_on(&mut self, checked: &Checked, most: Safety) -> bool {
        let goes_on = |located: &&Located| {
            offered(located, most).is_some() && !self.refused.contains_key(&identity(located))
        };
        let endless: Vec<&Located> = checked.findings.iter().filter(goes_on).collect();
        for located in &endless {
            self.refuse(located, Refused::Endless);
            let index = located.spot.source;
            self.fixed.retain(|(source, ..)| *source != index);
            if let (Some(source), Some(change)) = (self.sources.get_mut(index), self.changed.remove(&index)) {
                source.text = change.old;
            }
        }
        !endless.is_empty()
    }

    fn refuse(&mut self, located: &Located, why: Refused) {
        let identity = identity(located);
        self.fixed.remove(&identity);
        self.refused.entry(identity).or_insert_with(|| NotFixed {
            file: self
                .sources
                .get(located.spot.source)
                .map_or_else(String::new, |source| source.name.clone()),
            line: located.spot.start.0,
            code: located.finding.rule.code,
            object: located.finding.object.clone(),
            why,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::finding::{Gap, Report, Severity};
    use crate::engine::place::Place;
    use crate::engine::rule::{Check, Cx, Fixes as Offers, Levels, Rule};
    use crate::engine::scaler::Scaler;
    use crate::engine::setting::Basis;

    static GREEDY: Rule = Rule {
        code: "LW999",
        name: "never-enough",
        summary: "It always wants one more",
        since: "0.0.0",
        levels: Levels::DENY,
        fixes: Offers { fill: false, set: true, at_admission: false },
        params: &[],
        page: "",
        checks: &[Check::Scaler(wants_more)],
    };

    fn wants_more(scaler: &Scaler, cx: &mut Cx<'_>) {
        let place = Place::fields(&["spec", "maxReplicaCount"]);
        let max = scaler.max.value().copied().unwrap_or_default();
        cx.report(Report {
            place: place.clone(),
            found: String::new(),
            want: String::new(),
            cost: String::new(),
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: Gap::Value(String::new()),
            fix: Some(Fix::set(place, max + 1)),
        });
    }

    #[test]
    fn a_text_that_would_be_fixed_for_ever_is_left_alone() {
        let text = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nspec: {maxReplicaCount: 1, triggers: [{type: kafka}]}\n";
        let source = Source {
            name: "a.yaml".to_owned(),
            text: text.to_owned(),
            folder: ".".into(),
            origin: super::super::read::Origin::File,
        };
        static ONLY: [&Rule; 1] = [&GREEDY];
        let policy = Policy::new(&ONLY);
        let outcome = fix(vec![source], &policy, jiff::civil::date(2026, 11, 24), Safety::Set);
        assert_eq!(outcome.sources[0].text, text);
        assert!(outcome.changed.is_empty());
        assert_eq!(outcome.checked.fixes, Fixes::default());
        assert_eq!(outcome.refused.len(), 1);
        assert_eq!(outcome.refused[0].why, Refused::Endless);
    }
}
