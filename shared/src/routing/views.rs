//! What representatives see: their presence, their offers, their work and the open work of their queues.

use alloc::string::String;
use alloc::vec::Vec;

use super::Audience;
use super::book::Book;
use super::index::Index;
use super::work::{Offer, Stage, WorkItem};
use crate::authority::Role;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{DeskFrame, OfferView, PresenceView, StaffView, WorkItemView, WorkState};
use crate::settings::{Presence, Units};
use crate::time::Timestamp;

/// As much of an item as decides who sees it, and whether they must be shown it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    state: WorkState,
    changed: Timestamp,
    queue: Option<QueueId>,
    owner: Option<RepresentativeId>,
}

impl Glance {
    /// A look at this item.
    pub(super) fn of(item: &WorkItem) -> Self {
        Self { state: item.state(), changed: item.changed, queue: item.queue, owner: item.owner() }
    }

    /// On whose consoles it is now: its owner's, or while it waits those of everybody in its queue.
    pub(super) fn viewers(&self) -> Option<Audience> {
        match self.owner {
            Some(owner) => Some(Audience::Representative(owner)),
            None => self.queue.map(|queue| Audience::Queue { queue, but: None }),
        }
    }
}

/// An item for a list; none for one that is parked and on nobody's list.
pub(super) fn work_item(book: &Book, conversation: ConversationId, item: &WorkItem) -> Option<WorkItemView> {
    let queue = item.queue?;
    Some(WorkItemView {
        conversation,
        state: item.state(),
        mine: item.owner().is_some(),
        customer: item.customer.clone(),
        topic: item.topic.clone(),
        queue,
        queue_name: queue_name(book, queue),
        created: item.created,
        changed: item.changed,
    })
}

/// An offer for a notification.
pub(super) fn offer(
    book: &Book,
    now: Timestamp,
    conversation: ConversationId,
    item: &WorkItem,
    offer: &Offer,
) -> OfferView {
    OfferView {
        offer: offer.id,
        conversation,
        customer: item.customer.clone(),
        topic: item.topic.clone(),
        queue: item.queue.map(|queue| queue_name(book, queue)).unwrap_or_default(),
        remaining: offer.expires().since(now),
        timeout: offer.timeout,
        waited: now.since(item.created),
    }
}

/// What this representative has, and what waits in their queues; one's own first, then the oldest first.
pub(super) fn work_of(book: &Book, index: &Index, representative: RepresentativeId) -> Vec<WorkItemView> {
    let Some(entry) = index.representatives.get(&representative) else { return Vec::new() };
    let item = |id: ConversationId| Some((id, book.items.get(&id)?));
    let mine = entry.work.iter().filter_map(|&id| item(id)).filter(|(_, item)| item.owner().is_some());
    let queues = entry.queues.keys().filter_map(|queue| index.queues.get(queue));
    let waiting = queues.flat_map(|queue| queue.waiting(&index.classes)).filter_map(item);
    let mut work: Vec<_> = mine.chain(waiting).filter_map(|(id, item)| work_item(book, id, item)).collect();
    work.sort_by_key(|view| (!view.mine, view.created, view.conversation));
    work
}

/// Everything that is true now for a console that has just connected.
pub(super) fn welcome(
    book: &Book,
    index: &Index,
    now: Timestamp,
    representative: RepresentativeId,
    role: Role,
) -> DeskFrame {
    let known = book.representatives.get(&representative);
    let presence = known.map_or(
        // Staff without a place in routing, such as an administrator, have no capacity and are never there.
        PresenceView { presence: Presence::Offline, manual: false, used: Units(0), capacity: Units(0) },
        |known| index.presence_of(representative, known),
    );
    let full_name = known.map(|known| String::from(known.profile.full_name.as_str())).unwrap_or_default();
    let work = index.representatives.get(&representative).into_iter().flat_map(|entry| &entry.work);
    let offers = work.filter_map(|&conversation| {
        let item = book.items.get(&conversation)?;
        let Stage::Offered(open) = &item.stage else { return None };
        Some(offer(book, now, conversation, item, open))
    });
    DeskFrame::Welcome {
        me: StaffView { representative, full_name, role },
        presence,
        offers: offers.collect(),
        work: work_of(book, index, representative),
    }
}

fn queue_name(book: &Book, queue: QueueId) -> String {
    book.queues.get(&queue).map(|queue| String::from(queue.name.as_str())).unwrap_or_default()
}
