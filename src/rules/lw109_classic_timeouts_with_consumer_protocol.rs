//! LW109 classic-timeouts-with-consumer-protocol.

use crate::engine::consumer::{Consumer, Container};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::fix::{Edit, Fix, Safety};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::setting::Basis;

pub(super) static RULE: Rule = Rule {
    code: "LW109",
    name: "classic-timeouts-with-consumer-protocol",
    summary: "The client refuses classic settings under group.protocol=consumer",
    since: "0.1.0",
    // Which client it is, and how old, no manifest tells.
    levels: Levels::WARN,
    fixes: Fixes { fill: false, set: true, at_admission: false },
    params: &[],
    page: include_str!("lw109_classic_timeouts_with_consumer_protocol.md"),
    checks: &[Check::Container(check)],
};

fn check(container: &Container, _: &Consumer, cx: &mut Cx<'_>) {
    let Some(protocol) = container.consumer_protocol.as_deref() else { return };
    for key in &container.classic_keys {
        let by = protocol.place.variable().map_or_else(|| protocol.place.to_string(), ToOwned::to_owned);
        let item = container.removable_variable(&key.place).filter(|_| key.is_variable());
        cx.report(Report {
            place: key.place.clone(),
            found: format!("is {}, but {by} is consumer", key.text()),
            want: "remove it: the broker holds the timeouts and assigns the partitions".to_owned(),
            cost: "where it reaches the client, Java since 4.0 (\"cannot be set when group.protocol=CONSUMER\") and librdkafka since 2.10 refuse to start; the broker's own session timeout is 45 s to 60 s".to_owned(),
            severity: Severity::Firm,
            basis: Basis::Certain,
            gap: Gap::Value(key.text().to_owned()),
            fix: item.map(|place| Fix::new(Safety::Set, vec![Edit::Remove { place }])),
        });
    }
}
