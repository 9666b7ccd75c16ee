//! What the views read.

use super::{ChatClient, Connection, Draft};
use crate::id::ConversationId;
use crate::protocol::Problem;
use crate::protocol::live::{Author, Entry, Place, Sequence, Side, Standing};
use crate::time::Timestamp;

impl ChatClient {
    /// The entries that are held, in order.
    pub fn entries(&self) -> &[Entry] {
        self.log.entries()
    }

    /// The messages that are not among the entries yet, in the order of writing.
    pub fn drafts(&self) -> &[Draft] {
        self.outbox.drafts()
    }

    /// How the conversation stands; none before the first welcome.
    pub fn standing(&self) -> Option<&Standing> {
        self.standing.as_ref()
    }

    /// Where the customer stands in the line, while they wait and as far as it is told.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// Who is typing on the other side.
    pub fn typing(&self) -> Option<&Author> {
        self.typing.as_ref().map(|(author, _)| author)
    }

    /// How the connection stands.
    pub fn connection(&self) -> Connection {
        if self.link.is_refused() {
            Connection::Refused
        } else if self.link.is_idle() {
            Connection::Idle
        } else if self.link.is_live() && self.in_step() {
            Connection::Live
        } else if self.was_live && !self.link.is_live() {
            Connection::Reconnecting
        } else {
            Connection::Connecting
        }
    }

    /// How far the other side has read.
    pub fn read_by_other(&self) -> Sequence {
        self.read_by_other
    }

    /// How far the other side has received.
    pub fn received_by_other(&self) -> Sequence {
        self.received_by_other
    }

    /// Until when whoever the person talks to is waited for, if they have lost the connection.
    pub fn absent_until(&self) -> Option<Timestamp> {
        self.absent_until
    }

    /// Which conversation this is; none before the first welcome.
    pub fn conversation(&self) -> Option<ConversationId> {
        self.conversation
    }

    /// On which side of the conversation this client is; none before the first welcome.
    pub fn side(&self) -> Option<Side> {
        self.side
    }

    /// Whether there are entries before the first one that is held.
    pub fn has_earlier(&self) -> bool {
        self.log.first() > Sequence::START
    }

    /// Whether the page before was asked for and is on its way.
    pub fn is_loading_earlier(&self) -> bool {
        self.earlier_until.is_some()
    }

    /// The last number of the log that is known to exist.
    pub fn last(&self) -> Sequence {
        self.last
    }

    /// The last number that is held without a gap.
    pub fn held(&self) -> Sequence {
        self.log.held().unwrap_or_default()
    }

    /// How far this client's own reader has read.
    pub fn seen(&self) -> Sequence {
        self.seen
    }

    /// Messages from the other side that the reader has not seen.
    pub fn unread(&self) -> usize {
        let unseen = self.entries().iter().rev().take_while(|entry| entry.sequence > self.seen);
        unseen.filter(|entry| entry.is_message() && self.is_theirs(entry)).count()
    }

    /// Whether somebody on the other side wrote it.
    pub(super) fn is_theirs(&self, entry: &Entry) -> bool {
        match entry.author {
            Author::Customer => self.side == Some(Side::Staff),
            Author::Representative { .. } => self.side != Some(Side::Staff),
            Author::System => false,
        }
    }

    /// Whether a message can be composed: the conversation has not ended and the outbox has room.
    pub fn can_compose(&self) -> bool {
        !self.has_ended() && !self.outbox.is_full()
    }

    /// What was refused last, when it was not a message.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    pub(super) fn waits(&self) -> bool {
        matches!(self.standing, Some(Standing::Waiting { .. }))
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.standing, Some(Standing::Ended { .. }))
    }

    /// Whether everything that is known to exist is held.
    pub(super) fn in_step(&self) -> bool {
        self.log.held().is_some_and(|held| held >= self.last)
    }
}
