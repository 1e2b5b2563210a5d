//! Runs the user's own helm and kustomize.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use super::super::read::{Origin, Source, limited, text};
use super::super::unread::Unread;
use super::split::templates;

/// A chart to render.
#[derive(Clone, Debug)]
pub struct Helm {
    /// A folder, an archive, or what else helm takes for a chart.
    pub chart: PathBuf,
    /// Its values files; the last wins.
    pub values: Vec<PathBuf>,
    /// The program, if it is not the `helm` on PATH.
    pub program: Option<PathBuf>,
}

/// A folder with a kustomization to build.
#[derive(Clone, Debug)]
pub struct Kustomize {
    /// The folder.
    pub folder: PathBuf,
    /// The program, if it is neither the `kustomize` nor the `kubectl` on PATH.
    pub program: Option<PathBuf>,
}

/// Why nothing was rendered.
#[derive(Debug)]
pub enum RenderError {
    /// No such program.
    Missing {
        /// Its names.
        program: String,
        /// The flag that names another.
        flag: &'static str,
    },
    /// The program cannot be run.
    Start {
        /// The program.
        program: String,
        /// What failed.
        error: io::Error,
    },
    /// Its output cannot be read.
    Output {
        /// The program.
        program: String,
        /// What failed.
        error: io::Error,
    },
    /// It ran, and said on standard error what is wrong.
    Failed {
        /// What was run.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// Its output is no manifest.
    Text(Unread),
}

impl Helm {
    /// What `helm template` writes, by template.
    ///
    /// # Errors
    /// helm is missing, or does not render the chart.
    pub fn render(&self) -> Result<Vec<Source>, RenderError> {
        let mut arguments = vec![OsString::from("template"), self.chart.clone().into()];
        for values in &self.values {
            arguments.extend([OsString::from("--values"), values.clone().into()]);
        }
        let name = self.chart.display().to_string();
        let program = self.program.as_deref().unwrap_or(Path::new("helm"));
        let text = run(program, &arguments, &name, "--helm-bin")?;
        Ok(templates(&text, &name, &self.chart))
    }
}

impl Kustomize {
    /// What `kustomize build` or `kubectl kustomize` writes, in the name of the kustomization file.
    ///
    /// # Errors
    /// Neither program is there, or it does not build the folder.
    pub fn render(&self) -> Result<Vec<Source>, RenderError> {
        const FLAG: &str = "--kustomize-bin";
        let file = self.file();
        let name = file.as_ref().unwrap_or(&self.folder).display().to_string();
        let build = |program: &Path| {
            let is_kubectl = program.file_stem().is_some_and(|stem| stem == "kubectl");
            let verb = if is_kubectl { "kustomize" } else { "build" };
            run(program, &[verb.into(), self.folder.clone().into()], &name, FLAG)
        };
        let text = match &self.program {
            Some(program) => build(program)?,
            None => match build(Path::new("kustomize")) {
                Err(RenderError::Missing { .. }) => {
                    build(Path::new("kubectl")).map_err(|error| match error {
                        RenderError::Missing { flag, .. } => {
                            RenderError::Missing { program: "kustomize or kubectl".to_owned(), flag }
                        }
                        other => other,
                    })?
                }
                built => built?,
            },
        };
        Ok(vec![Source { name, text, folder: self.folder.clone(), origin: Origin::Rendered { file } }])
    }

    fn file(&self) -> Option<PathBuf> {
        ["kustomization.yaml", "kustomization.yml", "Kustomization"]
            .into_iter()
            .map(|name| self.folder.join(name))
            .find(|file| file.is_file())
    }
}

/// The program's standard output. Its standard error goes where ours goes.
fn run(
    program: &Path,
    arguments: &[OsString],
    name: &str,
    flag: &'static str,
) -> Result<String, RenderError> {
    let program_name = || program.display().to_string();
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(
            |error| match error.kind() {
                io::ErrorKind::NotFound => RenderError::Missing { program: program_name(), flag },
                _ => RenderError::Start { program: program_name(), error },
            },
        )?;
    // Dropped at the end of this statement: a program that goes on writing gets a broken pipe and ends.
    let output = child.stdout.take().map_or_else(|| Ok(Vec::new()), limited);
    let status = child.wait().map_err(|error| RenderError::Output { program: program_name(), error })?;
    let bytes = output.map_err(|error| RenderError::Output { program: program_name(), error })?;
    let text = text(bytes, name).map_err(RenderError::Text)?;
    if !status.success() {
        let words: Vec<&OsStr> =
            [program.as_os_str()].into_iter().chain(arguments.iter().map(OsString::as_os_str)).collect();
        return Err(RenderError::Failed {
            command: words.join(OsStr::new(" ")).display().to_string(),
            status,
        });
    }
    Ok(text)
}

impl RenderError {
    /// What to do about it, where the message does not say it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Missing { flag, .. } => Some(format!("install it, or name the program with {flag}")),
            Self::Text(unread) => unread.help().map(ToOwned::to_owned),
            Self::Start { .. } | Self::Output { .. } | Self::Failed { .. } => None,
        }
    }
}

impl Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { program, .. } => write!(f, "cannot run {program}: no such program"),
            Self::Start { program, error } => write!(f, "cannot run {program}: {error}"),
            Self::Output { program, error } => write!(f, "cannot read what {program} writes: {error}"),
            Self::Failed { command, status } => write!(f, "{command:?} failed ({status})"),
            Self::Text(unread) => unread.fmt(f),
        }
    }
}

impl std::error::Error for RenderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { error, .. } | Self::Output { error, .. } => Some(error),
            Self::Text(unread) => Some(unread),
            Self::Missing { .. } | Self::Failed { .. } => None,
        }
    }
}
