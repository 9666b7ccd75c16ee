//! The mechanism under every object, as the gateway has it: turns that share commits, a journal over a checkpoint, an
//! outbox with numbers, an inbox with high-water marks, sockets that outlive the memory, one alarm.
//!
//! What is on the [`Disk`] survives a crash, and nothing else does. A turn is written as a whole or not at all.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::id::{ConnectionId, ConversationId, MessageId};
use shared::limit::{FRAME_RATE, SILENCE_MAX};
use shared::owed::{Owed, Stage};
use shared::protocol::Problem;
use shared::protocol::desk::{DeskFrame, DeskRequest};
use shared::protocol::live::{ClientFrame, ServerFrame};
use shared::rate::TokenBucket;
use shared::time::{Span, Timestamp};

use crate::outbox::{Delivery, Outbox};
use crate::turn::{Asker, Entry, refuse};
pub(crate) use crate::turn::{Fate, Turn, bytes_of};

/// Which object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Shard(u16),
    Router,
    Settings,
    Records,
}

/// What a client sends.
#[derive(Debug, Clone)]
pub(crate) enum Up {
    Live(ClientFrame),
    Desk(DeskRequest),
    Ping,
}

/// What an object sends.
#[derive(Debug, Clone)]
pub(crate) enum Down {
    Live(ServerFrame),
    Desk(DeskFrame),
    Pong,
}

/// What a call is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Done,
    Conversation(ConversationId),
    /// The session has run out.
    SignedOut,
}

/// What the world does for an object, after the commit.
#[derive(Debug)]
pub(crate) enum Order {
    Send(ConnectionId, Down),
    Close(ConnectionId),
    Answer(u64, Result<Answer, Problem>),
    /// Take this to another object.
    Deliver(Name, Delivery),
    /// Tell whoever delivered, by the number of the delivery.
    Acknowledge(u64, bool),
    Turn,
    Alarm(Timestamp),
}

/// What is particular to an object.
pub(crate) trait Shell: Sized {
    type Request: Debug;
    type Step: Serialize + DeserializeOwned;
    type Effect;
    type Seat: Clone;
    /// What is stored beside the journal: checkpoints, and rows that turns write directly.
    type Tables: Clone;

    /// How long a socket may be silent before whoever sits there counts as gone.
    const SILENCE_MAX: Span = SILENCE_MAX;

