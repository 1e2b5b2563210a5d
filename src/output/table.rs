//! Findings for people who look at a cluster: by workload, the worst first.

use std::fmt::Write;

use clap::builder::styling::{AnsiColor, Style};

use super::{Counts, Ground, Report};
use crate::engine::object::ObjectRef;
use crate::engine::rule::Level;
use crate::fronts::files::check::Located;

/// A block for each workload, then the remarks and the summary. Findings come in the order of the report.
pub fn render(report: &Report<'_>, is_coloured: bool) -> String {
    let open: Vec<&Located> = report.checked.findings.iter().filter(|located| located.is_open()).collect();
    let mut out = String::new();
    for group in open.chunk_by(|one, other| workload(report, one) == workload(report, other)) {
        let Some(first) = group.first() else { continue };
        let bold = if is_coloured { Style::new().bold() } else { Style::new() };
        let _ = writeln!(out, "{bold}{}{bold:#}", workload(report, first));
        for located in group {
            row(&mut out, located, is_coloured);
        }
        out.push('\n');
    }
    for remark in &report.checked.remarks {
        let _ = writeln!(out, "{}: {}", remark.object, remark.text);
    }
    if !report.checked.remarks.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "{}", super::summary(report));
    let counts = Counts::of(&report.checked.findings);
    if counts.deny + counts.warn > 0 {
        out += "`lagward explain CODE` says what each costs and how to mend it; `-o text` shows it here\n";
    }
    out
}

fn row(out: &mut String, located: &Located, is_coloured: bool) {
    let finding = &located.finding;
    let colour = match finding.level {
        _ if !is_coloured => Style::new(),
        Level::Deny => AnsiColor::Red.on_default(),
        _ => AnsiColor::Yellow.on_default(),
    };
    let (level, code, kind) = (finding.level.name(), finding.rule.code, finding.object.kind.name());
    let _ = writeln!(out, "  {colour}{level:<4}{colour:#}  {code}  {kind:<12}  {}", finding.statement());
}

/// The workload that a finding is about: for a ScaledObject the one that it scales.
fn workload<'a>(report: &Report<'a>, located: &'a Located) -> &'a ObjectRef {
    let object = &located.finding.object;
    match report.ground {
        Ground::Cluster(targets) => targets.get(object).unwrap_or(object),
        Ground::Files => object,
    }
}
