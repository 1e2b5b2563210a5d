//! How long a container's own shutdown steps take: preStop hooks and probe grace periods.

use std::time::Duration;

use crate::engine::consumer::{FOREVER, seconds};
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
/// takes no time unless the script ends by waiting for it, and one behind `||` or in a pipe perhaps none.
fn slept(script: &str) -> Option<Duration> {
    // `2>&1` and `&>` are no operators between commands, and `&&` goes on where all is well.
    let script = script.replace(">&", ">").replace("&>", ">").replace("&&", "\n");
    let script = awaited(&script).unwrap_or(&script);
    if script.contains(['&', '|']) {
        return None;
    }
    let mut total = Duration::ZERO;
    let mut found = false;
    for statement in script.split([';', '\n']) {
        let mut words = statement.split_whitespace().peekable();
        let is_exec = words.next_if_eq(&"exec").is_some();
        match words.next().map(base_name) {
            Some("sleep") => {
                let times = words.map(sleep_argument).collect::<Option<Vec<Duration>>>()?;
                total = times.into_iter().fold(total, Duration::saturating_add);
                found = true;
            }
            Some("while" | "until" | "for" | "if" | "case") => return None,
            // It redirects and goes on.
            Some(word) if is_exec && word.contains(['<', '>']) => continue,
            _ => {}
        }
        // Nothing runs behind it.
        if is_exec {
            break;
        }
    }
    found.then_some(total)
}

/// The commands in front of a last `& wait`: what is started in the background is waited for.
fn awaited(script: &str) -> Option<&str> {
    let (before, last) = script.trim_end_matches([';', '\n', ' ']).rsplit_once('&')?;
    let mut words = last.split_whitespace();
    (words.next() == Some("wait") && words.all(|word| word == "$!")).then_some(before)
}

/// An argument of sleep(1): a number with or without a fraction, with a suffix of s, m, h or d, or `infinity`.
fn sleep_argument(text: &str) -> Option<Duration> {
    if matches!(text, "infinity" | "inf") {
        return Some(FOREVER);
    }
    let (number, scale) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1),
        b'm' => (&text[..text.len() - 1], 60),
        b'h' => (&text[..text.len() - 1], 3600),
        b'd' => (&text[..text.len() - 1], 86_400),
        _ => (text, 1),
    };
    // Rust would take `1e3` and `nan`, too.
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = number.parse().ok().filter(|number| is_plain && *number <= f64::from(u32::MAX))?;
    Duration::from_millis((number * 1000.0).round() as u64).checked_mul(scale)
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
        assert_eq!(exec(&["sh", "-c", "sleep 0.5m; sleep 1.5 1.5"]), Some(33));
        assert_eq!(exec(&["sleep", "1d"]), Some(86_400));
    }

    #[test]
    fn what_is_waited_for_takes_its_time_and_nothing_runs_behind_exec() {
        for script in ["sleep 60 & wait", "sleep 20; sleep 40 &\nwait $!;", "exec sleep 60; sleep 40"] {
            assert_eq!(exec(&["sh", "-c", script]), Some(60), "{script}");
        }
        for script in
            ["sleep 60 &", "sleep 60 & sleep 40 & wait", "sleep 60 & exec wait.sh", "exec /stop; sleep 9"]
        {
            assert_eq!(exec(&["sh", "-c", script]), None, "{script}");
        }
    }

    #[test]
    fn a_hook_may_never_end() {
        for command in [&["sleep", "infinity"][..], &["sh", "-c", "sleep 5; exec sleep inf"]] {
            assert_eq!(exec(command), Some(FOREVER.as_secs()), "{command:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_has_no_length() {
        assert_eq!(exec(&["sh", "-c", "while pgrep java; do sleep 1; done"]), None);
        assert_eq!(exec(&["sh", "-c", "sleep $DELAY"]), None);
        for time in ["1e3", "nan", "-5", ".", "99999999999999999999"] {
            assert_eq!(exec(&["sleep", time]), None, "{time}");
        }
        for script in
            ["curl localhost/drain || sleep 35", "sleep 40 & curl localhost/drain", "sleep 40 | cat"]
        {
            assert_eq!(exec(&["sh", "-c", script]), None, "{script}");
        }
        assert_eq!(exec(&["/stop.sh"]), None);
        assert_eq!(of(serde_json::json!({"lifecycle": {"preStop": {"httpGet": {"path": "/stop"}}}})), None);
    }
}
