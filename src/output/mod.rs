//! Findings as text for people, and in the forms that programs read.

mod base;
pub mod github;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod table;
pub mod text;

pub use base::Base;

use std::collections::HashMap;

use crate::engine::object::ObjectRef;
use crate::engine::policy::Policy;
use crate::engine::rule::Level;
use crate::fronts::files::check::{Checked, Fixes, Located, Spot};
use crate::fronts::files::{Origin, Source};

/// Everything that is written about one run.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was found.
    pub checked: &'a Checked,
    /// Where.
    pub sources: &'a [Source],
    /// By which policy.
    pub policy: &'a Policy,
    /// The level from which the run fails; `None` if it never does.
    pub fails_from: Option<Level>,
    /// What was judged.
    pub ground: Ground<'a>,
}

/// What was judged.
#[derive(Clone, Copy, Debug)]
pub enum Ground<'a> {
    /// Files, which have lines.
    Files,
    /// What runs in a cluster: a source is a namespace, and has no text. With the workload of each ScaledObject.
    Cluster(&'a HashMap<ObjectRef, ObjectRef>),
}

impl<'a> Report<'a> {
    /// Whether the exit code tells of this finding.
    pub fn fails(&self, located: &Located) -> bool {
        located.is_open() && self.fails_from.is_some_and(|from| located.finding.level >= from)
    }

    fn source(&self, spot: &Spot) -> Option<&'a Source> {
        self.sources.get(spot.source)
    }

    /// Whether findings are in files, so that there is a file to name.
    fn has_files(&self) -> bool {
        matches!(self.ground, Ground::Files)
    }

    /// The name of a spot's source.
    fn name(&self, spot: &Spot) -> &'a str {
        self.source(spot).map_or("", |source| source.name.as_str())
    }

    /// Whether the lines of a spot are lines of a file that its reader can open.
    fn has_lines(&self, spot: &Spot) -> bool {
        self.has_files()
            && self.source(spot).is_some_and(|source| !matches!(source.origin, Origin::Rendered { .. }))
    }
}

/// How many findings of each sort there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Denials.
    pub deny: usize,
    /// Warnings.
    pub warn: usize,
    /// Findings that an exemption covers.
    pub exempted: usize,
    /// Findings that the baseline holds.
    pub baselined: usize,
}

impl Counts {
    /// Counts findings.
    pub fn of(findings: &[Located]) -> Self {
        let mut counts = Self::default();
        for located in findings {
            match located.finding.level {
                _ if located.finding.exempted.is_some() => counts.exempted += 1,
                _ if located.is_baselined => counts.baselined += 1,
                Level::Deny => counts.deny += 1,
                Level::Warn => counts.warn += 1,
                Level::Off => {}
            }
        }
        counts
    }
}

/// The last line for people: `2 denials and 1 warning in 3 files (5 objects)`.
pub(crate) fn summary(report: &Report<'_>) -> String {
    let checked = report.checked;
    let counts = Counts::of(&checked.findings);
    let plural = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut found = Vec::new();
    for (count, name) in [(counts.deny, "denial"), (counts.warn, "warning")] {
        if count > 0 {
            found.push(plural(count, name));
        }
    }
    let mut text = match found.len() {
        0 => "no findings".to_owned(),
        _ => found.join(" and "),
    };
    let inputs = match report.ground {
        Ground::Files => plural(checked.files, "file"),
        Ground::Cluster(_) => plural(report.sources.len(), "namespace"),
    };
    text += &format!(" in {inputs} ({})", plural(checked.objects, "object"));
    for (count, what) in [(counts.exempted, "exempted"), (counts.baselined, "in the baseline")] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    if !checked.skipped.is_empty() {
        text += &format!(", {} skipped", plural(checked.skipped.len(), "template"));
    }
    if !checked.errors.is_empty() {
        text += &format!(", {}", plural(checked.errors.len(), "error"));
    }
    if let Some(fixes) = fixes(checked.fixes, Tense::Past) {
        text += &format!("; {fixes}");
    }
    text
}

/// Whether fixes have been made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tense {
    /// They have.
    Past,
    /// They would be.
    Conditional,
}

/// `3 fixed (2 more with --unsafe-fixes)`, or what to type to fix them; `None` where there is nothing to fix.
pub(crate) fn fixes(fixes: Fixes, tense: Tense) -> Option<String> {
    let Fixes { fixed, safe, overwriting } = fixes;
    let more = match overwriting {
        0 => String::new(),
        more => format!(" ({more} more with --unsafe-fixes)"),
    };
    let done = match tense {
        Tense::Past => "fixed",
        Tense::Conditional => "would be fixed",
    };
    if fixed > 0 {
        Some(format!("{fixed} {done}{more}"))
    } else if safe > 0 {
        Some(format!("{safe} fixable with `lagward check --fix`{more}"))
    } else {
        let unsafe_only = || format!("{overwriting} fixable with `lagward check --fix --unsafe-fixes`");
        (overwriting > 0).then(unsafe_only)
    }
}

/// One finding in full, for readers that show no source: what, what it costs, what to do.
fn message(located: &Located) -> String {
    let finding = &located.finding;
    let report = &finding.report;
    let mut text = format!("{}: {}\n{}", finding.object, finding.statement(), report.cost);
    if let Some(fix) = &report.fix {
        text += &format!("\nhelp: {fix}");
    }
    text
}
