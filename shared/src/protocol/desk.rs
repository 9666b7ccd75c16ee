//! Frames of a console's socket, `/v1/desk`.
//!
//! After the socket opens the gateway sends [`DeskFrame::Welcome`] with everything that is true now; afterwards each
//! frame replaces one thing. Nothing is a difference, so a console that reconnects needs no more than the next welcome.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::authority::{Action, Role};
use crate::form::Answer;
use crate::id::{ConversationId, OfferId, PresenceId, QueueId, RepresentativeId};
use crate::protocol::Problem;
use crate::settings::{BasePresence, Presence, RatedSkill, Units};
use crate::text::Line;
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
    /// Drop one's chosen presence, or the one that the system gave after a missed or rejected offer: it is computed.
    ResetPresence,
    /// Give a conversation back to its queue.
    Release {
        /// Which.
        conversation: ConversationId,
    },
    /// Step out and wait for the customer, where the channel allows it: capacity is free.
    Wait {
        /// Which.
        conversation: ConversationId,
    },
    /// Come back to a conversation that one stepped out of.
    Resume {
        /// Which.
        conversation: ConversationId,
    },
    /// Take part no longer. The primary representative steps out, or gives a live chat back to its queue; consulting
    /// and monitoring are over.
    Leave {
        /// Which.
        conversation: ConversationId,
    },
    /// Hand the conversation over. To somebody: they are asked, and one keeps it until they accept.
    Transfer {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// Take back a transfer that waits for an answer.
    WithdrawTransfer {
        /// Which.
        conversation: ConversationId,
    },
    /// Ask somebody to consult, or the system to find somebody of a queue.
    Consult {
        /// About which.
        conversation: ConversationId,
        /// Whom.
        with: Destination,
    },
    /// End consulting, or take back the request.
    EndConsult {
        /// About which.
        conversation: ConversationId,
        /// With whom.
        with: Destination,
    },
    /// Let a consultant write to the customer.
    AddToChat {
        /// In which.
        conversation: ConversationId,
        /// Whom.
        consultant: RepresentativeId,
    },
    /// Let a consultant write to the staff only. Consultants can ask it for themselves.
    RemoveFromChat {
        /// In which.
        conversation: ConversationId,
        /// Whom.
        consultant: RepresentativeId,
    },
    /// Who can be asked. Answered by [`DeskFrame::Candidates`].
    Candidates {
        /// About which.
        conversation: ConversationId,
        /// For what.
        purpose: Purpose,
    },
    /// Assign open work, whatever the capacity. For supervisors.
    Assign {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// Transfer what somebody has. For supervisors.
    Redirect {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: Destination,
    },
    /// Close it, whatever its state. For supervisors.
    ForceClose {
        /// Which.
        conversation: ConversationId,
    },
    /// Look on in silence. For supervisors.
    Monitor {
        /// Which.
        conversation: ConversationId,
    },
    /// Write in a conversation that one monitors. For supervisors.
    Join {
        /// Which.
        conversation: ConversationId,
    },
    /// Set somebody's presence. For supervisors.
    OverridePresence {
        /// Whose.
        representative: RepresentativeId,
        /// Any but Inactive; none to let it be computed.
        presence: Option<Presence>,
        /// Why. It is recorded.
        reason: Line,
    },
    /// Do one thing with many conversations. For supervisors. Answered by [`DeskFrame::Bulk`].
    Bulk {
        /// Which, at most 1,000.
        conversations: Vec<ConversationId>,
        /// What.
        act: BulkAct,
    },
    /// Have it routed again with more known about it: what waits goes where the rules say now, what somebody has when it comes
    /// back from them. For supervisors.
    Reroute {
        /// Which.
        conversation: ConversationId,
        /// Context variables that are new or changed, at most 100.
        context: Vec<Answer>,
        /// Skills that are needed besides those that it asks for already.
        #[serde(default)]
        skills: Vec<RatedSkill>,
    },
}

/// What can be done with many conversations at once (reference section 26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAct {
    /// [`DeskCommand::Assign`].
    Assign {
        /// To whom.
        to: Destination,
    },
    /// [`DeskCommand::Redirect`].
    Redirect {
        /// To whom.
        to: Destination,
    },
    /// [`DeskCommand::ForceClose`].
    ForceClose,
}

