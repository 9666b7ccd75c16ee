//! The open sockets of an object.
//!
//! A socket outlives the object's memory: the runtime keeps it while the object sleeps, and what must be known about it
//! then stands in its attachment. So the list is rebuilt whenever the object is loaded.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::id::ConnectionId;
use shared::limit::FRAME_RATE;
use shared::protocol::codec::{Codec, Encoded, PING, PONG};
use shared::rate::TokenBucket;
use shared::time::Timestamp;
use worker::{Response, State, WebSocket, WebSocketPair, web_sys};

use crate::fault::{Fault, Result};
use crate::{clock, mint};

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
    bucket: TokenBucket,
}

/// The open sockets of an object.
pub(crate) struct Sockets<T>(BTreeMap<ConnectionId, Socket<T>>);

impl<T: Clone + Serialize + DeserializeOwned> Sockets<T> {
    /// The sockets that the runtime has kept.
    pub(crate) fn restore(state: &State) -> Result<Self> {
        state.set_websocket_auto_response(
            &worker::worker_sys::WebSocketRequestResponsePair::new(PING, PONG)
                .map_err(worker::Error::from)?,
        );
        let now = clock::now();
        let mut sockets = BTreeMap::new();
        // A socket that we closed may still bring frames that were under way. They come too late: their client will send
        // again on its next socket, and what it sent first must come first.
        let open = |socket: &WebSocket| {
            let socket: &web_sys::WebSocket = socket.as_ref();
            socket.ready_state() == web_sys::WebSocket::OPEN
        };
        for socket in state.get_websockets().into_iter().filter(open) {
            let attachment = read_attachment(&socket)?;
            sockets.insert(attachment.connection, Socket::new(socket, attachment, now));
        }
        Ok(Self(sockets))
    }

    /// Accepts a socket for `seat`. Returns its id and the answer to the upgrade request.
    pub(crate) fn accept(
        &mut self,
        state: &State,
        codec: Codec,
        seat: T,
    ) -> Result<(ConnectionId, Response)> {
        let now = clock::now();
        let pair = WebSocketPair::new()?;
        let attachment = Attachment { connection: mint::connection(now), codec, seat };
        state.accept_web_socket(&pair.server);
        write_attachment(&pair.server, &attachment)?;
        let connection = attachment.connection;
        self.0.insert(connection, Socket::new(pair.server, attachment, now));
        let mut response = Response::from_websocket(pair.client)?;
        response.headers_mut().set("Sec-WebSocket-Protocol", codec.subprotocol())?;
        Ok((connection, response))
    }

    /// Seats the socket elsewhere, for good.
    pub(crate) fn reseat(&mut self, connection: ConnectionId, seat: T) -> Result<()> {
        if let Some(socket) = self.0.get_mut(&connection) {
            socket.seat = seat;
            let attachment = Attachment { connection, codec: socket.codec, seat: socket.seat.clone() };
            write_attachment(&socket.wire, &attachment)?;
        }
        Ok(())
    }

    /// Which of the open sockets this one of the runtime is.
    pub(crate) fn identify(socket: &WebSocket) -> Result<ConnectionId> {
        read_attachment::<T>(socket).map(|attachment| attachment.connection)
    }

    /// The socket with this id, if it is still open.
    pub(crate) fn get(&self, connection: ConnectionId) -> Option<&Socket<T>> {
        self.0.get(&connection)
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, connection: ConnectionId) -> Option<&mut Socket<T>> {
        self.0.get_mut(&connection)
    }

    /// Forgets a socket that is gone.
    pub(crate) fn forget(&mut self, connection: ConnectionId) -> Option<Socket<T>> {
        self.0.remove(&connection)
    }

    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// All of them, in the order in which they were opened.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Socket<T>> {
        self.0.values()
    }
}

impl<T> Socket<T> {
    fn new(wire: WebSocket, attachment: Attachment<T>, now: Timestamp) -> Self {
        let Attachment { connection, codec, seat } = attachment;
        Self { connection, seat, codec, wire, bucket: TokenBucket::full(FRAME_RATE, now) }
    }

    /// The coding that the client chose.
    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Takes a token for one frame; if there is none, says how long the client has to wait.
    pub(crate) fn admit(&mut self) -> core::result::Result<(), shared::time::Span> {
        self.bucket.take(clock::now())
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
        /// "Policy violation" (RFC 6455 section 7.4.1).
        const CODE: u16 = 1008;
        if self.wire.close(Some(CODE), Some(reason)).is_err() {
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
