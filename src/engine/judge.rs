//! The one verb: judges an object by a policy.
//!
//! Pure and infallible. It owns levels, the cap on assumptions, the pair policy, exemptions and the ratchet;
//! the fronts only read bytes and render a [`Verdict`], so that they cannot disagree.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::civil::Date;

use super::consumer::CONSUMER_ANNOTATION;
use super::evaluation::Evaluation;
use super::exemption::{self, ExemptionState};
use super::finding::Finding;
use super::object::{Meta, PREFIX, annotation, meant};
use super::place::Place;
use super::policy::{Mode, Policy, Scope, Settings};
use super::ratchet::ratchet;
use super::rule::{Level, Rule};
use super::subject::Subject;
pub use super::verdict::{Note, Occasion, Verdict};
use super::world::World;

/// What an object is judged by.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The other objects.
    pub world: &'a dyn World,
    /// Which rules are asked, and how much their findings count.
    pub policy: &'a Policy,
    /// When.
    pub occasion: Occasion,
    /// The date in UTC, by which exemptions hold.
    pub today: Date,
}

/// Judges `new`. `old` is what it replaces, asked for only when the ratchet needs it.
pub fn judge(new: &Subject, old: impl FnOnce() -> Option<Subject>, context: &Context<'_>) -> Verdict {
    let Survey { mut findings, notes, panicked, settings } = context.survey(new, |_| true);
    let denying: Vec<&Rule> =
        findings.iter().filter(|finding| finding.denies()).map(|finding| finding.rule).collect();
    if !denying.is_empty()
        && let Some(old) = old()
    {
        let before = context.survey(&old, |rule| denying.contains(&rule));
        ratchet((&mut findings, new), (&before.findings, &old));
    }
    let mode = settings.mode.unwrap_or(Mode::Enforce);
    if mode != Mode::Enforce && context.occasion.is_request() {
        for finding in &mut findings {
            finding.would_deny = finding.denies();
            finding.level = finding.level.min(Level::Warn);
        }
    }
    // The sort is stable: within a level the order of the rule table stays.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Verdict { findings, notes, mode, mutate: settings.mutate(), panicked }
}

struct Survey<'a> {
    findings: Vec<Finding>,
    notes: Vec<Note>,
    panicked: Vec<&'static str>,
    settings: Cow<'a, Settings>,
}

impl<'a> Context<'a> {
    /// Everything that the rules which are asked say of one object, without regard to what it was before.
    fn survey(&self, subject: &Subject, is_asked: impl Fn(&Rule) -> bool) -> Survey<'a> {
        let meta = subject.meta();
        let settings = self.policy.settings_for(&Scope::of(meta, self.world));
        let evaluation = Evaluation::new(subject, self, &settings);
        let (mut findings, mut notes, mut panicked) = (Vec::new(), Vec::new(), Vec::new());
        let is_on = |rule: &&&'static Rule| settings.level(rule) != Some(Level::Off) && is_asked(rule);
        for rule in self.policy.rules.iter().filter(is_on) {
            // A rule that panics is silent for this object; it never decides.
            match catch_unwind(AssertUnwindSafe(|| evaluation.run(rule))) {
                Ok(found) => findings.extend(found),
                Err(_) => panicked.push(rule.code),
            }
        }
        findings.retain(|finding| finding.level > Level::Off);
        notes.extend(doubt(meta, &settings, &findings));
        self.exempt(&mut findings, &mut notes, &evaluation);
        for (written, why) in meta.facts.unreadable() {
            let text = format!("{} is {:?}, which {}; it is ignored", written.place, written.raw, why.text());
            notes.push(Note { place: written.place.clone(), text });
        }
        notes.extend(meta.unread.iter().map(|name| unread(name)));
        notes.extend(misnamed(subject));
        notes.extend(panicked.iter().map(|code| Note {
            place: Place::default(),
            text: format!("{code} failed inside lagward and was skipped"),
        }));
        Survey { findings, notes, panicked, settings }
    }

    /// Applies the exemptions of the object and of the policy, and notes those that do not hold or cover nothing.
    fn exempt(&self, findings: &mut [Finding], notes: &mut Vec<Note>, evaluation: &Evaluation<'_>) {
        let (meta, settings) = (evaluation.subject.meta(), evaluation.settings);
        let names_rule = |code: &str, rule: &Rule| rule.code == code;
        for exemption in &meta.exemptions {
            let state = exemption::state(exemption, self.policy, settings, self.today);
            let mut is_used = false;
            if let ExemptionState::Holds { reason } = &state {
                for finding in findings.iter_mut().filter(|f| names_rule(&exemption.code, f.rule)) {
                    finding.exempted = Some(reason.clone());
                    is_used = true;
                }
            }
            // An exemption that covers a pair cannot be known to be unused while the counterpart is not known, nor one
            // from a rule that is off (`--select`).
            let is_off =
                |rule: &&&Rule| names_rule(&exemption.code, rule) && settings.level(rule) == Some(Level::Off);
            let may_be_used = is_used
                || evaluation.is_partial
                || self.occasion.is_request()
                || self.policy.rules.iter().any(|rule| is_off(&rule));
            if let Some(text) = state.remark(exemption, may_be_used) {
                notes.push(Note { place: exemption.place(), text });
            }
        }
        let scope = Scope::of(meta, self.world);
        for finding in findings.iter_mut().filter(|finding| finding.exempted.is_none()) {
            if let Some(reason) = self.policy.exemption(finding.rule, &scope, self.today) {
                finding.exempted = Some(reason.into());
            } else if let Some(until) = self.policy.ended_exemption(finding.rule, &scope, self.today) {
                let text = format!("the policy's exemption from {} ran out on {until}", finding.rule.code);
                notes.push(Note { place: finding.report.place.clone(), text });
            }
        }
    }
}

