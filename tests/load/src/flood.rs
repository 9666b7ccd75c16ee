//! A million tiny frames: what others notice of one hostile socket that sends as fast as it can.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use integration::{Heard, House, Live, Socket, answers};
use shared::protocol::ErrorCode;
use shared::protocol::live::ServerFrame;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::line::{Line, TEXT};
use crate::run::Run;

/// Others, who each write a message now and then.
const OTHERS: usize = 20;
/// How long each of them waits after an answer: below the rate that one participant may keep up for ever.
const PACE: Duration = Duration::from_millis(60);
/// How long they are measured without a flood.
const CALM: Duration = Duration::from_secs(4);
/// Frames that are handed to the system at once, and how long that may take.
const BATCH: usize = 1_000;
const BATCH_LIMIT: Duration = Duration::from_millis(100);
/// After so long without a frame there is none.
const ARRIVED: Duration = Duration::from_millis(1);
/// How long is flooded at most.
const FLOODED: Duration = Duration::from_secs(10);

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

/// Sends as many tiny frames on one socket, or what it can get rid of, while others write.
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
    let (frames, told) = flood(somebody(&house).await?, frames).await?;
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

/// Sends frames for as long as that takes or the time allows. Gives how many were handed over, and how many answers told it
/// to wait. The socket must live on.
async fn flood(flooder: Live, frames: usize) -> Result<(usize, usize)> {
    let mut socket = flooder.socket;
    let (mut sent, mut told) = (0, 0);
    let start = Instant::now();
    while sent < frames && start.elapsed() < FLOODED {
        let batch = async {
            for _ in 0..BATCH {
                socket.feed_raw(Message::Binary(vec![1].into())).await?;
                sent += 1;
            }
            socket.send_raw(Message::Binary(vec![1].into())).await
        };
        // Who is not read any more cannot hand over any more.
        if let Ok(handed_over) = timeout(BATCH_LIMIT, batch).await {
            handed_over.context("the socket of the flooder lives on")?;
        }
        told += heard(&mut socket).await.context("the socket of the flooder lives on")?;
    }
    Ok((sent, told))
}

/// Takes what has arrived, and counts the answers that say how long to wait.
async fn heard(socket: &mut Socket<ServerFrame>) -> Result<usize> {
    let mut told = 0;
    while let Ok(heard) = timeout(ARRIVED, socket.hear()).await {
        if let Heard::Frame(ServerFrame::Refused { problem, .. }) = heard?
            && problem.code == ErrorCode::TooManyRequests
            && problem.retry_after.is_some()
        {
            told += 1;
        }
    }
    Ok(told)
}
