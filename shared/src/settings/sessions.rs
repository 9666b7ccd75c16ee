//! How sessions of a workstream run: who is offered work and how, how long things last, consult and transfer (reference
//! sections 13, 21, 22 and 25), and what holds for every desk of the organisation (sections 20 and 26).

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::Language;
use crate::condition::{Condition, Field};
use crate::text::{Line, MessageText};
use crate::time::Span;

/// How sessions of a workstream run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionRules {
    /// What kind of channel it is. Only chats have a choice: [`Channel::fits`](super::Channel::fits).
    pub channel: ChannelClass,
    /// Whether the system offers work or representatives take it.
    pub distribution: Distribution,
    /// What a representative can answer to an offer.
    pub acceptance: Acceptance,
    /// Whether the work that somebody set aside goes back to them when the customer writes, whatever their presence and
    /// capacity, as long as they are there. Only where the system offers work.
    pub affinity: bool,
    /// When what nobody touches is closed by itself.
    pub auto_close: AutoClose,
    /// What happens when somebody does not answer. Only where representatives can step out. The first of those that are
    /// due at one moment goes first.
    pub time_outs: Vec<TimeOutRule>,
    /// Consulting.
    pub consult: ConsultRules,
    /// Whether work can be transferred to any representative who is there, and not only to those one is consulting.
    pub transfer_to_anybody: bool,
    /// Whom representatives can ask, besides all that.
    pub filters: AskFilters,
    /// What representatives read where work is offered.
    pub notices: NoticeTemplates,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            channel: ChannelClass::LiveChat,
            distribution: Distribution::Push,
            acceptance: Acceptance::AcceptOrReject,
            affinity: true,
            auto_close: AutoClose::default(),
            time_outs: Vec::new(),
            consult: ConsultRules::default(),
            transfer_to_anybody: true,
            filters: AskFilters::default(),
            notices: NoticeTemplates::default(),
        }
    }
}

/// What kind of channel a workstream has (reference section 21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelClass {
    /// The customer is there or gone.
    #[default]
    LiveChat,
    /// A chat that the customer comes back to.
    PersistentChat,
    /// SMS, social and custom channels.
    Asynchronous,
    /// Calls.
    Voice,
    /// Cases and the like.
    Record,
}

impl ChannelClass {
    /// Whether a representative can step out and wait for the customer (reference section 21.1, Waiting).
    pub const fn can_wait(self) -> bool {
        matches!(self, Self::PersistentChat | Self::Asynchronous)
    }

    /// Whether the customer waits for the answer; if not, they may come back to it any day (reference section 3).
    pub const fn is_synchronous(self) -> bool {
        matches!(self, Self::LiveChat | Self::Voice)
    }
}

/// Whether the system offers work or representatives take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// The system offers it.
    #[default]
    Push,
    /// Representatives take it.
    Pick,
}

/// What a representative can answer to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// Accept or reject.
    #[default]
    AcceptOrReject,
    /// Accept only; it can still run out.
    AcceptOnly,
    /// Nothing: it is accepted as it is made.
    Automatic,
}

/// When what nobody touches is closed by itself (reference section 21.3). Offers, transfers, consulting and monitoring
/// count as touching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoClose {
    /// While it is open.
    pub open: Limit,
    /// While somebody has it. A call goes to wrap-up instead.
    pub active: Limit,
    /// While its representative waits for the customer.
    pub waiting: Limit,
    /// In wrap-up. A longer time that wrap-up holds capacity wins.
    pub wrap_up: Limit,
}

/// How long something may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// As long as is usual for the channel.
    #[default]
    Usual,
    /// For ever.
    Never,
    /// This long.
    After(Span),
}

/// What happens when somebody does not answer (reference section 21.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeOutRule {
    /// Who does not answer.
    pub silent: Silent,
    /// For how long.
    pub after: Span,
    /// What is done then.
    pub action: TimeOutAction,
    /// What is said to customers who use another language; of `de-CH` and `de` the nearer counts. Where there is none, what
    /// the action says.
    #[serde(default)]
    pub translations: BTreeMap<Language, MessageText>,
}

impl TimeOutRule {
    /// A rule that says nothing in other languages.
    pub const fn new(silent: Silent, after: Span, action: TimeOutAction) -> Self {
        Self { silent, after, action, translations: BTreeMap::new() }
    }
}

/// Who does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silent {
    /// The customer, since the representative's last message.
    Customer,
    /// The representative, since the customer's last message or since the assignment.
    Representative,
}

