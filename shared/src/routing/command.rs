//! What the router is told and asked.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::form::Answer;
use crate::id::{ConnectionId, ConversationId, OfferId, RepresentativeId, WorkstreamId};
use crate::settings::{Presence, RatedSkill, Settings, SettingsVersion};

/// A command. Whoever sends one has been authenticated by the shell; the router checks what they may do to which work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// The settings are these from now on. A version that is not newer than the present one changes nothing.
    Configure {
        /// The version.
        version: SettingsVersion,
        /// The settings, which have been checked.
        settings: Settings,
    },
    /// A conversation has begun and wants somebody.
    Arrive(Arrival),
    /// The customer ended the conversation, or left it for longer than the grace time.
    CustomerLeft {
        /// Which.
        conversation: ConversationId,
    },
    /// A console of this representative is connected. Several of one representative count as one.
    Connect {
        /// Whose.
        representative: RepresentativeId,
        /// Which socket.
        connection: ConnectionId,
    },
    /// A console of this representative is gone.
    Disconnect {
        /// Whose.
        representative: RepresentativeId,
        /// Which socket.
        connection: ConnectionId,
    },
    /// The representative signed out: every console of theirs is gone, and a manual presence with it.
    SignOut {
        /// Who.
        representative: RepresentativeId,
    },
    /// The shell woke up and these are the sockets that are really open. What the router believed to be connected and is
    /// not among them is gone.
    ConnectionsAre {
        /// The open sockets, by representative.
        open: Vec<(RepresentativeId, ConnectionId)>,
    },
    /// The representative chose a presence.
    SetPresence {
        /// Who.
        representative: RepresentativeId,
        /// Any but Inactive.
        presence: Presence,
    },
    /// The representative takes an offer.
    Accept {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        offer: OfferId,
    },
    /// The representative declines an offer.
    Reject {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        offer: OfferId,
    },
    /// The representative takes an open conversation of one of their queues by hand.
    Pick {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// The primary representative ends the conversation: to wrap-up.
    End {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// The primary representative closes a conversation that is in wrap-up.
    Close {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// Time has passed: do what was due.
    Tick,
}

/// A conversation that wants somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Which.
    pub conversation: ConversationId,
    /// Under which rules.
    pub workstream: WorkstreamId,
    /// The customer's name, if one is known.
    pub customer: Option<String>,
    /// What it is about, if that is known.
    pub topic: Option<String>,
    /// The answers to the pre-chat form: the variables that rules look at.
    pub answers: Vec<Answer>,
    /// Skills that the channel or a bot says are needed, besides those that classification finds.
    pub skills: Vec<RatedSkill>,
    /// Representatives whom the customer prefers, the most preferred first. More than three are cut off.
    pub preferred: Vec<RepresentativeId>,
}

impl Arrival {
    /// A conversation of which nothing else is known.
    pub const fn new(conversation: ConversationId, workstream: WorkstreamId) -> Self {
        Self {
            conversation,
            workstream,
            customer: None,
            topic: None,
            answers: Vec::new(),
            skills: Vec::new(),
            preferred: Vec::new(),
        }
    }
}
