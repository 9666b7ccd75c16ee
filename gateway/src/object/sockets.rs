//! The open sockets of an object.
//!
//! A socket outlives the object's memory: the runtime keeps it while the object sleeps, and what must be known about it
//! then stands in its attachment. So the list is rebuilt whenever the object is loaded.
//!
//! Nobody sits for ever: a seat says until when it holds, and whoever has not said by then who they are, or whose session
//! is over, is shown out by the object's alarm; and so is whoever has fallen silent ([`super::silence`]).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::id::{ConnectionId, MessageId};
use shared::limit::{
    FRAME_RATE, OVERLOAD_WAIT, REFUSAL_RATE, SOCKETS_MAX, SOCKETS_PER_ADDRESS_MAX, STAFF_SEATS_KEPT,
    STRANGERS_MAX, STRANGERS_PER_ADDRESS_MAX,
};
use shared::owed::{Owed, Stage};
use shared::protocol::codec::{Codec, Encoded, PING, PONG};
use shared::protocol::{ErrorCode, Problem};
use shared::rate::Buckets;
use shared::time::{Span, Timestamp};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Response, State, WebSocket, WebSocketPair, web_sys};

use super::crowds::Crowds;
use super::outgoing::Outgoing;
use super::room;
use super::silence::{self, Silence};
use crate::fault::{Fault, Result};
use crate::{clock, mint};

/// The code with which sockets are closed whose side may not go on (RFC 6455 section 7.4.1).
pub(crate) const POLICY_VIOLATION: u16 = 1008;

#[wasm_bindgen]
extern "C" {
    /// A socket of the runtime that bears its id while the object is awake. To unpack the attachment for every frame costs
    /// as much as to serve the frame.
    type MarkedSocket;

    #[wasm_bindgen(method, getter, js_name = throughlineConnection)]
    fn connection(this: &MarkedSocket) -> Option<String>;

    #[wasm_bindgen(method, setter, js_name = throughlineConnection)]
    fn set_connection(this: &MarkedSocket, connection: &str);
}

/// Who sits at a socket.
pub(crate) trait Seat: Clone + Serialize + DeserializeOwned {
    /// Those who share one allowance of frames.
    type Payer: Ord;

    /// How long they may say nothing before they count as gone.
    const SILENCE_MAX: Span;

    /// Who pays for the frames of this socket.
    fn payer(&self, connection: ConnectionId) -> Self::Payer;

    /// Until when the seat holds; none if nothing but its own side ends it.
    fn until(&self) -> Option<Timestamp>;

    /// Whether it is not known yet who sits there.
    fn is_stranger(&self) -> bool;

    /// From where they came, if that is known.
    fn address(&self) -> Option<&str>;
}

/// For objects without sockets.
impl Seat for () {
    type Payer = ();

    const SILENCE_MAX: Span = Span::ZERO;

    fn payer(&self, _: ConnectionId) {}

    fn until(&self) -> Option<Timestamp> {
        None
    }

    fn is_stranger(&self) -> bool {
        false
    }

    fn address(&self) -> Option<&str> {
        None
    }
}

/// What becomes of a frame.
pub(crate) enum Admission {
    /// It is read.
    Read,
    /// Its client is told to wait for so long.
    Refused(Span),
    /// It is not looked at.
    Ignored,
}

/// What is known about a socket while the object sleeps.
#[derive(Clone, Serialize, Deserialize)]
struct Attachment<T> {
    connection: ConnectionId,
    codec: Codec,
    seat: T,
}

/// An open socket. `T` says who sits there.
pub(crate) struct Socket<T> {
    pub(crate) connection: ConnectionId,
    pub(crate) seat: T,
    codec: Codec,
    pub(super) wire: WebSocket,
    /// When it was heard last, as far as is known here: the heartbeats are in the runtime's keeping.
    pub(super) heard: Timestamp,
    /// We have closed it. What still comes from it is not listened to: its client may not care that it is closed.
    closing: Cell<bool>,
    /// The messages for which there was no room. What follows them waits too.
    owed: RefCell<Owed>,
    outgoing: Rc<Outgoing>,
}

