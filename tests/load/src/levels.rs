//! Messages per second, latency and processor time, over the number of conversations that are busy at once.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use xtask::project::Project;

use crate::contestant::Contestant;
use crate::line::{Line, drive};
use crate::process::Process;
use crate::run::Run;

/// How long one level of one contestant is measured.
const SPAN: Duration = Duration::from_secs(2);
/// Lone conversations, one after the other: one is over in a tenth of a second.
const LONE: usize = 5;
/// Conversations before anything is measured.
const WARM_UP: usize = 3;
/// How long what the level before has left behind may take to settle.
const PAUSE: Duration = Duration::from_millis(300);

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// One conversation, in which one client writes and the other listens: the round trip.
    Alone,
    /// So many conversations, in all of which both clients write as fast as they are answered.
    Busy(usize),
}

impl Level {
    /// What it is called in tables.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Alone => "1, one client writes".to_owned(),
            Self::Busy(conversations) => conversations.to_string(),
        }
    }
}

/// What was measured of whom at which level.
pub(crate) type Levels = BTreeMap<(Contestant, Level), Run>;

/// Measures these contestants in turns, so that all see the same weather, so often.
pub(crate) async fn measure(
    project: &Project,
    contestants: &[Contestant],
    levels: &[Level],
    rounds: usize,
) -> Result<Levels> {
    let mut measured = Levels::new();
    for _ in 0..rounds {
        for contestant in contestants {
            let mut running = contestant.start(project).await?;
            let process = running.process()?;
            // What a process translates and fetches in its first moments is nobody's speed.
            one_by_one(process, running.lines(WARM_UP).await?).await?;
            for level in levels {
                let run = match level {
                    Level::Alone => alone(process, running.lines(LONE).await?).await?,
                    Level::Busy(1) => one_by_one(process, running.lines(LONE).await?).await?,
                    Level::Busy(count) => drive(process, running.lines(*count).await?, SPAN).await?,
                };
                let so_far = measured.entry((*contestant, *level)).or_default();
                *so_far = core::mem::take(so_far).and(run);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    Ok(measured)
}

/// The lines stand in pairs, the two clients of a conversation: of each pair the first writes.
async fn alone(process: Process, lines: Vec<Line>) -> Result<Run> {
    let (mut run, mut lines) = (Run::default(), lines.into_iter());
    while let (Some(writes), Some(listens)) = (lines.next(), lines.next()) {
        run = run.and(drive(process, vec![writes], SPAN).await?);
        drop(listens);
    }
    Ok(run)
}

async fn one_by_one(process: Process, lines: Vec<Line>) -> Result<Run> {
    let (mut run, mut lines) = (Run::default(), lines.into_iter());
    while let (Some(one), Some(other)) = (lines.next(), lines.next()) {
        run = run.and(drive(process, vec![one, other], SPAN).await?);
    }
    Ok(run)
}
