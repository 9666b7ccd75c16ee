//! What time alone changes, and when: at most one entry for each item and each representative.

use super::index::Index;
use crate::id::{ConversationId, RepresentativeId};
use crate::time::Timestamp;

/// What time alone changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// Something of an item lapses: an offer, a wrap-up, a silence.
    Item(ConversationId),
    /// Customers are told where they stand.
    Lines,
    /// Some operating hours open or close.
    Hours,
    /// The grace time of somebody who is gone is over, or their day.
    Representative(RepresentativeId),
    /// Whoever looks on and is gone is waited for no longer.
    Guest(RepresentativeId),
}

impl Index {
    /// Something will be due.
    pub(super) fn add_deadline(&mut self, at: Option<Timestamp>, due: Due) {
        if let Some(at) = at {
            self.deadlines.insert((at, due));
        }
    }

    /// Something will not be due after all.
    pub(super) fn remove_deadline(&mut self, at: Option<Timestamp>, due: Due) {
        if let Some(at) = at {
            self.deadlines.remove(&(at, due));
        }
    }
}
