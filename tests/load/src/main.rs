//! `cargo xtask bench gateway`: how fast the gateway is, beside a bare object per conversation on the same runtime and in
//! the same run. Timings are printed, never asserted.

mod line;
mod offers;
mod raw;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use integration::House;
use line::{Line, Run, conversations, drive};
use raw::Raw;
use serde_json::{Value, json};
use xtask::project::Project;
use xtask::table::{Align, draw};

#[derive(Parser)]
struct Arguments {
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

/// Conversations at once, as many as the design names.
const MANY: usize = 100;
/// Conversations that are busy one after the other, for the round trip of one.
const SINGLES: usize = 5;
/// How often everything is measured, in turns, so that both sides see the same weather.
const ROUNDS: usize = 3;
/// The design's budgets.
const RATIO_TARGET: f64 = 4.0;
const SINGLE_TARGET: f64 = 1.3;
const OFFER_TARGET_MS: f64 = 10.0;

struct Results {
    raw_single: Run,
    raw_many: Run,
    single: Run,
    many: Run,
    /// From the visitor's request to the offer at the desk.
    offers: Run,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match bench(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(arguments: &Arguments) -> Result<()> {
    let results = measure().await?;
    if arguments.json {
        println!("{}", results.to_json());
    } else {
        print!("{}", results.to_table());
    }
    Ok(())
}

async fn measure() -> Result<Results> {
    let project = Project::here()?;
    let (mut raw_single, mut raw_many, mut single, mut many) = Default::default();
    for _ in 0..ROUNDS {
        // One server at a time: an idle one would still take its share of a small machine.
        let mut raw = Raw::start(&project).await?;
        raw_single = one_after_another(raw_single, raw.lines(SINGLES).await?).await?;
        raw_many = Run::and(raw_many, drive(raw.lines(MANY).await?).await?);
        drop(raw);
        let house = House::open().await?;
        single = one_after_another(single, conversations(&house, SINGLES).await?).await?;
        many = Run::and(many, drive(conversations(&house, MANY).await?).await?);
    }
    Ok(Results { raw_single, raw_many, single, many, offers: offers::measure().await? })
}

async fn one_after_another(mut run: Run, lines: Vec<Line>) -> Result<Run> {
    for line in lines {
        run = run.and(drive(vec![line]).await?);
    }
    Ok(run)
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

impl Results {
    fn ratio_to_floor(&self) -> f64 {
        self.many.per_second() / self.raw_many.per_second()
    }

    fn rtt_ratio_single(&self) -> f64 {
        milliseconds(self.single.percentile(50)) / milliseconds(self.raw_single.percentile(50))
    }

    fn to_json(&self) -> Value {
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        let entry = |value: f64, unit: &str, target: Option<f64>, baseline: Option<f64>| json!({ "value": rounded(value), "unit": unit, "target": target, "baseline": baseline.map(rounded) });
        json!({
            "gateway.ratio_to_floor": entry(self.ratio_to_floor(), "×", Some(RATIO_TARGET), Some(1.0)),
            "gateway.rtt_ratio_single": entry(self.rtt_ratio_single(), "×", Some(SINGLE_TARGET), Some(1.0)),
            "gateway.offer_ms_p50": entry(milliseconds(self.offers.percentile(50)), "ms", Some(OFFER_TARGET_MS), None),
            "gateway.messages_per_s_100": entry(self.many.per_second(), "1/s", None, Some(self.raw_many.per_second())),
            "gateway.messages_per_s_1": entry(self.single.per_second(), "1/s", None, Some(self.raw_single.per_second())),
        })
    }

    fn to_table(&self) -> String {
        let row = |what: &str, run: &Run| {
            [
                what.to_owned(),
                format!("{:.0}", run.per_second()),
                format!("{:.2}", milliseconds(run.percentile(50))),
                format!("{:.2}", milliseconds(run.percentile(99))),
            ]
        };
        let rows = [
            row("one conversation, bare object", &self.raw_single),
            row("one conversation, Throughline", &self.single),
            row("100 conversations, bare objects", &self.raw_many),
            row("100 conversations, Throughline", &self.many),
        ];
        let head = ["messages, each acknowledged before the next", "per second", "p50 ms", "p99 ms"];
        let table = draw(head, [Align::Left, Align::Right, Align::Right, Align::Right], &rows);
        format!(
            "{table}\n  gateway.ratio_to_floor     {:.2}   (at least {RATIO_TARGET}; the bare object is 1)\n  \
             gateway.rtt_ratio_single   {:.2}   (at most {SINGLE_TARGET}; the bare object is 1)\n  \
             gateway.offer_ms_p50       {:.1}   (at most {OFFER_TARGET_MS}; {} new chats, from the form to the desk)\n",
            self.ratio_to_floor(),
            self.rtt_ratio_single(),
            milliseconds(self.offers.percentile(50)),
            self.offers.count(),
        )
    }
}
