//! Where work waits.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{QueueId, RepresentativeId};
use crate::text::Line;

/// A queue (reference section 15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Which.
    pub id: QueueId,
    /// Its name.
    pub name: Line,
    /// Lower is served earlier by somebody who sits in several queues.
    pub priority: u16,
    /// Who is offered its work.
    pub members: Vec<RepresentativeId>,
    /// What kind of work waits here.
    #[serde(default)]
    pub kind: QueueKind,
    /// How a representative is chosen among those who can take an item.
    #[serde(default)]
    pub method: Method,
}

impl Queue {
    /// A queue in which everything that can be left out is as usual.
    pub const fn new(id: QueueId, name: Line, priority: u16, members: Vec<RepresentativeId>) -> Self {
        Self { id, name, priority, members, kind: QueueKind::Messaging, method: Method::HighestCapacity }
    }
}

/// What kind of work waits in a queue. Work moves only between queues of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueKind {
    /// Chats, SMS and social channels.
    #[default]
    Messaging,
    /// Records, such as cases.
    Record,
    /// Calls.
    Voice,
}

/// How a representative is chosen among those who can take an item (reference section 16.3). Ties go to whoever had
/// their last assignment the longest ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Whoever has the most capacity left.
    #[default]
    HighestCapacity,
    /// Whoever had their last assignment in this queue the longest ago; first everybody once, as the members are listed.
    RoundRobin,
    /// Whoever released capacity the longest ago; somebody who has just signed in counts as the least active.
    LeastActive,
}
