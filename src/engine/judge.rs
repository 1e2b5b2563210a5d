//! The one verb: judges an object by a policy.
//!
//! Pure and infallible. It owns levels, the cap on assumptions, the pair policy, exemptions and the ratchet;
//! the fronts only read bytes and render a [`Verdict`], so that they cannot disagree.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::civil::Date;

use super::consumer::{Consumer, Container};
use super::exemption::{self, Standing};
use super::finding::{Finding, Gap, Report, Severity};
use super::object::Meta;
use super::place::Place;
use super::policy::{Mode, Mutate, Policy, Profile, Scope, Settings};
use super::rule::{Check, Cx, Level, Rule};
use super::scaler::Scaler;
use super::setting::Basis;
use super::subject::Subject;
pub use super::verdict::{Note, Occasion, Verdict};
use super::world::{Lookup, World};

/// Judges `new`. `old` is what it replaces, asked for only when the ratchet needs it; `today` is the date in UTC
/// by which exemptions hold.
pub fn judge(
    new: &Subject,
    old: impl FnOnce() -> Option<Subject>,
    world: &dyn World,
    policy: &Policy,
    occasion: Occasion,
    today: Date,
) -> Verdict {
    let settings = policy.settings_for(&Scope::of(new.meta(), world));
    let mut survey = survey(new, world, policy, &settings, occasion, today);
    if survey.findings.iter().any(denies)
        && let Some(old) = old()
    {
        let settings = policy.settings_for(&Scope::of(old.meta(), world));
        let before = self::survey(&old, world, policy, &settings, occasion, today);
        ratchet(&mut survey.findings, &before.findings);
    }
    let mode = settings.mode.unwrap_or(Mode::Enforce);
    if mode != Mode::Enforce && occasion != Occasion::Standing {
        for finding in &mut survey.findings {
            finding.level = finding.level.min(Level::Warn);
        }
    }
    // The sort is stable: within a level the order of the rule table stays.
    survey.findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Verdict {
        findings: survey.findings,
        notes: survey.notes,
        mode,
        mutate: settings.mutate.filter(|_| !settings.is_unsure).unwrap_or(Mutate::Off),
        panicked: survey.panicked,
    }
}

struct Survey {
    findings: Vec<Finding>,
    notes: Vec<Note>,
    panicked: Vec<&'static str>,
}

/// Everything the rules say of one object, without regard to what it was before.
fn survey(
    subject: &Subject,
    world: &dyn World,
    policy: &Policy,
    settings: &Settings,
    occasion: Occasion,
    today: Date,
) -> Survey {
    let bench = Bench::new(subject, world, policy, settings, occasion);
    let mut survey = Survey { findings: Vec::new(), notes: Vec::new(), panicked: Vec::new() };
    for rule in policy.rules {
        if settings.level(rule) == Some(Level::Off) {
            continue;
        }
        // A rule that panics is silent for this object; it never decides.
        match catch_unwind(AssertUnwindSafe(|| bench.run(rule))) {
            Ok(findings) => survey.findings.extend(findings),
            Err(_) => survey.panicked.push(rule.code),
        }
    }
    survey.findings.retain(|finding| finding.level > Level::Off);
    if settings.is_unsure && !survey.findings.is_empty() {
        survey.notes.push(unsure(subject.meta()));
    }
    exempt(&mut survey, &bench, today);
    for (written, why) in subject.meta().facts.unreadable() {
        let text = format!("{} is {:?}, which {}; it is ignored", written.place, written.raw, why.text());
        survey.notes.push(Note { place: written.place.clone(), text });
    }
    survey
}

/// Why denials only warn.
fn unsure(meta: &Meta) -> Note {
    let of =
        meta.object.namespace.as_deref().map_or_else(String::new, |namespace| format!(" of {namespace:?}"));
    let text = format!(
        "the policy selects by namespaceLabels, and the labels{of} are not known: what would be denied only warns"
    );
    Note { place: Place::default().field("metadata").field("namespace"), text }
}

/// One object with its counterparts, ready for the rules.
struct Bench<'a> {
    subject: &'a Subject,
    world: &'a dyn World,
    policy: &'a Policy,
    settings: &'a Settings,
    occasion: Occasion,
    scalers: Vec<&'a Scaler>,
    consumer: Option<&'a Consumer>,
    others: Vec<&'a Meta>,
    /// The containers that run a consumer, and whether only the ScaledObject shows it: what is said of such a one
    /// rests on both objects.
    consuming: Vec<(&'a Container, bool)>,
    /// Other ScaledObjects of the same workload.
    rivals: Vec<&'a Scaler>,
    /// The target is certainly not there. A request may come before its workload, so that it says nothing.
    is_dangling: bool,
    /// The counterpart may be there but is not known.
    is_partial: bool,
}

