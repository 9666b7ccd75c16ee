//! Where work waits.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{AssignmentRuleset, Bucket, LongWait, Overflow};
use crate::id::{OperatingHoursId, QueueId, RepresentativeId};
use crate::text::Line;
use crate::time::Span;

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
    /// Whether every representative is a member, whatever the list says: the default queue of its kind.
    #[serde(default)]
    pub default: bool,
    /// When it is open; without, round the clock.
    #[serde(default)]
    pub hours: Option<OperatingHoursId>,
    /// What happens to work that arrives when there is no room for it. Closed hours are looked at first, then the rules in
    /// their order. Work that comes here as a fallback enters in any case.
    #[serde(default)]
    pub overflow: Vec<Overflow>,
    /// What happens to work that has waited here for too long.
    #[serde(default)]
    pub long_wait: Option<LongWait>,
    /// Which work is served before which; without, by its own priority number and age.
    #[serde(default)]
    pub buckets: Vec<Bucket>,
    /// The longest wait that still counts as answered in time.
    #[serde(default = "service_level")]
    pub service_level: Span,
    /// Customers who leave sooner than this do not count as having given up.
    #[serde(default = "short_abandon")]
    pub short_abandon: Span,
    /// Which supervisors it is assigned to. Who has any queue assigned sees and directs what is in these alone; who has
    /// none, everything.
    #[serde(default)]
    pub supervisors: Vec<RepresentativeId>,
}

/// The wait that is usually still in time (reference section 27.1).
const fn service_level() -> Span {
    Span::from_secs(20)
}

const fn short_abandon() -> Span {
    Span::from_secs(5)
}

impl Queue {
    /// A queue in which everything that can be left out is as usual.
    pub const fn new(id: QueueId, name: Line, priority: u16, members: Vec<RepresentativeId>) -> Self {
        Self {
            id,
            name,
            priority,
            members,
            kind: QueueKind::Messaging,
            method: Method::HighestCapacity,
            default: false,
            hours: None,
            overflow: Vec::new(),
            long_wait: None,
            buckets: Vec::new(),
            service_level: service_level(),
            short_abandon: short_abandon(),
            supervisors: Vec::new(),
        }
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Whoever has the most capacity left.
    #[default]
    HighestCapacity,
    /// Whoever had their last assignment in this queue the longest ago; first everybody once, as the members are listed.
    RoundRobin,
    /// Whoever released capacity the longest ago; somebody who has just signed in counts as the least active.
    LeastActive,
    /// Whoever rules of its own find.
    Custom(Vec<AssignmentRuleset>),
}
