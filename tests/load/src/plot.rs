//! The levels as a picture: latency and messages per second over the number of busy conversations.

use std::fmt::Write as _;

use crate::contestant::Contestant;
use crate::levels::{Level, Levels};
use crate::run::Run;

/// Where the picture is.
pub(crate) const PATH: &str = "tests/load/latency.svg";

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 62.0;
const TOP: f64 = 34.0;

/// One of the two diagrams; both axes are logarithmic.
struct Diagram {
    left: f64,
    title: &'static str,
    /// The lowest value of the vertical axis, and how many powers of ten it spans.
    from: f64,
    decades: i32,
    unit: &'static str,
    /// What is drawn as a line, and what as a thin one above it.
    value: fn(&Run) -> f64,
    above: Option<fn(&Run) -> f64>,
}

/// The picture.
pub(crate) fn draw(levels: &Levels) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 370\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<rect width=\"960\" height=\"370\" fill=\"#fff\"/>\n",
    );
    let latency = Diagram {
        left: 0.0,
        title: "milliseconds until a message is on disk and answered: p50, and thin p99",
        from: 0.1,
        decades: 4,
        unit: "ms",
        value: |run| run.percentile(50),
        above: Some(|run| run.percentile(99)),
    };
    let throughput = Diagram {
        left: 480.0,
        title: "messages per second",
        from: 100.0,
        decades: 3,
        unit: "/s",
        value: Run::per_second,
        above: None,
    };
    latency.draw(&mut svg, levels);
    throughput.draw(&mut svg, levels);
    legend(&mut svg);
    svg.push_str("</svg>\n");
    svg
}

const fn colour(contestant: Contestant) -> &'static str {
    match contestant {
        Contestant::Throughline => "#2f6b4f",
        Contestant::RawInsert => "#b4540a",
        Contestant::RawEcho => "#8a8a8a",
        Contestant::Node => "#2a5db0",
    }
}

impl Diagram {
    fn draw(&self, svg: &mut String, levels: &Levels) {
        let _ = writeln!(svg, "<text x=\"{:.0}\" y=\"20\">{}</text>", self.left + MARGIN, self.title);
        for decade in 0..=self.decades {
            let value = self.from * 10_f64.powi(decade);
            let (x1, x2, y) = (self.x(1.0), self.x(1_000.0), self.y(value));
            let _ = writeln!(
                svg,
                "<path d=\"M{x1:.0} {y:.0}H{x2:.0}\" stroke=\"#ddd\"/><text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{value} {}</text>",
                x1 - 6.0,
                y + 4.0,
                self.unit
            );
        }
        for count in [1.0, 10.0, 100.0, 1_000.0] {
            let (x, y) = (self.x(count), TOP + HEIGHT + 18.0);
            let _ = writeln!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"middle\">{count}</text>");
        }
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">conversations in which both clients write</text>",
            self.left + MARGIN + WIDTH / 2.0,
            TOP + HEIGHT + 38.0
        );
        for contestant in Contestant::ALL {
            self.line(svg, levels, contestant, self.value, "2");
            if let Some(above) = self.above {
                self.line(svg, levels, contestant, above, "0.7");
            }
        }
    }

    fn line(
        &self,
        svg: &mut String,
        levels: &Levels,
        contestant: Contestant,
        value: fn(&Run) -> f64,
        width: &str,
    ) {
        let points: Vec<String> = levels
            .iter()
            .filter_map(|((who, level), run)| match level {
                Level::Busy(count) if *who == contestant => {
                    let count = f64::from(u32::try_from(*count).ok()?);
                    Some(format!("{:.1},{:.1}", self.x(count), self.y(value(run))))
                }
                _ => None,
            })
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"/>",
            points.join(" "),
            colour(contestant)
        );
    }

    fn x(&self, conversations: f64) -> f64 {
        self.left + MARGIN + conversations.log10() / 3.0 * WIDTH
    }

    fn y(&self, value: f64) -> f64 {
        TOP + HEIGHT - (value / self.from).log10() / f64::from(self.decades) * HEIGHT
    }
}

fn legend(svg: &mut String) {
    for (contestant, left) in Contestant::ALL.into_iter().zip([0.0, 120.0, 360.0, 530.0]) {
        let (x, y) = (MARGIN + left, TOP + HEIGHT + 74.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.0} {:.0}h18\" stroke=\"{}\" stroke-width=\"2\"/><text x=\"{:.0}\" y=\"{y:.0}\">{}</text>",
            y - 4.0,
            colour(contestant),
            x + 24.0,
            contestant.name()
        );
    }
}