impl<'a> Bench<'a> {
    fn new(
        subject: &'a Subject,
        world: &'a dyn World,
        policy: &'a Policy,
        settings: &'a Settings,
        occasion: Occasion,
    ) -> Self {
        let mut bench = Self {
            subject,
            world,
            policy,
            settings,
            occasion,
            scalers: Vec::new(),
            consumer: None,
            others: Vec::new(),
            consuming: Vec::new(),
            rivals: Vec::new(),
            is_dangling: false,
            is_partial: false,
        };
        match subject {
            Subject::Workload(consumer) => {
                let scalers = world.scalers_of(consumer);
                bench.is_partial = matches!(scalers, Lookup::Unknown);
                // A ScaledObject without a Kafka trigger makes nobody a consumer.
                bench.scalers = scalers.found().unwrap_or_default();
                bench.scalers.retain(|scaler| !scaler.triggers.is_empty());
                bench.others = bench.scalers.iter().map(|scaler| &scaler.meta).collect();
                let alone = consumer.consuming(false);
                let by_pair = |one: &&Container| !alone.iter().any(|other| std::ptr::eq(*other, *one));
                let all = consumer.consuming(!bench.scalers.is_empty()).into_iter();
                bench.consuming = all.map(|one| (one, by_pair(&one))).collect();
            }
            Subject::Scaler(scaler) => {
                let consumer = world.consumer_of(scaler);
                bench.is_partial = matches!(consumer, Lookup::Unknown);
                bench.is_dangling = occasion == Occasion::Standing && matches!(consumer, Lookup::Absent);
                bench.rivals = world.rivals_of(scaler);
                bench.consumer = consumer.found();
                bench.others = bench.consumer.iter().map(|consumer| &consumer.meta).collect();
            }
        }
        bench
    }

    fn run(&self, rule: &'static Rule) -> Vec<Finding> {
        let mut findings = Vec::new();
        for check in rule.checks {
            match (check, self.subject) {
                (Check::Container(check), Subject::Workload(consumer)) => {
                    for (container, by_pair) in &self.consuming {
                        findings.extend(self.ask(rule, None, |cx| {
                            cx.used_pair |= by_pair;
                            check(container, consumer, cx);
                        }));
                    }
                }
                (Check::Workload(check), Subject::Workload(consumer)) => {
                    findings.extend(self.ask(rule, None, |cx| check(consumer, cx)));
                }
                (Check::Scaler(check), Subject::Scaler(scaler)) if !scaler.triggers.is_empty() => {
                    findings.extend(self.ask(rule, None, |cx| check(scaler, cx)));
                }
                (Check::Trigger(check), Subject::Scaler(scaler)) => {
                    for trigger in &scaler.triggers {
                        findings.extend(self.ask(rule, None, |cx| check(trigger, scaler, cx)));
                    }
                }
                (Check::Pair(check), _) => {
                    for (consumer, scaler) in self.pairs() {
                        let about = &scaler.meta;
                        findings.extend(self.ask(rule, Some(about), |cx| check(consumer, scaler, cx)));
                    }
                }
                _ => {}
            }
        }
        once_a_place(findings)
    }

