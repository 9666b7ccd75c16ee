//! How far everybody who takes part has come with the log: what their clients hold, and what they have seen.
//!
//! Each of them has a cursor of their own, which only goes forwards. What the other side is shown is one cursor for each
//! side: the customer's own, and for the staff that of whoever was the primary representative when it moved. Somebody
//! who advises or looks on has read for themselves, not for the customer's eyes.

use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::machine::Conversation;
use super::{Effect, Rejection, Sender};
use crate::protocol::live::{Sequence, ServerFrame, Side};

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// The last number that a client of theirs holds.
    pub received: Sequence,
    /// The last number that they have seen. Never beyond what was received.
    pub read: Sequence,
}

/// A step forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// Everything up to here was received.
    Received(Sequence),
    /// Everything up to here was received and seen.
    Read(Sequence),
}

impl Cursor {
    /// Goes forwards. Whether that is news.
    fn advance(&mut self, reached: Reached) -> bool {
        let before = *self;
        let (Reached::Received(upto) | Reached::Read(upto)) = reached;
        self.received = self.received.max(upto);
        if let Reached::Read(_) = reached {
            self.read = self.read.max(upto);
        }
        *self != before
    }
}

impl Conversation {
    /// Somebody who takes part has received or seen everything up to a number. Nobody moves the cursor of another.
    pub(super) fn reach(&mut self, sender: Sender, reached: Reached) -> Result<Vec<Effect>, Rejection> {
        let (Reached::Received(upto) | Reached::Read(upto)) = reached;
        self.check_exists(upto)?;
        if !self.has_taken_part(sender) {
            return Err(Rejection::NotYours);
        }
        if !self.head.cursors.entry(sender).or_default().advance(reached) {
            return Ok(Vec::new());
        }
        let speaks = match sender {
            Sender::Customer => true,
            Sender::Staff(representative) => self.is_primary(representative),
        };
        let (side, other) = match sender.side() {
            Side::Customer => (&mut self.head.customer_cursor, Side::Staff),
            Side::Staff => (&mut self.head.staff_cursor, Side::Customer),
        };
        if !speaks || !side.advance(reached) {
            return Ok(vec![Effect::Kept]);
        }
        let frame = match reached {
            Reached::Received(upto) => ServerFrame::ReceivedByOther { upto },
            Reached::Read(upto) => ServerFrame::ReadByOther { upto },
        };
        Ok(vec![Effect::Broadcast { side: other, frame }])
    }

    /// How far somebody has come.
    pub fn cursor(&self, sender: Sender) -> Cursor {
        self.head.cursors.get(&sender).copied().unwrap_or_default()
    }

    /// Whether somebody takes part or has taken part.
    pub fn has_taken_part(&self, sender: Sender) -> bool {
        match sender {
            Sender::Customer => true,
            Sender::Staff(representative) => self.head.names.contains_key(&representative),
        }
    }

    /// How far the other side has come, as this side is shown it.
    pub(super) fn cursor_of_other(&self, side: Side) -> Cursor {
        match side {
            Side::Customer => self.head.staff_cursor,
            Side::Staff => self.head.customer_cursor,
        }
    }
}
