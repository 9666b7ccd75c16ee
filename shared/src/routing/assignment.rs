//! Who gets what: the first item in the order of work for which somebody is eligible goes to the best of them, until
//! there is no such pair.
//!
//! Before a command there was no such pair either. So a pair that exists now has an item that has just become open, or
//! a representative whose rank has just changed, and only those are looked at. Each of them puts the first item that it
//! can stand for on the agenda, and the agenda is worked off in the order of work. Offers only ever take possibilities
//! away, apart from those of representatives whose rank they change, who look again. So no entry comes too late, one
//! that is stale finds nobody, and the result is the one of going through all pairs again and again.

use alloc::collections::BTreeSet;

use super::book::Book;
use super::index::{Index, QueueIndex, Rank};
use super::turn::Turn;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, QueueId, RepresentativeId, WorkstreamId};
use crate::time::Timestamp;

/// The order of work: the queue's priority number, then the oldest, then the id.
type Order = (u16, Timestamp, ConversationId);

/// An item that can perhaps be assigned, and the representative who put it on the agenda, if it was not the item itself.
type Entry = (Order, Option<RepresentativeId>);

impl Turn<'_> {
    /// Makes every assignment that is possible.
    pub(super) fn assign(&mut self) {
        let mut agenda: BTreeSet<Entry> = BTreeSet::new();
        let opened = core::mem::take(&mut self.changed.opened);
        agenda.extend(opened.into_iter().filter_map(|id| Some((order_of(self.book, self.index, id)?, None))));
        loop {
            while let Some(representative) = self.changed.ranked.pop_first() {
                let first = first_for(self.book, self.index, representative);
                agenda.extend(first.map(|order| (order, Some(representative))));
            }
            let Some(((_, _, conversation), source)) = agenda.pop_first() else { return };
            // Whoever put this on the agenda looks for more afterwards.
            self.changed.ranked.extend(source);
            if let Some(best) = best_for(self.book, self.index, conversation) {
                self.offer(conversation, best);
            }
        }
    }
}

/// Where an open item stands in the order of work; none if it does not wait in a queue.
fn order_of(book: &Book, index: &Index, conversation: ConversationId) -> Option<Order> {
    let (item, _, queue) = open_in_queue(book, index, conversation)?;
    Some((queue.priority, item.created, conversation))
}

fn open_in_queue<'a>(
    book: &'a Book,
    index: &'a Index,
    conversation: ConversationId,
) -> Option<(&'a WorkItem, QueueId, &'a QueueIndex)> {
    let item = book.items.get(&conversation).filter(|item| item.stage == Stage::Open)?;
    let id = item.queue?;
    Some((item, id, index.queues.get(&id)?))
}

/// The first item in the order of work that this representative can be offered.
fn first_for(book: &Book, index: &Index, representative: RepresentativeId) -> Option<Order> {
    let entry = index.representatives.get(&representative)?;
    let rank = entry.rank.as_ref()?;
    let queues = entry.queues.iter().filter_map(|queue| index.queues.get(queue));
    let kinds = queues.flat_map(|queue| queue.open.iter().map(|(kind, open)| (queue.priority, *kind, open)));
    kinds
        .filter(|(_, kind, _)| suits(book, rank, *kind))
        .filter_map(|(priority, kind, open)| {
            let limit = book.offers_per_representative(kind);
            // What they have declined to the limit is passed over; there is little of that for one person.
            let exhausted =
                |id| book.items.get(id).is_none_or(|item| item.declines_of(representative) >= limit);
            let (created, conversation) = open.iter().find(|(_, id)| !exhausted(id))?;
            Some((priority, *created, *conversation))
        })
        .min()
}

/// Whether somebody of this rank can be offered items of this kind: presence and capacity (reference section 16.2).
fn suits(book: &Book, rank: &Rank, kind: WorkstreamId) -> bool {
    book.workstreams.get(&kind).is_some_and(|workstream| {
        workstream.allowed_presences.contains(&rank.presence)
            && rank.remaining.0 >= i64::from(workstream.cost.0)
    })
}

/// Who of the eligible is to be offered this open item: whoever declined it least often, then the highest remaining
/// capacity, then whose last assignment is the longest ago (reference sections 16.3 and 16.6).
pub(super) fn best_for(book: &Book, index: &Index, conversation: ConversationId) -> Option<RepresentativeId> {
    let (item, _, queue) = open_in_queue(book, index, conversation)?;
    let workstream = book.workstreams.get(&item.workstream)?;
    let mut best: Option<(u8, Rank)> = None;
    for &presence in &workstream.allowed_presences {
        for rank in queue.ready.range(Rank::able(presence, workstream.cost)) {
            let declines = item.declines_of(rank.representative);
            let better =
                best.is_none_or(|best| (declines, by_capacity(rank)) < (best.0, by_capacity(&best.1)));
            if declines < workstream.offers_per_representative && better {
                best = Some((declines, *rank));
            }
            // Nobody of this presence who comes later can be better than one who never declined.
            if declines == 0 {
                break;
            }
        }
    }
    best.map(|(_, rank)| rank.representative)
}

/// The order among representatives whatever their presence.
fn by_capacity(rank: &Rank) -> impl Ord + use<> {
    (rank.remaining, rank.last_session, rank.representative)
}
