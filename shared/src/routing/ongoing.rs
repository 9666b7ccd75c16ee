//! What goes on, for supervisors, and who has what on their lists (reference section 26).
//!
//! A list has room for some of what waits, and there can be a million. Lines are in the order in which they are served,
//! which goes by age only among items that are alike in everything else; so the oldest of each such stretch are looked at,
//! and the rest of it is leapt over.

use alloc::collections::{BTreeSet, BinaryHeap};
use alloc::vec::Vec;

use super::book::Book;
use super::diagnostics::full_name;
use super::index::Index;
use super::line::Line;
use super::order::Order;
use super::views::{Glance, described};
use super::work::WorkItem;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::insight::{Ongoing, OngoingView};
use crate::time::Timestamp;

/// Whether somebody takes part in a conversation, is asked to, or sees it wait in a queue of theirs.
pub(super) fn sees(book: &Book, representative: RepresentativeId, conversation: ConversationId) -> bool {
    let Some(item) = book.items.get(&conversation) else { return false };
    let waits_before_them = || {
        let queue = Glance::of(item).viewers().queue;
        queue.is_some_and(|queue| book.is_member(representative, queue))
    };
    item.concerns(representative) || waits_before_them()
}

/// What goes on in a queue, or in all: whose customers have waited since the longest ago first.
pub(super) fn ongoing(
    book: &Book,
    index: &Index,
    now: Timestamp,
    reader: RepresentativeId,
    queue: Option<QueueId>,
    most: usize,
) -> Ongoing {
    let watch = book.watch_of(reader);
    let wanted = |id: &QueueId| queue.is_none_or(|queue| queue == *id) && watch.covers(Some(*id));
    let queues = index.queues.iter().filter(|(id, _)| wanted(id)).map(|(_, entry)| entry);
    // What is parked is in no queue, and only supervisors of everything can do something about it.
    let everywhere = queue.is_none() && watch.covers(None);
    let parked = index.parked.iter().take(if everywhere { most.saturating_add(1) } else { 0 });
    let parked = parked.map(|(_, conversation)| conversation);
    // Whoever is offered an item has it in hand too.
    let waiting = oldest(queues.flat_map(|entry| entry.lines(&index.classes)), most.saturating_add(1));
    let in_hand = index.representatives.values().flat_map(|entry| entry.work.iter());
    let ids: BTreeSet<_> =
        waiting.map(|(_, conversation)| conversation).chain(in_hand).chain(parked).collect();
    let items = ids.into_iter().filter_map(|id| Some((id, book.items.get(&id)?)));
    let here = |item: &WorkItem| (queue.is_none() || item.queue == queue) && watch.covers(item.queue);
    let mut items: Vec<_> = items.filter(|(_, item)| here(item)).collect();
    items.sort_by_key(|(id, item)| (item.waits_since, *id));
    let more = items.len() > most;
    let listed = items.into_iter().take(most);
    let views = listed.map(|(id, item)| view(book, now, id, item, reader));
    Ongoing { items: views.collect(), more }
}

/// The oldest items of these lines, each with the moment since which its customer waits, in no order.
pub(super) fn oldest<'index>(
    lines: impl Iterator<Item = &'index Line<Order>>,
    most: usize,
) -> impl Iterator<Item = (Timestamp, ConversationId)> {
    let mut kept = BinaryHeap::new();
    for line in lines {
        let mut place = 0;
        while let Some(order) = first_that_is_too_young(line, place, &mut kept, most) {
            place = line.count_before(&order.behind_its_like());
        }
    }
    kept.into_iter()
}

/// Keeps what is old enough from this place in the line on, up to the first that is not.
fn first_that_is_too_young(
    line: &Line<Order>,
    place: usize,
    kept: &mut BinaryHeap<(Timestamp, ConversationId)>,
    most: usize,
) -> Option<Order> {
    line.iter_from(place).find(|order| {
        let age = (order.since, order.conversation);
        let is_kept = kept.len() < most || kept.peek().is_some_and(|youngest| age < *youngest);
        if is_kept {
            kept.push(age);
        }
        if kept.len() > most {
            kept.pop();
        }
        !is_kept
    })
}

fn view(
    book: &Book,
    now: Timestamp,
    conversation: ConversationId,
    item: &WorkItem,
    reader: RepresentativeId,
) -> OngoingView {
    let representative = item.representative();
    OngoingView {
        item: described(book, conversation, item, Some(reader)),
        representative,
        representative_name: representative.map(|id| full_name(book, id)),
        priority: item.priority,
        waited: item.first_accepted.unwrap_or(now).since(item.created),
    }
}
