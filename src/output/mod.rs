//! Findings as text and as JSON.

pub mod json;
pub mod text;

use crate::engine::rule::Level;
use crate::fronts::files::check::{Checked, Fixes, Located};

/// How many findings of each sort there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Denials.
    pub deny: usize,
    /// Warnings.
    pub warn: usize,
    /// Findings that an exemption covers.
    pub exempted: usize,
}

impl Counts {
    /// Counts findings.
    pub fn of(findings: &[Located]) -> Self {
        let mut counts = Self::default();
        for Located { finding, .. } in findings {
            match (&finding.exempted, finding.level) {
                (Some(_), _) => counts.exempted += 1,
                (None, Level::Deny) => counts.deny += 1,
                (None, Level::Warn) => counts.warn += 1,
                (None, Level::Off) => {}
            }
        }
        counts
    }
}

/// The last line for people: `2 denials and 1 warning in 3 files (5 objects)`.
pub(crate) fn summary(checked: &Checked) -> String {
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
    text += &format!(" in {} ({})", plural(checked.files, "file"), plural(checked.objects, "object"));
    if counts.exempted > 0 {
        text += &format!(", {} exempted", counts.exempted);
    }
    if !checked.errors.is_empty() {
        text += &format!(", {}", plural(checked.errors.len(), "error"));
    }
    text + &fixes(checked.fixes)
}

/// `; 3 fixed (2 more with --unsafe-fixes)`, or what to type to fix them.
pub(crate) fn fixes(fixes: Fixes) -> String {
    let more = match fixes.overwriting {
        0 => String::new(),
        more => format!(" ({more} more with --unsafe-fixes)"),
    };
    match fixes {
        Fixes { fixed: 0, safe: 0, overwriting: 0 } => String::new(),
        Fixes { fixed: 0, safe: 0, overwriting } => {
            format!("; {overwriting} fixable with `lagward check --fix --unsafe-fixes`")
        }
        Fixes { fixed: 0, safe, .. } => format!("; {safe} fixable with `lagward check --fix`{more}"),
        Fixes { fixed, .. } => format!("; {fixed} fixed{more}"),
    }
}
