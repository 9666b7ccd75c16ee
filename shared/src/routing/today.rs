//! What has become of the customers of each queue today: who was answered, and how many of them in time; who left before that,
//! and how many of them too soon to count (reference section 27.2). The day ends when the desk's day does.

use serde::{Deserialize, Serialize};

use super::turn::Turn;
use crate::id::ConversationId;
use crate::protocol::insight::QueueToday;
use crate::time::Timestamp;

/// The day of one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Today {
    /// When it ends.
    until: Timestamp,
    counts: QueueToday,
}

impl Today {
    /// What is counted so far, if the day is not over.
    pub(super) fn counts(&self, now: Timestamp) -> QueueToday {
        if now < self.until { self.counts } else { QueueToday::default() }
    }
}

/// What becomes of a customer who waits for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Somebody has them.
    Answered,
    /// They went.
    Left,
    /// It was ended for them: by a supervisor, by overflow, by time.
    Ended,
}

impl Turn<'_> {
    /// Counts what becomes of a customer whom nobody has had so far. Nobody is counted who is in no queue.
    pub(super) fn count_today(&mut self, conversation: ConversationId, fate: Fate) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Some(queue) = item.queue.and_then(|queue| self.book.queues.get(&queue)) else { return };
        let waited = self.now.since(item.created);
        let (id, in_time, soon) =
            (queue.id, waited <= queue.service_level, waited < queue.short_abandon && fate == Fate::Left);
        let (now, day_ends) = (self.now, self.book.desk.day_ends);
        let today = self.book.today.entry(id).or_default();
        if now >= today.until {
            *today =
                Today { until: self.index.rules.end_of_day(now, day_ends), counts: QueueToday::default() };
        }
        let QueueToday { answered, answered_in_time, abandoned, abandoned_soon } = &mut today.counts;
        let add = |count: &mut u32, holds: bool| *count = count.saturating_add(u32::from(holds));
        if fate == Fate::Answered {
            add(answered, true);
            add(answered_in_time, in_time);
        } else {
            add(abandoned, true);
            add(abandoned_soon, soon);
        }
    }
}