/// What a time-out rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOutAction {
    /// Says this to the customer in the representative's name.
    Say(MessageText),
    /// Closes the conversation.
    Close,
    /// Lets the representative wait for the customer: capacity is free.
    Wait,
    /// Gives it back to its queue.
    Release,
}

/// Whom and what representatives can ask to advise or to take over (reference section 25, the four filters). Each may look
/// at the conversation and at whoever, or whichever queue, would be asked. Usually all that there are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AskFilters {
    /// Who can be consulted.
    pub consult_representatives: Condition,
    /// In which queues the system can look for somebody to consult.
    pub consult_queues: Condition,
    /// To whom work can be transferred. Whoever is being consulted can always be given it.
    pub transfer_representatives: Condition,
    /// To which queues work can be transferred.
    pub transfer_queues: Condition,
}

/// Consulting (reference section 25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsultRules {
    /// Who can be consulted.
    pub whom: Consultable,
    /// Whether a consultant's capacity is held.
    pub holds_capacity: bool,
    /// Whether queues can be consulted.
    pub queues: bool,
    /// Whether the capacity of a consultant whom the system found is held.
    pub found_holds_capacity: bool,
    /// How long the system looks for somebody.
    pub search: Span,
    /// How many can be consulted at once.
    pub most: u8,
}

impl Default for ConsultRules {
    fn default() -> Self {
        Self {
            whom: Consultable::OfTheQueue,
            holds_capacity: false,
            queues: true,
            found_holds_capacity: true,
            search: Span::from_secs(120),
            most: 5,
        }
    }
}

/// What representatives read where work is offered, one template for each kind of offer (reference section 22). Customer,
/// topic, queue and the time that is left are always shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeTemplates {
    /// Work that waits.
    pub work: Option<NoticeTemplate>,
    /// Work that a supervisor assigns.
    pub assignment: Option<NoticeTemplate>,
    /// Work that a colleague hands over.
    pub transfer: Option<NoticeTemplate>,
    /// A request to advise.
    pub consult: Option<NoticeTemplate>,
}

/// A template of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeTemplate {
    /// What stands over it, instead of what is usual.
    pub title: Option<Line>,
    /// Rows in order, ten at most. One whose field is not set is left out.
    pub rows: Vec<NoticeRow>,
}

/// A row of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRow {
    /// What stands before the value.
    pub label: Line,
    /// What is shown of the conversation, its customer or its case.
    pub field: Field,
}

/// Who can be consulted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consultable {
    /// Those of the conversation's queue who could take such work.
    #[default]
    OfTheQueue,
    /// Everybody who is there and has room.
    Anybody,
}

/// What supervisors may do to the work of others (reference section 26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupervisorRight {
    /// Monitor and join.
    Monitor,
    /// Assign open work.
    Assign,
    /// Transfer what somebody has.
    Transfer,
    /// Close what they choose.
    ForceClose,
}

/// What holds for every desk of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeskRules {
    /// How long a representative may be gone and come back to what was before (reference section 20.4).
    pub presence_grace: Span,
    /// Whether whoever lets an offer run out becomes Inactive, unless the workstream allows Away.
    pub inactive_after_missed_offer: bool,
    /// Whether whoever rejects an offer is shown as Do not disturb.
    pub do_not_disturb_after_reject: bool,
    /// When a day ends, after midnight: profiles that are reset at the end of the day have room again.
    pub day_ends: Span,
    /// On which clock, by the IANA name of its time zone; without, on that of the rules.
    pub time_zone: Option<String>,
    /// How many sessions a representative can have open before offers of the system fail (reference sections 16.2 and 23).
    /// What is picked or assigned by hand may be more.
    pub most_sessions: u16,
    /// What supervisors may do; everything, if nothing is said.
    pub supervisors_may: Vec<SupervisorRight>,
}

impl Default for DeskRules {
    fn default() -> Self {
        Self {
            presence_grace: crate::limit::PRESENCE_GRACE,
            inactive_after_missed_offer: false,
            do_not_disturb_after_reject: false,
            day_ends: Span::ZERO,
            time_zone: None,
            most_sessions: crate::limit::SESSIONS_USUAL,
            supervisors_may: Vec::from([
                SupervisorRight::Monitor,
                SupervisorRight::Assign,
                SupervisorRight::Transfer,
                SupervisorRight::ForceClose,
            ]),
        }
    }
}