/// What became of one conversation of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkResult {
    /// Which.
    pub conversation: ConversationId,
    /// Why it was not done, and what to do; none if it was done.
    pub problem: Option<Problem>,
}

impl DeskCommand {
    /// What somebody must be permitted to ask this.
    pub const fn action(&self) -> Action {
        match self {
            Self::SetPresence { .. }
            | Self::Accept { .. }
            | Self::Reject { .. }
            | Self::Pick { .. }
            | Self::End { .. }
            | Self::Close { .. }
            | Self::ResetPresence
            | Self::Release { .. }
            | Self::Wait { .. }
            | Self::Resume { .. }
            | Self::Leave { .. }
            | Self::Transfer { .. }
            | Self::WithdrawTransfer { .. }
            | Self::Consult { .. }
            | Self::EndConsult { .. }
            | Self::AddToChat { .. }
            | Self::RemoveFromChat { .. } => Action::HandleWork,
            Self::Candidates { purpose, .. } => match purpose {
                Purpose::Consult | Purpose::Transfer => Action::HandleWork,
                Purpose::Assign | Purpose::Redirect => Action::DirectWork,
            },
            Self::ForceClose { .. } | Self::Bulk { act: BulkAct::ForceClose, .. } => Action::ForceClose,
            Self::Assign { .. } | Self::Redirect { .. } | Self::Reroute { .. } | Self::Bulk { .. } => {
                Action::DirectWork
            }
            Self::Monitor { .. } | Self::Join { .. } => Action::MonitorWork,
            Self::OverridePresence { .. } => Action::OverridePresence,
        }
    }

    /// Which conversation it names, if it names one.
    pub const fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::SetPresence { .. }
            | Self::ResetPresence
            | Self::OverridePresence { .. }
            | Self::Bulk { .. }
            | Self::Accept { .. }
            | Self::Reject { .. } => None,
            Self::Pick { conversation }
            | Self::End { conversation }
            | Self::Close { conversation }
            | Self::Release { conversation }
            | Self::Wait { conversation }
            | Self::Resume { conversation }
            | Self::Leave { conversation }
            | Self::Transfer { conversation, .. }
            | Self::WithdrawTransfer { conversation }
            | Self::Consult { conversation, .. }
            | Self::EndConsult { conversation, .. }
            | Self::AddToChat { conversation, .. }
            | Self::RemoveFromChat { conversation, .. }
            | Self::Candidates { conversation, .. }
            | Self::Assign { conversation, .. }
            | Self::Redirect { conversation, .. }
            | Self::ForceClose { conversation }
            | Self::Reroute { conversation, .. }
            | Self::Monitor { conversation }
            | Self::Join { conversation } => Some(*conversation),
        }
    }
}

/// Where work goes, or who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Somebody.
    Representative(RepresentativeId),
    /// Whoever the system chooses of this queue.
    Queue(QueueId),
}

/// What candidates are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// [`DeskCommand::Consult`].
    Consult,
    /// [`DeskCommand::Transfer`].
    Transfer,
    /// [`DeskCommand::Assign`].
    Assign,
    /// [`DeskCommand::Redirect`].
    Redirect,
}

/// As what somebody takes part in a conversation (reference sections 2, 25 and 26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It is theirs.
    Primary,
    /// They advise and write to the customer.
    PublicConsultant,
    /// They advise; the customer does not see them.
    PrivateConsultant,
    /// A supervisor who has joined and writes to the customer.
    Supervisor,
    /// A supervisor who looks on in silence.
    Monitor,
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
        /// The presences that the organisation made up, in the order of its settings.
        presences: Vec<PresenceChoice>,
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
    /// What became of a transfer or consult that this representative asked for.
    Answered {
        /// In which conversation.
        conversation: ConversationId,
        /// What was asked.
        asked: OfferKind,
        /// Who was asked; none if the system found nobody in time.
        representative: Option<RepresentativeId>,
        /// What became of it.
        answer: OfferGoneReason,
    },
    /// Who can be asked.
    Candidates {
        /// About which conversation.
        conversation: ConversationId,
        /// For what.
        purpose: Purpose,
        /// People, those with the most room first.
        representatives: Vec<CandidateView>,
        /// Queues.
        queues: Vec<QueueChoice>,
    },
    /// The presences that the organisation made up have changed.
    Presences {
        /// All of them, in the order of the settings.
        presences: Vec<PresenceChoice>,
    },
    /// What became of a [`DeskCommand::Bulk`].
    Bulk {
        /// For each conversation, in the order in which they were named.
        results: Vec<BulkResult>,
    },
}

