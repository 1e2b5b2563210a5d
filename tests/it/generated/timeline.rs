//! The picture of how session timeout, grace period, replicas and lagThreshold meet: a stop that goes well, a kill,
//! and the lag that follows, to scale. Its numbers are those of examples/aligned and the engine's own formulas.

use std::time::Duration;

use lagward::engine::cost;

const GRACE: u32 = 30;
const SESSION: u32 = 60;
/// How long the pod needs to finish its work, where it can.
const DRAIN: u32 = 18;
const PEAK: i64 = 12_000;
const PARTITIONS: i64 = 48;

/// Where second 0 is, and how many pixels a second has.
const LEFT: u32 = 150;
const SCALE: u32 = 6;
const END: u32 = 100;

/// It brings its own background, and follows the reader's preference for light or dark.
const STYLE: &str = "<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px } .small { font-size: 12px; fill: #57606a }
.page { fill: #ffffff } .work { fill: #2da44e } .drain { fill: #bf8700 } .wait { fill: #cf222e } .next { fill: #0969da }
.in { fill: #ffffff; font-weight: 600 }
.axis { stroke: #8c959f; stroke-width: 1 } .mark { stroke: #1f2328; stroke-width: 1.5; stroke-dasharray: 4 3 }
.lag { fill: #cf222e; fill-opacity: 0.25; stroke: #cf222e }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9198a1 } .page { fill: #0d1117 } .axis { stroke: #6e7681 } .mark { stroke: #e6edf3 }
.work { fill: #238636 } .drain { fill: #9e6a03 } .wait { fill: #b62324 } .next { fill: #1f6feb } .in { fill: #ffffff }
}
</style>";

pub(super) fn picture() -> String {
    let mut svg = Svg(String::new());
    stopped(&mut svg, 30);
    killed(&mut svg, 195);
    lag(&mut svg, 300);
    svg.axis(400);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 500\" role=\"img\" aria-labelledby=\"t\">\n\
         <!-- Generated from the engine's formulas: `make generate`. -->\n\
         <title id=\"t\">What happens to a consumer's partitions when its pod stops in time, and when it is killed</title>\n\
         {STYLE}\n<rect class=\"page\" width=\"800\" height=\"500\" rx=\"8\"/>\n{}</svg>\n",
        svg.0
    )
}

fn stopped(svg: &mut Svg, top: u32) {
    svg.text(20, top, "title", "The pod stops within its grace period");
    svg.row(top + 20, "pod", &[(0, DRAIN, "drain", "drains")]);
    svg.mark(0, top + 12, top + 98, "SIGTERM");
    svg.mark(DRAIN, top + 12, top + 98, "leaves the group");
    svg.row(
        top + 55,
        "its partitions",
        &[(0, DRAIN, "work", "worked on"), (DRAIN + 1, END, "next", "next consumer")],
    );
    let unused = format!(
        "Partitions move at once, whatever the session timeout is; {} s of grace are left.",
        GRACE - DRAIN
    );
    svg.text(LEFT + 5, top + 124, "small", &unused);
}

fn killed(svg: &mut Svg, top: u32) {
    let end = GRACE + SESSION;
    svg.text(20, top, "title", "The pod is killed at the end of its grace period");
    svg.row(top + 20, "pod", &[(0, GRACE, "drain", &format!("grace period, {GRACE} s"))]);
    let stands = format!("stand still: session timeout, {SESSION} s");
    svg.row(
        top + 55,
        "its partitions",
        &[(0, GRACE, "work", "worked on"), (GRACE, end, "wait", &stands), (end + 1, END, "next", "next")],
    );
    svg.mark(0, top + 12, top + 98, "");
    svg.mark(GRACE, top + 12, top + 98, "SIGKILL");
    svg.mark(end, top + 12, top + 98, "rebalance");
}

fn lag(svg: &mut Svg, top: u32) {
    let each = cost::share(PEAK, 20);
    let waiting = each * i64::from(SESSION);
    let (from, to) = (LEFT + GRACE * SCALE, LEFT + (GRACE + SESSION) * SCALE);
    svg.text(20, top + 80, "", "their lag");
    svg.0 += &format!(
        "<polygon class=\"lag\" points=\"{from},{low} {to},{low} {to},{high}\"/>\n",
        low = top + 85,
        high = top + 10
    );
    svg.text(to - 150, top + 78, "", &format!("{} messages", thousands(waiting)));
    let asked = |threshold, max| cost::replicas(waiting, threshold, max, Some(PARTITIONS), true);
    let share = |threshold, max| {
        let time = cost::time_of_peak(cost::lag(max, threshold), PEAK);
        (cost::lag(max, threshold), shown(time))
    };
    let (high, of_high) = share(800, 20);
    let (low, of_low) = share(10, 200);
    let lines = [
        format!("lagThreshold 800, at most 20 replicas: this asks for {} pods.", asked(800, 20)),
        format!("It takes {} messages to ask for all of them, {of_high} of the peak.", thousands(high)),
        format!("lagThreshold 10, at most 200 replicas: this asks for {} pods,", asked(10, 200)),
        format!("and so do {} messages, {of_low} of the peak, without any kill.", thousands(low)),
    ];
    for (y, line) in (top + 140..).step_by(17).zip(lines) {
        svg.text(LEFT + 5, y, "", &line);
    }
}

fn shown(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn thousands(number: i64) -> String {
    let digits = number.to_string();
    match digits.len() {
        0..=3 => digits,
        length => format!("{},{}", &digits[..length - 3], &digits[length - 3..]),
    }
}

struct Svg(String);

impl Svg {
    fn text(&mut self, x: u32, y: u32, class: &str, text: &str) {
        self.0 += &format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>\n");
    }

    /// A named row of bars: from second to second, with a colour and a word.
    fn row(&mut self, y: u32, name: &str, bars: &[(u32, u32, &str, &str)]) {
        self.text(20, y + 18, "", name);
        for (from, to, class, word) in bars {
            let (x, width) = (LEFT + from * SCALE, (to - from) * SCALE);
            self.0 += &format!(
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"26\" rx=\"3\"/>\n"
            );
            self.text(x + 6, y + 18, "in", word);
        }
    }

    /// A dashed line at a second, named below.
    fn mark(&mut self, second: u32, top: u32, bottom: u32, name: &str) {
        let x = LEFT + second * SCALE;
        self.0 += &format!("<line class=\"mark\" x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{bottom}\"/>\n");
        self.text(x + 5, bottom, "small", name);
    }

    fn axis(&mut self, y: u32) {
        self.0 += &format!(
            "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>\n",
            LEFT + END * SCALE
        );
        for second in (0..=END).step_by(10) {
            let x = LEFT + second * SCALE;
            self.0 += &format!("<line class=\"axis\" x1=\"{x}\" x2=\"{x}\" y1=\"{y}\" y2=\"{}\"/>\n", y + 5);
            self.text(x - 8, y + 19, "small", &format!("{second} s"));
        }
    }
}
