//! What a team wants of the rules: profile, levels, parameters, overrides and exemptions.
//!
//! A policy is read once into plain values; asking it costs a few comparisons.

mod param;
mod read;
mod schema;
mod selector;

use std::borrow::Cow;

use jiff::civil::Date;

use super::keda::KedaVersion;
use super::rule::{Level, Rule};
pub use param::{LabelName, Param, ParamValue, Parameter, Ratio, SessionVariable, Stored};
pub use read::Problem;
pub use schema::schema;
pub use selector::Scope;
use selector::{Fit, Selector};

/// A whole policy, bound to the table of rules that it speaks of.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The rules, in the order of their codes.
    pub rules: &'static [&'static Rule],
    /// Which levels apply where no `level` is set.
    pub profile: Profile,
    /// How timeouts are aligned.
    pub alignment: Alignment,
    /// The version of KEDA that objects are for.
    pub keda_version: KedaVersion,
    /// Where messages point to.
    pub docs_url: Box<str>,
    base: Settings,
    overrides: Vec<(Selector, Settings)>,
    exempt: Vec<PolicyExemption>,
}

/// Sets the levels of all rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The write-up's rules; the shipped default.
    Strict,
    /// Judgement calls only warn.
    Baseline,
}

/// What the webhook does with a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Nothing: it allows in silence, patches nothing and records the codes.
    Audit,
    /// It warns.
    Warn,
    /// It denies.
    Enforce,
}

/// Which fixes the webhook applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutate {
    /// None; the shipped default.
    Off,
    /// Those that supply an unset value.
    Fill,
    /// Those that overwrite a value, too.
    Enforce,
}

/// How session timeout and grace period relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// The team's rule: a ratio for everybody, with an upper bound.
    Ratio,
    /// By membership and kind of client, as the protocol works.
    Protocol,
}

/// What applies to one object.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the webhook does with a denial; unset means [`Mode::Enforce`].
    pub mode: Option<Mode>,
    /// Which fixes the webhook applies; unset means [`Mutate::Off`].
    pub mutate: Option<Mutate>,
    levels: Vec<(&'static str, Level)>,
    unexemptable: Vec<&'static str>,
    params: Vec<(usize, Stored)>,
    /// The rules that it says anything of.
    mentioned: Vec<&'static str>,
    doubt: Doubt,
}

/// Of which rules it is not known what applies: an override or an exemption is for namespaces of some labels, and
/// those of this one are not known.
#[derive(Clone, Debug, Default)]
struct Doubt {
    all: bool,
    codes: Vec<&'static str>,
}

/// An exemption that the policy grants.
#[derive(Clone, Debug)]
struct PolicyExemption {
    code: &'static str,
    selector: Selector,
    reason: Box<str>,
    until: Option<Date>,
}

impl Policy {
    /// The policy of an empty file: `strict`, nothing set.
    pub fn new(rules: &'static [&'static Rule]) -> Self {
        Self {
            rules,
            profile: Profile::Strict,
            alignment: Alignment::Ratio,
            keda_version: KedaVersion::NEWEST,
            docs_url: "https://lagward.dev/rules".into(),
            base: Settings::default(),
            overrides: Vec::new(),
            exempt: Vec::new(),
        }
    }

    /// What applies to an object: the base, with each fitting override laid over it; the last one wins.
    pub fn settings_for(&self, scope: &Scope<'_>) -> Cow<'_, Settings> {
        let mut settings = Cow::Borrowed(&self.base);
        for (selector, change) in &self.overrides {
            match selector.fits(scope) {
                Fit::Yes => settings.to_mut().lay_over(change),
                Fit::Unsure => settings.to_mut().doubt(change),
                Fit::No => {}
            }
        }
        for exempt in self.exempt.iter().filter(|exempt| exempt.selector.fits(scope) == Fit::Unsure) {
            settings.to_mut().doubt.codes.push(exempt.code);
        }
        settings
    }

    /// The last day of an exemption that the policy granted this object.
    pub(super) fn ended_exemption(&self, rule: &Rule, scope: &Scope<'_>, today: Date) -> Option<Date> {
        let ended = self.exempt.iter().filter(|exempt| exempt.code == rule.code);
        let ended = ended.filter(|exempt| exempt.selector.fits(scope) == Fit::Yes);
        ended.filter_map(|exempt| exempt.until.filter(|until| *until < today)).max()
    }

    /// The reason of an exemption that the policy grants this object.
    pub(super) fn exemption(&self, rule: &Rule, scope: &Scope<'_>, today: Date) -> Option<&str> {
        self.exempt
            .iter()
            .find(|exempt| {
                exempt.code == rule.code
                    && exempt.until.is_none_or(|until| today <= until)
                    && exempt.selector.fits(scope) == Fit::Yes
            })
            .map(|exempt| &*exempt.reason)
    }

    /// Whether the labels of namespaces matter to it.
    pub fn selects_by_namespace_labels(&self) -> bool {
        let overrides = self.overrides.iter().map(|(selector, _)| selector);
        let mut selectors = overrides.chain(self.exempt.iter().map(|exempt| &exempt.selector));
        selectors.any(|selector| !selector.namespace_labels.is_empty())
    }

    /// Narrows the rules to these codes, for `--select` and `--ignore`.
    pub fn keep(&mut self, keep: impl Fn(&Rule) -> bool) {
        for rule in self.rules.iter().filter(|rule| !keep(rule)) {
            self.base.levels.insert(0, (rule.code, Level::Off));
            for (_, settings) in &mut self.overrides {
                settings.levels.retain(|(code, _)| *code != rule.code);
            }
        }
    }
}

impl Settings {
    /// The level that the policy sets for a rule.
    pub fn level(&self, rule: &Rule) -> Option<Level> {
        self.levels.iter().find(|(code, _)| *code == rule.code).map(|(_, level)| *level)
    }

    /// Whether an annotation may exempt from the rule.
    pub fn is_exemptable(&self, rule: &Rule) -> bool {
        !self.unexemptable.contains(&rule.code)
    }

    /// What applies to the rule is not known, so that it must not deny.
    pub fn is_doubtful(&self, rule: &Rule) -> bool {
        self.doubt.all || self.doubt.codes.contains(&rule.code)
    }

    /// Which fixes the webhook applies: none while anything is in doubt, and none where it only looks on.
    pub(super) fn mutate(&self) -> Mutate {
        let is_sure = !self.doubt.all && self.doubt.codes.is_empty();
        let may_act = is_sure && self.mode != Some(Mode::Audit);
        self.mutate.filter(|_| may_act).unwrap_or(Mutate::Off)
    }

    /// A parameter's value.
    pub fn get<T: ParamValue>(&self, param: &'static Param<T>) -> T {
        self.params
            .iter()
            .find(|(address, _)| *address == param.address())
            .and_then(|(_, stored)| T::load(stored))
            .unwrap_or_else(|| param.default.clone())
    }

    /// It may be that this change applies.
    fn doubt(&mut self, change: &Self) {
        self.doubt.all |= change.mode.is_some() || change.mutate.is_some();
        self.doubt.codes.extend(&change.mentioned);
    }

    fn lay_over(&mut self, change: &Self) {
        self.mode = change.mode.or(self.mode);
        self.mutate = change.mutate.or(self.mutate);
        // The first entry wins when asked, so that a change goes to the front.
        self.levels.splice(0..0, change.levels.iter().copied());
        self.params.splice(0..0, change.params.iter().cloned());
        self.unexemptable.extend(&change.unexemptable);
    }
}
