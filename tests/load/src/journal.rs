//! How long it takes to load a shard that has gone through a million steps: the time from the start of a server to its first
//! answer from that shard.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use integration::{House, Live, Refusal, Visitor, answers, fresh_message};
use shared::protocol::ErrorCode;
use shared::protocol::live::{ClientFrame, Visibility};
use tokio::time::{Instant, sleep};

use crate::line::{TEXT, accepted};

/// Messages of one conversation: what one participant may send at once.
const EACH: usize = 230;
/// Conversations at once.
const AT_ONCE: usize = 8;

/// What was measured.
pub(crate) struct Loading {
    /// Messages that the shard has gone through.
    pub(crate) steps: usize,
    /// How long that took.
    pub(crate) took: Duration,
    /// To the first answer from the shard, after the process was killed and started again.
    pub(crate) loaded: Duration,
    /// The same of a shard in which one message was written.
    pub(crate) loaded_empty: Duration,
}

/// Lets a shard go through so many messages, kills it, and loads it.
pub(crate) async fn measure(steps: usize) -> Result<Loading> {
    let loaded_empty = after(1, 1).await?.1;
    let (took, loaded) = after(steps, EACH).await?;
    Ok(Loading { steps, took, loaded, loaded_empty })
}

async fn after(steps: usize, each: usize) -> Result<(Duration, Duration)> {
    let mut house = House::open().await?;
    let start = Instant::now();
    let mut left = steps.div_ceil(each);
    let mut last = None;
    while left > 0 {
        let now = left.min(AT_ONCE);
        let mut talking = Vec::new();
        for _ in 0..now {
            let visitor = admitted(&house).await?;
            let conversation = visitor.start(answers("Ada", "order", TEXT)).await?;
            let live = visitor.connect(conversation, None).await?;
            talking.push(tokio::spawn(talk(live, each)));
            last = Some(visitor);
        }
        for conversation in talking {
            conversation.await??;
        }
        left -= now;
    }
    let took = start.elapsed();
    let visitor = last.context("there was a conversation")?;
    house.kill().await?;
    // The server answers before the shard is loaded: whoever asks for their conversation loads it.
    house.restart().await?;
    let asked = Instant::now();
    visitor.current().await?.context("the conversation goes on")?;
    Ok((took, asked.elapsed()))
}

/// A new visitor, as soon as the gateway admits one more.
async fn admitted(house: &House) -> Result<Visitor> {
    loop {
        let error = match house.visitor().await {
            Ok(visitor) => return Ok(visitor),
            Err(error) => error,
        };
        match error.downcast::<Refusal>()?.problem {
            problem if problem.code == ErrorCode::TooManyRequests => sleep(Duration::from_millis(20)).await,
            problem => bail!("no visitor was let in: {}", problem.message),
        }
    }
}

/// Writes so many messages at once and waits until all are on disk.
async fn talk(live: Live, count: usize) -> Result<()> {
    let mut socket = live.socket;
    let frames: Vec<_> = (0..count)
        .map(|_| ClientFrame::Send {
            message: fresh_message(),
            visibility: Visibility::Public,
            text: TEXT.to_owned(),
        })
        .collect();
    socket.send_at_once(&frames).await?;
    accepted(&mut socket, |_| true, count).await?;
    socket.close().await
}
