//! A million tiny frames: what others notice of one hostile socket that sends as fast as it can.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use integration::{Heard, House, Live, Socket, answers};
use shared::protocol::ErrorCode;
use shared::protocol::codec::PING;
use shared::protocol::live::ServerFrame;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::line::{Line, TEXT};
use crate::run::Run;

/// Others, who each write a message now and then.
const OTHERS: usize = 20;
/// How long each of them waits after an answer: below the rate that one participant may keep up for ever.
const PACE: Duration = Duration::from_millis(60);
/// How long they are measured without a flood.
const CALM: Duration = Duration::from_secs(4);
/// Frames that are handed to the system at once.
const BATCH: usize = 1_000;

/// What was measured.
pub(crate) struct Flood {
    /// Tiny frames that were sent, and how long that took.
    pub(crate) frames: usize,
    pub(crate) took: Duration,
    /// Answers that told the flooder how long to wait.
    pub(crate) told: usize,
    /// The others, without the flood and during it.
    pub(crate) calm: Run,
    pub(crate) flooded: Run,
}

/// Sends so many tiny frames on one socket while others write.
pub(crate) async fn measure(frames: usize) -> Result<Flood> {
    let house = House::open().await?;
    let mut others = Vec::new();
    for _ in 0..OTHERS {
        others.push(Line::Throughline(somebody(&house).await?.socket));
    }
    let over = Arc::new(AtomicBool::new(false));
    let calm = tokio::spawn(write_until(others, Arc::clone(&over)));
    sleep(CALM).await;
    over.store(true, Ordering::Relaxed);
    let (calm, others) = calm.await??;

    let over = Arc::new(AtomicBool::new(false));
    let flooded = tokio::spawn(write_until(others, Arc::clone(&over)));
    let start = Instant::now();
    let told = flood(somebody(&house).await?, frames).await?;
    let took = start.elapsed();
    over.store(true, Ordering::Relaxed);
    let (flooded, _) = flooded.await??;
    Ok(Flood { frames, took, told, calm, flooded })
}

async fn somebody(house: &House) -> Result<Live> {
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", TEXT)).await?;
    visitor.connect(conversation, None).await
}

/// Each line writes at its pace until it is over.
async fn write_until(lines: Vec<Line>, over: Arc<AtomicBool>) -> Result<(Run, Vec<Line>)> {
    let start = Instant::now();
    let clients: Vec<_> = lines
        .into_iter()
        .map(|mut line| {
            let over = Arc::clone(&over);
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let sent = Instant::now();
                    line.round_trip().await?;
                    latencies.push(sent.elapsed());
                    sleep(PACE).await;
                }
                Ok::<_, anyhow::Error>((latencies, line))
            })
        })
        .collect();
    let (mut latencies, mut lines) = (Vec::new(), Vec::new());
    for client in clients {
        let (measured, line) = client.await??;
        latencies.extend(measured);
        lines.push(line);
    }
    Ok((Run::new(latencies, start.elapsed(), Duration::ZERO), lines))
}

/// Sends the frames and counts the answers that tell it to wait. The socket must live on.
async fn flood(flooder: Live, frames: usize) -> Result<usize> {
    let mut socket = flooder.socket;
    let mut told = 0;
    for batch in 0..frames.div_ceil(BATCH) {
        for _ in 0..BATCH.min(frames - batch * BATCH) {
            socket.feed_raw(Message::Binary(vec![1].into())).await?;
        }
        // Its answer shows that all of these were read.
        socket.send_raw(Message::Text(Utf8Bytes::from_static(PING))).await?;
        told += until_pong(&mut socket).await.context("the socket of the flooder lives on")?;
    }
    Ok(told)
}

async fn until_pong(socket: &mut Socket<ServerFrame>) -> Result<usize> {
    let mut told = 0;
    while let Heard::Frame(frame) = socket.hear().await? {
        if let ServerFrame::Refused { problem, .. } = frame
            && problem.code == ErrorCode::TooManyRequests
            && problem.retry_after.is_some()
        {
            told += 1;
        }
    }
    Ok(told)
}
