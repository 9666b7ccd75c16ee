//! The curves as a picture: nanoseconds for a decision over what waits, and over who serves.

use std::fmt::Write as _;

use crate::Measured;
use crate::house::Size;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 56.0;

/// Two diagrams beside each other, both axes logarithmic.
pub(crate) fn draw(measured: &[Measured]) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 330\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<rect width=\"960\" height=\"330\" fill=\"#fff\"/>\n",
    );
    let by_waiting = |size: &Size| (size.representatives == 10_000).then_some(size.waiting);
    let by_people = |size: &Size| (size.waiting == 100_000).then_some(size.representatives);
    diagram(&mut svg, 0.0, "items waiting (10,000 people)", (100.0, 1e6), measured, by_waiting);
    diagram(&mut svg, 480.0, "people (100,000 items waiting)", (10.0, 1e5), measured, by_people);
    svg.push_str("</svg>\n");
    svg
}

fn diagram(
    svg: &mut String,
    left: f64,
    label: &str,
    (from, to): (f64, f64),
    measured: &[Measured],
    along: impl Fn(&Size) -> Option<u32>,
) {
    let x = |value: f64| left + MARGIN + (value / from).log10() / (to / from).log10() * WIDTH * 0.9;
    let y = |nanos: f64| 20.0 + HEIGHT - (nanos / 100.0).log10() / 3.0 * HEIGHT;
    for nanos in [100.0, 1_000.0, 10_000.0, 100_000.0] {
        let (x1, x2, y) = (x(from), x(to), y(nanos));
        let _ = writeln!(
            svg,
            "<path d=\"M{x1:.0} {y:.0}H{x2:.0}\" stroke=\"#ddd\"/><text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{} µs</text>",
            x1 - 6.0,
            y + 4.0,
            nanos / 1_000.0
        );
    }
    let mut value = from;
    while value <= to {
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{value}</text>",
            x(value),
            HEIGHT + 38.0
        );
        value *= 10.0;
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{label}</text>",
        left + MARGIN + WIDTH * 0.45,
        HEIGHT + 60.0
    );
    for (skills, colour, name, line) in
        [(false, "#2f6b4f", "without skills", 0.0), (true, "#b4540a", "with skills", 1.0)]
    {
        let chosen = measured.iter().filter(|result| result.size.skills == skills);
        let mut points: Vec<(u32, f64)> =
            chosen.filter_map(|result| Some((along(&result.size)?, result.nanos?))).collect();
        points.sort_by_key(|(along, _)| *along);
        let path: Vec<String> = points
            .iter()
            .map(|(along, nanos)| format!("{:.1},{:.1}", x(f64::from(*along)), y(*nanos)))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" fill=\"{colour}\">{name}</text>",
            left + MARGIN + 10.0,
            34.0 + line * 16.0
        );
    }
}
