//! What the router orders its shell to do.

use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::conversation::Notice;
use crate::id::{ConversationId, QueueId, RepresentativeId, SessionId, WorkstreamId};
use crate::protocol::desk::DeskFrame;
use crate::time::Timestamp;

/// An order to the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tell the conversation what became of it. At least once, in order.
    Notify {
        /// Which.
        conversation: ConversationId,
        /// What.
        notice: Notice,
    },
    /// Show this on the consoles of an audience. A console that is not connected misses nothing: the next welcome says it
    /// all.
    Show {
        /// Whose consoles; [`Router::viewers`](super::Router::viewers) says who that is now.
        to: Audience,
        /// What.
        frame: DeskFrame,
    },
    /// Keep this for good. At least once, in order.
    Record(Activity),
}

/// Whose consoles show something. A queue's members are one audience, however many they are: it is the shell that sends
/// to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// This representative.
    Representative(RepresentativeId),
    /// The members of a queue.
    Queue {
        /// Which.
        queue: QueueId,
        /// All but this one, who is told something else.
        but: Option<RepresentativeId>,
    },
}

/// A fact for the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// A session is over.
    SessionEnded {
        /// Of which conversation.
        conversation: ConversationId,
        /// Which session.
        session: SessionId,
        /// Whose.
        representative: RepresentativeId,
        /// When it was offered or picked.
        assigned: Timestamp,
        /// When it was accepted, if it was.
        accepted: Option<Timestamp>,
        /// When it was over.
        ended: Timestamp,
        /// Why.
        reason: SessionEnd,
    },
    /// A conversation is closed.
    ConversationClosed {
        /// Which.
        conversation: ConversationId,
        /// Under which rules.
        workstream: WorkstreamId,
        /// Of which queue; none if no configuration ever had a place for it.
        queue: Option<QueueId>,
        /// The customer's name, if one is known.
        customer: Option<String>,
        /// What it was about, if that is known.
        topic: Option<String>,
        /// Who had it last, if anybody had.
        representative: Option<RepresentativeId>,
        /// When it began.
        created: Timestamp,
        /// When somebody first accepted it.
        first_accepted: Option<Timestamp>,
        /// When it was closed.
        closed: Timestamp,
    },
}

/// Why a session ended, with the numbers of reference section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SessionEnd {
    /// 1: the representative declined the offer.
    Rejected,
    /// 2: the offer was not answered in time.
    TimedOut,
    /// 5: the conversation was closed after wrap-up.
    ConversationClosed,
    /// 7: the representative was gone for longer than the grace time.
    RepresentativeDisconnected,
    /// 8: the offer was withdrawn and the item routed again.
    Rerouted,
    /// 20 and 22: the customer left or ended the conversation before anybody had accepted.
    CustomerLeft,
    /// 18: the conversation was in wrap-up for too long, or its representative is no longer in the settings.
    AutoClosed,
}