/// An annotation of which its author expects something.
fn unread(name: &str) -> Note {
    let place = annotation(format!("{PREFIX}{name}"));
    let text = match meant(name) {
        Some(meant) => format!("{place} is not read; {PREFIX}{meant} is probably meant"),
        None => format!("{place} is not read on an object of this kind"),
    };
    Note { place, text }
}

/// A consumer that is named and not there.
fn misnamed(subject: &Subject) -> Option<Note> {
    let Subject::Workload(consumer) = subject else { return None };
    let name = consumer.misnamed()?;
    let place = annotation(CONSUMER_ANNOTATION);
    let text = format!("{place} is {name:?}, which is no container's name; it is ignored");
    Some(Note { place, text })
}

/// Why findings that would deny only warn, if there are any.
fn doubt(meta: &Meta, settings: &Settings, findings: &[Finding]) -> Option<Note> {
    let doubtful = findings.iter().map(|finding| finding.rule).filter(|rule| settings.is_doubtful(rule));
    let codes: BTreeSet<&str> = doubtful.map(|rule| rule.code).collect();
    let [first, others @ ..] = &*Vec::from_iter(codes) else { return None };
    let codes = others.iter().fold((*first).to_owned(), |codes, code| codes + ", " + code);
    let why = match &meta.object.namespace {
        Some(namespace) => format!("the labels of namespace {namespace:?} are not known"),
        None => "the object names no namespace".to_owned(),
    };
    let text = format!("the policy selects by namespaceLabels, and {why}, so that {codes} can only warn");
    Some(Note { place: Place::default().field("metadata").field("namespace"), text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::object::Kind;
    use crate::engine::rule::{Check, Fixes, Levels};
    use crate::engine::world::Nothing;

    static BROKEN: Rule = Rule {
        code: "LW999",
        name: "never-right",
        summary: "It panics",
        since: "0.0.0",
        levels: Levels::DENY,
        fixes: Fixes::NONE,
        params: &[],
        page: "",
        checks: &[Check::Workload(|_, _| panic!("this test panics on purpose"))],
    };

    #[test]
    fn a_rule_that_panics_is_silent_and_the_user_is_told() {
        static ONLY: [&Rule; 1] = [&BROKEN];
        let policy = Policy::new(&ONLY);
        let subject = Subject::distil(Kind::Deployment, &serde_json::json!({})).unwrap();
        let today = jiff::civil::date(2026, 11, 24);
        let context = Context { world: &Nothing, policy: &policy, occasion: Occasion::Existing, today };
        let verdict = judge(&subject, || None, &context);
        assert!(verdict.findings.is_empty());
        assert_eq!(verdict.panicked, ["LW999"]);
        let notes: Vec<&str> = verdict.notes.iter().map(|note| &*note.text).collect();
        assert_eq!(notes, ["LW999 failed inside lagward and was skipped"]);
    }

    #[test]
    fn a_consumer_that_is_named_and_not_there_is_noted_and_evidence_decides() {
        let policy = Policy::new(crate::rules::RULES);
        let today = jiff::civil::date(2026, 11, 24);
        let context = Context { world: &Nothing, policy: &policy, occasion: Occasion::Existing, today };
        let said = |name: &str| {
            let env = serde_json::json!([{"name": "KAFKA_SESSION_TIMEOUT_MS", "value": "450000"}]);
            let object = serde_json::json!({
                "metadata": {"annotations": {"lagward.dev/consumer": name}},
                "spec": {"template": {"spec": {"containers": [{"name": "app", "env": env}]}}},
            });
            let verdict = judge(&Subject::distil(Kind::Deployment, &object).unwrap(), || None, &context);
            let codes: Vec<&str> = verdict.findings.iter().map(|finding| finding.rule.code).collect();
            (codes, verdict.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>())
        };
        let ignored = |name: &str| {
            let place = "metadata.annotations[\"lagward.dev/consumer\"]";
            vec![format!("{place} is {name:?}, which is no container's name; it is ignored")]
        };
        assert_eq!(said("app"), (vec!["LW102"], vec![]));
        assert_eq!(said("true"), (vec!["LW102"], ignored("true")));
        assert_eq!(said("ap"), (vec!["LW102"], ignored("ap")));
        assert_eq!(said("false"), (vec![], vec![]));
    }
}
