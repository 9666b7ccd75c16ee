//! Frames of a console's socket, `/v1/desk`.
//!
//! After the socket opens the gateway sends [`DeskFrame::Welcome`] with everything that is true now; afterwards each
//! frame replaces one thing. Nothing is a difference, so a console that reconnects needs no more than the next welcome.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::authority::Role;
use crate::id::{ConversationId, OfferId, QueueId, RepresentativeId};
use crate::protocol::Problem;
use crate::settings::{Presence, Units};
use crate::time::{Span, Timestamp};

/// What a console asks for. The answer bears the same number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskRequest {
    /// Counted by the console.
    pub number: u32,
    /// What is asked.
    pub command: DeskCommand,
}

/// What a representative can ask for at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskCommand {
    /// Override one's presence.
    SetPresence {
        /// Any but Inactive, which only the system gives.
        presence: Presence,
    },
    /// Take an offer.
    Accept {
        /// Which.
        offer: OfferId,
    },
    /// Decline an offer.
    Reject {
        /// Which.
        offer: OfferId,
    },
    /// Take an open conversation of one of one's queues by hand; capacity does not matter.
    Pick {
        /// Which.
        conversation: ConversationId,
    },
    /// End the conversation: to wrap-up.
    End {
        /// Which.
        conversation: ConversationId,
    },
    /// Close a conversation in wrap-up: capacity is free again.
    Close {
        /// Which.
        conversation: ConversationId,
    },
}

/// What the gateway tells a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskFrame {
    /// Everything that is true now.
    Welcome {
        /// Who has signed in.
        me: StaffView,
        /// Their presence and capacity.
        presence: PresenceView,
        /// Offers that wait for an answer.
        offers: Vec<OfferView>,
        /// The work items that they have, and the open ones of their queues.
        work: Vec<WorkItemView>,
    },
    /// The command with this number was done.
    Done {
        /// The console's number.
        number: u32,
    },
    /// The command with this number was not done.
    Refused {
        /// The console's number; none if the frame could not be read.
        number: Option<u32>,
        /// Why, and what to do.
        problem: Problem,
    },
    /// Presence or capacity changed.
    Presence {
        /// What is true now.
        presence: PresenceView,
    },
    /// A conversation is offered.
    Offered {
        /// The offer.
        offer: OfferView,
    },
    /// An offer is no longer open.
    OfferGone {
        /// Which.
        offer: OfferId,
        /// Why.
        reason: OfferGoneReason,
    },
    /// A work item is new or changed.
    Work {
        /// What is true now.
        item: WorkItemView,
    },
    /// A work item is on none of this representative's lists any more.
    WorkGone {
        /// Which.
        conversation: ConversationId,
    },
}

/// Why an offer is no longer open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferGoneReason {
    /// This representative accepted it, here or in another tab.
    Accepted,
    /// This representative declined it, here or in another tab.
    Rejected,
    /// Nobody answered in time.
    TimedOut,
    /// Somebody else took it, or the customer left.
    Withdrawn,
}

/// Somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffView {
    /// Who.
    pub representative: RepresentativeId,
    /// By which name colleagues know them.
    pub full_name: String,
    /// What they may do.
    pub role: Role,
}

/// Presence and capacity of a representative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceView {
    /// What routing sees.
    pub presence: Presence,
    /// Whether it was chosen by hand.
    pub manual: bool,
    /// Units in use by active and wrap-up work.
    pub used: Units,
    /// Units in all.
    pub capacity: Units,
}

/// An offer, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    /// Which offer.
    pub offer: OfferId,
    /// Of which conversation.
    pub conversation: ConversationId,
    /// The customer's name, if one is known.
    pub customer: Option<String>,
    /// What it is about, if that is known.
    pub topic: Option<String>,
    /// The queue it comes from.
    pub queue: String,
    /// How much time is left to answer when this frame is sent. A length, because clocks differ.
    pub remaining: Span,
    /// How much time there was in all.
    pub timeout: Span,
    /// How long the customer has waited so far.
    pub waited: Span,
}

/// The state of a conversation as work (reference section 21.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// Waiting in a queue.
    Open,
    /// Offered to somebody who has not answered yet.
    AwaitingAcceptance,
    /// Somebody has it.
    Active,
    /// Ended; the representative finishes their notes, and capacity is held.
    WrapUp,
    /// Over.
    Closed,
}

/// A work item, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkItemView {
    /// Which conversation.
    pub conversation: ConversationId,
    /// How it stands.
    pub state: WorkState,
    /// Whether it is the reader's own: on "My work items" if so, on "Open work items" if not.
    pub mine: bool,
    /// The customer's name, if one is known.
    pub customer: Option<String>,
    /// What it is about, if that is known.
    pub topic: Option<String>,
    /// Its queue.
    pub queue: QueueId,
    /// The queue's name.
    pub queue_name: String,
    /// When it began.
    pub created: Timestamp,
    /// When its state last changed.
    pub changed: Timestamp,
}
