//! What supervisors watch over: the queues that are assigned to them, or everything (reference section 26).

use alloc::collections::BTreeSet;

use super::book::Book;
use crate::id::{QueueId, RepresentativeId};

/// What a supervisor sees and directs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Watch {
    /// They have no queue of their own.
    Everything,
    /// These alone. What is parked is in no queue.
    Queues(BTreeSet<QueueId>),
}

impl Watch {
    /// Whether they see what is in this queue, or in none.
    pub(super) fn covers(&self, queue: Option<QueueId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Queues(queues) => queue.is_some_and(|queue| queues.contains(&queue)),
        }
    }
}

impl Book {
    /// What this supervisor watches over.
    pub(super) fn watch_of(&self, supervisor: RepresentativeId) -> Watch {
        let theirs = self.queues.values().filter(|queue| queue.supervisors.contains(&supervisor));
        let theirs: BTreeSet<_> = theirs.map(|queue| queue.id).collect();
        if theirs.is_empty() { Watch::Everything } else { Watch::Queues(theirs) }
    }
}
