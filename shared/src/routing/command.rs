//! What the router is told and asked.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::condition::{Field, Value};
use crate::form::Answer;
use crate::id::{ConnectionId, ConversationId, OfferId, RepresentativeId, WorkstreamId};
use crate::protocol::desk::{BulkAct, Destination};
use crate::protocol::live::Side;
use crate::settings::{Presence, RatedSkill, Settings, SettingsVersion};
use crate::text::Line;

/// A command. Whoever sends one has been authenticated by the shell; the router checks what they may do to which work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// The settings are these from now on. A version that is not newer than the present one changes nothing.
    Configure {
        /// The version.
        version: SettingsVersion,
        /// The settings, which have been checked.
        settings: Box<Settings>,
    },
    /// A conversation has begun and wants somebody.
    Arrive(Arrival),
    /// There is no customer any more: they ended the conversation or left it for longer than the grace time, or the record
    /// is resolved.
    CustomerLeft {
        /// Which.
        conversation: ConversationId,
        /// How.
        how: Departure,
    },
    /// More is known about a conversation: a bot hands it over, or it is to be routed again. If it waits it is classified
    /// and routed from the beginning.
    Reclassify {
        /// Which.
        conversation: ConversationId,
        /// Context variables that are new or changed.
        context: Vec<Answer>,
        /// Skills that are needed besides those that it asks for already.
        skills: Vec<RatedSkill>,
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
    /// Somebody wrote a message that the customer sees. Told where [`crate::conversation::Notice::Follow`] asked for it.
    Wrote {
        /// In which conversation.
        conversation: ConversationId,
        /// On which side they are.
        side: Side,
    },
    /// The representative drops a presence that stands: it is computed from capacity again.
    ResetPresence {
        /// Who.
        representative: RepresentativeId,
    },
    /// The primary representative gives the conversation back to its queue.
    Release {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// The primary representative steps out and waits for the customer, where the channel allows it.
    Wait {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// The representative comes back to a conversation that they stepped out of.
    Resume {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// Somebody takes part no longer. The primary representative steps out, or gives back what cannot wait for them.
    Leave {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// The primary representative hands the conversation over.
    Transfer {
        /// Who.
        representative: RepresentativeId,
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// The primary representative takes back a transfer that waits for an answer.
    WithdrawTransfer {
        /// Who.
        representative: RepresentativeId,
        /// Of which.
        conversation: ConversationId,
    },
    /// The primary representative asks somebody to consult.
    Consult {
        /// Who.
        representative: RepresentativeId,
        /// About which.
        conversation: ConversationId,
        /// Whom.
        with: Destination,
    },
    /// The primary representative ends consulting, or takes the request back.
    EndConsult {
        /// Who.
        representative: RepresentativeId,
        /// About which.
        conversation: ConversationId,
        /// With whom.
        with: Destination,
    },
    /// The primary representative lets a consultant write to the customer.
    AddToChat {
        /// Who.
        representative: RepresentativeId,
        /// In which.
        conversation: ConversationId,
        /// Whom.
        consultant: RepresentativeId,
    },
    /// The primary representative, or the consultant, lets the consultant write to the staff only.
    RemoveFromChat {
        /// Who.
        representative: RepresentativeId,
        /// In which.
        conversation: ConversationId,
        /// Whom.
        consultant: RepresentativeId,
    },
    /// A supervisor assigns open work.
    Assign {
        /// Who.
        supervisor: RepresentativeId,
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// A supervisor transfers what somebody has.
    Redirect {
        /// Who.
        supervisor: RepresentativeId,
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// A supervisor closes it, whatever its state.
    ForceClose {
        /// Who.
        supervisor: RepresentativeId,
        /// Which.
        conversation: ConversationId,
    },
    /// A supervisor looks on.
    Monitor {
        /// Who. They need not be a representative.
        supervisor: RepresentativeId,
        /// Their name, for when they are not in the settings.
        name: String,
        /// Which.
        conversation: ConversationId,
    },
    /// A supervisor who monitors writes from now on.
    Join {
        /// Who.
        supervisor: RepresentativeId,
        /// In which.
        conversation: ConversationId,
    },
    /// A supervisor sets somebody's presence.
    OverridePresence {
        /// Who.
        supervisor: RepresentativeId,
        /// Whose.
        representative: RepresentativeId,
        /// Any but Inactive; none to let it be computed.
        presence: Option<Presence>,
        /// Why.
        reason: Line,
    },
    /// A supervisor does one thing with many conversations. Each is done or refused by itself.
    Bulk {
        /// Who.
        supervisor: RepresentativeId,
        /// Which.
        conversations: Vec<ConversationId>,
        /// What.
        act: BulkAct,
    },
    /// A supervisor has it routed again, with more known about it: as [`Command::Reclassify`] does, but overflow ends nothing.
    Reroute {
        /// Who.
        supervisor: RepresentativeId,
        /// Which.
        conversation: ConversationId,
        /// Context variables that are new or changed.
        context: Vec<Answer>,
        /// Skills that are needed besides those that it asks for already.
        skills: Vec<RatedSkill>,
    },
}

/// How a conversation lost its customer, or the record for which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Departure {
    /// They ended the conversation.
    Ended,
    /// They were gone for too long.
    Disconnected,
    /// The record that it is about is resolved or deleted. Nothing is left to do with it, whoever has it (reference section
    /// 21.2). Only of records.
    Resolved,
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
    /// Context variables from the page, the channel or a bot. They count before an answer of the same name.
    pub context: Vec<Answer>,
    /// What else is known: the customer's records, the channel, the locale. A value of another type than its field counts
    /// as not set.
    pub facts: Vec<(Field, Value)>,
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
            context: Vec::new(),
            facts: Vec::new(),
            skills: Vec::new(),
            preferred: Vec::new(),
        }
    }
}
