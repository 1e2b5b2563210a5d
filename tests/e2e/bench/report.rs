//! What was measured, and whether it is good enough.

use std::fmt::{self, Display};

use super::closed::Closed;
use super::latency::Latencies;
use super::start::Start;

/// Until lagward knows a cluster of a thousand pairs, in seconds.
const START: f64 = 1.0;
/// Resident with watches, in MB.
const RESIDENT: f64 = 25.0;
/// At most this much of what the floor adds to a create. A goal, not a bar.
const OF_FLOOR: f64 = 1.2;
/// At least this many of KEDA's reviews per second.
const THROUGHPUT: f64 = 3.0;
/// At most this much of KEDA's memory.
const MEMORY: f64 = 1.0 / 3.0;

/// Lists of three are the floor's, lagward's and KEDA's.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) starts: Vec<Start>,
    pub(crate) latencies: Vec<Latencies>,
    /// The same ScaledObject again and again.
    pub(crate) loads: Vec<[Closed; 3]>,
    /// Another one each time, of a thousand.
    pub(crate) spread: Vec<[Closed; 3]>,
    /// In MB, after everything.
    pub(crate) resident: [f64; 3],
}

/// Something that is to hold.
struct Bar {
    text: String,
    holds: bool,
    /// One that only ought to hold does not fail the run.
    is_goal: bool,
}

impl Report {
    pub(crate) fn is_good(&self) -> bool {
        self.bars().iter().all(|bar| bar.holds || bar.is_goal)
    }

    fn bars(&self) -> Vec<Bar> {
        let knows = self.start(|start| start.knows.as_secs_f64());
        let idle = self.start(|start| start.resident);
        let [floor, lagward, keda] = self.added();
        let of_floor = self.latency(|it| (it.lagward - it.none) / (it.floor - it.none));
        let of_keda = |[_, lagward, keda]: &[Closed; 3]| lagward.per_second / keda.per_second;
        let (throughput, spread) = (self.load(of_keda), median(self.spread.iter().map(of_keda)));
        let memory = self.resident[1] / self.resident[2];
        let bar = |text: String, holds: bool| Bar { text, holds, is_goal: false };
        vec![
            bar(format!("1,000 pairs are known after {:.0} ms <= 1 s", knows * 1e3), knows <= START),
            bar(format!("{idle:.1} MB resident with 1,000 pairs <= {RESIDENT} MB"), idle <= RESIDENT),
            bar(format!("adds {lagward:.2} ms to a create < KEDA's {keda:.2} ms"), lagward < keda),
            Bar {
                text: format!("adds {of_floor:.2} of the floor's {floor:.2} ms <= {OF_FLOOR}"),
                holds: of_floor <= OF_FLOOR,
                is_goal: true,
            },
            bar(
                format!("{throughput:.1} of KEDA's reviews per second >= {THROUGHPUT}"),
                throughput >= THROUGHPUT,
            ),
            Bar {
                text: format!("{spread:.1} of KEDA's when each is of another ScaledObject >= {THROUGHPUT}"),
                holds: spread >= THROUGHPUT,
                is_goal: true,
            },
            bar(format!("{memory:.2} of KEDA's memory <= {MEMORY:.2}"), memory <= MEMORY),
        ]
    }

    /// What each adds to a create, in milliseconds: the median of the rounds' differences.
    fn added(&self) -> [f64; 3] {
        [
            self.latency(|it| it.floor - it.none),
            self.latency(|it| it.lagward - it.none),
            self.latency(|it| it.keda - it.none),
        ]
    }

    fn start(&self, get: impl Fn(&Start) -> f64) -> f64 {
        median(self.starts.iter().map(get))
    }

    fn latency(&self, get: impl Fn(&Latencies) -> f64) -> f64 {
        median(self.latencies.iter().map(get))
    }

    fn load(&self, get: impl Fn(&[Closed; 3]) -> f64) -> f64 {
        median(self.loads.iter().map(get))
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ready = self.start(|start| start.ready.as_secs_f64() * 1e3);
        writeln!(f, "lagward serve with 1,000 pairs: ready after {ready:.0} ms\n")?;
        writeln!(
            f,
            "{:12}{:>12}{:>10}{:>12}{:>14}{:>12}",
            "", "create p50", "adds", "reviews/s", "CPU/review", "resident"
        )?;
        let none = self.latency(|it| it.none);
        writeln!(f, "{:12}{none:>9.2} ms", "no webhook")?;
        let p50 = [self.latency(|it| it.floor), self.latency(|it| it.lagward), self.latency(|it| it.keda)];
        for (index, name) in ["floor", "lagward", "KEDA"].into_iter().enumerate() {
            let per_second = self.load(|loads| loads[index].per_second);
            let processor = self.load(|loads| loads[index].processor);
            let (p50, adds, resident) = (p50[index], self.added()[index], self.resident[index]);
            writeln!(
                f,
                "{name:12}{p50:>9.2} ms{adds:>7.2} ms{per_second:>12.0}{processor:>11.0} µs{resident:>9.1} MB"
            )?;
        }
        writeln!(f)?;
        for Bar { text, holds, is_goal } in self.bars() {
            let mark = match (holds, is_goal) {
                (true, _) => "ok  ",
                (false, true) => "goal",
                (false, false) => "MISS",
            };
            writeln!(f, "{mark} {text}")?;
        }
        Ok(())
    }
}

/// The median; of an even number of values, the mean of the middle two.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}
