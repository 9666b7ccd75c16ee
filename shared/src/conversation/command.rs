//! What a conversation is told and asked, and what it orders its shell to do.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::log::Attachment;
use crate::form::Answer;
use crate::id::{ConnectionId, ConversationId, FileId, MessageId, RepresentativeId, VisitorId, WidgetId};
use crate::protocol::desk::Part;
use crate::protocol::live::{Absence, EndedBy, Sequence, ServerFrame, Side, Visibility};
use crate::routing;
use crate::text::MessageText;
use crate::time::Span;

/// How a conversation begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Its id, which carries the visitor's shard.
    pub conversation: ConversationId,
    /// Whose it is.
    pub visitor: VisitorId,
    /// On which widget it began.
    pub widget: WidgetId,
    /// What the router needs to place it.
    pub arrival: routing::Arrival,
    /// The answers by the labels of their questions, for people.
    pub answers: Vec<Answer>,
    /// What the customer wrote into the form as a first message, and the id under which it stands in the log.
    pub first_message: Option<(MessageId, MessageText)>,
    /// How long the customer may be gone before the conversation ends.
    pub customer_grace: Span,
}

/// Who sends a command. The shell has authenticated them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sender {
    /// The customer.
    Customer,
    /// Somebody of the staff.
    Staff(RepresentativeId),
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// A socket of this participant is open and has said hello.
    Connect {
        /// Whose.
        sender: Sender,
        /// Which.
        connection: ConnectionId,
    },
    /// A socket is gone.
    Disconnect {
        /// Whose.
        sender: Sender,
        /// Which.
        connection: ConnectionId,
    },
    /// The shell woke up and these are the sockets that are really open.
    ConnectionsAre {
        /// The open sockets.
        open: Vec<(Sender, ConnectionId)>,
    },
    /// Somebody wrote something.
    Send {
        /// Who.
        sender: Sender,
        /// The id that their client gave it.
        message: MessageId,
        /// Who may see it.
        visibility: Visibility,
        /// What.
        text: MessageText,
    },
    /// Somebody has seen everything up to here.
    Read {
        /// Who.
        sender: Sender,
        /// The last number seen.
        upto: Sequence,
    },
    /// The customer ends the conversation.
    End,
    /// The router says what became of it.
    Notice(Notice),
    /// Time has passed: do what was due.
    Tick,
    /// Somebody lets a message of their own say something else.
    Edit {
        /// Who.
        sender: Sender,
        /// The id that their client gave the edit.
        message: MessageId,
        /// The number of the message.
        target: Sequence,
        /// What it is to say.
        text: MessageText,
    },
    /// Somebody removes a message.
    Redact {
        /// Who.
        sender: Sender,
        /// The id that their client gave the removal.
        message: MessageId,
        /// The number of the message.
        target: Sequence,
        /// Whether they may remove what others wrote. The shell has asked the table of permissions.
        any: bool,
    },
    /// A client of somebody holds everything up to here.
    Received {
        /// Who.
        sender: Sender,
        /// The last number held.
        upto: Sequence,
    },
    /// A file is whole and cleared: it belongs into the log. Repeats of it are known by its id.
    Attach {
        /// Who sent it.
        sender: Sender,
        /// Who may see it.
        visibility: Visibility,
        /// What it is.
        attachment: Attachment,
    },
}

impl Command {
    /// Whether clients send it again when they have no answer. If all that comes of it is a reply, it was done before: it
    /// has changed nothing and belongs in no journal, which would keep the text of a message that was removed meanwhile.
    #[must_use]
    pub const fn may_be_a_repeat(&self) -> bool {
        matches!(
            self,
            Self::Send { .. }
                | Self::Read { .. }
                | Self::End
                | Self::Edit { .. }
                | Self::Redact { .. }
                | Self::Received { .. }
                | Self::Attach { .. }
        )
    }
}

