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
/// further command follows (measured: dash 0.5.12, bash 5.2). Other shells are taken for dash.
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
    if !flags.starts_with('-') || !flags.contains('c') || flags.starts_with("--") || signals_by_itself(view) {
        return None;
    }
    let commands = commands(script)?;
    let last = *commands.last()?;
    let (why, mended) = if last.replace("||", "").contains('|') {
        ("it runs in a pipe below a shell, which passes no signal on", None)
    } else if last.contains("||") || commands.iter().any(is_application) && !is_application(&last) {
        ("a further command follows it, so that the shell stays and passes no signal on", None)
    } else if is_bash || !is_application(&last) {
        return None;
    } else {
        ("sh stays in front of it and passes no signal on, unless that sh is bash", with_exec(script, last))
    };
    let index = 2;
    let (list, at) = if index < command.len() { ("command", index) } else { ("args", index - command.len()) };
    let place = container.field(list).item(at, None);
    Some(Wrapper { written: Written::whole(place, *script), why, mended })
}

/// A preStop hook that signals the application by its name helps as well.
fn signals_by_itself(view: &views::Container<'_>) -> bool {
    let words = view.lifecycle.pre_stop.exec.command.iter().filter_map(views::Scalar::as_str);
    words.into_iter().any(|word| word.contains("pkill") || word.contains("killall"))
}

/// The commands of a plain sequence. `None` for a script that is more than that, or that shows that somebody
/// thought of signals.
fn commands(script: &str) -> Option<Vec<&str>> {
    const BEYOND: &[&str] =
        &["while ", "until ", "for ", "if ", "case ", " & ", "&\n", "<<", "`", "(", "{ ", "() "];
    let outside: String = script.replace("$(", "");
    let substitutes = script.split("$(").skip(1).any(|rest| {
        // Kubernetes' `$(VAR)` has no blank; a command substitution with one may hold anything.
        rest.split(')').next().unwrap_or_default().contains(char::is_whitespace)
    });
    if substitutes || BEYOND.iter().any(|part| outside.contains(part)) || script.trim_end().ends_with('&') {
        return None;
    }
    if script.contains(['"', '\'']) && script.contains([';', '|']) {
        return None;
    }
    const SIGNALS: &[&str] = &["exec", "trap", "wait", "tini", "dumb-init", ".", "source", "eval"];
    if script.split([';', '&', '|', ' ', '\n', '\t']).any(|word| SIGNALS.contains(&base_name(word))) {
        return None;
    }
    let commands = script.split([';', '\n']).flat_map(|part| part.split("&&")).map(str::trim);
    let commands: Vec<&str> = commands.filter(|command| !command.is_empty()).collect();
    (!commands.is_empty()).then_some(commands)
}

/// Whether a command runs something for long, and not a step before or after it.
fn is_application(command: &&str) -> bool {
    const STEPS: &[&str] = &[
        ":", "[", "cat", "cd", "chmod", "chown", "cp", "date", "echo", "env", "envsubst", "exit", "export",
        "false", "kill", "ln", "ls", "mkdir", "mv", "printf", "rm", "sed", "set", "sleep", "test", "touch",
        "true", "ulimit", "umask", "unset",
    ];
    program(command).is_some_and(|word| !STEPS.contains(&base_name(word)))
}

/// The first word that is no assignment.
fn program(command: &str) -> Option<&str> {
    command.split_whitespace().find(|word| !word.contains('=') || word.starts_with(['-', '.', '/']))
}

/// The script with `exec` in front of its last command's program, where that surely is a program.
fn with_exec(script: &str, last: &str) -> Option<Box<str>> {
    let program = program(last)?;
    let start = program.as_ptr().addr() - script.as_ptr().addr();
    let assignments = &script[last.as_ptr().addr() - script.as_ptr().addr()..start];
    let is_plain = !assignments.contains(['"', '\'']) && !program.starts_with(['<', '>', '!', '-']);
    is_plain.then(|| format!("{}exec {}", &script[..start], &script[start..]).into())
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

    /// Why the application gets no SIGTERM, and the mended script.
    fn wraps(command: &[&str]) -> Option<(String, Option<String>)> {
        let text = serde_json::json!({"command": command}).to_string();
        let view: views::Container<'_> = serde_json::from_str(&text).unwrap();
        let wrapper = wrapper(&view, &Place::default())?;
        let why = wrapper.why.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        Some((why, wrapper.mended.map(Into::into)))
    }

    #[test]
    fn a_shell_that_stays_in_front_keeps_the_signal() {
        let mended = |text: &str| Some(("sh stays".to_owned(), Some(text.to_owned())));
        assert_eq!(wraps(&["sh", "-c", "java -jar app.jar"]), mended("exec java -jar app.jar"));
        assert_eq!(wraps(&["/bin/sh", "-ec", "cd /a && A=1 ./run\n"]), mended("cd /a && A=1 exec ./run\n"));
        assert_eq!(
            wraps(&["sh", "-c", "./wait-for-it.sh k:9092; app"]),
            mended("./wait-for-it.sh k:9092; exec app")
        );
        let stays = |why: &str| Some((why.to_owned(), None));
        assert_eq!(wraps(&["sh", "-c", "java -jar app.jar; true"]), stays("a further"));
        assert_eq!(wraps(&["bash", "-c", "java -jar app.jar; echo gone"]), stays("a further"));
        assert_eq!(wraps(&["bash", "-c", "app || exit 1"]), stays("a further"));
        assert_eq!(wraps(&["bash", "-c", "app 2>&1 | tee /log"]), stays("it runs"));
    }

    #[test]
    fn a_shell_that_gives_way_or_that_nobody_can_follow_is_left_alone() {
        for command in [
            ["bash", "-c", "export A=1; app"].as_slice(),
            &["sh", "-c", "exec app"],
            &["sh", "-c", "cd /a; exec app"],
            &["sh", "-c", "app & trap 'kill $!' TERM; wait"],
            &["sh", "-c", ". /env; app"],
            &["sh", "-c", "if [ -f /a ]; then app; fi"],
            &["sh", "-c", "app --name \"a; b\""],
            &["sh", "/run.sh", "-c"],
            &["tini", "--", "sh", "-c", "app"],
            &["sh", "-c", "X=$(cat /a | head -1); app"],
            &["sh", "-c", "mkdir -p /a"],
        ] {
            assert_eq!(wraps(command), None, "{command:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_has_no_length() {
        assert_eq!(exec(&["sh", "-c", "while pgrep java; do sleep 1; done"]), None);
        assert_eq!(exec(&["sh", "-c", "sleep $DELAY"]), None);
        assert_eq!(exec(&["/stop.sh"]), None);
        assert_eq!(of(serde_json::json!({"lifecycle": {"preStop": {"httpGet": {"path": "/stop"}}}})), None);
    }
}
