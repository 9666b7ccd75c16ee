//! Live counters for supervisors, kept as things change: to read them costs as much as there are queues, workstreams and
//! people, however much waits.

use super::book::Book;
use super::diagnostics::full_name;
use super::index::Index;
use super::watch::Watch;
use super::work::{Stage, WorkItem};
use crate::id::{QueueId, RepresentativeId};
use crate::protocol::insight::{Counters, QueueCounters, RepresentativeCounters, Tally, WorkstreamCounters};
use crate::time::Timestamp;
use alloc::vec::Vec;

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

    /// How many are not closed.
    pub fn all(&self) -> usize {
        self.open + self.offered + self.active + self.waiting + self.wrap_up
    }

    /// How many customers wait for somebody.
    pub(super) fn unanswered(&self) -> usize {
        self.open + self.offered
    }
}

/// What is counted now, as far as this supervisor sees it.
pub(super) fn counters(book: &Book, index: &Index, now: Timestamp, reader: RepresentativeId) -> Counters {
    let watch = book.watch_of(reader);
    let theirs = book.queues.values().filter(|queue| watch.covers(Some(queue.id)));
    let queues = theirs.filter_map(|queue| {
        let entry = index.queues.get(&queue.id)?;
        Some(QueueCounters {
            queue: queue.id,
            name: queue.name.as_str().into(),
            work: entry.tally,
            longest_wait: index.waiting_in(book, queue.id).longest(now),
            at_work: entry.at_work,
            members: queue.members.clone(),
            today: book.today.get(&queue.id).map(|today| today.counts(now)).unwrap_or_default(),
        })
    });
    let workstreams = index.workstreams.iter().map(|(id, tally)| {
        let name = book.workstreams.get(id).map_or("a workstream that is gone", |known| known.name.as_str());
        WorkstreamCounters { workstream: *id, name: name.into(), work: *tally }
    });
    let representatives = book.representatives.iter().filter_map(|(id, known)| {
        let entry = index.representatives.get(id)?;
        if !watch.covers_member_of(entry.queues.keys()) {
            return None;
        }
        let shown = index.presence_of(*id, known);
        Some(RepresentativeCounters {
            representative: *id,
            full_name: full_name(book, *id),
            presence: shown.presence,
            presence_text: shown.text,
            connected: known.is_connected(),
            work: entry.work.len(),
            used: entry.load.units,
            capacity: known.profile.capacity.0,
        })
    });
    Counters {
        queues: queues.collect(),
        // Workstreams are counted over all queues: who sees some queues alone is not told.
        workstreams: if watch == Watch::Everything { workstreams.collect() } else { Vec::new() },
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
    let oldest = |queue: QueueId| {
        let waiting = book.items.values().filter(|item| item.queue == Some(queue) && item.waits());
        waiting.map(|item| item.waits_since).min()
    };
    let queues = index.queues.iter().all(|(id, queue)| {
        queue.tally == recounted(&|item| item.queue == Some(*id))
            && index.waiting_in(book, *id).oldest() == oldest(*id)
    });
    let workstreams =
        index.workstreams.iter().all(|(id, tally)| *tally == recounted(&|item| item.workstream == *id));
    queues && workstreams
}
