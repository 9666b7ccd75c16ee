//! Somebody at the socket of a conversation.
//!
//! Keeps the log as a client does: a stretch is taken if it begins at or before what is held. A live socket whose
//! frames leave a gap is a fault of the server, and fails the test.

use anyhow::{Result, ensure};
use shared::id::MessageId;
use shared::protocol::Problem;
use shared::protocol::live::{
    Author, ClientFrame, Content, Entry, Place, Sequence, ServerFrame, Standing, Visibility,
};
use shared::time::Timestamp;
use std::collections::BTreeMap;

use super::answer::Refusal;
use super::house::fresh_message;
use super::socket::{LIMIT, Socket};

/// A socket of a conversation, after hello.
#[derive(Debug)]
pub struct Live {
    /// The socket itself.
    pub socket: Socket<ServerFrame>,
    /// How the conversation stands.
    pub standing: Standing,
    /// The log as it is known here.
    pub log: Vec<Entry>,
    /// Up to which number it is known without a gap.
    pub held: Sequence,
    /// The place of every message that was accepted.
    pub accepted: BTreeMap<MessageId, Sequence>,
    /// Everything that was refused.
    pub refused: Vec<(Option<MessageId>, Problem)>,
    /// Everybody who was typing.
    pub typing: Vec<(Author, Visibility)>,
    /// How far the other side has read.
    pub read_by_other: Sequence,
    /// How far the other side's clients have come.
    pub received_by_other: Sequence,
    /// Until when whoever is on the other side is waited for, as was told last.
    pub absent_until: Option<Timestamp>,
    /// Where the customer stands in the line, as they were told last.
    pub place: Option<Place>,
    /// The pages of history that came.
    pub pages: Vec<(Sequence, Sequence, Vec<Entry>)>,
}

impl Live {
    /// Says hello and waits until everything that the client lacks is there. A refused hello is a [`Refusal`].
    pub async fn hello(
        mut socket: Socket<ServerFrame>,
        token: Option<&str>,
        holds: Option<Sequence>,
    ) -> Result<Self> {
        socket.send(&ClientFrame::Hello { token: token.map(str::to_owned), holds }).await?;
        let (standing, last, read_by_other) = match socket.next().await? {
            ServerFrame::Welcome { standing, last, read_by_other, .. } => (standing, last, read_by_other),
            ServerFrame::Refused { problem, .. } => return Err(Refusal::over_socket(problem).into()),
            other => anyhow::bail!("something else than a welcome: {other:?}"),
        };
        let mut live = Self {
            socket,
            standing,
            log: Vec::new(),
            held: holds.unwrap_or(Sequence::START),
            accepted: BTreeMap::new(),
            refused: Vec::new(),
            typing: Vec::new(),
            read_by_other,
            received_by_other: Sequence::START,
            absent_until: None,
            place: None,
            pages: Vec::new(),
        };
        let first = live.socket.next().await?;
        if let (None, ServerFrame::Entries { after, .. }) = (holds, &first) {
            // The newest page begins wherever it begins; what is before it is history.
            live.held = *after;
        }
        live.apply(first)?;
        while live.held < last {
            live.socket.send(&ClientFrame::FetchAfter { after: live.held }).await?;
            let (before, refused) = (live.held, live.refused.len());
            let answered = |live: &Self| live.held > before || live.refused.len() > refused;
            live.until("the rest of the log", |live| answered(live).then_some(())).await?;
            // As the client does: who is told to wait waits, and asks again.
            let wait = live.refused.get(refused).and_then(|(_, problem)| problem.retry_after);
            if let Some(wait) = wait {
                tokio::time::sleep(core::time::Duration::from_millis(wait.as_millis())).await;
            }
        }
        Ok(live)
    }

    /// Takes frames until `look` finds what it looks for.
    pub async fn until<T>(&mut self, what: &str, look: impl Fn(&Self) -> Option<T>) -> Result<T> {
        let waiting = tokio::time::timeout(LIMIT, async {
            loop {
                if let Some(found) = look(self) {
                    return Ok(found);
                }
                self.take().await?;
            }
        });
        match waiting.await {
            Ok(found) => found,
            Err(_) => anyhow::bail!("{what} did not come. This is what did: {self:#?}"),
        }
    }

    /// Takes the next frame.
    pub async fn take(&mut self) -> Result<()> {
        let frame = self.socket.next().await?;
        self.apply(frame)
    }

