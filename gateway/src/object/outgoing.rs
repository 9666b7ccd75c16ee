//! What is to be sent on sockets: the frames of one turn for one socket go out in one message, because each message costs
//! the runtime a call and a write of its own.

use std::cell::RefCell;
use std::collections::BTreeMap;

use shared::id::ConnectionId;
use shared::protocol::codec::Encoded;
use worker::WebSocket;

/// No message is made longer than this by joining frames, in bytes.
const JOINED_MAX: usize = 64 * 1024;

/// The frames that wait for the end of the turn.
#[derive(Default)]
pub(super) struct Outgoing(RefCell<BTreeMap<ConnectionId, (WebSocket, Encoded)>>);

impl Outgoing {
    /// Puts a frame behind those that wait for this socket.
    pub(super) fn put(&self, connection: ConnectionId, wire: &WebSocket, frame: Encoded) {
        let mut waiting = self.0.borrow_mut();
        let Some((_, before)) = waiting.get_mut(&connection) else {
            waiting.insert(connection, (wire.clone(), frame));
            return;
        };
        let frame = if before.len() + frame.len() > JOINED_MAX { Some(frame) } else { before.join(frame) };
        if let Some(frame) = frame {
            send(wire, core::mem::replace(before, frame));
        }
    }

    /// Sends what waits for this socket.
    pub(super) fn flush_one(&self, connection: ConnectionId) {
        if let Some((wire, frames)) = self.0.borrow_mut().remove(&connection) {
            send(&wire, frames);
        }
    }

    /// Sends everything that waits.
    pub(super) fn flush(&self) {
        for (wire, frames) in self.0.take().into_values() {
            send(&wire, frames);
        }
    }
}

/// That a socket is closing is no fault: its client will come back and catch up.
fn send(wire: &WebSocket, frames: Encoded) {
    let sent = match frames {
        Encoded::Binary(bytes) => wire.send_with_bytes(bytes),
        Encoded::Text(text) => wire.send_with_str(text),
    };
    if sent.is_err() {
        worker::console_debug!("a frame found its socket closing");
    }
}
