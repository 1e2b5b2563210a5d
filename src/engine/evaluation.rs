//! Puts one object before the rules, with the objects that it belongs to, and says how firmly each finding counts.

use super::consumer::{Consumer, Container};
use super::finding::{Finding, Gap, Report, Severity};
use super::judge::{Context, Occasion};
use super::object::Meta;
use super::policy::{Profile, Settings};
use super::rule::{Check, Cx, Level, Rule};
use super::scaler::Scaler;
use super::setting::Basis;
use super::subject::Subject;
use super::world::Lookup;

/// One object with its counterparts, ready for the rules.
pub(super) struct Evaluation<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) subject: &'a Subject,
    pub(super) settings: &'a Settings,
    /// The ScaledObjects of the judged workload that have a Kafka trigger.
    pub(super) scalers: Vec<&'a Scaler>,
    consumer: Option<&'a Consumer>,
    /// Of the counterparts.
    pub(super) others: Vec<&'a Meta>,
    /// The containers that run a consumer, and whether only the ScaledObject shows it: what is said of such a one
    /// rests on both objects.
    consuming: Vec<(&'a Container, bool)>,
    /// Other ScaledObjects of the same workload.
    pub(super) rivals: Vec<&'a Scaler>,
    /// The target is certainly not there. A request may come before its workload, so that it says nothing.
    pub(super) is_dangling: bool,
    /// The counterpart may be there but is not known.
    pub(super) is_partial: bool,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(subject: &'a Subject, context: &'a Context<'a>, settings: &'a Settings) -> Self {
        let &Context { world, occasion, .. } = context;
        let mut evaluation = Self {
            context,
            subject,
            settings,
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
                evaluation.is_partial = matches!(scalers, Lookup::Unknown);
                // A ScaledObject without a Kafka trigger makes nobody a consumer.
                evaluation.scalers = scalers.found().unwrap_or_default();
                evaluation.scalers.retain(|scaler| !scaler.triggers.is_empty());
                evaluation.others = evaluation.scalers.iter().map(|scaler| &scaler.meta).collect();
                let alone = consumer.consuming(false);
                let by_pair = |one: &&Container| !alone.iter().any(|other| std::ptr::eq(*other, *one));
                let all = consumer.consuming(!evaluation.scalers.is_empty()).into_iter();
                evaluation.consuming = all.map(|one| (one, by_pair(&one))).collect();
            }
            Subject::Scaler(scaler) => {
                let consumer = world.consumer_of(scaler);
                evaluation.is_partial = matches!(consumer, Lookup::Unknown);
                evaluation.is_dangling = !occasion.is_request() && matches!(consumer, Lookup::Absent);
                evaluation.rivals = world.rivals_of(scaler);
                evaluation.consumer = consumer.found();
                evaluation.others = evaluation.consumer.iter().map(|consumer| &consumer.meta).collect();
            }
        }
        evaluation
    }

    /// What one rule says.
    pub(super) fn run(&self, rule: &'static Rule) -> Vec<Finding> {
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
                    for (_, trigger) in scaler.triggers_of(self.context.policy.keda_version) {
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
            Subject::Workload(consumer) if self.context.occasion.is_request() => {
                self.scalers.iter().map(|scaler| (&**consumer, *scaler)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Runs one check. `pair` is the ScaledObject that a pair check speaks of.
    fn ask(&self, rule: &'static Rule, pair: Option<&Meta>, check: impl FnOnce(&mut Cx<'_>)) -> Vec<Finding> {
        let mut cx = Cx { used_pair: pair.is_some(), ..Cx::new(rule, self) };
        check(&mut cx);
        let object = &pair.unwrap_or(self.subject.meta()).object;
        let finding = |(report, needs_pair): (Report, bool)| Finding {
            rule,
            object: object.clone(),
            level: self.level(rule, &report, needs_pair),
            report,
            exempted: None,
            is_ratcheted: false,
            would_deny: false,
            needs_pair,
        };
        cx.reports.into_iter().map(finding).collect()
    }

    fn level(&self, rule: &Rule, report: &Report, needs_pair: bool) -> Level {
        let by_profile = match (report.severity, self.context.policy.profile) {
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
            && match self.context.occasion {
                Occasion::Existing => false,
                Occasion::Admission { dry_run } => dry_run || matches!(self.subject, Subject::Workload(_)),
            };
        let warn_at_most = report.basis == Basis::Assumed
            || pair_only_warns
            || self.settings.is_doubtful(rule)
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
        Gap::Distance(distance) | Gap::Whole(distance) => distance,
        Gap::Value(_) => 0,
    };
    (finding.level, distance)
}
