//! `lagward check`

use std::path::{Path, PathBuf};

use clap::Args;
use rayon::ThreadPoolBuilder;

use super::complaint::Complaint;
use super::fix::{Fixing, Mended};
use super::judging::{Colour, Judging};
use super::outputs::{self, Output};
use super::progress::Progress;
use super::report::{complain_about, today, write};
use super::{Exit, answer, eprint, print, warn};
use crate::engine::policy::Policy;
use crate::fronts::files::baseline::Baseline;
use crate::fronts::files::check::{Checked, Failure, check_watched};
use crate::fronts::files::rendering::{Helm, Kustomize, RenderError};
use crate::fronts::files::{Source, by_template, collect};
use crate::output::{Ground, Report};

/// Judge manifests in files, folders or standard input
///
/// Deployments, StatefulSets and ScaledObjects of the same input are judged against each other.
/// Exit code: 0 clean, 1 findings at or above --fail-on, 2 bad usage or unreadable input.
#[derive(Args)]
pub(super) struct Check {
    /// Files and folders; `-` is standard input [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to write the findings, and where to: text, json, sarif, junit or github. May be repeated; text goes
    /// to standard output unless another format does
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    output: Vec<Output>,
    #[command(flatten)]
    rendering: Rendering,
    #[command(flatten)]
    judging: Judging,
    /// Findings that were there before: only others are shown and fail
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found to the baseline instead of comparing with it
    #[arg(long, requires = "baseline", conflicts_with = "how")]
    write_baseline: bool,
    #[command(flatten)]
    fixing: Fixing,
    #[command(flatten)]
    colour: Colour,
}

