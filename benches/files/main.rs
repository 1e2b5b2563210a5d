//! `make bench-files`: how fast `lagward check` is beside kube-score, and whether it holds its bars.
//!
//! Everything runs as a process of its own, as a pipeline runs it. Runs of the two programs alternate, so that a
//! busy machine is unfair to neither; the median counts.

#![expect(clippy::print_stdout, reason = "it is run to be read")]

mod generate;
mod measure;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use measure::{Run, compare, median};

const LAGWARD: &str = env!("CARGO_BIN_EXE_lagward");

/// At least this many times faster than kube-score.
const FASTER: f64 = 10.0;
/// At most this many MB resident for 10,000 files.
const RESIDENT: f64 = 150.0;
/// At most this many milliseconds for one small file.
const SMALL: f64 = 10.0;
/// At most this many times the time a byte, or a finding, takes when there are ten times as many.
const LINEAR: f64 = 1.5;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    // `cargo test --benches` and `cargo bench` for another bench pass flags; a path is kube-score.
    let kube_score = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = tempfile::tempdir()?;
    let pairs = generate::folder(&folder.path().join("pairs"), 20, 50)?;
    let many = generate::folder(&folder.path().join("many"), 10_000, 1)?;
    let few = generate::folder(&folder.path().join("few"), 2, 50)?;
    let small = generate::folder(&folder.path().join("small"), 1, 1)?;
    let found = generate::findings(&folder.path().join("found"), 1_000)?;
    let more_found = generate::findings(&folder.path().join("more"), 10_000)?;

    let mut held = true;
    let mut line = |what: &str, value: f64, unit: &str, bar: f64, at_least: bool| {
        let holds = if at_least { value >= bar } else { value <= bar };
        held &= holds;
        let (sign, verdict) = (if at_least { ">=" } else { "<=" }, if holds { "holds" } else { "MISSED" });
        println!("| {what} | {value:.1} {unit} | {sign} {bar} {unit} | {verdict} |");
    };
    println!("| what | measured | bar | |\n|---|---|---|---|");
    if let Some(kube_score) = &kube_score {
        let (ours, theirs) = compare(&check(&pairs), &score(kube_score, &pairs), 15)?;
        let what = format!(
            "1,000 pairs in 20 files ({:.1} MB): lagward {ours:.0} ms, kube-score {theirs:.0} ms",
            generate::megabytes(&pairs)?
        );
        line(&what, theirs / ours, "x", FASTER, true);
    }
    let (time, resident) = measure::resident(&check(&many))?;
    let what = format!("10,000 files ({:.1} MB) in {time:.0} ms: resident", generate::megabytes(&many)?);
    line(&what, resident, "MB", RESIDENT, false);
    line("one small file, start included", median(&check(&small), 51)?, "ms", SMALL, false);
    let start = median(&check(&small), 15)?;
    let ten_times = |(once, more): (f64, f64)| (more - start) / (once - start).max(0.1) / 10.0;
    let per_byte = ten_times(compare(&check(&few), &check(&pairs), 15)?);
    line("time per byte, 10 times the input", per_byte, "x", LINEAR, false);
    for (name, place) in [("blocks.yaml", "one file"), ("minified.json", "one line")] {
        let [once, more] = [&found, &more_found].map(|folder| check(&folder.join(name)));
        let (once, more) = compare(&once, &more, 3)?;
        let what = format!("time per finding, 10,000 instead of 1,000 in {place} ({more:.0} ms)");
        line(&what, ten_times((once, more)), "x", LINEAR, false);
    }
    measure::hyperfine(&check(&pairs), kube_score.as_deref().map(|it| score(it, &pairs)).as_ref());
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check(folder: &Path) -> Run {
    Run::new(LAGWARD, &["check", "--fail-on", "never"], &[folder.to_owned()])
}

/// kube-score reads no folders.
fn score(program: &Path, folder: &Path) -> Run {
    Run::new(&program.display().to_string(), &["score", "--exit-one-on-warning"], &generate::files(folder))
}
