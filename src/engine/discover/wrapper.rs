//! Whether a shell in front of the application keeps SIGTERM for itself.

use super::shutdown::base_name;
use crate::engine::consumer::Wrapper;
use crate::engine::place::Place;
use crate::engine::setting::Written;
use crate::engine::views;

/// A shell between the kubelet and the application that keeps SIGTERM for itself.
///
/// dash (`sh` of Debian and Ubuntu) never replaces itself by the command of `-c`; bash and BusyBox (`sh` of Alpine) do,
/// unless a pipe or a further command follows (measured: dash 0.5.12, bash 5.2, BusyBox 1.35). An init in front of the
/// shell changes nothing for the better: the shell is its child, dies of the signal, and the init ends with it.
pub(super) fn find(view: &views::Container<'_>, container: &Place) -> Option<Wrapper> {
    let command: Vec<&str> = view.command.iter().filter_map(views::Scalar::as_str).collect();
    let words = command.iter().copied().chain(view.args.iter().filter_map(views::Scalar::as_str));
    let words: Vec<&str> = words.collect();
    let inits = words_of_init(&words);
    let [shell, flags, script, ..] = words.get(inits..)? else { return None };
    let gives_way = match base_name(shell) {
        "bash" | "ash" => true,
        "sh" | "dash" => false,
        _ => return None,
    };
    if !flags.starts_with('-') || !flags.contains('c') || flags.starts_with("--") || signals_by_itself(view) {
        return None;
    }
    let commands = commands(script)?;
    let last = *commands.last()?;
    let (why, mended) = if is_piped(last) {
        ("it runs in a pipe below a shell, which passes no signal on", None)
    } else if last.contains("||") || commands.iter().any(is_application) && !is_application(&last) {
        ("a further command follows it, so that the shell stays and passes no signal on", None)
    } else if gives_way || !is_application(&last) {
        return None;
    } else {
        let why =
            "sh stays in front of it and passes no signal on, unless that sh is bash or BusyBox (Alpine)";
        (why, with_exec(script, last))
    };
    let index = inits + 2;
    let (list, at) = if index < command.len() { ("command", index) } else { ("args", index - command.len()) };
    let place = container.field(list).item(at, None);
    Some(Wrapper { written: Written::whole(place, *script), why, mended, is_below_init: inits > 0 })
}

/// How many words in front are an init and its options.
fn words_of_init(words: &[&str]) -> usize {
    const INITS: &[&str] = &["tini", "tini-static", "dumb-init", "catatonit", "docker-init"];
    match words.split_first() {
        Some((first, rest)) if INITS.contains(&base_name(first)) => {
            1 + rest.iter().take_while(|word| word.starts_with('-')).count()
        }
        _ => 0,
    }
}

/// A preStop hook that signals the application by its name, or by an id that it finds, helps as well.
fn signals_by_itself(view: &views::Container<'_>) -> bool {
    let words = view.lifecycle.pre_stop.exec.command.iter().filter_map(views::Scalar::as_str);
    let finds_one = |word: &str| word.contains("kill") && word.contains(['$', '`']);
    words.into_iter().any(|word| word.contains("pkill") || word.contains("killall") || finds_one(word))
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
    let commands: Vec<&str> = statements(script).collect();
    // In a pipe a command replaces nothing but its own part of the shell.
    const SIGNALS: &[&str] = &["trap", "wait", "tini", "dumb-init", ".", "source", "eval"];
    let is_aware = |command: &&str| {
        let mut words = command.split(['&', '|', ' ', '\n', '\t']).map(base_name);
        words.any(|word| SIGNALS.contains(&word) || (word == "exec" && !is_piped(command)))
    };
    (!commands.is_empty() && !commands.iter().any(is_aware)).then_some(commands)
}

fn is_piped(command: &str) -> bool {
    command.replace("||", "").contains('|')
}

/// The commands between `;`, `&&` and line ends; a backslash continues a line, and comments are none.
fn statements(script: &str) -> impl Iterator<Item = &str> {
    let mut is_escaped = false;
    let lines = script.split(move |c| {
        let ends = c == '\n' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let lines = lines.map(|line| if line.trim_start().starts_with('#') { "" } else { line });
    let lines = lines.map(|line| line.split(" #").next().unwrap_or(line));
    let commands = lines.flat_map(|line| line.split(';').flat_map(|part| part.split("&&")));
    commands.map(str::trim).filter(|command| !command.is_empty())
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

/// The first word that is no assignment, and no backslash that continues the line.
fn program(command: &str) -> Option<&str> {
    let is_program =
        |word: &&str| *word != "\\" && (!word.contains('=') || word.starts_with(['-', '.', '/']));
    command.split_whitespace().find(is_program)
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
        assert_eq!(wraps(&["/sbin/tini", "-g", "--", "sh", "-c", "app"]), mended("exec app"));
        assert_eq!(wraps(&["dumb-init", "sh", "-c", "app"]), mended("exec app"));
        assert_eq!(
            wraps(&["sh", "-c", "A=1 \\\n app \\\n --data=/a \\\n worker"]),
            mended("A=1 \\\n exec app \\\n --data=/a \\\n worker")
        );
        assert_eq!(
            wraps(&["sh", "-c", "app # runs; long\n# that is all\n"]),
            mended("exec app # runs; long\n# that is all\n")
        );
        let stays = |why: &str| Some((why.to_owned(), None));
        assert_eq!(wraps(&["sh", "-c", "java -jar app.jar; true"]), stays("a further"));
        assert_eq!(wraps(&["bash", "-c", "java -jar app.jar; echo gone"]), stays("a further"));
        assert_eq!(wraps(&["bash", "-c", "app || exit 1"]), stays("a further"));
        assert_eq!(wraps(&["bash", "-c", "app 2>&1 | tee /log"]), stays("it runs"));
        assert_eq!(wraps(&["bash", "-c", "exec app 2>&1 | tee /log"]), stays("it runs"));
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
            &["tini", "--", "sh", "-c", "exec app"],
            &["tini", "-g", "--", "app", "-c", "sh"],
            &["ash", "-c", "cd /a && app"],
            &["sh", "-c", "X=$(cat /a | head -1); app"],
            &["sh", "-c", "mkdir -p /a"],
        ] {
            assert_eq!(wraps(command), None, "{command:?}");
        }
    }
}
