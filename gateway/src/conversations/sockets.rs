//! Who sits at a socket of a conversation, and what their frames mean.

use serde::{Deserialize, Serialize};
use shared::authority::{Action, permits};
use shared::conversation::Sender;
use shared::id::{ConnectionId, ConversationId, MessageId, RepresentativeId};
use shared::limit::{HELLO_AWAITED, SILENCE_MAX};
use shared::owed::Stage;
use shared::protocol::live::{ClientFrame, ServerFrame};
use shared::protocol::{ErrorCode, Problem};
use shared::time::{Span, Timestamp};

use super::Request;
use super::sites::Spot;
use crate::object::{Identity, Socket};

/// Who sits at a socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seat {
    /// Whose log they read.
    pub(super) conversation: ConversationId,
    /// Who they are, once they have said hello.
    pub(super) sender: Option<Sender>,
    /// Somebody of the staff, by the gateway's word. None for a customer, who has to show a token.
    pub(super) staff: Option<StaffReader>,
    /// Since when it holds that they may sit here. For the staff by the router's clock.
    pub(super) admitted: Timestamp,
    /// From where they came, if that is known.
    pub(super) address: Option<String>,
    /// On which widget and site a customer's session was opened, once they have said hello.
    pub(super) spot: Option<Spot>,
}

/// Somebody of the staff at a socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StaffReader {
    /// Who.
    pub(super) representative: RepresentativeId,
    /// The hash of their session's token.
    pub(super) session: [u8; 32],
    /// When that session ends by itself.
    expires: Timestamp,
    /// Whether their role lets them read conversations in which they take no part.
    pub(super) looks_on: bool,
    /// Whether they may read this one when they take part no more.
    pub(super) watches: bool,
    /// Whether their role lets them remove what others wrote.
    pub(super) may_redact: bool,
}

impl Seat {
    /// Whether it ends when this representative takes part in this conversation no more. Who watches over it may go on
    /// reading it.
    pub(super) fn ends_with(&self, conversation: ConversationId, representative: RepresentativeId) -> bool {
        let theirs = |staff: &StaffReader| staff.representative == representative && !staff.watches;
        self.conversation == conversation && self.staff.as_ref().is_some_and(theirs)
    }

    /// Whether they read this conversation, or any, because they watch over it.
    pub(super) fn watches(&self, conversation: Option<ConversationId>) -> bool {
        conversation.is_none_or(|conversation| self.conversation == conversation)
            && self.staff.as_ref().is_some_and(|staff| staff.watches)
    }
}

/// Who shares one allowance of frames.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Payer {
    /// Whoever this will turn out to be.
    Stranger(ConnectionId),
    /// All sockets of one participant.
    Participant(ConversationId, Sender),
}

impl crate::object::Seat for Seat {
    type Payer = Payer;

    const SILENCE_MAX: Span = SILENCE_MAX;

    fn payer(&self, connection: ConnectionId) -> Payer {
        self.sender
            .map_or(Payer::Stranger(connection), |sender| Payer::Participant(self.conversation, sender))
    }

    fn until(&self) -> Option<Timestamp> {
        let session = self.staff.as_ref().map(|staff| staff.expires);
        let hello = self.sender.is_none().then(|| self.admitted.after(HELLO_AWAITED));
        session.into_iter().chain(hello).min()
    }

    fn is_stranger(&self) -> bool {
        // The gateway knows the staff before it lets them in.
        self.sender.is_none() && self.staff.is_none()
    }

    fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }
}

/// The seat of somebody whom the gateway let in.
pub(super) fn seat(identity: Identity) -> Result<Seat, Problem> {
    let conversation = identity.conversation.ok_or(ErrorCode::UnknownConversation)?;
    let staff = identity.staff.map(|staff| StaffReader {
        representative: staff.representative,
        session: staff.session,
        expires: staff.expires,
        looks_on: permits(staff.role, Action::ReadAnyConversation),
        watches: identity.watches,
        may_redact: permits(staff.role, Action::RedactMessages),
    });
    let (admitted, address) = (identity.admitted, identity.address);
    Ok(Seat { conversation, sender: None, staff, admitted, address, spot: None })
}

pub(super) fn request(socket: &Socket<Seat>, bytes: &[u8]) -> Result<Request, Problem> {
    let frame = socket.codec().decode_frame(bytes)?;
    if let Some(message) = message_of(&frame) {
        socket.admit_message(message)?;
    }
    Ok(Request::Frame { connection: socket.connection, seat: socket.seat.clone(), frame })
}

/// The message that a frame brings, if it brings one.
pub(super) fn message_of(frame: &ClientFrame) -> Option<MessageId> {
    match frame {
        ClientFrame::Send { message, .. }
        | ClientFrame::Edit { message, .. }
        | ClientFrame::Redact { message, .. } => Some(*message),
        _ => None,
    }
}

/// Tells a client that its frame was refused. A refused hello ends a socket at which nobody knows who sits, unless all it
/// needs is time: to wait costs less than to come again, and other tabs may speak through the same socket.
pub(super) fn refuse(socket: &Socket<Seat>, bytes: &[u8], problem: Problem, stage: Stage) {
    let frame = socket.codec().decode_frame::<ClientFrame>(bytes);
    let message = frame.as_ref().ok().and_then(message_of);
    let was_hello = matches!(frame, Ok(ClientFrame::Hello { .. }));
    // Who takes part no more has to ask for leave again, which no socket gives.
    let only_early = problem.retry_after.is_some() && problem.code != ErrorCode::NotYourConversation;
    if let Some(message) = message.filter(|_| only_early) {
        socket.expect_again(message, stage);
    }
    socket.send(&ServerFrame::Refused { message, problem });
    if was_hello && socket.seat.sender.is_none() && !only_early {
        socket.close("hello was refused");
    }
}

pub(super) fn gone(connection: ConnectionId, seat: Seat) -> Request {
    // The seat does not know of a hello in this very turn. A customer who said none is not in the conversation, which
    // does not mind being told that they left.
    let staff = seat.staff.map(|staff| Sender::Staff(staff.representative));
    let sender = seat.sender.or(staff).unwrap_or(Sender::Customer);
    Request::Gone { connection, conversation: seat.conversation, sender }
}
