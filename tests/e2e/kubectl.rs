//! The real kubectl, and what a person in front of it sees.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::tools;

/// With `--nocapture` every command is shown with its answer: the way to read lagward's messages.
static LOUD: AtomicBool = AtomicBool::new(false);

pub(crate) fn be_loud() {
    LOUD.store(true, Ordering::Relaxed);
}

/// kubectl with an administrator's kubeconfig and one namespace.
#[derive(Clone)]
pub(crate) struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
    home: PathBuf,
    namespace: String,
    folder: Option<PathBuf>,
}

impl Kubectl {
    pub(crate) fn new(program: &Path, kubeconfig: &Path, home: &Path, namespace: &str) -> Self {
        Self {
            program: program.to_owned(),
            kubeconfig: kubeconfig.to_owned(),
            home: home.to_owned(),
            namespace: namespace.to_owned(),
            folder: None,
        }
    }

    /// Run in a folder, as a person who names files of it.
    pub(crate) fn inside(&self, folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..self.clone() }
    }

    /// For what needs no cluster.
    pub(crate) fn alone() -> Self {
        let program = tools::build().unwrap_or_else(|why| panic!("{why}")).join("kubectl");
        Self::new(&program, Path::new("/dev/null"), Path::new(env!("CARGO_TARGET_TMPDIR")), "default")
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Attempt {
        self.run_with(args, "")
    }

    /// Runs with `input` on standard input, for `-f -`.
    pub(crate) fn run_with<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Attempt {
        let mut command = Command::new(&self.program);
        command.arg("--kubeconfig").arg(&self.kubeconfig).arg("--namespace").arg(&self.namespace);
        command.arg("--request-timeout=30s").args(args);
        // Its cache of discovery belongs to this cluster, which another one may follow on the same port.
        command.env("HOME", &self.home).env_remove("KUBECONFIG");
        command.current_dir(self.folder.as_deref().unwrap_or_else(|| Path::new(".")));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let words: Vec<_> = command.get_args().skip(5).map(OsStr::to_string_lossy).collect();
        let line = format!("kubectl {}", words.join(" "));
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        // A manifest fits into the pipe; kubectl that reads none has closed it.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap_or_else(|error| panic!("{line}: {error}"));
        let outcome = Outcome {
            line,
            ok: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        if LOUD.load(Ordering::Relaxed) {
            eprintln!("{outcome}");
        }
        Attempt(outcome)
    }

    /// A client-side apply: what most people type.
    pub(crate) fn apply(&self, manifest: &str) -> Attempt {
        self.run_with(["apply", "-f", "-"], manifest)
    }

    pub(crate) fn apply_server_side(&self, manifest: &str) -> Attempt {
        self.run_with(["apply", "--server-side", "-f", "-"], manifest)
    }

    /// An apply of which nothing is stored.
    pub(crate) fn dry_run(&self, manifest: &str) -> Attempt {
        self.run_with(["apply", "--dry-run=server", "-f", "-"], manifest)
    }

    /// A PUT of the whole object.
    pub(crate) fn replace(&self, manifest: &str) -> Attempt {
        self.run_with(["replace", "-f", "-"], manifest)
    }

    /// `kind` is one of strategic, merge and json.
    pub(crate) fn patch(&self, object: &str, kind: &str, patch: &str) -> Attempt {
        self.run(["patch", object, "--type", kind, "--patch", patch])
    }

    pub(crate) fn annotate(&self, object: &str, annotation: &str) -> Attempt {
        self.run(["annotate", "--overwrite", object, annotation])
    }

    pub(crate) fn label(&self, object: &str, label: &str) -> Attempt {
        self.run(["label", "--overwrite", object, label])
    }

    /// The object as the API server stores it.
    #[track_caller]
    pub(crate) fn get(&self, object: &str) -> Value {
        self.run(["get", object, "-o", "json"]).accepted().json()
    }

    #[track_caller]
    pub(crate) fn is_absent(&self, object: &str) -> bool {
        self.run(["get", object, "--ignore-not-found", "-o", "name"]).accepted().stdout.is_empty()
    }
}

/// A command that was run, and of which nobody has said yet what should have come of it.
#[must_use = "say what should have come of it"]
#[derive(Clone)]
pub(crate) struct Attempt(Outcome);

impl Attempt {
    /// For the harness itself, where a failure is no assertion.
    pub(crate) fn result(self) -> Result<Outcome, String> {
        if self.0.ok { Ok(self.0) } else { Err(self.0.to_string()) }
    }

    /// Whatever came of it.
    pub(crate) fn either(self) -> Outcome {
        self.0
    }

    /// It worked.
    #[track_caller]
    pub(crate) fn accepted(self) -> Outcome {
        assert!(self.0.ok, "should have been accepted\n{}", self.0);
        self.0
    }

    /// It did not work, for a reason that the scenario looks at itself.
    #[track_caller]
    pub(crate) fn failed(self) -> Outcome {
        assert!(!self.0.ok, "should have failed\n{}", self.0);
        self.0
    }

    /// lagward refused it for `codes` and nothing else: any other failure is not what was meant.
    #[track_caller]
    pub(crate) fn refused(self, codes: &[&str]) -> Outcome {
        let outcome = self.failed();
        let denial = outcome.denial();
        let Some((_, message)) = denial.split_once("denied the request: ") else {
            panic!("not refused by a webhook\n{outcome}");
        };
        let starts: Vec<&str> = message.lines().filter_map(|line| line.split(' ').next()).collect();
        let denied: Vec<&str> = starts.into_iter().filter(|word| is_code(word)).collect();
        assert_eq!(denied, codes, "the codes of the refusal\n{outcome}");
        let headline = message.lines().next().unwrap_or_default();
        assert!(headline.chars().count() < 120, "the first line fits into a terminal\n{outcome}");
        assert!(message.contains("lagward explain LW"), "the message says where to read on\n{outcome}");
        outcome
    }
}

fn is_code(word: &str) -> bool {
    let number = word.strip_prefix("LW").unwrap_or_default();
    number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// What kubectl said.
#[derive(Clone)]
pub(crate) struct Outcome {
    line: String,
    ok: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// A warning names each of `codes`.
    #[track_caller]
    pub(crate) fn warned(&self, codes: &[&str]) {
        for code in codes {
            let named = self.warnings().any(|warning| warning.contains(code));
            assert!(named, "a warning should name {code}\n{self}");
        }
    }

    /// lagward had nothing to say.
    #[track_caller]
    pub(crate) fn silent(&self) {
        assert!(!self.stderr.contains("LW"), "lagward should have been silent\n{self}");
    }

    /// The warnings that the API server passed on.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = &str> {
        self.stderr.lines().filter_map(|line| line.strip_prefix("Warning: "))
    }

    /// What kubectl printed besides warnings.
    pub(crate) fn denial(&self) -> String {
        let lines: Vec<&str> = self.stderr.lines().filter(|line| !line.starts_with("Warning: ")).collect();
        lines.join("\n")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, ok, stdout, stderr } = self;
        write!(f, "$ {line}\n(ok: {ok})\n{stdout}{stderr}")
    }
}