/// What the router says about a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// It waits in a queue.
    Queued {
        /// Whether somebody who could take it is there at all: connected, a member of the queue, and in a presence that
        /// the workstream allows or may come to by finishing work.
        anyone_available: bool,
    },
    /// A representative has accepted or picked it.
    Assigned {
        /// Who.
        representative: RepresentativeId,
        /// By which name colleagues know them.
        full_name: String,
        /// By which name customers know them.
        public_name: String,
    },
    /// An offer of it to somebody is over, and they did not take it.
    OfferLapsed {
        /// Who was offered it.
        representative: RepresentativeId,
    },
    /// Its representative is gone; it waits again. [`Notice::Queued`] follows.
    Unassigned {
        /// Who had it.
        representative: RepresentativeId,
    },
    /// It has ended.
    Ended {
        /// By whom.
        by: EndedBy,
    },
    /// Somebody takes part beside the primary representative, or from now on in another part than before.
    Joined {
        /// Who.
        representative: RepresentativeId,
        /// By which name colleagues know them.
        full_name: String,
        /// By which name customers know them.
        public_name: String,
        /// As what. Never as primary: that is [`Notice::Assigned`].
        part: Part,
    },
    /// Somebody who took part beside the primary representative, or was the primary until the last
    /// [`Notice::Assigned`], is gone: they see no more of it.
    Left {
        /// Who.
        representative: RepresentativeId,
    },
    /// Its representative has stepped out until the customer writes again. They may still look in.
    Paused {
        /// Who.
        representative: RepresentativeId,
    },
    /// The router wants to hear of each message from now on ([`routing::Command::Wrote`]).
    Follow,
    /// A rule says this to the customer in the name of the representative (reference section 21.4).
    Say {
        /// In whose name.
        representative: RepresentativeId,
        /// What.
        text: MessageText,
    },
    /// It is closed: nobody of the staff takes part any more.
    Closed,
    /// Where its customer stands in the line, while they wait.
    Position {
        /// How many would be offered before it to somebody who could take it.
        ahead: u32,
        /// How long it may take, as far as one can tell.
        estimated_wait: Option<Span>,
    },
    /// The last console of its primary representative is gone; they are waited for until this time. Or they are back.
    RepresentativeIs {
        /// Who.
        representative: RepresentativeId,
        /// Since when they are gone and until when they are waited for; none if they are back.
        absence: Option<Absence>,
    },
    /// Where its customer stands is told no more: what they were told does not hold.
    NoPosition,
}

/// An order to the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send this frame to every open socket on this side of the conversation.
    Broadcast {
        /// On which side.
        side: Side,
        /// What.
        frame: ServerFrame,
    },
    /// Send this frame to every open socket on this side, but to none of the participant who caused it: their other
    /// windows know as well as they do what they are doing.
    TellOthers {
        /// Whose sockets are left out.
        than: Sender,
        /// On which side.
        side: Side,
        /// What.
        frame: ServerFrame,
    },
    /// Send this frame to the connection that sent the command.
    Reply {
        /// What.
        frame: ServerFrame,
    },
    /// Close the sockets of this representative: they do not take part any more.
    Dismiss {
        /// Whose.
        representative: RepresentativeId,
    },
    /// What follows from the command must be kept, though nobody is told of it.
    Kept,
    /// The records with these numbers say nothing any more: whoever has stored them stores them anew, and keeps nothing
    /// of what they said.
    Wiped {
        /// Which.
        records: Vec<Sequence>,
    },
    /// Nobody may have this file any more: delete its bytes.
    EraseFile {
        /// Which.
        file: FileId,
    },
    /// Somebody did what belongs into the audit log. Tell whoever keeps it.
    Record(Box<routing::Activity>),
    /// Tell the router. At least once, in order.
    Route(Box<routing::Command>),
}

impl Effect {
    /// Whether only the connection that asked is told, of what the conversation held before.
    #[must_use]
    pub const fn is_reply(&self) -> bool {
        matches!(self, Self::Reply { .. })
    }
}
