//! The two orders that decide who gets what: that of waiting work, and that of representatives who can take it.

use super::work::WorkItem;
use crate::id::{ConversationId, RepresentativeId, SessionId};
use crate::settings::Queue;
use crate::time::Timestamp;

/// The place of an item in the order of work: whatever is lower is served earlier, whichever queue it waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    /// Work that comes back to whoever had it goes before everything else (reference section 16.1).
    pub(super) newcomer: bool,
    /// The priority number of its queue (reference section 15).
    pub(super) queue: u16,
    /// The bucket of its queue's prioritisation rules (reference section 16.4); 0 where there are none.
    pub(super) bucket: u16,
    /// Its own priority number, which classification gives.
    pub(super) priority: u16,
    /// The value by which its bucket is sorted; 0 where it is sorted by age alone.
    pub(super) sort: i64,
    /// Since when its customer waits.
    pub(super) since: Timestamp,
    /// Which. Of two that came at once the lower goes first.
    pub(super) conversation: ConversationId,
}

impl Order {
    /// Where this item stands in this queue.
    pub(super) fn of(conversation: ConversationId, item: &WorkItem, queue: &Queue) -> Self {
        Self {
            newcomer: !item.returns(),
            queue: queue.priority,
            bucket: item.precedence.bucket,
            priority: item.priority,
            sort: item.precedence.sort,
            since: item.waits_since,
            conversation,
        }
    }

    /// The place behind everything that differs from this by its age alone.
    pub(super) fn behind_its_like(self) -> Self {
        let since = Timestamp::from_millis(u64::MAX);
        Self { since, conversation: ConversationId::from_u128(u128::MAX), ..self }
    }
}

/// The place of a representative among those who can take an item: whoever is lower is offered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// What the queue's method goes by, the most important first.
    pub(super) keys: [i64; Self::KEYS],
    /// Their last session: every tie goes to whoever had their last assignment the longest ago.
    pub(super) last_session: SessionId,
    /// Who.
    pub(super) representative: RepresentativeId,
}

impl Rank {
    /// How many things a method can go by before the last assignment decides.
    pub(super) const KEYS: usize = 3;
}
