//! What a shard is asked, and what it answers.

use serde::{Deserialize, Serialize};
use shared::conversation::{Notice, Opening, Sender};
use shared::id::{ConnectionId, ConversationId, FileId, RequestId, VisitorId, WidgetId};
use shared::protocol::http::FileStatus;
use shared::protocol::live::ClientFrame;
use shared::settings::Origin;
use shared::time::Timestamp;

use super::files::{FileAsker, FileRequest, OpenedFile};
use super::scanner::Verdict;
use super::sites::Moved;
use super::sockets::Seat;
use super::uploads::OfferNumber;
use crate::stored::Stored;

/// A request. Those of visitors bear the hash of their session's secret, which the shard checks.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// A new visitor with a session.
    OpenVisitor { visitor: VisitorId, widget: WidgetId, site: Origin, secret: [u8; 32] },
    /// Who has this session. Answered by [`Answer::Session`].
    Session { visitor: VisitorId, secret: [u8; 32] },
    /// Starts a conversation, or finds the one that is open, or the one that this very request was answered before.
    Start { visitor: VisitorId, secret: [u8; 32], request: RequestId, opening: Box<Opening> },
    /// Keeps a hand-over code for a visitor.
    MintHandover { visitor: VisitorId, secret: [u8; 32], target: Origin, code: [u8; 32] },
    /// Turns a code into a session on another site. Answered by [`Answer::Visitor`].
    Redeem {
        code: [u8; 32],
        widget: WidgetId,
        arrival: Crossing,
        secret: [u8; 32],
        /// Who arrives, if they have a conversation that goes on: nobody is taken out of theirs.
        busy_as: Option<VisitorId>,
    },
    /// The router says what became of a conversation.
    Notice { conversation: ConversationId, notice: Notice, at: Timestamp },
    /// A session of somebody of the staff is over.
    SessionEnded([u8; 32]),
    /// Lists of sites were changed.
    SitesMoved(Moved),
    /// Others may watch over this conversation, or over any, since then by the router's clock.
    WatchersMoved { conversation: Option<ConversationId>, at: Timestamp },
    /// A frame of a socket.
    Frame { connection: ConnectionId, seat: Seat, frame: ClientFrame },
    /// A socket is gone.
    Gone { connection: ConnectionId, conversation: ConversationId, sender: Sender },
    /// The sockets of a conversation are these, after the object was loaded.
    ConnectionsAre { conversation: ConversationId, open: Vec<(Sender, ConnectionId)> },
    /// Something of this conversation is due.
    Tick { conversation: ConversationId },
    /// On which widget a conversation began, for somebody who may send files there. Answered by [`Answer::Widget`].
    WidgetOf { asker: FileAsker, conversation: ConversationId },
    /// Somebody asks something about a file.
    File(Box<FileRequest>),
    /// Somebody comes to the address of a file. Answered by [`Answer::File`].
    OpenFile { secret: [u8; 32] },
    /// A chunk of a file that the gateway has opened. Answered by [`Answer::Chunk`].
    FileChunk { conversation: ConversationId, file: FileId, start: u32 },
    /// Something is to be done about a file.
    FileDue { file: FileId },
    /// The scanner's word about the file of an offer.
    FileScanned { file: FileId, offer: OfferNumber, verdict: Verdict },
}

/// What other objects tell a shard.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    /// The router says what became of a conversation.
    Notice {
        conversation: ConversationId,
        notice: Notice,
        /// When the router decided it.
        at: Timestamp,
    },
    /// A session of somebody of the staff is over.
    SessionEnded([u8; 32]),
    /// Lists of sites were changed.
    SitesMoved(Moved),
    /// Others may watch over this conversation, or over any, since then by the router's clock.
    WatchersMoved { conversation: Option<ConversationId>, at: Timestamp },
}

impl Stored for Told {
    const WHAT: &'static str = "what a shard is told";
}

/// The way of a visitor from one site to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Crossing {
    pub(crate) from: Origin,
    pub(crate) to: Origin,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It was done.
    Done,
    /// Who has the session.
    Session(Session),
    /// The conversation that was started or found.
    Conversation(ConversationId),
    /// The visitor to whom a hand-over code led.
    Visitor { visitor: VisitorId, conversation: Option<ConversationId> },
    /// The widget of a conversation.
    Widget(WidgetId),
    /// How far a file is.
    FileStatus(FileStatus),
    /// A file that is opened.
    File(OpenedFile),
    /// A part of it.
    Chunk(Vec<u8>),
}

/// A visitor's session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// On which widget.
    pub(crate) widget: WidgetId,
    /// On which site.
    pub(crate) site: Origin,
    /// The conversation that goes on, if there is one.
    pub(crate) conversation: Option<ConversationId>,
}
