//! What a turn is made of costs: rows in one statement or many, bytes and text between JavaScript and wasm, the format of the
//! journal. The first two are done by a bare object on the runtime, many times in one event; what they take is the difference
//! between many and twice as many.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context as _, Result};
use integration::fresh_message;
use shared::protocol::codec::{Codec, Encoded};
use shared::protocol::live::{ClientFrame, Visibility};
use tokio::time::Instant;
use xtask::project::Project;

use crate::contestant::Echo;

/// How often each is done, and again.
const TIMES: u32 = 4_000;
/// Of so many measurements the middle one counts.
const SAMPLES: usize = 7;
/// As many messages as are written together.
const TOGETHER: u32 = 16;

/// What was measured: what it is, and how long it takes for one message.
pub(crate) struct Cost {
    pub(crate) key: &'static str,
    pub(crate) what: &'static str,
    pub(crate) micros: f64,
}

/// What the bare object does, by its name there; for how many messages each time.
const ON_THE_RUNTIME: [(&str, &str, u32); 5] = [
    ("row", "a row of 100 bytes, one statement each", 1),
    ("rows", "the same, 16 rows in one statement", TOGETHER),
    ("joined", "the same, 16 messages in one row", TOGETHER),
    ("copy", "100 bytes out of wasm's memory and back", 1),
    ("text", "100 characters out of wasm's memory as text and back", 1),
];

/// Measures each.
pub(crate) async fn measure(project: &Project) -> Result<Vec<Cost>> {
    let echo = Echo::raw(project, true).await?;
    let mut costs = Vec::new();
    for (key, what, messages) in ON_THE_RUNTIME {
        let times = TIMES / messages;
        let mut samples = Vec::new();
        for _ in 0..SAMPLES {
            let once = timed(&echo, key, times).await?;
            let twice = timed(&echo, key, 2 * times).await?;
            samples.push((twice.as_secs_f64() - once.as_secs_f64()) * 1e6 / f64::from(times * messages));
        }
        costs.push(Cost { key, what, micros: middle(samples) });
    }
    for (codec, key, what) in [
        (Codec::Binary, "postcard", "a message written and read in the journal's format"),
        (Codec::Json, "json", "the same as JSON"),
    ] {
        costs.push(Cost { key, what, micros: coded(codec)? });
    }
    Ok(costs)
}

async fn timed(echo: &Echo, what: &str, times: u32) -> Result<Duration> {
    let start = Instant::now();
    let answer = echo.get(&format!("/cost?what={what}&times={times}")).await?;
    anyhow::ensure!(answer.ends_with("done"), "the bare object answered {answer}");
    Ok(start.elapsed())
}

fn middle(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

fn coded(codec: Codec) -> Result<f64> {
    let text = "Where is my order? ".repeat(5);
    let frame = ClientFrame::Send { message: fresh_message(), visibility: Visibility::Public, text };
    let mut samples = Vec::new();
    for _ in 0..SAMPLES {
        let start = Instant::now();
        for _ in 0..TIMES {
            let bytes = match codec.encode(black_box(&frame)) {
                Encoded::Binary(bytes) => bytes,
                Encoded::Text(text) => text.into_bytes(),
            };
            let read: ClientFrame = codec.decode(&bytes).context("what was written can be read")?;
            black_box(read);
        }
        samples.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
    }
    Ok(middle(samples))
}
