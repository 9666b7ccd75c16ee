//! Bodies of what can be asked about routing: why a conversation is where it is, what would become of one, what goes on,
//! and how much there is.
//!
//! Names stand beside ids, so that nobody needs the settings to read an answer.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::desk::{Part, WorkItemView, WorkState};
use crate::condition::{Field, Literal};
use crate::form::Answer;
use crate::id::{QueueId, RepresentativeId, WorkstreamId};
use crate::settings::{OverflowAction, Presence, RatedSkill, Settings};
use crate::time::{Span, Timestamp};

/// Everything that explains where a conversation is. `GET /v1/conversations/{id}/explanation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// How it stands.
    pub state: WorkState,
    /// What classification did with it.
    pub classified: Vec<Classified>,
    /// Skills that it asks for, by name.
    pub skills: Vec<String>,
    /// Its own priority: lower is served earlier within its queue's bucket.
    pub priority: u16,
    /// In which queue it is.
    pub queue: Option<QueueId>,
    /// The queue's name.
    pub queue_name: Option<String>,
    /// What sent it there, in a sentence.
    pub sent_by: String,
    /// Routes that matched, but whose queues overflowed.
    pub overflowing: Vec<String>,
    /// How many would be offered before it, if it waits in a line.
    pub position: Option<usize>,
    /// Who has it or is offered it, or would be now.
    pub representative: Option<RepresentativeId>,
    /// Their name.
    pub representative_name: Option<String>,
    /// Everybody in the queue, while it waits; if it ended while it waited, some of them, as they were then.
    pub people: Vec<PersonExplained>,
    /// How many others were in the queue when it ended.
    pub people_left_out: usize,
    /// Who had it or was asked before, the latest last.
    pub attempts: Vec<AttemptExplained>,
    /// How many were asked before these.
    pub attempts_forgotten: u32,
    /// When it was closed, if it is.
    pub closed: Option<Timestamp>,
    /// Why it was closed, in a sentence.
    #[serde(default)]
    pub why_closed: Option<String>,
    /// What became of the rules that could have decided where it goes, if it is closed: the first hundred of classification and
    /// as many routes. Of one that goes on they are asked for by themselves.
    #[serde(default)]
    pub rules: Vec<RuleExplained>,
}

impl Explanation {
    /// What this reader is told: somebody who takes part is not told who else looked on. None for whoever may see everything.
    #[must_use]
    pub fn told_to(mut self, reader: Option<RepresentativeId>) -> Self {
        if let Some(reader) = reader {
            let looked_on = |attempt: &AttemptExplained| attempt.part == Part::Monitor;
            self.attempts.retain(|attempt| !looked_on(attempt) || attempt.representative == reader);
        }
        self
    }
}

/// Somebody had a conversation, or was asked to take it or to take part in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptExplained {
    /// Who.
    pub representative: RepresentativeId,
    /// Their name.
    pub full_name: String,
    /// As what they were to take part.
    pub part: Part,
    /// When they were asked, or took it by themselves.
    pub asked: Timestamp,
    /// When they accepted, if they did.
    pub accepted: Option<Timestamp>,
    /// When it was over.
    pub ended: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was over, in a sentence.
    #[serde(default)]
    pub why: String,
}

/// What came of asking somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They accepted.
    Accepted,
    /// They declined.
    Declined,
    /// They did not answer in time.
    TimedOut,
    /// It was taken back before they answered.
    Withdrawn,
    /// They were not asked, because they had as many sessions open as a desk holds.
    TooManySessions,
}

/// A rule that could have decided where a conversation goes, and what became of it. `GET /v1/conversations/{id}/rules` lists
/// them: the rules of classification, then the routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleExplained {
    /// The ruleset of classification; none of a route.
    pub ruleset: Option<String>,
    /// The rule's name.
    pub rule: String,
    /// What became of it.
    pub status: RuleStatus,
    /// Why it did not match, with the values that were compared.
    pub why: Option<String>,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleStatus {
    /// It was not looked at, because one before it was applied.
    NotProcessed,
    /// It was looked at and did not match.
    Processed,
    /// It matched, and its queue overflowed.
    Matched,
    /// It was applied.
    Applied,
}

/// What a ruleset of classification did with a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classified {
    /// The ruleset's name.
    pub ruleset: String,
    /// The rule that was applied; none if none matched.
    pub rule: Option<String>,
}

/// Why somebody is not offered a conversation, or that nothing keeps them from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonExplained {
    /// Who.
    pub representative: RepresentativeId,
    /// Their name.
    pub full_name: String,
    /// The first test that they fail; none if they pass them all.
    pub hindrance: Option<Hindrance>,
}

/// Why somebody is not offered a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hindrance {
    /// What is so.
    pub why: String,
    /// What would have to change.
    pub remedy: String,
}

