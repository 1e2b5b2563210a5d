//! How long a container's own shutdown steps take: preStop hooks and probe grace periods.

use std::time::Duration;

use crate::engine::consumer::{Wrapper, seconds};
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

/// A shell between the kubelet and the application that keeps SIGTERM for itself.
///
/// dash (`sh` of Debian and Ubuntu) never replaces itself by the command of `-c`; bash does, unless a pipe or a
/// further command follows. Other shells are as sh.
pub(super) fn wrapper(view: &views::Container<'_>, container: &Place) -> Option<Wrapper> {
    let command: Vec<&str> = view.command.iter().filter_map(views::Scalar::as_str).collect();
    let words = command.iter().copied().chain(view.args.iter().filter_map(views::Scalar::as_str));
    let words: Vec<&str> = words.collect();
    let [shell, flags, script, ..] = words.as_slice() else { return None };
    let is_bash = match base_name(shell) {
        "bash" => true,
        "sh" | "dash" | "ash" => false,
        _ => return None,
    };
    if !flags.starts_with('-') || !flags.contains('c') || flags.starts_with("--") {
        return None;
    }
    let script = script.trim_end();
    // A trap or a background job shows that somebody thought of signals; a loop or a branch is beyond us.
    let thought_of = ["trap ", "exec ", "wait", "tini", "dumb-init"].iter().any(|word| script.contains(word));
    let last = last_command(script)?;
    if thought_of || last.trim().is_empty() {
        return None;
    }
    let is_piped = script.contains(" | ");
    let why = match (is_bash, is_piped) {
        (_, true) => "the application runs in a pipe below a shell, which does not pass SIGTERM on",
        (true, false) => return None,
        (false, false) => "the shell stays in front of the application and does not pass SIGTERM on",
    };
    let start = last.as_ptr().addr() - script.as_ptr().addr();
    let mended = (!is_piped).then(|| format!("{}exec {}", &script[..start], last).into());
    let index = words.len().min(3) - 1;
    let (list, at) = if index < command.len() { ("command", index) } else { ("args", index - command.len()) };
    let place = container.field(list).item(at, None);
    Some(Wrapper { written: Written::whole(place, script), why, mended })
}

/// The last command of a plain sequence; `None` where the script is more than that.
fn last_command(script: &str) -> Option<&str> {
    let is_plain =
        !["while ", "until ", "for ", "if ", "case ", "&\n", "<<", "`"].iter().any(|w| script.contains(w))
            && !script.trim_end().ends_with('&');
    if !is_plain || script.contains(['"', '\'']) && script.contains([';', '|']) {
        return None;
    }
    let last = script.rsplit([';', '\n']).next()?;
    let last = last.rsplit("&&").next()?;
    Some(last.trim_start())
}

/// What a script sleeps for in all, if it is a plain sequence of commands with literal sleeps.
fn slept(script: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut found = false;
    for statement in script.split([';', '\n', '&', '|']) {
        let mut words = statement.split_whitespace();
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

fn base_name(path: &str) -> &str {
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
    }

    #[test]
    fn what_cannot_be_read_has_no_length() {
        assert_eq!(exec(&["sh", "-c", "while pgrep java; do sleep 1; done"]), None);
        assert_eq!(exec(&["sh", "-c", "sleep $DELAY"]), None);
        assert_eq!(exec(&["/stop.sh"]), None);
        assert_eq!(of(serde_json::json!({"lifecycle": {"preStop": {"httpGet": {"path": "/stop"}}}})), None);
    }
}
