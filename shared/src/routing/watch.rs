//! What supervisors watch over: the queues that are assigned to them, or everything (reference section 26).

use alloc::collections::BTreeSet;

use alloc::vec::Vec;

use super::book::Book;
use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, QueueId, RepresentativeId};

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

    /// Whether they see and direct somebody who is in these queues.
    pub(super) fn covers_member_of<'queue>(&self, mut queues: impl Iterator<Item = &'queue QueueId>) -> bool {
        matches!(self, Self::Everything) || queues.any(|queue| self.covers(Some(*queue)))
    }
}

/// Whether somebody of the staff may read a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// They may, whether they take part or not.
    Yes,
    /// They may for as long as they take part, or are asked to.
    AsTheyTakePart,
    /// They may not.
    No,
    /// The router knows it no more, if it ever did: they may if it was in one of these queues when it closed.
    IfItWasIn(Vec<QueueId>),
}

impl Book {
    /// Whether somebody may read a conversation: whoever takes part or is asked to; and who supervises, what they watch
    /// over.
    pub(super) fn sight(
        &self,
        reader: RepresentativeId,
        supervises: bool,
        conversation: ConversationId,
    ) -> Sight {
        let item = self.items.get(&conversation);
        let takes_part = item.is_some_and(|item| item.concerns(reader));
        match (item, supervises.then(|| self.watch_of(reader))) {
            (_, Some(Watch::Everything)) => Sight::Yes,
            (None, Some(Watch::Queues(queues))) => Sight::IfItWasIn(queues.into_iter().collect()),
            (Some(item), Some(watch)) if watch.covers(item.queue) => Sight::Yes,
            _ if takes_part => Sight::AsTheyTakePart,
            _ => Sight::No,
        }
    }
    /// What this supervisor watches over.
    pub(super) fn watch_of(&self, supervisor: RepresentativeId) -> Watch {
        let theirs = self.queues.values().filter(|queue| queue.supervisors.contains(&supervisor));
        let theirs: BTreeSet<_> = theirs.map(|queue| queue.id).collect();
        if theirs.is_empty() { Watch::Everything } else { Watch::Queues(theirs) }
    }
}
