//! Live counters for supervisors, kept as things change: to read them costs as much as there are queues, workstreams and
//! people, however much waits.

use alloc::vec::Vec;

use super::book::Book;
use super::index::Index;
use super::work::{Stage, WorkItem};
use crate::id::{QueueId, RepresentativeId, WorkstreamId};
use crate::settings::Presence;
use crate::time::{Span, Timestamp};

/// How many conversations are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

impl Tally {
    /// Counts this item, or counts it no more.
    pub(super) fn count(&mut self, item: &WorkItem, there: bool) {
        let state = match item.stage {
            Stage::Open => &mut self.open,
            Stage::Offered(_) => &mut self.offered,
            Stage::Active(_) => &mut self.active,
            Stage::Waiting(_) => &mut self.waiting,
            Stage::WrapUp(_) => &mut self.wrap_up,
        };
        *state = if there { *state + 1 } else { state.saturating_sub(1) };
    }

    /// How many customers wait for somebody.
    pub(super) fn unanswered(&self) -> usize {
        self.open + self.offered
    }
}

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// Each queue.
    pub queues: Vec<QueueCounters>,
    /// Each workstream that has work.
    pub workstreams: Vec<(WorkstreamId, Tally)>,
    /// Each representative.
    pub representatives: Vec<RepresentativeCounters>,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueCounters {
    /// Which.
    pub queue: QueueId,
    /// Its work.
    pub work: Tally,
    /// How long the item that has waited the longest has waited.
    pub longest_wait: Option<Span>,
    /// How many of its members are at work.
    pub at_work: usize,
}

/// One representative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepresentativeCounters {
    /// Who.
    pub representative: RepresentativeId,
    /// Their presence.
    pub presence: Presence,
    /// How many conversations they have, are offered or take part in.
    pub work: usize,
    /// Units in use.
    pub used: i64,
    /// Units in all.
    pub capacity: i32,
}

/// What is counted now.
pub(super) fn counters(book: &Book, index: &Index, now: Timestamp) -> Counters {
    let queues = book.queues.values().filter_map(|queue| {
        let entry = index.queues.get(&queue.id)?;
        let longest_wait = index.queue_view(queue, now).longest;
        Some(QueueCounters { queue: queue.id, work: entry.tally, longest_wait, at_work: entry.at_work })
    });
    let representatives = book.representatives.iter().filter_map(|(id, known)| {
        let entry = index.representatives.get(id)?;
        Some(RepresentativeCounters {
            representative: *id,
            presence: known.shown(&entry.load).presence,
            work: entry.work.len(),
            used: entry.load.units,
            capacity: known.profile.capacity.0,
        })
    });
    Counters {
        queues: queues.collect(),
        workstreams: index.workstreams.iter().map(|(id, tally)| (*id, *tally)).collect(),
        representatives: representatives.collect(),
    }
}

/// Whether the counters are what one counts by going through everything.
pub(super) fn agree(book: &Book, index: &Index) -> bool {
    let recounted = |of: &dyn Fn(&WorkItem) -> bool| {
        let mut tally = Tally::default();
        book.items.values().filter(|item| of(item)).for_each(|item| tally.count(item, true));
        tally
    };
    let queues =
        index.queues.iter().all(|(id, queue)| queue.tally == recounted(&|item| item.queue == Some(*id)));
    let workstreams =
        index.workstreams.iter().all(|(id, tally)| *tally == recounted(&|item| item.workstream == *id));
    queues && workstreams
}
