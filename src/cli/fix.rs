//! `lagward check --fix` and `--diff`.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use similar::{Algorithm, TextDiff};

use super::complaint::Complaint;
use super::interrupt::Interrupts;
use super::progress::Progress;
use super::report::{complain_about, today};
use super::{Exit, answer, complain, eprint, warn};
use crate::engine::fix::Safety;
use crate::engine::policy::Policy;
use crate::fronts::files::check::{Checked, check};
use crate::fronts::files::fix::{Changed, NotFixed, Outcome, fix};
use crate::fronts::files::splice::Refused;
use crate::fronts::files::write::replace;
use crate::fronts::files::{Origin, Source};
use crate::output::{Tense, fixes};

/// What to do about findings that can be fixed.
#[derive(Args)]
pub(super) struct Fixing {
    #[command(flatten)]
    how: How,
    /// With --fix or --diff: also overwrite values that are set
    #[arg(long, requires = "how")]
    unsafe_fixes: bool,
}

#[derive(Args)]
#[group(id = "how", multiple = true)]
struct How {
    /// Write into the files the values that findings miss; with `-`, write the result to standard output
    #[arg(long)]
    fix: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long, conflicts_with = "output")]
    diff: bool,
}

/// What is left to report.
pub(super) struct Mended {
    pub(super) sources: Vec<Source>,
    pub(super) checked: Checked,
    /// A file could not be written.
    pub(super) has_failed: bool,
}

impl Fixing {
    /// Whether to show a diff and do nothing else.
    pub(super) fn only_shows(&self) -> bool {
        self.how.diff
    }

    /// Whether standard output is for the mended standard input, even if that cannot be read.
    pub(super) fn filters(&self, paths: &[PathBuf]) -> bool {
        self.how.fix && paths.iter().any(|path| path == Path::new("-"))
    }

    /// Shows what would change. Like a test: 1 if something would.
    pub(super) fn show(
        &self,
        sources: Vec<Source>,
        policy: &Policy,
        is_partial: bool,
    ) -> Result<Exit, Complaint> {
        let Outcome { sources, changed, checked, refused } = fix(sources, policy, today(), self.most());
        complain_about(&checked.errors);
        warn_of(&refused);
        let shown = shown(sources, &changed, &checked, policy);
        let shown: String = shown.iter().map(|(old, new)| diff(&new.name, &old.text, &new.text)).collect();
        let answered = answer(&shown);
        if let Some(summary) = fixes(checked.fixes, Tense::Conditional) {
            let _ = eprint(&format!("{summary}\n"));
        }
        answered?;
        Ok(if is_partial || !checked.errors.is_empty() {
            Exit::Failed
        } else if changed.is_empty() {
            Exit::Clean
        } else {
            Exit::Findings
        })
    }

    /// Whether to write what is mended.
    pub(super) fn writes(&self) -> bool {
        self.how.fix
    }

    /// Whether texts are changed, or would be.
    pub(super) fn is_asked(&self) -> bool {
        self.how.fix || self.how.diff
    }

    /// Mends the sources, writes them where they came from, and judges what that leaves.
    pub(super) fn mend(&self, sources: Vec<Source>, policy: &Policy, progress: Progress) -> Mended {
        let Outcome { mut sources, changed, mut checked, refused } =
            fix(sources, policy, today(), self.most());
        drop(progress);
        warn_of(&refused);
        let lost = write_back(&mut sources, changed);
        let mut has_failed = lost.is_some();
        if let Some(lost) = lost {
            let fixes = checked.fixes;
            checked = check(&sources, policy, today());
            checked.fixes.fixed = fixes.fixed.saturating_sub(lost);
        }
        let filtered = sources.iter().find(|source| source.origin == Origin::StandardInput);
        if let Some(Err(error)) = filtered.map(|source| write_out(&source.text)) {
            complain(&format!("cannot write standard output: {error}"), None);
            has_failed = true;
        }
        Mended { sources, checked, has_failed }
    }

    fn most(&self) -> Safety {
        if self.unsafe_fixes { Safety::Set } else { Safety::Fill }
    }
}

/// Writes the mended texts into their files. Where one could not be written, how many fixes are lost by that.
fn write_back(sources: &mut [Source], changed: BTreeMap<usize, Changed>) -> Option<usize> {
    let interrupts = Interrupts::hold();
    let (count, mut lost) = (changed.len(), None);
    for (written, (index, change)) in changed.into_iter().enumerate() {
        interrupts.give_way(|| {
            complain(
                &format!("interrupted: {written} of {count} files are fixed, the others are as they were"),
                None,
            );
        });
        let Some(source) = sources.get_mut(index) else { continue };
        let Some(path) = source.path() else { continue };
        if let Err(error) = replace(&path, &change.old, &source.text) {
            complain(&error, error.help());
            source.text = change.old;
            lost = Some(lost.unwrap_or_default() + change.fixed);
        }
    }
    interrupts.give_way(|| {});
    lost
}

/// The changed sources before and after. A diff goes into the log of a pipeline, so a password that stands beside
/// a change is starred in both.
fn shown(
    sources: Vec<Source>,
    changed: &BTreeMap<usize, Changed>,
    checked: &Checked,
    policy: &Policy,
) -> Vec<(Source, Source)> {
    let before = |(index, change): (&usize, &Changed)| {
        sources.get(*index).map(|source| Source { text: change.old.clone(), ..source.clone() })
    };
    let mut old: Vec<Source> = changed.iter().filter_map(before).collect();
    if checked.has_secrets() {
        old = check(&old, policy, today()).concealed(old);
    }
    let new = checked.concealed(sources).into_iter().enumerate();
    old.into_iter().zip(new.filter(|(index, _)| changed.contains_key(index)).map(|(_, new)| new)).collect()
}

/// Patience holds on to lines that are there once, names most of all: Myers' time grows with the square of the
/// changes.
fn diff(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    diff.unified_diff().header(name, name).to_string()
}

/// Byte for byte, and no less: a shell redirects it over a manifest.
fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// A line for each fix that was not made; one for a file of which none is.
fn warn_of(refused: &[NotFixed]) {
    let mut files = HashSet::new();
    for NotFixed { file, line, code, object, why } in refused {
        let message = match why {
            Refused::Helm { .. } | Refused::Broken if !files.insert(file) => continue,
            Refused::Helm { .. } | Refused::Broken => format!("{file} is not fixed: {why}"),
            _ => format!("{file}:{line}: {code} of {object} is not fixed: {why}"),
        };
        warn(&message, why.help());
    }
}
