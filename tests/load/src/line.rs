//! One conversation of the benchmark: a message out, its answer back, then the next.

use std::time::Duration;

use anyhow::{Result, bail};
use integration::{House, Socket, answers, fresh_message};
use shared::limit::FRAME_RATE;
use shared::protocol::live::{ClientFrame, ServerFrame, Visibility};
use tokio::time::Instant;

/// What is written: the length of an ordinary sentence.
const TEXT: &str = "Could you tell me where my order is, please?";

/// A socket on which messages are answered.
#[derive(Debug)]
pub(crate) enum Line {
    /// A bare object that echoes.
    Raw(Socket<String>),
    /// A visitor's conversation, answered when the message is on disk.
    Throughline(Socket<ServerFrame>),
}

/// A visitor's socket in each of `count` new conversations.
pub(crate) async fn conversations(house: &House, count: usize) -> Result<Vec<Line>> {
    let mut lines = Vec::with_capacity(count);
    for _ in 0..count {
        let visitor = house.visitor().await?;
        let conversation = visitor.start(answers("Ada", "order", TEXT)).await?;
        lines.push(Line::Throughline(visitor.connect(conversation, None).await?.socket));
    }
    Ok(lines)
}

impl Line {
    /// Sends one message and waits for its answer.
    async fn round_trip(&mut self) -> Result<()> {
        match self {
            Self::Raw(socket) => {
                socket.send(&TEXT).await?;
                socket.next().await?;
                Ok(())
            }
            Self::Throughline(socket) => {
                let sent = fresh_message();
                let (visibility, text) = (Visibility::Public, TEXT.to_owned());
                socket.send(&ClientFrame::Send { message: sent, visibility, text }).await?;
                loop {
                    match socket.next().await? {
                        ServerFrame::Accepted { message, .. } if message == sent => return Ok(()),
                        ServerFrame::Refused { problem, .. } => {
                            bail!("A message was refused: {}", problem.message)
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

/// Messages on one line: what one socket may send at once before the gateway asks it to slow down.
const MESSAGES: usize = 100;
const _: () = assert!(MESSAGES < FRAME_RATE.burst as usize, "the benchmark would measure the limit");

/// What was measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// How long each message took until its answer.
    latencies: Vec<Duration>,
    /// How long all of them took together.
    took: Duration,
}

impl Run {
    /// These latencies, of messages that took so long together.
    pub(crate) fn new(mut latencies: Vec<Duration>, took: Duration) -> Self {
        latencies.sort_unstable();
        Self { latencies, took }
    }

    /// This and what was measured after it.
    pub(crate) fn and(mut self, next: Self) -> Self {
        self.latencies.extend(next.latencies);
        Self::new(self.latencies, self.took + next.took)
    }

    /// How many were measured.
    pub(crate) fn count(&self) -> usize {
        self.latencies.len()
    }

    /// How many there were in a second.
    #[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52")]
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// The latency that so many of a hundred messages kept below.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let index = self.latencies.len().saturating_sub(1) * percent / 100;
        self.latencies.get(index).copied().unwrap_or_default()
    }
}

/// Sends [`MESSAGES`] on every line, all lines at once, each with one message at a time.
pub(crate) async fn drive(lines: Vec<Line>) -> Result<Run> {
    let start = Instant::now();
    let tasks: Vec<_> = lines
        .into_iter()
        .map(|mut line| {
            tokio::spawn(async move {
                let mut latencies = Vec::with_capacity(MESSAGES);
                for _ in 0..MESSAGES {
                    let sent = Instant::now();
                    line.round_trip().await?;
                    latencies.push(sent.elapsed());
                }
                Ok::<_, anyhow::Error>(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(Run::new(latencies, start.elapsed()))
}
