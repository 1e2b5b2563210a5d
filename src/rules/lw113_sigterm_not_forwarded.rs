//! LW113 sigterm-not-forwarded.

use crate::engine::consumer::{Consumer, Container};
use crate::engine::cost::Standstill;
use crate::engine::duration::human;
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::Fix;
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW113",
    name: "sigterm-not-forwarded",
    summary: "A shell keeps SIGTERM from the consumer, which is killed without leaving",
    since: "0.1.0",
    levels: Levels::WARN,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw113_sigterm_not_forwarded.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    let Some(wrapper) = container.wrapper.as_deref() else { return };
    let grace = consumer.grace_period.value().map(|grace| format!(" after {}", human(*grace)));
    let place = &wrapper.written.place;
    cx.report(Report {
        place: place.clone(),
        found: format!("keeps SIGTERM from the consumer: {}", wrapper.why),
        want: match wrapper.mended {
            Some(_) => "start it with exec".to_owned(),
            None => "make it the last command, without a pipe, and start it with exec".to_owned(),
        },
        cost: format!(
            "{}, commits nothing and does not leave: its partitions are not consumed for {}, then what it had not committed is processed twice",
            match wrapper.is_below_init {
                true => "the init ends as soon as the shell does, so that the consumer is killed at once".to_owned(),
                false => format!("it goes on consuming until SIGKILL ends it{}", grace.unwrap_or_default()),
            },
            Standstill::of(container, consumer)
        ),
        severity: Severity::Firm,
        basis: Basis::Certain,
        gap: Gap::Value(String::new()),
        fix: wrapper.mended.as_ref().map(|script| Fix::set(place.clone(), script.to_string())),
    });
}
