//! The open sockets of an object.
//!
//! A socket outlives the object's memory: the runtime keeps it while the object sleeps, and what must be known about it
//! then stands in its attachment. So the list is rebuilt whenever the object is loaded.
//!
//! Nobody sits for ever: a seat says until when it holds, and whoever has not said by then who they are, or whose session
//! is over, is shown out by the object's alarm.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::id::ConnectionId;
use shared::limit::{FRAME_RATE, STRANGERS_MAX};
use shared::protocol::Problem;
use shared::protocol::codec::{Codec, Encoded, PING, PONG};
use shared::rate::Buckets;
use shared::time::{Span, Timestamp};
use worker::{Response, State, WebSocket, WebSocketPair, web_sys};

use crate::fault::{Fault, Result};
use crate::{clock, mint};

/// The code with which sockets are closed whose side may not go on (RFC 6455 section 7.4.1).
pub(crate) const POLICY_VIOLATION: u16 = 1008;

/// Who sits at a socket.
pub(crate) trait Seat: Clone + Serialize + DeserializeOwned {
    /// Those who share one allowance of frames.
    type Payer: Ord;

    /// Who pays for the frames of this socket.
    fn payer(&self, connection: ConnectionId) -> Self::Payer;

    /// Until when the seat holds; none if nothing but its own side ends it.
    fn until(&self) -> Option<Timestamp>;

    /// Whether it is not known yet who sits there.
    fn is_stranger(&self) -> bool;
}

/// For objects without sockets.
impl Seat for () {
    type Payer = ();

    fn payer(&self, _: ConnectionId) {}

    fn until(&self) -> Option<Timestamp> {
        None
    }

    fn is_stranger(&self) -> bool {
        false
    }
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
    wire: WebSocket,
    /// We have closed it. What still comes from it is not listened to: its client may not care that it is closed.
    closing: Cell<bool>,
}

/// The open sockets of an object.
pub(crate) struct Sockets<T: Seat> {
    open: BTreeMap<ConnectionId, Socket<T>>,
    /// When which seat ends. Follows from the seats.
    ends: BTreeSet<(Timestamp, ConnectionId)>,
    /// How many of them have not said who they are. Follows from the seats.
    strangers: usize,
    /// What they have sent lately. In memory: a restart forgives.
    frames: Buckets<T::Payer>,
}

impl<T: Seat> Sockets<T> {
    /// The sockets that the runtime has kept.
    pub(crate) fn restore(state: &State) -> Result<Self> {
        state.set_websocket_auto_response(
            &worker::worker_sys::WebSocketRequestResponsePair::new(PING, PONG)
                .map_err(worker::Error::from)?,
        );
        let mut sockets = Self {
            open: BTreeMap::new(),
            ends: BTreeSet::new(),
            strangers: 0,
            frames: Buckets::new(FRAME_RATE),
        };
        // A socket that we closed may still bring frames that were under way. They come too late: their client will send
        // again on its next socket, and what it sent first must come first.
        let open = |socket: &WebSocket| {
            let socket: &web_sys::WebSocket = socket.as_ref();
            socket.ready_state() == web_sys::WebSocket::OPEN
        };
        for socket in state.get_websockets().into_iter().filter(open) {
            let attachment = read_attachment(&socket)?;
            sockets.insert(Socket::new(socket, attachment));
        }
        Ok(sockets)
    }

    fn insert(&mut self, socket: Socket<T>) {
        self.ends.extend(socket.end());
        self.strangers += usize::from(socket.seat.is_stranger());
        self.open.insert(socket.connection, socket);
    }

    /// Whether there is room for somebody who has not said yet who they are; if not, how long to wait for it.
    pub(crate) fn admit_stranger(&self) -> core::result::Result<(), Problem> {
        if self.strangers < STRANGERS_MAX { Ok(()) } else { Err(Problem::wait(Span::from_secs(1))) }
    }

    /// Accepts a socket for `seat`. Returns its id and the answer to the upgrade request.
    pub(crate) fn accept(
        &mut self,
        state: &State,
        codec: Codec,
        seat: T,
    ) -> Result<(ConnectionId, Response)> {
        let pair = WebSocketPair::new()?;
        let attachment = Attachment { connection: mint::connection(clock::now()), codec, seat };
        state.accept_web_socket(&pair.server);
        write_attachment(&pair.server, &attachment)?;
        let connection = attachment.connection;
        self.insert(Socket::new(pair.server, attachment));
        let mut response = Response::from_websocket(pair.client)?;
        response.headers_mut().set("Sec-WebSocket-Protocol", codec.subprotocol())?;
        Ok((connection, response))
    }

    /// Seats the socket elsewhere, for good.
    pub(crate) fn reseat(&mut self, connection: ConnectionId, seat: T) -> Result<()> {
        let Some(mut socket) = self.forget(connection) else { return Ok(()) };
        socket.seat = seat;
        let attachment = Attachment { connection, codec: socket.codec, seat: socket.seat.clone() };
        let written = write_attachment(&socket.wire, &attachment);
        self.insert(socket);
        written
    }

    /// Which of the open sockets this one of the runtime is.
    pub(crate) fn identify(socket: &WebSocket) -> Result<ConnectionId> {
        read_attachment::<T>(socket).map(|attachment| attachment.connection)
    }

    /// The socket with this id, if it is still open.
    pub(crate) fn get(&self, connection: ConnectionId) -> Option<&Socket<T>> {
        self.open.get(&connection).filter(|socket| !socket.closing.get())
    }

    /// Takes a token for one frame of this socket; if there is none, says how long its client has to wait.
    pub(crate) fn admit(&mut self, connection: ConnectionId) -> core::result::Result<(), Span> {
        let Some(socket) = self.open.get(&connection) else { return Ok(()) };
        self.frames.take(clock::now(), socket.seat.payer(connection))
    }

    /// Forgets a socket that is gone.
    pub(crate) fn forget(&mut self, connection: ConnectionId) -> Option<Socket<T>> {
        let socket = self.open.remove(&connection)?;
        if let Some(end) = socket.end() {
            self.ends.remove(&end);
        }
        self.strangers -= usize::from(socket.seat.is_stranger());
        Some(socket)
    }

    /// When the first seat ends.
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// Shows out whoever's seat has ended, and forgets them: whether their client answers the close is up to it.
    pub(crate) fn show_out(&mut self, now: Timestamp) -> Vec<Socket<T>> {
        let mut ended = Vec::new();
        while let Some((_, connection)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            let Some(socket) = self.forget(connection) else { break };
            socket.close("the time of this seat is over");
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
    fn new(wire: WebSocket, attachment: Attachment<T>) -> Self {
        let Attachment { connection, codec, seat } = attachment;
        Self { connection, seat, codec, wire, closing: Cell::new(false) }
    }

    /// The coding that the client chose.
    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Sends a frame. That the socket is closing is no fault: its client will come back and catch up.
    pub(crate) fn send<F: Serialize>(&self, frame: &F) {
        let sent = match self.codec.encode(frame) {
            Encoded::Binary(bytes) => self.wire.send_with_bytes(bytes),
            Encoded::Text(text) => self.wire.send_with_str(text),
        };
        if sent.is_err() {
            worker::console_debug!("a frame found its socket closing");
        }
    }

    /// Closes the socket. `reason` is for people who look at the network.
    pub(crate) fn close(&self, reason: &str) {
        self.closing.set(true);
        if self.wire.close(Some(POLICY_VIOLATION), Some(reason)).is_err() {
            worker::console_debug!("a socket was closed twice");
        }
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
