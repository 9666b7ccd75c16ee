//! Who sits at a socket of a conversation, and what their frames mean.

use serde::{Deserialize, Serialize};
use shared::conversation::Sender;
use shared::id::{ConnectionId, ConversationId, RepresentativeId};
use shared::protocol::codec::Undecodable;
use shared::protocol::live::{ClientFrame, ServerFrame};
use shared::protocol::{ErrorCode, Problem};

use super::Request;
use crate::object::{Identity, Socket};

/// Who sits at a socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seat {
    /// Whose log they read.
    pub(super) conversation: ConversationId,
    /// Who they are, once they have said hello.
    pub(super) sender: Option<Sender>,
    /// Somebody of the staff, by the gateway's word. None for a customer, who has to show a token.
    pub(super) staff: Option<RepresentativeId>,
}

pub(super) fn seat(identity: Identity) -> Result<Seat, Problem> {
    let conversation = identity.conversation.ok_or(ErrorCode::UnknownConversation)?;
    Ok(Seat { conversation, sender: None, staff: identity.staff.map(|staff| staff.representative) })
}

pub(super) fn request(socket: &Socket<Seat>, bytes: &[u8]) -> Result<Request, Undecodable> {
    let frame = socket.codec().decode_frame(bytes)?;
    Ok(Request::Frame { connection: socket.connection, seat: socket.seat.clone(), frame })
}

/// Tells a client that its frame was refused. A refused hello ends the socket: nobody knows who sits there.
pub(super) fn refuse(socket: &Socket<Seat>, bytes: &[u8], problem: Problem) {
    let frame = socket.codec().decode_frame::<ClientFrame>(bytes);
    let message = match frame {
        Ok(ClientFrame::Send { message, .. }) => Some(message),
        _ => None,
    };
    let was_hello = matches!(frame, Ok(ClientFrame::Hello { .. }));
    socket.send(&ServerFrame::Refused { message, problem });
    if was_hello {
        socket.close("hello was refused");
    }
}

pub(super) fn gone(connection: ConnectionId, seat: Seat) -> Request {
    // The seat does not know of a hello in this very turn. A customer who said none is not in the conversation, which
    // does not mind being told that they left.
    let sender = seat.sender.unwrap_or_else(|| seat.staff.map_or(Sender::Customer, Sender::Staff));
    Request::Gone { connection, conversation: seat.conversation, sender }
}
