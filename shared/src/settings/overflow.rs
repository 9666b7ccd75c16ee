//! What happens when a queue has too much to do, or is closed (reference section 19).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::id::QueueId;
use crate::text::Line;
use crate::time::Span;

/// A rule that is looked at before work enters a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overflow {
    /// When the queue overflows.
    pub when: OverflowCause,
    /// What happens then.
    pub action: OverflowAction,
}

/// Why a queue overflows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverflowCause {
    /// The queue's operating hours are closed. This is looked at before everything else.
    OutOfHours,
    /// This many items wait already, open or offered.
    ItemsWaiting(u32),
    /// Anything that can be said about the item, the clock and the queue.
    Condition(Condition),
}

/// What happens to work for which there is no room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverflowAction {
    /// It enters the queue all the same.
    AssignAnyway,
    /// It enters one of these queues: the one in which the fewest wait, of those that do not overflow themselves. If all
    /// do, it enters the first queue all the same.
    Transfer(Vec<QueueId>),
    /// The conversation ends; the customer is told.
    End,
    /// Calls: the customer leaves a message.
    Voicemail,
    /// Calls: the customer is called back.
    Callback,
    /// Calls: the call goes to a number elsewhere.
    ExternalNumber(Line),
}

/// What happens to work that has waited too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongWait {
    /// How long it may wait in this queue.
    pub longer_than: Span,
    /// What happens then.
    pub action: OverflowAction,
}