/// The open sockets of an object.
pub(crate) struct Sockets<T: Seat> {
    pub(super) open: BTreeMap<ConnectionId, Socket<T>>,
    /// When which seat ends. Follows from the seats.
    ends: BTreeSet<(Timestamp, ConnectionId)>,
    /// How long they may be silent, and when to look who was.
    pub(super) silence: Silence,
    /// Sockets that we have closed and whose side has not let go yet, with the address they came from. They still cost
    /// what a socket costs.
    lingering: BTreeMap<ConnectionId, Option<String>>,
    /// How many of them have not said who they are, or linger, by address. Follows from the two above.
    doubtful: Crowds,
    /// How many are open or linger, by address: whoever has said who they are still takes a place. Follows from the same.
    everybody: Crowds,
    /// How many have not said who they are. Follows from the seats.
    strangers: usize,
    /// Whose they are. Follows from the seats.
    by_payer: BTreeMap<T::Payer, BTreeSet<ConnectionId>>,
    /// The name of the object, under which the process counts them.
    object: String,
    /// What they are told with the end of the turn.
    outgoing: Rc<Outgoing>,
    /// What they have sent lately. In memory: a restart forgives.
    frames: Buckets<T::Payer>,
    /// What they were told of frames that were too many. More than that is not worth an answer.
    refusals: Buckets<T::Payer>,
}

impl<T: Seat> Sockets<T> {
    /// The sockets that the runtime has kept. They may be silent for as long as their seats say, unless the deployment says
    /// otherwise.
    pub(crate) fn restore(state: &State, object: &str, silence_max: Option<Span>) -> Result<Self> {
        state.set_websocket_auto_response(
            &worker::worker_sys::WebSocketRequestResponsePair::new(PING, PONG)
                .map_err(worker::Error::from)?,
        );
        let mut sockets = Self {
            open: BTreeMap::new(),
            ends: BTreeSet::new(),
            silence: Silence::of(silence_max.unwrap_or(T::SILENCE_MAX)),
            lingering: BTreeMap::new(),
            doubtful: Crowds::default(),
            everybody: Crowds::default(),
            strangers: 0,
            by_payer: BTreeMap::new(),
            object: object.to_owned(),
            outgoing: Rc::default(),
            frames: Buckets::new(FRAME_RATE),
            refusals: Buckets::new(REFUSAL_RATE),
        };
        // A socket that we closed may still bring frames that were under way. They come too late: their client will send
        // again on its next socket, and what it sent first must come first.
        let open = |socket: &WebSocket| {
            let socket: &web_sys::WebSocket = socket.as_ref();
            socket.ready_state() == web_sys::WebSocket::OPEN
        };
        for socket in state.get_websockets() {
            let Some(attachment) = read_or_close::<T>(&socket) else { continue };
            if open(&socket) {
                let heard = silence::last_heartbeat(state, &socket).max(attachment.connection.born_at());
                sockets.insert(Socket::new(socket, attachment, heard, &sockets.outgoing));
            } else {
                sockets.linger(attachment.connection, attachment.seat.address().map(str::to_owned));
            }
        }
        sockets.tell_number();
        Ok(sockets)
    }

    /// The open sockets of whoever pays for them, in the order in which they were opened.
    pub(crate) fn of(&self, payer: &T::Payer) -> impl Iterator<Item = &Socket<T>> {
        let theirs = self.by_payer.get(payer).into_iter().flatten();
        theirs.filter_map(|connection| self.get(*connection))
    }

    /// Tells the process how many there are.
    fn tell_number(&self) {
        room::note(&self.object, self.open.len() + self.lingering.len());
    }

    fn insert(&mut self, socket: Socket<T>) {
        self.ends.extend(socket.end());
        self.silence.heard(socket.heard);
        if socket.seat.is_stranger() {
            self.strangers += 1;
            self.doubtful.add(socket.seat.address());
        }
        self.everybody.add(socket.seat.address());
        let payer = socket.seat.payer(socket.connection);
        self.by_payer.entry(payer).or_default().insert(socket.connection);
        self.open.insert(socket.connection, socket);
        self.tell_number();
    }

    pub(super) fn linger(&mut self, connection: ConnectionId, address: Option<String>) {
        self.doubtful.add(address.as_deref());
        self.everybody.add(address.as_deref());
        self.lingering.insert(connection, address);
        self.tell_number();
    }

    /// Whether there is room for this seat; if not, how long to wait for it. Whom the gateway knows is only turned away when
    /// there is no room at all; some of it is kept for them, and no address gets all the rest.
    pub(crate) fn admit_seat(&self, seat: &T) -> core::result::Result<(), Problem> {
        let stranger = seat.is_stranger();
        let most = if stranger { SOCKETS_MAX - STAFF_SEATS_KEPT } else { SOCKETS_MAX };
        let crowding = self.doubtful.of(seat.address()) >= STRANGERS_PER_ADDRESS_MAX
            || self.everybody.of(seat.address()) >= SOCKETS_PER_ADDRESS_MAX;
        if self.open.len() + self.lingering.len() >= most {
            Err(Problem::from(ErrorCode::Overloaded).retry_after(OVERLOAD_WAIT))
        } else if stranger && crowding {
            Err(Problem::wait(Span::from_secs(1)))
        } else {
            Ok(())
        }
    }

