//! Whether a shell in front of the application keeps SIGTERM for itself.

use super::shutdown::base_name;
use crate::engine::consumer::Wrapper;
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::views;

/// A shell between the kubelet and the application that keeps SIGTERM for itself.
///
/// dash (`sh` of Debian and Ubuntu) never replaces itself by the command of `-c`; bash does, unless a pipe or a
/// further command follows (measured: dash 0.5.12, bash 5.2). Other shells are taken for dash.
pub(super) fn find(view: &views::Container<'_>, container: &Place) -> Option<Wrapper> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Why the application gets no SIGTERM, and the mended script.
    fn wraps(command: &[&str]) -> Option<(String, Option<String>)> {
        let text = serde_json::json!({"command": command}).to_string();
        let view: views::Container<'_> = serde_json::from_str(&text).unwrap();
        let wrapper = find(&view, &Place::default())?;
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
}