/// What an offer asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// To take a conversation that waits.
    #[default]
    Work,
    /// To take a conversation that a supervisor chose for this representative.
    Assignment,
    /// To take a conversation over from somebody.
    Transfer,
    /// To advise.
    Consult,
}

/// Somebody who can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateView {
    /// Who.
    pub representative: RepresentativeId,
    /// By which name colleagues know them.
    pub full_name: String,
    /// Their presence.
    pub presence: Presence,
    /// Units that they have left; below zero if work was taken by hand.
    pub remaining: Units,
    /// How their skills fit what the work asks for.
    #[serde(default)]
    pub skills: SkillFit,
}

/// How somebody's skills fit what work asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SkillFit {
    /// How many skills it asks for.
    pub asked: u16,
    /// How many of these they have, at the level that is asked for or above.
    pub held: u16,
}

/// A queue that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueChoice {
    /// Which.
    pub queue: QueueId,
    /// Its name.
    pub name: String,
}

/// A presence that the organisation made up and that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceChoice {
    /// Which.
    pub presence: PresenceId,
    /// What representatives read.
    pub text: String,
    /// What it stands for.
    pub base: BasePresence,
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
    /// What the presence stands for.
    pub base: BasePresence,
    /// The words of a presence that the organisation made up.
    pub text: Option<String>,
    /// Capacity profiles.
    pub profiles: Vec<ProfileView>,
    /// Where the presence comes from.
    #[serde(default)]
    pub source: PresenceSource,
}

/// Where a presence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceSource {
    /// It follows from their work, or from their connection.
    #[default]
    Workload,
    /// It is their default of the settings.
    Default,
    /// It was chosen by hand.
    Chosen,
    /// The system gave it, because they missed an offer or rejected one. It stands until it is reset.
    System,
}

/// How full a capacity profile of a representative is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileView {
    /// Its name.
    pub name: String,
    /// Items that count, those of the day too if it is reset at its end.
    pub used: u32,
    /// How many there can be.
    pub limit: u32,
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
    /// What is asked.
    pub kind: OfferKind,
    /// The colleague who asks, if one does.
    pub asked_by: Option<String>,
    /// Whether it can be rejected.
    pub can_reject: bool,
    /// What stands over it, if the workstream says it.
    pub title: Option<String>,
    /// What else is told of it.
    pub details: Vec<Detail>,
}

/// Something that is told of a conversation where it is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What it is.
    pub label: String,
    /// As people read it.
    pub value: String,
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
    /// Its representative has stepped out and waits for the customer.
    Waiting,
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
    /// Its queue; zero if it is in none.
    pub queue: QueueId,
    /// The queue's name.
    pub queue_name: String,
    /// When it began.
    pub created: Timestamp,
    /// When its state last changed.
    pub changed: Timestamp,
    /// As what the reader takes part, if they do.
    pub part: Option<Part>,
    /// Who else takes part or was asked to. Supervisors who look on in silence are not among them.
    pub people: Vec<PersonView>,
    /// In which queue the system looks for a consultant.
    pub searching: Option<QueueId>,
    /// How often it was transferred.
    pub transfers: u16,
    /// Whether its channel lets a representative set it aside and wait for the customer.
    pub can_wait: bool,
}

/// Somebody who takes part in a conversation, or was asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// Who.
    pub representative: RepresentativeId,
    /// By which name colleagues know them.
    pub full_name: String,
    /// As what.
    pub part: Part,
    /// Whether they have agreed to it.
    pub joined: bool,
}