    fn apply(&mut self, frame: ServerFrame) -> Result<()> {
        match frame {
            ServerFrame::Entries { after, upto, entries } => {
                ensure!(after <= self.held, "the server left a gap between {:?} and {after:?}", self.held);
                let inside = entries.iter().all(|entry| after < entry.sequence && entry.sequence <= upto);
                ensure!(
                    inside && entries.is_sorted_by_key(|entry| entry.sequence),
                    "entries outside of their stretch"
                );
                let held = self.held;
                self.log.extend(entries.into_iter().filter(|entry| entry.sequence > held));
                self.held = held.max(upto);
            }
            ServerFrame::History { after, before, entries } => self.pages.push((after, before, entries)),
            ServerFrame::Accepted { message, sequence } => drop(self.accepted.insert(message, sequence)),
            ServerFrame::Refused { message, problem } => self.refused.push((message, problem)),
            ServerFrame::Typing { author, visibility } => self.typing.push((author, visibility)),
            ServerFrame::Standing { standing } => self.standing = standing,
            ServerFrame::ReadByOther { upto } => self.read_by_other = upto,
            ServerFrame::Place { place } => self.place = place,
            ServerFrame::ReceivedByOther { upto } => self.received_by_other = upto,
            ServerFrame::Gone { until } => self.absent_until = Some(until),
            ServerFrame::Returned => self.absent_until = None,
            ServerFrame::Welcome { .. } => anyhow::bail!("a second welcome"),
        }
        Ok(())
    }

    /// Writes something that everybody may see and waits until it is on disk.
    pub async fn write(&mut self, text: &str) -> Result<Sequence> {
        self.post(fresh_message(), Visibility::Public, text).await
    }

    /// Sends a message and waits until it is accepted. If it is refused, that is a [`Refusal`].
    pub async fn post(&mut self, message: MessageId, visibility: Visibility, text: &str) -> Result<Sequence> {
        self.commit(message, &ClientFrame::Send { message, visibility, text: text.to_owned() }).await
    }

    /// Sends what bears this id and waits until it is accepted. If it is refused, that is a [`Refusal`].
    pub async fn commit(&mut self, message: MessageId, frame: &ClientFrame) -> Result<Sequence> {
        self.accepted.remove(&message);
        let refusals = self.refused.len();
        self.socket.send(frame).await?;
        self.until("the answer to a message", |live| {
            let refused = live.refused.iter().skip(refusals).find(|(about, _)| *about == Some(message));
            let refused = refused.map(|(_, problem)| Err(Refusal::over_socket(problem.clone()).into()));
            refused.or_else(|| live.accepted.get(&message).copied().map(Ok))
        })
        .await?
    }

    /// Sends something that must be refused, and gives the refusal.
    pub async fn provoke(&mut self, frame: &ClientFrame) -> Result<()> {
        let refusals = self.refused.len();
        self.socket.send(frame).await?;
        self.refusal_after(refusals).await
    }

    /// The next refusal after the first `refusals` of them, as a result.
    pub async fn refusal_after(&mut self, refusals: usize) -> Result<()> {
        let problem = self
            .until("a refusal", |live| live.refused.get(refusals).map(|(_, problem)| problem.clone()))
            .await?;
        Err(Refusal::over_socket(problem).into())
    }

    /// Waits until this text is in the log, and gives its entry.
    pub async fn sees(&mut self, text: &str) -> Result<Entry> {
        self.until(text, |live| live.log.iter().find(|entry| says(entry, text)).cloned()).await
    }

    /// Waits until the conversation stands like this.
    pub async fn stands(&mut self, standing: &Standing) -> Result<()> {
        self.until("another standing", |live| (live.standing == *standing).then_some(())).await
    }

    /// Waits until the log is known up to this number.
    pub async fn holds(&mut self, sequence: Sequence) -> Result<()> {
        self.until("the log", |live| (live.held >= sequence).then_some(())).await
    }

    /// What was written, in order.
    pub fn texts(&self) -> Vec<&str> {
        let text = |entry: &'_ Entry| matches!(entry.content, Content::Text { .. });
        self.log.iter().filter(|entry| text(entry)).map(text_of).collect()
    }
}

fn says(entry: &Entry, text: &str) -> bool {
    matches!(&entry.content, Content::Text { text: said } if said == text)
}

fn text_of(entry: &Entry) -> &str {
    match &entry.content {
        Content::Text { text } => text,
        _ => "",
    }
}
