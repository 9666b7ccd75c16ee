//! Frames of a conversation's socket, `/v1/conversations/{id}/socket`.
//!
//! A client says hello with the last sequence number it holds and gets what follows. Every frame with entries says
//! which stretch of the log it covers, `after < sequence <= upto`: what lies in the stretch and was not sent is not for
//! this client's eyes. A client whose last number is below `after` has a gap and asks for what it lacks. So catching up
//! is by sequence, never by time, and a repeated or reordered frame does no harm.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::form::Answer;
use crate::id::{ConversationId, FileId, MessageId, RepresentativeId};
use crate::protocol::Problem;
use crate::time::{Span, Timestamp};

/// The place of an entry in its conversation's log: 1, 2, 3 … without gaps; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u32);

impl Sequence {
    /// Before the first entry.
    pub const START: Self = Self(0);

    /// The number after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Who may see an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The customer and the staff.
    Public,
    /// The staff alone.
    Internal,
}

/// Who wrote an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Customer,
    /// Somebody of the staff.
    Representative {
        /// Who.
        representative: RepresentativeId,
        /// By the name that the reader may see: the public name for the customer, the full name for the staff.
        name: String,
    },
    /// Throughline.
    System,
}

/// Who or what ended a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The customer ended it.
    Customer,
    /// The representative ended it.
    Representative,
    /// Throughline: there was no room, or nobody did anything for too long, or a supervisor closed it.
    System,
    /// The customer lost the connection and did not come back in time.
    Absence,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text that somebody wrote. Text is text: whoever shows it makes no markup of it.
    Text {
        /// The text.
        text: String,
    },
    /// The conversation began, with these answers to the pre-chat form.
    Started {
        /// The answers, by the labels of their questions.
        answers: Vec<Answer>,
    },
    /// The representative named as author took the conversation.
    Joined,
    /// The representative named as author is no longer there; somebody else is being looked for.
    Left,
    /// The conversation ended.
    Ended {
        /// By whom.
        by: EndedBy,
    },
    /// A message says something else now. In the place of the target itself: the message, with what it says now.
    Edited {
        /// The number of the message.
        target: Sequence,
        /// What it says now.
        text: String,
    },
    /// A message was removed. In the place of the target and of what it was edited to: what it said is gone from there.
    Redacted {
        /// The number of the message.
        target: Sequence,
    },
    /// The representative named as author lost the connection and did not come back in time; somebody else is being
    /// looked for.
    Lost,
    /// A file. Its bytes are asked for by its id.
    File {
        /// Which.
        file: FileId,
        /// Its name, without folders and without characters that deceive.
        name: String,
        /// What its bytes are.
        media_type: String,
        /// How many there are.
        bytes: u32,
    },
}

/// One entry of the log, as one reader may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place.
    pub sequence: Sequence,
    /// When the gateway took it.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: Author,
    /// Who may see it.
    pub visibility: Visibility,
    /// The id under which its client sent it, for what was written by a person.
    pub message: Option<MessageId>,
    /// What it says.
    pub content: Content,
}

impl Entry {
    /// What is written here, as it is to be read now. None for what is no message, was removed, or changes another entry.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text { text } => Some(text),
            Content::Edited { target, text } if *target == self.sequence => Some(text),
            _ => None,
        }
    }

    /// Whether it is what somebody wrote or sent, and is still there: text or a file.
    pub fn is_message(&self) -> bool {
        match self.content {
            Content::Text { .. } | Content::File { .. } => true,
            Content::Edited { target, .. } => target == self.sequence,
            _ => false,
        }
    }

    /// Which message it changes, if it changes another entry than itself.
    pub fn changes(&self) -> Option<Sequence> {
        match self.content {
            Content::Edited { target, .. } | Content::Redacted { target } => {
                (target != self.sequence).then_some(target)
            }
            _ => None,
        }
    }
}

/// That somebody on the other side, who is expected to come back, has lost the connection. Told by
/// [`ServerFrame::Gone`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Absence {
    /// Since when.
    pub since: Timestamp,
    /// How long they are waited for. After that the conversation ends if it is the customer, and somebody else is looked
    /// for if it is the representative (reference sections 8.1 and 20.4).
    pub until: Timestamp,
}

/// How a conversation stands, for those who look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody has taken it yet.
    Waiting {
        /// Whether somebody who could take it is there at all.
        anyone_available: bool,
    },
    /// A representative has it.
    InConversation {
        /// By the name that the reader may see.
        with: String,
    },
    /// It has ended; nobody can write any more.
    Ended {
        /// By whom.
        by: EndedBy,
    },
}

