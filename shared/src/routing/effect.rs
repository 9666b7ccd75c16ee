//! What the router orders its shell to do.

use alloc::boxed::Box;
use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::conversation::Notice;
use crate::id::{ConversationId, QueueId, RepresentativeId, SessionId, WorkstreamId};
use crate::protocol::desk::{DeskFrame, Destination, Part};
use crate::protocol::insight::Explanation;
use crate::protocol::live::Sequence;
use crate::settings::{OverflowAction, Presence};
use crate::text::Line;
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
    /// The conversation is in another queue, which others may watch over: whoever reads it because they watch over it asks for
    /// leave again.
    Moved {
        /// Which.
        conversation: ConversationId,
    },
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
        /// As what they took part, or were asked to.
        part: Part,
    },
    /// A queue had no room for a conversation: it goes no further here.
    Overflowed {
        /// Which.
        conversation: ConversationId,
        /// Which queue.
        queue: QueueId,
        /// What is to be done with the customer.
        action: OverflowAction,
        /// When.
        at: Timestamp,
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
        /// How often it was transferred.
        transfers: u16,
        /// Why.
        reason: SessionEnd,
    },
    /// A supervisor did something.
    Supervised {
        /// Who.
        supervisor: RepresentativeId,
        /// When.
        at: Timestamp,
        /// What.
        act: SupervisorAct,
    },
    /// A conversation is closed, and this explains it. It comes before [`Activity::ConversationClosed`].
    Explained {
        /// Which.
        conversation: ConversationId,
        /// How it came where it was, who had it and who was asked, and why others were not.
        explanation: Box<Explanation>,
    },
}

/// What supervisors do to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SupervisorAct {
    /// Assigned open work.
    Assigned {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// Transferred what somebody had.
    Redirected {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// Closed a conversation.
    ForceClosed {
        /// Which.
        conversation: ConversationId,
    },
    /// Looked on.
    Monitored {
        /// Which.
        conversation: ConversationId,
    },
    /// Joined a conversation.
    Joined {
        /// Which.
        conversation: ConversationId,
    },
    /// Set a presence.
    OverrodePresence {
        /// Whose.
        representative: RepresentativeId,
        /// To what; none if it is computed again.
        presence: Option<Presence>,
        /// Why.
        reason: Line,
    },
    /// Removed what somebody else wrote, or a file that they sent.
    Removed {
        /// In which.
        conversation: ConversationId,
        /// Its number in the log.
        target: Sequence,
        /// Whose it was, if not the customer's.
        of: Option<RepresentativeId>,
        /// Whether it was a file.
        file: bool,
    },
    /// Had a conversation routed again, with more known about it.
    Rerouted {
        /// Which.
        conversation: ConversationId,
    },
}

/// Why a session ended, with the numbers of reference section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SessionEnd {
    /// 1: the representative declined the offer.
    Rejected,
    /// 2: the offer was not answered in time.
    TimedOut,
    /// 4: the representative left without ending the conversation.
    RepresentativeLeft,
    /// 5: the conversation ended, and with it what others did in it; or its record is resolved.
    ConversationClosed,
    /// 6: transferred to another representative.
    Transferred,
    /// 7: the representative was gone for longer than the grace time.
    RepresentativeDisconnected,
    /// 8: the offer was withdrawn, or the item was routed again.
    Rerouted,
    /// 10: the representative gave it back to its queue.
    Released,
    /// 11: a supervisor assigned it to another queue.
    AssignedToQueue,
    /// 12: a supervisor transferred it.
    TransferredBySupervisor,
    /// 14: a supervisor closed it.
    ForceClosed,
    /// 18: nobody touched it for too long, or its representative is no longer in the settings.
    AutoClosed,
    /// 20: the customer was gone for too long.
    CustomerDisconnected,
    /// 21: the representative ended the conversation.
    RepresentativeEnded,
    /// 22: the customer ended the conversation.
    CustomerEnded,
    /// 23: the representative transferred it to a queue.
    TransferredToQueue,
    /// 34: this session was ended, the conversation goes on.
    EndedByHand,
    /// 55: the offer failed, because the representative had as many sessions open as a desk holds.
    TooManySessions,
    /// 56: the call lasted for too long.
    CallTimedOut,
    /// 61: a time-out rule, because the customer did not answer.
    CustomerSilent,
    /// 62: a time-out rule, because the representative did not answer.
    RepresentativeSilent,
    /// 63: the representative stepped out to wait for the customer.
    MovedToWaiting,
    /// 16: its queue had no room for it when it came.
    TurnedAway,
    /// 25: it had waited in its queue for too long.
    WaitedTooLong,
}

impl SessionEnd {
    /// The number of the published list, without its offset.
    pub const fn number(self) -> u8 {
        match self {
            Self::Rejected => 1,
            Self::TimedOut => 2,
            Self::RepresentativeLeft => 4,
            Self::ConversationClosed => 5,
            Self::Transferred => 6,
            Self::RepresentativeDisconnected => 7,
            Self::Rerouted => 8,
            Self::Released => 10,
            Self::AssignedToQueue => 11,
            Self::TransferredBySupervisor => 12,
            Self::ForceClosed => 14,
            Self::AutoClosed => 18,
            Self::CustomerDisconnected => 20,
            Self::RepresentativeEnded => 21,
            Self::CustomerEnded => 22,
            Self::TransferredToQueue => 23,
            Self::EndedByHand => 34,
            Self::TooManySessions => 55,
            Self::CallTimedOut => 56,
            Self::CustomerSilent => 61,
            Self::RepresentativeSilent => 62,
            Self::MovedToWaiting => 63,
            Self::TurnedAway => 16,
            Self::WaitedTooLong => 25,
        }
    }

    /// The same for people, to be read of a session or of the conversation that closed with it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Rejected => "The offer was declined.",
            Self::TimedOut => "The offer was not answered in time.",
            Self::RepresentativeLeft => "The representative left it.",
            Self::ConversationClosed => "The conversation was closed.",
            Self::Transferred => "It was handed over to a colleague.",
            Self::RepresentativeDisconnected => "The representative was gone for too long.",
            Self::Rerouted => "It was routed again.",
            Self::Released => "The representative gave it back to its queue.",
            Self::AssignedToQueue => "A supervisor assigned it to another queue.",
            Self::TransferredBySupervisor => "A supervisor transferred it.",
            Self::ForceClosed => "A supervisor closed it.",
            Self::AutoClosed => {
                "It was closed by itself: nobody did anything with it for too long, or there was nobody left to."
            }
            Self::CustomerDisconnected => "The customer was gone for too long.",
            Self::RepresentativeEnded => "The representative ended it.",
            Self::CustomerEnded => "The customer ended it.",
            Self::TransferredToQueue => "The representative transferred it to a queue.",
            Self::EndedByHand => "The part was ended; the conversation went on.",
            Self::TooManySessions => "Too many sessions were open.",
            Self::CallTimedOut => "The call lasted for too long.",
            Self::CustomerSilent => "The customer did not answer in time.",
            Self::RepresentativeSilent => "The representative did not answer in time.",
            Self::MovedToWaiting => "The representative set it aside for the customer.",
            Self::TurnedAway => "Its queue had no room for it.",
            Self::WaitedTooLong => "It had waited in its queue for too long.",
        }
    }
}
