//! One client of the benchmark: a message out, its answer back, then the next.

use std::time::Duration;

use anyhow::{Result, bail};
use integration::{Socket, fresh_message};
use shared::limit::FRAME_RATE;
use shared::protocol::live::{ClientFrame, ServerFrame, Visibility};
use tokio::time::Instant;

use crate::process::Process;
use crate::run::Run;

/// What is written: the length of an ordinary sentence.
pub(crate) const TEXT: &str = "Could you tell me where my order is, please?";

/// A socket on which messages are answered.
#[derive(Debug)]
pub(crate) enum Line {
    /// Whoever sends back what they are sent.
    Echo(Socket<String>),
    /// A conversation of Throughline; it answers when the message is on disk.
    Throughline(Socket<ServerFrame>),
}

impl Line {
    /// Sends one message and waits for its answer.
    pub(crate) async fn round_trip(&mut self) -> Result<()> {
        let message = fresh_message();
        match self {
            Self::Echo(socket) => {
                // The other client's messages may come as well.
                let text = format!("{message} {TEXT}");
                socket.send(&text).await?;
                while socket.next().await? != text {}
                Ok(())
            }
            Self::Throughline(socket) => {
                let (visibility, text) = (Visibility::Public, TEXT.to_owned());
                socket.send(&ClientFrame::Send { message, visibility, text }).await?;
                accepted(socket, |accepted| *accepted == message, 1).await
            }
        }
    }
}

/// Waits until so many messages that are meant were accepted.
pub(crate) async fn accepted(
    socket: &mut Socket<ServerFrame>,
    meant: impl Fn(&shared::id::MessageId) -> bool,
    count: usize,
) -> Result<()> {
    let mut left = count;
    while left > 0 {
        match socket.next().await? {
            ServerFrame::Accepted { message, .. } if meant(&message) => left -= 1,
            ServerFrame::Refused { problem, .. } => bail!("A message was refused: {}", problem.message),
            _ => {}
        }
    }
    Ok(())
}

/// Messages of one client: what one participant may send at once before the gateway asks them to slow down.
pub(crate) const MESSAGES: usize = 200;
const _: () = assert!(MESSAGES < FRAME_RATE.burst as usize, "the benchmark would measure the limit");

/// Sends on all lines at once, on each one message after the other, until the time is over or all are sent.
pub(crate) async fn drive(server: Process, lines: Vec<Line>, limit: Duration) -> Result<Run> {
    let (start, before) = (Instant::now(), server.processor_time()?);
    let clients: Vec<_> = lines
        .into_iter()
        .map(|mut line| {
            tokio::spawn(async move {
                let mut latencies = Vec::with_capacity(MESSAGES);
                while latencies.len() < MESSAGES && start.elapsed() < limit {
                    let sent = Instant::now();
                    line.round_trip().await?;
                    latencies.push(sent.elapsed());
                }
                // The other client may still be talking: nobody hangs up on it.
                Ok::<_, anyhow::Error>((latencies, line))
            })
        })
        .collect();
    let (mut latencies, mut open) = (Vec::new(), Vec::new());
    for client in clients {
        let (measured, line) = client.await??;
        latencies.extend(measured);
        open.push(line);
    }
    let (took, processor) = (start.elapsed(), server.processor_time()?.saturating_sub(before));
    Ok(Run::new(latencies, took, processor))
}
