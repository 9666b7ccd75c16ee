//! The client's machine on a real socket: a [`ChatClient`] with what a browser gives it, which is a socket, a timer and a
//! store that survives a crash of the tab.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use shared::client::{ChatClient, Connection, Delivery, Draft, Input, Output};
use shared::id::{ConversationId, MessageId};
use shared::protocol::codec::{Codec, PING};
use shared::protocol::live::{ClientFrame, Entry, Sequence, ServerFrame, Visibility};
use shared::time::{Span, Timestamp};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::house::fresh_message;
use super::socket::{Heard, Socket};

/// How somebody reaches a conversation.
#[derive(Debug, Clone)]
pub struct Way {
    /// The origin that they ask.
    pub origin: String,
    /// Another port, behind which the server is found.
    pub via: Option<u16>,
    /// Which conversation.
    pub conversation: ConversationId,
    /// In which coding.
    pub codec: Codec,
    /// The session of the staff, if they are of the staff.
    pub cookie: Option<String>,
    /// The token of a visitor, if they are one.
    pub token: Option<String>,
}

impl Way {
    async fn open(&self) -> Result<Socket<ServerFrame>> {
        let path = format!("/v1/conversations/{}/socket", self.conversation);
        let headers: Vec<_> = self.cookie.iter().map(|cookie| ("cookie", cookie.as_str())).collect();
        Socket::open_via(self.via, &self.origin, &path, self.codec, &headers).await
    }
}

/// A message that was written here.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its id.
    pub message: MessageId,
    /// What it says.
    pub text: String,
}

/// Somebody at a window of a conversation.
#[derive(Debug)]
pub struct Chat {
    way: Way,
    client: ChatClient,
    socket: Option<Socket<ServerFrame>>,
    /// The store: drafts that are not known to be on disk.
    kept: BTreeMap<MessageId, Draft>,
    begun: Instant,
    random: u32,
    /// Everything that was written here, in order.
    pub written: Vec<Written>,
    /// Every acknowledgement that came.
    pub accepted: BTreeMap<MessageId, Sequence>,
    /// How many sockets were opened.
    pub sockets: usize,
}

impl Chat {
    /// A window that is being opened. `seed` decides how long its retries wait.
    pub async fn open(way: Way, seed: u32) -> Result<Self> {
        let mut chat = Self {
            way,
            client: ChatClient::new(),
            socket: None,
            kept: BTreeMap::new(),
            begun: now(),
            random: seed | 1,
            written: Vec::new(),
            accepted: BTreeMap::new(),
            sockets: 0,
        };
        chat.handle(Input::Wake).await?;
        Ok(chat)
    }

    /// Writes a message, if the outbox has room.
    pub async fn write(&mut self, visibility: Visibility, text: String) -> Result<()> {
        if self.client.can_compose() {
            let message = fresh_message();
            self.written.push(Written { message, text: text.clone() });
            self.handle(Input::Compose { message, visibility, text }).await?;
        }
        Ok(())
    }

    /// The tab crashes and is opened again: only the store is left.
    pub async fn crash(&mut self) -> Result<()> {
        self.socket = None;
        self.client = ChatClient::new();
        self.handle(Input::Restore(self.kept.values().cloned().collect())).await?;
        self.handle(Input::Wake).await
    }

    /// Somebody looks at the window again, or the network is back.
    pub async fn wake(&mut self) -> Result<()> {
        self.handle(Input::Wake).await
    }

    /// Lives on for so long.
    pub async fn live_for(&mut self, span: Duration) -> Result<()> {
        let end = tokio::time::Instant::now() + span;
        while tokio::time::Instant::now() < end {
            self.step(end).await?;
        }
        Ok(())
    }