    fn load(tables: &Self::Tables) -> Self;
    fn serve(&mut self, turn: &mut Turn<'_, Self>, request: Self::Request) -> Result<Answer, Problem>;
    fn receive(effect: &[u8]) -> Option<Self::Request>;

    fn replay(&mut self, _tables: &Self::Tables, _now: Timestamp, _step: Self::Step) {}
    fn checkpoint(&mut self, _tables: &mut Self::Tables) {}
    fn end_turn(&mut self) {}
    fn next_deadline(&self) -> Option<Timestamp> {
        None
    }
    fn due(&self, _now: Timestamp) -> Vec<Self::Request> {
        Vec::new()
    }
    fn carry_out(
        &mut self,
        _sockets: &mut Sockets<Self::Seat>,
        _caller: Option<ConnectionId>,
        _effect: Self::Effect,
        _orders: &mut Vec<Order>,
    ) {
    }
    fn reconcile(&self, _tables: &Self::Tables, _sockets: &Sockets<Self::Seat>) -> Vec<Self::Request> {
        Vec::new()
    }
    /// When a seat ends by itself.
    fn until(_seat: &Self::Seat) -> Option<Timestamp> {
        None
    }
    fn seated(_connection: ConnectionId, _seat: &Self::Seat) -> Option<Self::Request> {
        None
    }
    fn frame(_connection: ConnectionId, _seat: &Self::Seat, _frame: &Up) -> Option<Self::Request> {
        None
    }
    /// How a refused frame is answered, and whether the socket is closed then.
    fn refuse(_seat: &Self::Seat, _frame: &Up, _problem: Problem) -> Option<(Down, bool)> {
        None
    }
    fn gone(_connection: ConnectionId, _seat: Self::Seat) -> Option<Self::Request> {
        None
    }
}

/// The open sockets of an object, with who sits there.
pub(crate) type Sockets<T> = BTreeMap<ConnectionId, Socket<T>>;

/// One open socket.
pub(crate) struct Socket<T> {
    pub(crate) seat: T,
    bucket: TokenBucket,
    /// When it was heard last, as the object has it in memory.
    heard: Timestamp,
    /// When the runtime answered its last heartbeat, or accepted it.
    beat: Timestamp,
    /// The later of the two, also when the object has forgotten it: for the checks.
    pub(crate) truly_heard: Timestamp,
    /// The messages for which there was no room. What follows them waits too.
    pub(crate) owed: Owed,
    /// The object has closed it after a lost turn. What still arrives is not served: it would overtake what was lost.
    pub(crate) closing: bool,
}

impl<T> Socket<T> {
    /// When it was heard last, as far as the object knows.
    fn heard(&self) -> Timestamp {
        self.heard.max(self.beat)
    }
}

/// The message that a client's frame brings, if it brings one.
pub(crate) fn message_in(frame: &ClientFrame) -> Option<MessageId> {
    match frame {
        ClientFrame::Send { message, .. }
        | ClientFrame::Edit { message, .. }
        | ClientFrame::Redact { message, .. } => Some(*message),
        _ => None,
    }
}

/// The same of any frame.
pub(crate) fn message_of(frame: &Up) -> Option<MessageId> {
    match frame {
        Up::Live(frame) => message_in(frame),
        Up::Desk(_) | Up::Ping => None,
    }
}

/// What survives a crash.
pub(crate) struct Disk<T> {
    pub(crate) tables: T,
    pub(crate) journal: Vec<(Timestamp, Vec<u8>)>,
    pub(crate) outbox: Vec<(u64, Name, Vec<u8>)>,
    /// The number of the next effect: never given twice.
    pub(crate) next: u64,
    pub(crate) inbox: BTreeMap<Name, u64>,
    pub(crate) alarm: Option<Timestamp>,
}

pub(crate) struct Loaded<S> {
    pub(crate) shell: S,
    pub(crate) outbox: Outbox,
    pub(crate) alarm: Option<Timestamp>,
}

/// An object.
pub(crate) struct Object<S: Shell> {
    pub(crate) name: Name,
    pub(crate) disk: Disk<S::Tables>,
    pub(crate) loaded: Option<Loaded<S>>,
    pub(crate) sockets: Sockets<S::Seat>,
    pub(crate) waiting: Vec<Entry<S>>,
    pub(crate) deliveries: Vec<(u64, Delivery)>,
    pub(crate) scheduled: bool,
    /// Whether the process runs.
    pub(crate) up: bool,
    /// The alarm that rings just now. If the process dies meanwhile, it rings again.
    pub(crate) ringing: Option<Timestamp>,
    /// Which life of the process this is: what another life had under way is lost.
    pub(crate) life: u64,
    pub(crate) rows_max: usize,
}

impl<S: Shell> Object<S> {
    /// An object that checkpoints after so many rows of its journal.
    pub(crate) fn new(name: Name, tables: S::Tables, rows_max: usize) -> Self {
        let (journal, outbox, inbox) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self {
            name,
            disk: Disk { tables, journal, outbox, next: 1, inbox, alarm: None },
            loaded: None,
            sockets: BTreeMap::new(),
            waiting: Vec::new(),
            deliveries: Vec::new(),
            scheduled: false,
            up: true,
            ringing: None,
            life: 0,
            rows_max,
        }
    }

    /// What is in memory, if anything is, with what is stored beside the journal.
    pub(crate) fn shell(&mut self) -> Option<(&mut S, &S::Tables)> {
        self.loaded.as_mut().map(|loaded| (&mut loaded.shell, &self.disk.tables))
    }

