//! Ten thousand conversations in which nothing happens: memory, files, and how fast one of them wakes. And what happens when
//! no more fit.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use integration::{House, Refusal, answers};
use shared::protocol::ErrorCode;
use tokio::time::{Instant, interval, sleep, timeout};
use xtask::project::Project;
use xtask::server::raise_open_files_limit;

use crate::contestant::{Echo, process_of};
use crate::line::{Line, TEXT};
use crate::process::Process;
use crate::run::milliseconds;

/// Conversations that are opened in a second.
const PER_SECOND: u64 = 100;
/// How long they may say nothing, in seconds: longer than any of this takes.
const SILENCE_SECONDS: u64 = 3_600;
/// After so long without traffic the runtime puts objects to sleep.
const ASLEEP: Duration = Duration::from_secs(13);
/// Files that a bare object has open while it is awake; for as long as they stay awake after the last word; and those of the
/// process itself.
const RAW_FILES_AWAKE: usize = 3;
const RAW_AWAKE: usize = 13 * 100;
const FILES_OF_PROCESS: usize = 100;
/// Files of a socket in workerd.
const FILES_OF_SOCKET: usize = 2;

/// Many conversations that were opened and left alone.
pub(crate) struct Idle {
    /// How many.
    pub(crate) conversations: usize,
    /// Memory of the process before, and with all of them.
    pub(crate) megabytes_before: f64,
    pub(crate) megabytes: f64,
    /// Files that it has open.
    pub(crate) files: usize,
    /// From a message in one of them to its answer, in milliseconds.
    pub(crate) wake_ms: f64,
}

impl Idle {
    /// Memory with so many conversations: what was measured if there are as many, and in proportion if there are not.
    pub(crate) fn megabytes_at(&self, conversations: usize) -> f64 {
        let each = (self.megabytes - self.megabytes_before) / as_f64(self.conversations);
        self.megabytes + each * (as_f64(conversations) - as_f64(self.conversations))
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

/// Throughline and bare objects, both with as many of so many conversations as this machine has files for; or why they were
/// not measured.
pub(crate) async fn measure(
    project: &Project,
    wanted: usize,
) -> Result<core::result::Result<(Idle, Idle), String>> {
    let files =
        raise_open_files_limit().map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    // The sockets of both sides' clients are ours.
    if files < 4 * 1_024 {
        return Ok(Err(format!(
            "this process may open {files} files only; raise the hard limit of `ulimit -n`"
        )));
    }
    let (throughline, raw) = tokio::join!(throughline(wanted), bare(project, wanted, files));
    Ok(Ok((throughline?, raw?)))
}

/// Opens conversations until there are enough, or until the gateway turns somebody away.
async fn throughline(wanted: usize) -> Result<Idle> {
    // What is measured is asleep: nobody here says that they are there.
    let house = House::open_with(|options| options.silence = Some(SILENCE_SECONDS)).await?;
    let process = process_of(&house)?;
    let megabytes_before = process.megabytes()?;
    let mut lines = Vec::new();
    let mut beat = interval(Duration::from_millis(1_000 / PER_SECOND));
    while lines.len() < wanted {
        beat.tick().await;
        match open(&house).await {
            Ok(line) => lines.push(line),
            Err(error) => {
                let refused = error.downcast::<Refusal>()?;
                ensure!(refused.problem.code == ErrorCode::Overloaded, "{refused}");
                break;
            }
        }
    }
    rest(process, megabytes_before, lines).await
}

/// A new conversation and its customer's socket.
async fn open(house: &House) -> Result<Line> {
    let visitor = house.visitor().await?;
    let conversation = visitor.start(answers("Ada", "order", TEXT)).await?;
    Ok(Line::Throughline(visitor.connect(conversation, None).await?.socket))
}

/// As many bare objects as there are files for: at the limit they would end the process.
async fn bare(project: &Project, wanted: usize, files: usize) -> Result<Idle> {
    let room = files.saturating_sub(FILES_OF_PROCESS + RAW_AWAKE * RAW_FILES_AWAKE) / FILES_OF_SOCKET;
    let mut raw = Echo::raw(project, true).await?;
    let process = raw.process()?;
    let megabytes_before = process.megabytes()?;
    let mut lines = Vec::new();
    let mut beat = interval(Duration::from_millis(1_000 / PER_SECOND));
    for _ in 0..wanted.min(room) {
        beat.tick().await;
        let mut opened = raw.lines(1, 1).await?;
        let mut line = opened.pop().context("a line")?;
        // The first message, as in a conversation.
        line.round_trip().await?;
        lines.push(line);
    }
    rest(process, megabytes_before, lines).await
}

/// Lets all of them fall asleep, and wakes one.
async fn rest(process: Process, megabytes_before: f64, mut lines: Vec<Line>) -> Result<Idle> {
    sleep(ASLEEP).await;
    let (megabytes, files, conversations) = (process.megabytes()?, process.open_files()?, lines.len());
    let middle = lines.get_mut(conversations / 2).context("conversations were opened")?;
    let start = Instant::now();
    middle.round_trip().await?;
    let wake_ms = milliseconds(start.elapsed());
    Ok(Idle { conversations, megabytes_before, megabytes, files, wake_ms })
}

/// What happens when no more fit.
pub(crate) struct Full {
    /// How many files the server may open.
    pub(crate) limit: u64,
    /// Sockets that found room.
    pub(crate) sockets: usize,
    /// Files that were open then.
    pub(crate) files: usize,
    /// How long those who were turned away are told to wait.
    pub(crate) retry_after_ms: u64,
    /// From when half of them had left to when somebody new was let in.
    pub(crate) recovered_ms: f64,
}

/// Files of the server that is filled up.
const SMALL: u64 = 1_024;
const RECOVERY_LIMIT: Duration = Duration::from_mins(1);

/// Fills a server with few files up, and empties it again.
pub(crate) async fn fill() -> Result<Full> {
    let house = House::open_with(|options| options.open_files = Some(SMALL)).await?;
    let process = process_of(&house)?;
    let mut lines = Vec::new();
    let refused = loop {
        match open(&house).await {
            Ok(line) => lines.push(line),
            Err(error) => break error.downcast::<Refusal>()?,
        }
    };
    ensure!(refused.status == 503, "{refused}");
    let retry_after_ms = refused.problem.retry_after.context("they are told when to come back")?.as_millis();
    let (sockets, files) = (lines.len(), process.open_files()?);
    lines.truncate(sockets / 2);
    let start = Instant::now();
    let recovered = async { while open(&house).await.is_err() {} };
    timeout(RECOVERY_LIMIT, recovered).await.context("nobody was let in any more")?;
    for line in &mut lines {
        line.round_trip().await.context("who was there goes on")?;
    }
    Ok(Full { limit: SMALL, sockets, files, retry_after_ms, recovered_ms: milliseconds(start.elapsed()) })
}
