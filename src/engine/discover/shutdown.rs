//! How long a container's own shutdown steps take: preStop hooks and probe grace periods.

use std::time::Duration;

use crate::engine::consumer::seconds;
use crate::engine::place::Place;
use crate::engine::setting::{Setting, Unknown, Written};
use crate::engine::views;

/// The length of the preStop hook: `sleep.seconds`, or an exec that sleeps for a literal time. Other hooks have
/// no length that a manifest tells.
pub(super) fn pre_stop(view: &views::Container<'_>, container: &Place) -> Setting<Duration> {
    let hook = &view.lifecycle.pre_stop;
    let place = || container.field("lifecycle").field("preStop");
    let sleep = seconds(&hook.sleep.seconds, || place().field("sleep").field("seconds"));
    if !sleep.is_undeclared() {
        return sleep;
    }
    let words: Vec<&str> = hook.exec.command.iter().filter_map(views::Scalar::as_str).collect();
    let Some((program, rest)) = words.split_first() else { return Setting::UNDECLARED };
    let (script, at) = match (base_name(program), rest) {
        ("sleep", [time, ..]) => (format!("sleep {time}"), 1),
        ("sh" | "bash" | "ash" | "dash", [flags, script, ..]) if flags.starts_with('-') => {
            ((*script).to_owned(), 2)
        }
        _ => return Setting::Unknown(Unknown::Elsewhere),
    };
    match slept(&script) {
        Some(value) => {
            let place = place().field("exec").field("command").item(at, None);
            Setting::Set { value, written: Box::new(Written::whole(place, words[at])) }
        }
        None => Setting::Unknown(Unknown::Elsewhere),
    }
}

/// The shortest grace period of the probes that can end the container (KEP-2238).
pub(super) fn probe_grace(view: &views::Container<'_>, container: &Place) -> Setting<Duration> {
    let probes = [(&view.liveness_probe, "livenessProbe"), (&view.startup_probe, "startupProbe")];
    probes
        .into_iter()
        .map(|(probe, name)| {
            seconds(&probe.grace_period, || container.field(name).field("terminationGracePeriodSeconds"))
        })
        .filter(|setting| setting.value().is_some())
        .min_by_key(|setting| setting.value().copied())
        .unwrap_or(Setting::UNDECLARED)
}

/// What a script sleeps for in all, if it is a plain sequence of commands with literal sleeps. One in the background
/// takes no time, and one behind `||` or in a pipe perhaps none.
fn slept(script: &str) -> Option<Duration> {
    // `2>&1` and `&>` are no operators between commands, and `&&` goes on where all is well.
    let script = script.replace(">&", ">").replace("&>", ">").replace("&&", "\n");
    if script.contains(['&', '|']) {
        return None;
    }
    let mut total = Duration::ZERO;
    let mut found = false;
    for statement in script.split([';', '\n']) {
        let mut words = statement.split_whitespace().skip_while(|word| *word == "exec");
        match words.next().map(base_name) {
            Some("sleep") => {
                total += words.map(sleep_argument).sum::<Option<Duration>>()?;
                found = true;
            }
            Some("while" | "until" | "for" | "if" | "case") => return None,
            _ => {}
        }
    }
    found.then_some(total)
}

/// An argument of sleep(1): a number, with a suffix of s, m or h.
fn sleep_argument(text: &str) -> Option<Duration> {
    let (number, scale) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1),
        b'm' => (&text[..text.len() - 1], 60),
        b'h' => (&text[..text.len() - 1], 3600),
        _ => (text, 1),
    };
    Duration::from_secs(number.parse::<u32>().ok()?.into()).checked_mul(scale)
}

/// The name of a program without its folder.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: serde_json::Value) -> Option<u64> {
        let text = json.to_string();
        let view: views::Container<'_> = serde_json::from_str(&text).unwrap();
        pre_stop(&view, &Place::default()).value().map(Duration::as_secs)
    }

    fn exec(command: &[&str]) -> Option<u64> {
        of(serde_json::json!({"lifecycle": {"preStop": {"exec": {"command": command}}}}))
    }

    #[test]
    fn a_sleep_action_and_a_literal_exec_sleep_have_a_length() {
        assert_eq!(of(serde_json::json!({"lifecycle": {"preStop": {"sleep": {"seconds": 15}}}})), Some(15));
        assert_eq!(exec(&["sleep", "15"]), Some(15));
        assert_eq!(exec(&["/bin/sleep", "1m"]), Some(60));
        assert_eq!(exec(&["sh", "-c", "sleep 40"]), Some(40));
        assert_eq!(exec(&["/bin/bash", "-ec", "sleep 5 && kill -TERM 1; sleep 10"]), Some(15));
        assert_eq!(exec(&["sh", "-c", "curl localhost/drain >/dev/null 2>&1; exec sleep 10"]), Some(10));
    }

    #[test]
    fn what_cannot_be_read_has_no_length() {
        assert_eq!(exec(&["sh", "-c", "while pgrep java; do sleep 1; done"]), None);
        assert_eq!(exec(&["sh", "-c", "sleep $DELAY"]), None);
        for script in
            ["curl localhost/drain || sleep 35", "sleep 40 & curl localhost/drain", "sleep 40 | cat"]
        {
            assert_eq!(exec(&["sh", "-c", script]), None, "{script}");
        }
        assert_eq!(exec(&["/stop.sh"]), None);
        assert_eq!(of(serde_json::json!({"lifecycle": {"preStop": {"httpGet": {"path": "/stop"}}}})), None);
    }
}
