//! What goes on, for supervisors, and who has what on their lists (reference section 26).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::book::Book;
use super::diagnostics::full_name;
use super::index::Index;
use super::queue_index::QueueIndex;
use super::views::{Glance, work_item};
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

/// What goes on in a queue, or in all. Of what waits no more is looked at than can be listed: there can be a million.
pub(super) fn ongoing(
    book: &Book,
    index: &Index,
    now: Timestamp,
    reader: RepresentativeId,
    queue: Option<QueueId>,
    most: usize,
) -> Ongoing {
    let wanted = |id: &QueueId| queue.is_none_or(|queue| queue == *id);
    let queues = index.queues.iter().filter(|(id, _)| wanted(id)).map(|(_, entry)| entry);
    let waiting = queues.flat_map(|entry: &QueueIndex| entry.waiting(&index.classes).take(most + 1));
    let in_hand = index.representatives.values().flat_map(|entry| entry.work.iter());
    let ids: BTreeSet<_> = waiting.chain(in_hand).collect();
    let items = ids.into_iter().filter_map(|id| Some((id, book.items.get(&id)?)));
    let here = |item: &WorkItem| queue.is_none() || item.queue == queue;
    let mut items: Vec<_> = items.filter(|(_, item)| here(item)).collect();
    items.sort_by_key(|(id, item)| (item.created, *id));
    let more = items.len() > most;
    let listed = items.into_iter().take(most);
    let views = listed.filter_map(|(id, item)| view(book, now, id, item, reader));
    Ongoing { items: views.collect(), more }
}

fn view(
    book: &Book,
    now: Timestamp,
    conversation: ConversationId,
    item: &WorkItem,
    reader: RepresentativeId,
) -> Option<OngoingView> {
    let representative = item.representative();
    Some(OngoingView {
        item: work_item(book, conversation, item, Some(reader))?,
        representative,
        representative_name: representative.map(|id| full_name(book, id)),
        priority: item.priority,
        waited: item.first_accepted.unwrap_or(now).since(item.created),
    })
}
