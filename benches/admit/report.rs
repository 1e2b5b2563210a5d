//! What was measured, and whether it is good enough.

use std::fmt::{self, Display};

use crate::closed::Closed;
use crate::load::Open;
use crate::reviews::Case;

/// At least this many of the floor's reviews per second.
const THROUGHPUT: f64 = 0.85;
/// At most this many of the floor's processor times per review, without findings and with.
const PROCESSOR: [f64; 2] = [1.5, 2.0];
/// At most this many milliseconds over the floor's 99th percentile.
const P99: f64 = 1.0;

/// One server and one review in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) closed: Closed,
    pub(crate) open: Open,
}

/// All rounds: the floor's samples, and those of each case beside the floor's of the same round.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) floor: Vec<Sample>,
    pub(crate) cases: Vec<(Case, Vec<Sample>)>,
}

/// The medians over the rounds of one case. Ratios and differences are taken within a round, whose two halves the
/// machine treated alike.
struct Line {
    case: Case,
    throughput: f64,
    processor: f64,
    p99_over: f64,
}

impl Report {
    fn lines(&self) -> impl Iterator<Item = Line> {
        self.cases.iter().map(|(case, samples)| {
            let beside = |compare: fn(&Sample, &Sample) -> f64| {
                median(samples.iter().zip(&self.floor).map(|(sample, floor)| compare(sample, floor)))
            };
            Line {
                case: *case,
                throughput: beside(|a, b| a.closed.per_second / b.closed.per_second),
                processor: beside(|a, b| a.closed.processor / b.closed.processor),
                p99_over: beside(|a, b| a.open.p99 - b.open.p99),
            }
        })
    }

    /// Whether every bar holds.
    pub(crate) fn is_good(&self) -> bool {
        self.lines().all(|line| line.verdicts().iter().all(|(_, holds)| *holds))
    }
}

impl Line {
    fn verdicts(&self) -> [(String, bool); 3] {
        let processor = PROCESSOR[usize::from(self.case.warns())];
        [
            (format!("throughput {:.2} >= {THROUGHPUT}", self.throughput), self.throughput >= THROUGHPUT),
            (format!("CPU {:.2} <= {processor}", self.processor), self.processor <= processor),
            (format!("p99 {:+.2} ms <= +{P99} ms", self.p99_over), self.p99_over <= P99),
        ]
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:16}{:>11}{:>14}{:>10}{:>10}", "", "reviews/s", "CPU/review", "p50", "p99")?;
        let floor = ("floor".to_owned(), &self.floor);
        let cases = self.cases.iter().map(|(case, samples)| (case.to_string(), samples));
        for (name, samples) in std::iter::once(floor).chain(cases) {
            let of = |get: fn(&Sample) -> f64| median(samples.iter().map(get));
            let (per_second, processor) = (of(|s| s.closed.per_second), of(|s| s.closed.processor));
            let (p50, p99) = (of(|s| s.open.p50), of(|s| s.open.p99));
            writeln!(f, "{name:16}{per_second:>11.0}{processor:>11.1} µs{p50:>7.2} ms{p99:>7.2} ms")?;
        }
        writeln!(f, "\nbeside the floor (medians of the rounds' ratios)")?;
        for line in self.lines() {
            write!(f, "{:16}", line.case)?;
            for (text, holds) in line.verdicts() {
                write!(f, "  {:28}", format!("{} {text}", if holds { "ok  " } else { "MISS" }))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// The median; of an even number of values, the mean of the middle two.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}