    /// Shows out the stranger who has been silent for longest, if there are too many. The others say who they are within
    /// a moment, so this hits whoever never will.
    pub(crate) fn make_room(&mut self) -> Option<Socket<T>> {
        if self.strangers < STRANGERS_MAX {
            return None;
        }
        let stranger =
            |connection| self.open.get(&connection).is_some_and(|socket| socket.seat.is_stranger());
        let (_, oldest) = self.ends.iter().copied().find(|(_, connection)| stranger(*connection))?;
        self.evict(oldest, "too many are waiting")
    }

    /// Closes a socket and forgets it: whether its client answers the close is up to it.
    pub(crate) fn evict(&mut self, connection: ConnectionId, reason: &str) -> Option<Socket<T>> {
        let socket = self.take(connection)?;
        socket.close(reason);
        self.linger(connection, socket.seat.address().map(str::to_owned));
        Some(socket)
    }

    /// Accepts a socket for `seat`. Returns its id and the answer to the upgrade request.
    pub(crate) fn accept(
        &mut self,
        state: &State,
        codec: Codec,
        seat: T,
    ) -> Result<(ConnectionId, Response)> {
        let pair = WebSocketPair::new()?;
        let now = clock::now();
        let attachment = Attachment { connection: mint::connection(now), codec, seat };
        state.accept_web_socket(&pair.server);
        write_attachment(&pair.server, &attachment)?;
        let connection = attachment.connection;
        self.insert(Socket::new(pair.server, attachment, now, &self.outgoing));
        let mut response = Response::from_websocket(pair.client)?;
        response.headers_mut().set("Sec-WebSocket-Protocol", codec.subprotocol())?;
        Ok((connection, response))
    }

    /// Seats the socket elsewhere, for good.
    pub(crate) fn reseat(&mut self, connection: ConnectionId, seat: T) -> Result<()> {
        let Some(mut socket) = self.take(connection) else { return Ok(()) };
        socket.seat = seat;
        let attachment = Attachment { connection, codec: socket.codec, seat: socket.seat.clone() };
        let written = write_attachment(&socket.wire, &attachment);
        self.insert(socket);
        written
    }

    /// Which of the open sockets this one of the runtime is.
    pub(crate) fn identify(socket: &WebSocket) -> Result<ConnectionId> {
        let marked: &MarkedSocket = AsRef::<web_sys::WebSocket>::as_ref(socket).unchecked_ref();
        if let Some(connection) = marked.connection().and_then(|mark| mark.parse().ok()) {
            return Ok(connection);
        }
        let connection = read_attachment::<T>(socket)?.connection;
        marked.set_connection(connection.encode(&mut [0; 36]));
        Ok(connection)
    }

    /// Sends what the turn, or whatever it was, had to say.
    pub(crate) fn flush(&self) {
        self.outgoing.flush();
    }

    /// The socket with this id, if it is still open.
    pub(crate) fn get(&self, connection: ConnectionId) -> Option<&Socket<T>> {
        self.open.get(&connection).filter(|socket| !socket.closing.get())
    }

    /// Takes a token for one frame of this socket; if there is none, says how long its client has to wait, or nothing if
    /// it has been told often enough.
    pub(crate) fn admit(&mut self, connection: ConnectionId) -> Admission {
        let now = clock::now();
        let socket = self.open.get_mut(&connection).filter(|socket| !socket.closing.get());
        let Some(socket) = socket else { return Admission::Ignored };
        socket.heard = now;
        let payer = || socket.seat.payer(connection);
        let (frame, refusal) = (payer(), payer());
        match self.frames.take(now, frame) {
            Ok(()) => Admission::Read,
            Err(wait) if self.refusals.take(now, refusal).is_ok() => Admission::Refused(wait),
            Err(_) => Admission::Ignored,
        }
    }

    /// Forgets a socket that is gone.
    pub(crate) fn forget(&mut self, connection: ConnectionId) -> Option<Socket<T>> {
        if let Some(address) = self.lingering.remove(&connection) {
            self.doubtful.remove(address.as_deref());
            self.everybody.remove(address.as_deref());
        }
        let socket = self.take(connection);
        self.tell_number();
        socket
    }

    pub(super) fn take(&mut self, connection: ConnectionId) -> Option<Socket<T>> {
        let socket = self.open.remove(&connection)?;
        if let Some(end) = socket.end() {
            self.ends.remove(&end);
        }
        if socket.seat.is_stranger() {
            self.strangers = self.strangers.saturating_sub(1);
            self.doubtful.remove(socket.seat.address());
        }
        self.everybody.remove(socket.seat.address());
        let payer = socket.seat.payer(connection);
        if let Some(theirs) = self.by_payer.get_mut(&payer) {
            theirs.remove(&connection);
            if theirs.is_empty() {
                self.by_payer.remove(&payer);
            }
        }
        Some(socket)
    }