    /// Lives on until everything that was written is on disk and the whole log is held.
    pub async fn settle(&mut self, upto: impl Fn(&Self) -> bool, limit: Duration) -> Result<()> {
        let settled = async {
            loop {
                let is_live = self.client.connection() == Connection::Live;
                if is_live && self.client.has_earlier() && !self.client.is_loading_earlier() {
                    self.handle(Input::LoadEarlier).await?;
                } else if is_live
                    && !self.client.has_earlier()
                    && self.client.drafts().is_empty()
                    && upto(self)
                {
                    return Ok(());
                }
                let failed =
                    self.client.drafts().iter().find(|draft| matches!(draft.delivery, Delivery::Failed(_)));
                if let Some(draft) = failed {
                    bail!("a message was refused for good: {draft:?}");
                }
                self.step(tokio::time::Instant::now() + Duration::from_millis(200)).await?;
            }
        };
        timeout(limit, settled).await.with_context(|| {
            format!(
                "it does not settle: {:?}, {} drafts",
                self.client.connection(),
                self.client.drafts().len()
            )
        })?
    }

    /// Another window of the same conversation, with the whole log.
    pub async fn again(&self) -> Result<Self> {
        let mut other = Self::open(Way { via: None, ..self.way.clone() }, self.random).await?;
        other.settle(|other| other.held() >= self.held(), Duration::from_secs(30)).await?;
        Ok(other)
    }

    /// What is shown.
    pub fn entries(&self) -> &[Entry] {
        self.client.entries()
    }

    /// Up to which number the log is held.
    pub fn held(&self) -> Sequence {
        self.client.held()
    }

    /// Waits for a frame or what is due, but no longer than until `end`.
    async fn step(&mut self, end: tokio::time::Instant) -> Result<()> {
        let due = self.client.next_deadline().map(|deadline| {
            let wait = deadline.since(self.clock()).as_millis();
            tokio::time::Instant::now() + Duration::from_millis(wait)
        });
        let until = due.map_or(end, |due| due.min(end));
        let heard = async {
            match &mut self.socket {
                Some(socket) => socket.hear().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = heard => match heard {
                Ok(Heard::Frame(frame)) => {
                    if let ServerFrame::Accepted { message, sequence } = &frame {
                        self.accepted.insert(*message, *sequence);
                    }
                    self.handle(Input::Frame(frame)).await
                }
                Ok(Heard::Pong) => self.handle(Input::Pong).await,
                Err(_) => self.closed().await,
            },
            () = sleep_until(until) => self.handle(Input::Tick).await,
        }
    }

    async fn closed(&mut self) -> Result<()> {
        self.socket = None;
        let random = self.random();
        self.handle(Input::Closed { random }).await
    }

    /// Tells the machine what happened and does what it orders; what follows from that is told in turn.
    async fn handle(&mut self, input: Input) -> Result<()> {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let clock = self.clock();
            for output in self.client.handle(clock, input) {
                inputs.extend(self.carry_out(output).await?);
            }
        }
        Ok(())
    }

    async fn carry_out(&mut self, output: Output) -> Result<Option<Input>> {
        match output {
            Output::Connect => {
                self.socket = self.way.open().await.ok();
                self.sockets += usize::from(self.socket.is_some());
                let random = self.random();
                let opened = self.socket.is_some();
                return Ok(Some(if opened { Input::Opened } else { Input::Closed { random } }));
            }
            Output::Disconnect => {
                self.socket = None;
                let random = self.random();
                return Ok(Some(Input::Closed { random }));
            }
            Output::Send(mut frame) => {
                if let ClientFrame::Hello { token, .. } = &mut frame {
                    token.clone_from(&self.way.token);
                }
                // A socket that breaks says so when it is listened to.
                if let Some(socket) = &mut self.socket {
                    drop(socket.send(&frame).await);
                }
            }
            Output::Ping => {
                if let Some(socket) = &mut self.socket {
                    drop(socket.send_raw(Message::Text(Utf8Bytes::from_static(PING))).await);
                }
            }
            Output::Keep(draft) => drop(self.kept.insert(draft.message, draft)),
            Output::Forget(message) => drop(self.kept.remove(&message)),
            Output::Show(_) => {}
        }
        Ok(None)
    }

    fn clock(&self) -> Timestamp {
        let passed = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(1).after(Span::from_millis(passed))
    }

    /// The next number of a small generator (xorshift); it only spreads retries.
    fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program on the developer's machine, where this clock exists"
)]
fn now() -> Instant {
    Instant::now()
}