    /// What is in memory, loaded first if it is not.
    pub(crate) fn awake(&mut self, orders: &mut Vec<Order>) -> &mut S {
        &mut self.load(orders).shell
    }

    /// Whether nothing waits for a turn.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.deliveries.is_empty()
    }

    /// The process died: its memory and its sockets are gone.
    pub(crate) fn die(&mut self) -> Vec<ConnectionId> {
        self.up = false;
        self.life += 1;
        self.disk.alarm = self.disk.alarm.or(self.ringing.take());
        self.forget();
        std::mem::take(&mut self.sockets).into_keys().collect()
    }

    /// The runtime puts the object to sleep: its memory goes, its sockets stay.
    pub(crate) fn hibernate(&mut self) {
        if self.is_idle() && self.loaded.as_ref().is_some_and(|loaded| !loaded.outbox.is_busy()) {
            self.forget();
        }
    }

    pub(crate) fn forget(&mut self) {
        self.loaded = None;
        for socket in self.sockets.values_mut() {
            socket.heard = socket.beat;
        }
        self.waiting.clear();
        self.deliveries.clear();
        self.scheduled = false;
    }

    pub(crate) fn call(&mut self, ticket: u64, request: S::Request, orders: &mut Vec<Order>) {
        self.enqueue(Entry { request, asker: Asker::Call(ticket) }, orders);
    }

    pub(crate) fn take_delivery(&mut self, ticket: u64, delivery: Delivery, orders: &mut Vec<Order>) {
        self.deliveries.push((ticket, delivery));
        self.schedule(orders);
    }

    pub(crate) fn accept(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        seat: S::Seat,
        orders: &mut Vec<Order>,
    ) {
        self.load(orders);
        let (bucket, heard, beat, truly_heard) = (TokenBucket::full(FRAME_RATE, now), now, now, now);
        let (owed, closing) = (Owed::default(), false);
        let socket = Socket { seat: seat.clone(), bucket, heard, beat, truly_heard, owed, closing };
        self.sockets.insert(connection, socket);
        self.set_alarm(now, orders);
        if let Some(request) = S::seated(connection, &seat) {
            self.enqueue(Entry { request, asker: Asker::Socket(connection) }, orders);
        }
    }

    /// A frame arrived. Tells whether there is such a socket.
    pub(crate) fn message(
        &mut self,
        now: Timestamp,
        connection: ConnectionId,
        frame: Up,
        orders: &mut Vec<Order>,
    ) -> bool {
        let Some(socket) = self.sockets.get_mut(&connection) else { return false };
        socket.truly_heard = now;
        if matches!(frame, Up::Ping) {
            // The runtime answers, and wakes nobody.
            socket.beat = now;
            orders.push(Order::Send(connection, Down::Pong));
            return true;
        }
        self.load(orders);
        let Some(socket) = self.sockets.get_mut(&connection).filter(|socket| !socket.closing) else {
            return true;
        };
        socket.heard = now;
        let message = message_of(&frame);
        let turn_of = |message| socket.owed.admit(now, message);
        match socket.bucket.take(now).and_then(|()| message.map_or(Ok(()), turn_of)) {
            Ok(()) => {
                if let Some(request) = S::frame(connection, &socket.seat, &frame) {
                    self.enqueue(Entry { request, asker: Asker::Frame(connection, frame) }, orders);
                }
            }
            Err(wait) => {
                refuse::<S>((now, Stage::Door), connection, socket, &frame, Problem::wait(wait), orders);
            }
        }
        true
    }

    /// A socket is gone.
    pub(crate) fn close(&mut self, connection: ConnectionId, orders: &mut Vec<Order>) {
        self.load(orders);
        let gone = self.sockets.remove(&connection);
        if let Some(request) = gone.and_then(|socket| S::gone(connection, socket.seat)) {
            self.enqueue(Entry { request, asker: Asker::Itself }, orders);
        }
    }

