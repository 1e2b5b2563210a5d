//! LW114 ambiguous-timeout-unit.

use std::time::Duration;

use crate::engine::consumer::{Consumer, Container};
use crate::engine::duration::{self, Form, Unit};
use crate::engine::finding::{Gap, Report, Severity};
use crate::engine::rule::{Check, Cx, Fixes, Levels, Rule};
use crate::engine::scaler::Scaler;
use crate::engine::setting::{Basis, Flaw, Reader, Setting, Written};

pub(super) static RULE: Rule = Rule {
    code: "LW114",
    name: "ambiguous-timeout-unit",
    summary: "A time is written in a unit that its reader does not take, or in none",
    since: "0.1.0",
    levels: Levels::DENY,
    fixes: Fixes::NONE,
    params: &[],
    page: include_str!("lw114_ambiguous_timeout_unit.md"),
    checks: &[Check::Container(in_workload), Check::Scaler(in_scaler)],
};

fn in_workload(container: &Container, consumer: &Consumer, cx: &mut Cx<'_>) {
    // Under group.protocol=consumer these two must not be there at all (LW109).
    if !container.new_protocol() {
        client(&container.session, cx);
        client(&container.heartbeat, cx);
    }
    client(&container.poll_interval, cx);
    client(&container.drain, cx);
    declaration(&consumer.declared_session, cx);
    declaration(&consumer.declared_drain, cx);
}

fn in_scaler(scaler: &Scaler, cx: &mut Cx<'_>) {
    scaler.declared_sessions().for_each(|setting| declaration(setting, cx));
    declaration(&scaler.declared_drain, cx);
}

/// What a client reads.
fn client(setting: &Setting<Duration>, cx: &mut Cx<'_>) {
    let Setting::Invalid { written, why } = setting else { return };
    let text = written.text().trim();
    // A name that takes a bare number of one unit refuses what is a duration anywhere else.
    let meant = duration::parse(text, Unit::ByValue).ok().filter(|_| *why == Flaw::NoDuration);
    let meant = meant.map(|(meant, _)| (meant, written.form));
    let unknown = "lagward cannot compare it with anything, and the client may take it for something else or refuse to start";
    let (want, cost) = match meant {
        Some((meant, Some(Form::Millis))) => {
            (format!("needs a number of milliseconds: {}", meant.as_millis()), misreading(text, written.reader))
        }
        Some((meant, Some(_))) => (format!("needs a number of seconds: {}", meant.as_secs()), unknown.to_owned()),
        Some((meant, None)) => {
            (format!("needs one whole number and one unit: {}", duration::write(meant, Form::Go)), unknown.to_owned())
        }
        None => (wanted(*why, text), unknown.to_owned()),
    };
    let is_certain =
        matches!(meant, Some((_, Some(Form::Millis)))) && written.reader != Reader::Anybody;
    report(written, *why, want, cost, is_certain, cx);
}

/// What only lagward and people read.
fn declaration(setting: &Setting<Duration>, cx: &mut Cx<'_>) {
    let Setting::Invalid { written, why } = setting else { return };
    let cost = "it declares nothing: lagward compares the client with it in no rule, and people may read it either way";
    report(written, *why, wanted(*why, written.text().trim()), cost.to_owned(), false, cx);
}

fn report(written: &Written, why: Flaw, want: String, cost: String, is_certain: bool, cx: &mut Cx<'_>) {
    cx.report(Report {
        place: written.place.clone(),
        found: format!("is {:?}, which {}", written.text(), flaw(why)),
        want,
        cost,
        severity: if is_certain { Severity::Firm } else { Severity::Advice },
        basis: Basis::Certain,
        gap: Gap::Value(written.text().to_owned()),
        fix: None,
    });
}

fn flaw(why: Flaw) -> &'static str {
    match why {
        Flaw::NoDuration => "its name does not take",
        other => other.text(),
    }
}

fn wanted(why: Flaw, text: &str) -> String {
    match why {
        Flaw::AmbiguousUnit => format!("needs a unit ({text}s), or a name that ends in one"),
        _ => "needs a time greater than zero, such as 45s".to_owned(),
    }
}

/// What becomes of a text such as `30s` where a number of milliseconds belongs.
fn misreading(text: &str, reader: Reader) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let librdkafka = match &text[..digits] {
        "" => "librdkafka refuses to start".to_owned(),
        number => format!("librdkafka takes it for {number} ms"),
    };
    let java = "Java refuses to start (\"Not a number of type INT\")";
    match reader {
        Reader::Java => java.to_owned(),
        Reader::Librdkafka => librdkafka,
        Reader::Anybody => format!("{librdkafka}, {java}; only code that parses durations understands it"),
    }
}