/// What is rendered by other programs before it is judged.
#[derive(Args)]
struct Rendering {
    /// Judge what `helm template CHART` writes
    #[arg(long, value_name = "CHART", conflicts_with = "how")]
    helm: Option<PathBuf>,
    /// A values file for the chart; may be repeated
    #[arg(short = 'f', long, value_name = "FILE", requires = "helm")]
    values: Vec<PathBuf>,
    /// The helm to run [default: the one on PATH]
    #[arg(long, value_name = "PROGRAM", requires = "helm")]
    helm_bin: Option<PathBuf>,
    /// Judge what `kustomize build DIR` or `kubectl kustomize DIR` writes
    #[arg(long, value_name = "DIR", conflicts_with = "how")]
    kustomize: Option<PathBuf>,
    /// The kustomize or kubectl to run [default: the first of them on PATH]
    #[arg(long, value_name = "PROGRAM", requires = "kustomize")]
    kustomize_bin: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self) -> Result<Exit, Complaint> {
        let outputs = outputs::plan(&self.output)?;
        work_here_too();
        let policy = self.judging.policy(self.start())?;
        let known = self.baseline()?;
        let progress = Progress::start();
        let (sources, mut errors) = self.sources();
        if self.fixing.only_shows() {
            drop(progress);
            complain_about(&errors);
            return self.fixing.show(sources, &policy, !errors.is_empty());
        }
        progress.expect(sources.len());
        let Mended { sources, mut checked, has_failed } = self.judge(sources, &policy, progress);
        // What could not be read at all comes first.
        errors.append(&mut checked.errors);
        checked.errors = errors;
        complain_about(&checked.errors);
        warn_of_templates(&checked);
        if let Some(known) = known {
            known.apply(&mut checked.findings);
            checked.recount(&sources);
        }
        if self.write_baseline {
            return self.save(&checked);
        }
        let report = Report {
            checked: &checked,
            sources: &sources,
            policy: &policy,
            fails_from: self.judging.fails_from(),
            ground: Ground::Files,
        };
        let print = if self.fixing.filters(&self.paths) { eprint } else { print };
        let exit = write(&report, &outputs, self.colour.is_on(), print);
        Ok(if has_failed { Exit::Failed } else { exit })
    }

    /// Judges the sources and, if asked to, mends them first.
    fn judge(&self, sources: Vec<Source>, policy: &Policy, progress: Progress) -> Mended {
        if self.fixing.writes() {
            return self.fixing.mend(sources, policy, progress);
        }
        let checked = check_watched(&sources, policy, today(), &|| progress.advance());
        Mended { sources, checked, has_failed: false }
    }

    /// Where the policy is looked for: beside what is judged.
    fn start(&self) -> &Path {
        let Rendering { helm, kustomize, .. } = &self.rendering;
        let first = self.paths.first().or(helm.as_ref()).or(kustomize.as_ref());
        first.map(PathBuf::as_path).filter(|path| path.exists()).unwrap_or(Path::new("."))
    }

    fn baseline(&self) -> Result<Option<Baseline>, Complaint> {
        let Some(file) = self.baseline.as_ref().filter(|_| !self.write_baseline) else { return Ok(None) };
        Ok(Some(Baseline::load(file)?))
    }

    fn sources(&self) -> (Vec<Source>, Vec<Failure>) {
        let Rendering { helm, kustomize, .. } = &self.rendering;
        let here = [PathBuf::from(".")];
        let is_rendered = helm.is_some() || kustomize.is_some();
        let paths = if self.paths.is_empty() && !is_rendered { &here } else { self.paths.as_slice() };
        let (mut sources, unread) = collect(paths);
        if !self.fixing.is_asked() {
            // A filter writes what it read, in one piece.
            sources = by_template(sources);
        }
        let mut errors: Vec<Failure> = unread.iter().map(Failure::from).collect();
        for (name, rendered) in self.rendering.run() {
            match rendered {
                Ok(rendered) => sources.extend(rendered),
                Err(error) => errors.push(Failure {
                    file: name.display().to_string(),
                    at: None,
                    message: error.to_string(),
                    help: error.help(),
                }),
            }
        }
        (sources, errors)
    }

    /// Half a baseline would let what is in the other half fail the next run.
    fn save(&self, checked: &Checked) -> Result<Exit, Complaint> {
        let Some(file) = &self.baseline else { return Ok(Exit::Clean) };
        if !checked.errors.is_empty() {
            let message = "the baseline is not written, since part of the input cannot be read";
            return Err(Complaint::new(message));
        }
        let baseline = Baseline::of(&checked.findings);
        baseline.save(file)?;
        let count = baseline.len();
        let plural = if count == 1 { "" } else { "s" };
        answer(&format!("{count} finding{plural} written to {}\n", file.display()))
    }
}

impl Rendering {
    /// Runs what was asked for, each with the name of its input.
    fn run(&self) -> Vec<(&Path, Result<Vec<Source>, RenderError>)> {
        let mut rendered = Vec::new();
        if let Some(chart) = &self.helm {
            let (values, program) = (self.values.clone(), self.helm_bin.clone());
            rendered.push((chart.as_path(), Helm { chart: chart.clone(), values, program }.render()));
        }
        if let Some(folder) = &self.kustomize {
            let program = self.kustomize_bin.clone();
            rendered.push((folder.as_path(), Kustomize { folder: folder.clone(), program }.render()));
        }
        rendered
    }
}

/// The main thread is one of rayon's, instead of waiting for as many others: one thread fewer starts, and glibc's heap
/// of the main thread grows in larger steps than those of others. A pool that is there already is as well.
fn work_here_too() {
    let _ = ThreadPoolBuilder::new().use_current_thread().build_global();
}

/// One line for all: a chart has dozens.
fn warn_of_templates(checked: &Checked) {
    let Some(first) = checked.skipped.first() else { return };
    let message = match checked.skipped.len() {
        1 => format!("{} is a template and is skipped", first.file),
        count => format!("{count} templates are skipped, {} first", first.file),
    };
    warn(
        &message,
        Some("judge what they render to: lagward check --helm CHART, or helm template . | lagward check -"),
    );
}