    /// The alarm rang: a turn is to be taken now.
    pub(crate) fn alarm(&mut self, now: Timestamp, orders: &mut Vec<Order>) {
        self.ringing = self.disk.alarm.take();
        let loaded = self.load(orders);
        loaded.alarm = None;
        let due = loaded.shell.due(now);
        let silent = self.silent(now);
        for connection in &silent {
            orders.push(Order::Close(*connection));
        }
        let gone = silent.into_iter().filter_map(|connection| {
            let socket = self.sockets.remove(&connection)?;
            S::gone(connection, socket.seat)
        });
        for request in gone.chain(due).collect::<Vec<_>>() {
            self.waiting.push(Entry { request, asker: Asker::Itself });
        }
    }

    /// When a socket ends that was heard then: it is silent for too long, or its seat ends.
    fn end_of(socket: &Socket<S::Seat>, heard: Timestamp) -> Timestamp {
        let silent = heard.after(S::SILENCE_MAX);
        S::until(&socket.seat).map_or(silent, |until| until.min(silent))
    }

    /// The sockets that have been silent for too long, or whose seats have ended.
    fn silent(&self, now: Timestamp) -> Vec<ConnectionId> {
        let silent = self.sockets.iter().filter(|(_, socket)| Self::end_of(socket, socket.heard()) <= now);
        silent.map(|(connection, _)| *connection).collect()
    }

    /// When the first of them to have been heard of is to be missed at the latest.
    pub(crate) fn first_missed(&self) -> Option<Timestamp> {
        self.sockets.values().map(|socket| Self::end_of(socket, socket.truly_heard)).min()
    }

    /// When the first of them may have been, as far as the object knows.
    pub(crate) fn next_look(&self) -> Option<Timestamp> {
        self.sockets.values().map(|socket| Self::end_of(socket, socket.heard())).min()
    }

    /// What became of a delivery to `target`.
    pub(crate) fn delivered(
        &mut self,
        now: Timestamp,
        target: Name,
        last: u64,
        done: bool,
        orders: &mut Vec<Order>,
    ) {
        self.load(orders);
        let Some(loaded) = &mut self.loaded else { return };
        if done {
            self.disk.outbox.retain(|(number, to, _)| *to != target || *number > last);
            loaded.outbox.delivered(target, last);
        } else {
            loaded.outbox.failed(now, target);
        }
        self.deliver(now, orders);
        self.set_alarm(now, orders);
    }

    fn enqueue(&mut self, entry: Entry<S>, orders: &mut Vec<Order>) {
        self.waiting.push(entry);
        self.schedule(orders);
    }

    fn schedule(&mut self, orders: &mut Vec<Order>) {
        if !std::mem::replace(&mut self.scheduled, true) {
            orders.push(Order::Turn);
        }
    }

    pub(crate) fn load(&mut self, orders: &mut Vec<Order>) -> &mut Loaded<S> {
        let loaded = self.loaded.take().unwrap_or_else(|| {
            let shell = self.read();
            for request in shell.reconcile(&self.disk.tables, &self.sockets) {
                self.enqueue(Entry { request, asker: Asker::Itself }, orders);
            }
            Loaded { shell, outbox: Outbox::open(&self.disk.outbox), alarm: None }
        });
        self.loaded.insert(loaded)
    }

    /// The state that the checkpoint and the journal give.
    pub(crate) fn read(&self) -> S {
        let mut shell = S::load(&self.disk.tables);
        for (at, steps) in &self.disk.journal {
            let mut rest = steps.as_slice();
            while !rest.is_empty() {
                let read = postcard::take_from_bytes(rest);
                let (step, after) =
                    read.unwrap_or_else(|fault| panic!("a step of the journal is unreadable: {fault}"));
                rest = after;
                shell.replay(&self.disk.tables, *at, step);
            }
        }
        shell
    }
}