    /// The pairs that the object is part of. Among files and running objects each pair is judged once, with its
    /// ScaledObject; a request carries only one of the two, and either may spoil the pair.
    fn pairs(&self) -> Vec<(&'a Consumer, &'a Scaler)> {
        match self.subject {
            Subject::Scaler(scaler) if !scaler.triggers.is_empty() => {
                self.consumer.into_iter().map(|consumer| (consumer, &**scaler)).collect()
            }
            Subject::Workload(consumer) if self.occasion != Occasion::Standing => {
                self.scalers.iter().map(|scaler| (&**consumer, *scaler)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Runs one check. `pair` is the ScaledObject that a pair check speaks of.
    fn ask(&self, rule: &'static Rule, pair: Option<&Meta>, check: impl FnOnce(&mut Cx<'_>)) -> Vec<Finding> {
        let mut cx = Cx {
            rule,
            settings: self.settings,
            policy: self.policy,
            own: self.subject.meta(),
            others: &self.others,
            scalers: &self.scalers,
            rivals: &self.rivals,
            world: self.world,
            is_dangling: self.is_dangling,
            is_request: self.occasion != Occasion::Standing,
            used_pair: pair.is_some(),
            is_rehearsal: false,
            reports: Vec::new(),
        };
        check(&mut cx);
        let object = &pair.unwrap_or(self.subject.meta()).object;
        let finding = |(report, needs_pair): (Report, bool)| Finding {
            rule,
            object: object.clone(),
            level: self.level(rule, &report, needs_pair),
            report,
            exempted: None,
            is_ratcheted: false,
            needs_pair,
        };
        cx.reports.into_iter().map(finding).collect()
    }

    fn level(&self, rule: &Rule, report: &Report, needs_pair: bool) -> Level {
        let by_profile = match (report.severity, self.policy.profile) {
            (Severity::Firm, Profile::Strict) | (Severity::Judgement, Profile::Strict) => rule.levels.strict,
            (Severity::Firm, Profile::Baseline) => rule.levels.baseline,
            (Severity::Judgement, Profile::Baseline) => rule.levels.baseline.min(Level::Warn),
            (Severity::Advice, _) => Level::Warn,
        };
        let level = match self.settings.level(rule) {
            Some(level) if report.severity != Severity::Advice => level,
            Some(level) => level.min(Level::Warn),
            None => by_profile,
        };
        let pair_only_warns = needs_pair
            && match self.occasion {
                Occasion::Standing => false,
                Occasion::Admission { dry_run } => dry_run || matches!(self.subject, Subject::Workload(_)),
            };
        let warn_at_most = report.basis == Basis::Assumed
            || pair_only_warns
            || self.settings.is_unsure
            || self.is_generated_or_paused(needs_pair);
        if warn_at_most { level.min(Level::Warn) } else { level }
    }

    /// Nobody scales a paused object, and the generator of a controlled one would write its value back for ever.
    fn is_generated_or_paused(&self, needs_pair: bool) -> bool {
        let own = match self.subject {
            Subject::Workload(consumer) => consumer.meta.controlled,
            Subject::Scaler(scaler) => scaler.meta.controlled || scaler.paused.is_some(),
        };
        own || (needs_pair
            && (self.others.iter().any(|meta| meta.controlled)
                || self.scalers.iter().any(|s| s.paused.is_some())))
    }
}

/// Several containers may make one rule speak of one place, such as the grace period of their pod: what is worst
/// stays, since what mends it mends the others.
fn once_a_place(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let same =
            |one: &&mut Finding| one.object == finding.object && one.report.place == finding.report.place;
        match kept.iter_mut().find(same) {
            Some(one) if weight(one) < weight(&finding) => *one = finding,
            Some(_) => {}
            None => kept.push(finding),
        }
    }
    kept
}

fn weight(finding: &Finding) -> (Level, u128) {
    let distance = match finding.report.gap {
        Gap::Distance(distance) => distance,
        Gap::Value(_) => 0,
    };
    (finding.level, distance)
}

fn denies(finding: &Finding) -> bool {
    finding.level == Level::Deny && finding.exempted.is_none()
}

/// A finding denies only if the object was better before: an equal or worse one at the same keyed place lets it
/// pass with a warning. What an exemption covered before counts as right, so that removing it is refused, and so
/// does mere advice: its distance is measured from another bound.
fn ratchet(new: &mut [Finding], old: &[Finding]) {
    let key = |finding: &Finding| (finding.rule.code, finding.report.place.keyed());
    // Advice never denied. What was paused or owned did not either, but its values were what they are: whoever
    // pauses a running consumer must be able to let it run again.
    let excuses = |before: &&Finding| before.exempted.is_none() && before.report.severity != Severity::Advice;
    let mut before: HashMap<_, Vec<&Finding>> = HashMap::new();
    for finding in old.iter().filter(excuses) {
        before.entry(key(finding)).or_default().push(finding);
    }
    for finding in new.iter_mut().filter(|finding| denies(finding)) {
        let at_the_place = before.get(&key(finding)).map_or(&[][..], Vec::as_slice);
        finding.is_ratcheted = at_the_place.iter().any(|before| {
            before.object == finding.object && finding.report.gap.is_no_worse_than(&before.report.gap)
        });
        if finding.is_ratcheted {
            finding.level = Level::Warn;
        }
    }
}

/// Applies the exemptions of the object and of the policy, and notes those that do not hold or cover nothing.
fn exempt(survey: &mut Survey, bench: &Bench<'_>, today: Date) {
    let meta = bench.subject.meta();
    let names_rule = |code: &str, rule: &Rule| rule.code == code;
    for exemption in &meta.exemptions {
        let standing = exemption::standing(exemption, bench.policy, bench.settings, today);
        let mut is_used = false;
        if let Standing::Holds { reason } = &standing {
            for finding in survey.findings.iter_mut().filter(|f| names_rule(&exemption.code, f.rule)) {
                finding.exempted = Some(reason.clone());
                is_used = true;
            }
        }
        // An exemption that covers a pair cannot be known to be unused while the counterpart is not known, nor one
        // from a rule that is off (`--select`).
        let is_off = |rule: &&&Rule| {
            names_rule(&exemption.code, rule) && bench.settings.level(rule) == Some(Level::Off)
        };
        let may_be_used = is_used
            || bench.is_partial
            || bench.occasion != Occasion::Standing
            || bench.policy.rules.iter().any(|rule| is_off(&rule));
        if let Some(text) = standing.remark(exemption, may_be_used) {
            survey.notes.push(Note { place: exemption.place(), text });
        }
    }
    let scope = Scope::of(meta, bench.world);
    for finding in survey.findings.iter_mut().filter(|finding| finding.exempted.is_none()) {
        if let Some(reason) = bench.policy.exemption(finding.rule, &scope, today) {
            finding.exempted = Some(reason.into());
        }
    }
}