    /// When the first seat ends.
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// Shows out whoever's seat has ended.
    pub(crate) fn show_out(&mut self, now: Timestamp) -> Vec<Socket<T>> {
        let mut ended = Vec::new();
        while let Some((_, connection)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            let Some(socket) = self.evict(connection, "the time of this seat is over") else { break };
            ended.push(socket);
        }
        ended
    }

    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        !self.open.is_empty()
    }

    /// All of them, in the order in which they were opened.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Socket<T>> {
        self.open.values().filter(|socket| !socket.closing.get())
    }
}

impl<T: Seat> Socket<T> {
    /// When its seat ends, as it stands in the list of ends.
    fn end(&self) -> Option<(Timestamp, ConnectionId)> {
        self.seat.until().map(|end| (end, self.connection))
    }
}

impl<T> Socket<T> {
    fn new(wire: WebSocket, attachment: Attachment<T>, heard: Timestamp, outgoing: &Rc<Outgoing>) -> Self {
        let Attachment { connection, codec, seat } = attachment;
        let outgoing = Rc::clone(outgoing);
        let (closing, owed) = (Cell::new(false), RefCell::default());
        Self { connection, seat, codec, wire, heard, closing, owed, outgoing }
    }

    /// The coding that the client chose.
    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Sends a frame, together with the others of the turn.
    pub(crate) fn send<F: Serialize>(&self, frame: &F) {
        self.send_encoded(self.codec.encode(frame));
    }

    /// Sends what is encoded already, in the coding of this socket.
    fn send_encoded(&self, frame: Encoded) {
        self.outgoing.put(self.connection, &self.wire, frame);
    }

    /// There was no room for a message. Until it comes again there is none for those that follow it: they would stand before
    /// it. Who does not come again with it is not waited for for long.
    pub(crate) fn expect_again(&self, message: MessageId, stage: Stage) {
        self.owed.borrow_mut().refused(clock::now(), message, stage);
    }

    /// Whether a message may be taken, as far as others before it were not; if not, what to tell its client.
    pub(crate) fn admit_message(&self, message: MessageId) -> core::result::Result<(), Problem> {
        self.owed.borrow_mut().admit(clock::now(), message).map_err(Problem::wait)
    }

    /// Closes the socket. `reason` is for people who look at the network.
    pub(crate) fn close(&self, reason: &str) {
        self.closing.set(true);
        self.outgoing.flush_one(self.connection);
        if self.wire.close(Some(POLICY_VIOLATION), Some(reason)).is_err() {
            worker::console_debug!("a socket was closed twice");
        }
    }
}

/// Sends one frame to many sockets. It is encoded once for each coding.
pub(crate) fn send_all<'sockets, T: 'sockets, F: Serialize>(
    sockets: impl IntoIterator<Item = &'sockets Socket<T>>,
    frame: &F,
) {
    let mut encoded: Vec<(Codec, Encoded)> = Vec::new();
    for socket in sockets {
        let known = encoded.iter().find(|(codec, _)| *codec == socket.codec).map(|(_, frame)| frame.clone());
        let frame = known.unwrap_or_else(|| {
            let fresh = socket.codec.encode(frame);
            encoded.push((socket.codec, fresh.clone()));
            fresh
        });
        socket.send_encoded(frame);
    }
}

// The attachment is text, because the runtime copies it structurally and a string is the cheapest to copy.
fn write_attachment<T: Serialize>(socket: &WebSocket, attachment: &Attachment<T>) -> Result<()> {
    let text =
        serde_json::to_string(attachment).map_err(|_| Fault::Stored("an attachment that can be written"))?;
    Ok(socket.serialize_attachment(text)?)
}

fn read_attachment<T: DeserializeOwned>(socket: &WebSocket) -> Result<Attachment<T>> {
    let text: Option<String> = socket.deserialize_attachment()?;
    let attachment = text.and_then(|text| serde_json::from_str(&text).ok());
    attachment.ok_or(Fault::Stored("the attachment of a socket"))
}

/// What is known about a socket that the runtime has kept. One of which nothing can be read keeps nobody else out: it is
/// closed, and its client comes back and is seated anew.
fn read_or_close<T: DeserializeOwned>(socket: &WebSocket) -> Option<Attachment<T>> {
    let read = read_attachment(socket);
    if let Err(fault) = &read {
        worker::console_error!("a socket is closed: {fault}");
        close_after_fault(socket);
    }
    read.ok()
}

/// Closes a socket after a fault of ours (RFC 6455 section 7.4.1).
pub(super) fn close_after_fault(socket: &WebSocket) {
    drop(socket.close(Some(1011), Some("a fault on our side: please reconnect")));
}