/// Asks what would become of a conversation if it arrived now. `POST /v1/trial`, answered by [`Tried`]. Nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Under which rules.
    pub workstream: WorkstreamId,
    /// The customer's name.
    #[serde(default)]
    pub customer: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub topic: Option<String>,
    /// Answers to the pre-chat form, by the names of their questions.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// Context variables.
    #[serde(default)]
    pub context: Vec<Answer>,
    /// What else is known: the customer's records, the channel, the locale.
    #[serde(default)]
    pub facts: Vec<TrialFact>,
    /// Skills that it asks for by itself.
    #[serde(default)]
    pub skills: Vec<RatedSkill>,
    /// Whom the customer prefers, the most preferred first.
    #[serde(default)]
    pub preferred: Vec<RepresentativeId>,
    /// A draft of settings to try it with; without, those in force.
    #[serde(default)]
    pub settings: Option<Settings>,
}

/// Something that is known about a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialFact {
    /// Which field, such as `contact.tier`.
    pub field: Field,
    /// What it holds.
    pub value: Literal,
}

/// What came of a [`Trial`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// What would become of the conversation.
    pub verdict: Verdict,
    /// What would become of each rule that could decide where it goes: the rules of classification, then the routes.
    pub rules: Vec<RuleExplained>,
}

/// What would become of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It would be taken in, and stand like this.
    TakenIn(Box<Explanation>),
    /// It would end at once: the queue for which it is meant has no room.
    TurnedAway {
        /// Which queue.
        queue: QueueId,
        /// Its name.
        queue_name: String,
        /// What its overflow says.
        action: OverflowAction,
    },
}

/// What goes on, for supervisors. `GET /v1/work`, and `GET /v1/queues/{id}/work` for one queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ongoing {
    /// Conversations that are not closed, those first whose customers wait or have waited since the longest ago.
    pub items: Vec<OngoingView>,
    /// Whether there are more than are listed.
    pub more: bool,
}

/// A conversation that is not closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OngoingView {
    /// The item. As what the reader takes part is in it.
    pub item: WorkItemView,
    /// Who has it or is offered it.
    pub representative: Option<RepresentativeId>,
    /// Their name.
    pub representative_name: Option<String>,
    /// Its own priority: lower is served earlier within its queue's bucket.
    pub priority: u16,
    /// How long its customer waited for somebody, or has waited so far.
    pub waited: Span,
}

/// Everything that is counted. `GET /v1/counters`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Each queue.
    pub queues: Vec<QueueCounters>,
    /// Each workstream that has work.
    pub workstreams: Vec<WorkstreamCounters>,
    /// Each representative.
    pub representatives: Vec<RepresentativeCounters>,
}

/// How many conversations are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Waiting in a queue.
    pub open: usize,
    /// Offered to somebody.
    pub offered: usize,
    /// Somebody has them.
    pub active: usize,
    /// Their representative waits for the customer.
    pub waiting: usize,
    /// In wrap-up.
    pub wrap_up: usize,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCounters {
    /// Which.
    pub queue: QueueId,
    /// Its name.
    pub name: String,
    /// Its work.
    pub work: Tally,
    /// How long the item that has waited the longest has waited.
    pub longest_wait: Option<Span>,
    /// How many of its members are at work.
    pub at_work: usize,
    /// Its members.
    pub members: Vec<RepresentativeId>,
    /// What has become of its customers today.
    #[serde(default)]
    pub today: QueueToday,
}

/// What has become of the customers of a queue since the desk's day began (reference section 27.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueueToday {
    /// Whom somebody took for the first time.
    pub answered: u32,
    /// How many of these waited no longer than the queue's service level says.
    pub answered_in_time: u32,
    /// Whose conversation ended before anybody took it.
    pub abandoned: u32,
    /// How many of these left sooner than counts as having given up.
    pub abandoned_soon: u32,
}

impl QueueToday {
    /// How many of a hundred answered customers were answered in time; none if nobody was answered.
    pub fn service_level(&self) -> Option<u64> {
        percent(self.answered_in_time, self.answered.into())
    }

    /// How many of a hundred customers gave up, those aside who left too soon to count; none if nobody came.
    pub fn abandon_rate(&self) -> Option<u64> {
        percent(self.gave_up(), u64::from(self.answered) + u64::from(self.gave_up()))
    }

    /// How many gave up, those aside who left too soon to count.
    pub fn gave_up(&self) -> u32 {
        self.abandoned.saturating_sub(self.abandoned_soon)
    }
}

fn percent(part: u32, whole: u64) -> Option<u64> {
    (u64::from(part) * 100).checked_div(whole)
}

/// One workstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkstreamCounters {
    /// Which.
    pub workstream: WorkstreamId,
    /// Its name.
    pub name: String,
    /// Its work.
    pub work: Tally,
}

/// One representative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepresentativeCounters {
    /// Who.
    pub representative: RepresentativeId,
    /// Their name.
    pub full_name: String,
    /// Their presence.
    pub presence: Presence,
    /// The words of a presence that the organisation made up.
    pub presence_text: Option<String>,
    /// Whether a console of theirs is open.
    pub connected: bool,
    /// How many conversations they have or are offered.
    pub work: usize,
    /// Units in use.
    pub used: i64,
    /// Units in all.
    pub capacity: i32,
}