/// Where a customer who waits stands in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// How many are before them.
    pub ahead: u32,
    /// How long it may take, if enough is known to tell.
    pub estimated_wait: Option<Span>,
}

/// Which side of a conversation somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The customer's.
    Customer,
    /// The staff's.
    Staff,
}

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame: who is there, and what they hold. Answered by [`ServerFrame::Welcome`] and entries.
    Hello {
        /// The visitor's session token. None for the staff, whose cookie came with the request.
        token: Option<String>,
        /// The last number of the log that the client holds without a gap; none if it holds nothing, which asks for the
        /// newest page.
        holds: Option<Sequence>,
    },
    /// A message. Sent again with the same id and content it gets the first answer.
    Send {
        /// The id that the client gave it.
        message: MessageId,
        /// Who may see it. A customer's messages are public.
        visibility: Visibility,
        /// What it says.
        text: String,
    },
    /// Somebody is typing. Shown for a few seconds and never stored.
    Typing {
        /// Who may see what is being written, and so that it is being written.
        visibility: Visibility,
    },
    /// The reader has seen everything up to here.
    Read {
        /// The last number seen.
        upto: Sequence,
    },
    /// Asks for what follows a number: the client found a gap or is catching up.
    FetchAfter {
        /// The last number it holds without a gap.
        after: Sequence,
    },
    /// Asks for the page before a number.
    FetchBefore {
        /// The first number it holds.
        before: Sequence,
    },
    /// The customer ends the conversation.
    End,
    /// A message of one's own is to say something else. An edit is a message: sent again with the same id and content it
    /// gets the first answer.
    Edit {
        /// The id that the client gave the edit.
        message: MessageId,
        /// The number of the message.
        target: Sequence,
        /// What it is to say.
        text: String,
    },
    /// A message is to be removed: one's own, or for those with the right to do so anybody's. Repeats as above.
    Redact {
        /// The id that the client gave the removal.
        message: MessageId,
        /// The number of the message.
        target: Sequence,
    },
    /// The client holds everything up to here. Whoever says [`ClientFrame::Read`] need not say this too.
    Received {
        /// The last number held.
        upto: Sequence,
    },
}

/// What the gateway sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to hello.
    Welcome {
        /// Which conversation this is.
        conversation: ConversationId,
        /// On which side of it the client is.
        side: Side,
        /// How it stands.
        standing: Standing,
        /// The last number of the log.
        last: Sequence,
        /// How far the other side has read.
        read_by_other: Sequence,
    },
    /// A stretch of the log: everything with `after < sequence <= upto` that this client may see.
    Entries {
        /// The stretch begins after this number.
        after: Sequence,
        /// The stretch ends with this number.
        upto: Sequence,
        /// The entries, in order.
        entries: Vec<Entry>,
    },
    /// A page of history: everything with `after < sequence < before` that this client may see. Nothing is before it
    /// if `after` is the start.
    History {
        /// The page begins after this number.
        after: Sequence,
        /// The page ends before this number.
        before: Sequence,
        /// The entries, in order.
        entries: Vec<Entry>,
    },
    /// The message is on disk and has this place in the log.
    Accepted {
        /// Which message.
        message: MessageId,
        /// Its place.
        sequence: Sequence,
    },
    /// Something was not done. The socket lives on.
    Refused {
        /// The message that was refused, if it was one.
        message: Option<MessageId>,
        /// Why, and what to do.
        problem: Problem,
    },
    /// Somebody else is typing.
    Typing {
        /// Who.
        author: Author,
        /// Who may see what is being written.
        visibility: Visibility,
    },
    /// The conversation stands differently now.
    Standing {
        /// How.
        standing: Standing,
    },
    /// The other side has read up to here.
    ReadByOther {
        /// The last number seen.
        upto: Sequence,
    },
    /// Where the customer stands in the line. Said to the customer alone, while they wait: after the welcome, and when it
    /// changes. When they no longer wait they have no place, and nothing says so but [`ServerFrame::Standing`].
    Place {
        /// None while it is not known, or is not to be told.
        place: Option<Place>,
    },
    /// The other side has received up to here. What was read was received: that is not said again.
    ReceivedByOther {
        /// The last number held there.
        upto: Sequence,
    },
    /// Whoever this reader talks to has lost the connection. Said when it happens, and after the welcome while it is so.
    Gone {
        /// Until when they are waited for: [`Absence::until`].
        until: Timestamp,
    },
    /// They are connected again, or nobody waits for them any more.
    Returned,
}
