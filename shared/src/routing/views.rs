//! What representatives see: their presence, their offers, their work and the open work of their queues.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::book::Book;
use super::company::Consult;
use super::details::details;
use super::index::Index;
use super::rulebook::Rulebook;
use super::work::{Offer, WorkItem};
use crate::authority::Role;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{
    DeskFrame, OfferKind, OfferView, Part, PersonView, PresenceChoice, PresenceSource, PresenceView,
    StaffView, WorkItemView, WorkState,
};
use crate::settings::{Acceptance, BasePresence, CustomPresence, Presence, Units};
use crate::time::Timestamp;

/// As much of an item as decides who sees it, and whether they must be shown it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glance {
    state: WorkState,
    changed: Timestamp,
    queue: Option<QueueId>,
    owner: Option<RepresentativeId>,
    /// Who takes part beside the primary representative, or was asked to, as what, and whether they agreed.
    company: Vec<(RepresentativeId, Part, bool)>,
    searching: Option<QueueId>,
    transfers: u16,
}

/// Who sees an item.
#[derive(Debug, Default)]
pub(super) struct Viewers {
    /// Everybody in this queue.
    pub(super) queue: Option<QueueId>,
    /// Those who take part, in the order of their ids.
    pub(super) people: Vec<RepresentativeId>,
}

impl Glance {
    /// A look at this item.
    pub(super) fn of(item: &WorkItem) -> Self {
        Self {
            state: item.state(),
            changed: item.changed,
            queue: item.queue,
            owner: item.owner(),
            company: item.accompanied().map(|item| everybody_beside(item).collect()).unwrap_or_default(),
            searching: item.search.as_ref().map(|search| search.queue),
            transfers: item.transfers,
        }
    }

    /// On whose consoles it is now: those of all who take part, and while it waits those of everybody in its queue.
    /// What is parked is on nobody's.
    pub(super) fn viewers(&self) -> Viewers {
        if self.queue.is_none() {
            return Viewers::default();
        }
        let joined = self.company.iter().filter(|(_, _, joined)| *joined).map(|(id, _, _)| *id);
        let mut people: Vec<_> = self.owner.into_iter().chain(joined).collect();
        people.sort_unstable();
        people.dedup();
        Viewers { queue: self.queue.filter(|_| self.owner.is_none()), people }
    }
}

/// Who takes part beside the primary representative, or was asked to, as what, and whether they agreed.
fn company(item: &WorkItem) -> impl Iterator<Item = (RepresentativeId, Part, bool)> {
    item.accompanied().into_iter().flat_map(everybody_beside)
}

fn everybody_beside(item: &WorkItem) -> impl Iterator<Item = (RepresentativeId, Part, bool)> {
    let receiver = item.transfer.as_ref().map(|transfer| transfer.offer.session.representative);
    let receiver = receiver.map(|id| (id, Part::Primary, false));
    let consult = |(id, consult): (&RepresentativeId, &Consult)| {
        (*id, consult.part(), matches!(consult, Consult::Joined { .. }))
    };
    let consults = item.consults.iter().map(consult);
    let monitors = item.monitors.iter().map(|(id, monitor)| (*id, monitor.part(), true));
    receiver.into_iter().chain(consults).chain(monitors)
}

/// An item for the list of this reader, or of anybody who does not take part; none for one that is parked and on nobody's
/// list.
pub(super) fn work_item(
    book: &Book,
    conversation: ConversationId,
    item: &WorkItem,
    reader: Option<RepresentativeId>,
) -> Option<WorkItemView> {
    item.queue.map(|_| described(book, conversation, item, reader))
}

/// An item as it stands on a list, also one that is parked: its queue is then zero, which no queue has.
pub(super) fn described(
    book: &Book,
    conversation: ConversationId,
    item: &WorkItem,
    reader: Option<RepresentativeId>,
) -> WorkItemView {
    let part = reader.and_then(|reader| item.part_of(reader));
    // Who looks on in silence is seen by nobody but themselves.
    let shown = company(item).filter(|(id, part, _)| *part != Part::Monitor && Some(*id) != reader);
    let owner = item.owner().filter(|owner| Some(*owner) != reader).map(|owner| (owner, Part::Primary, true));
    let person = |(id, part, joined): (RepresentativeId, Part, bool)| PersonView {
        representative: id,
        full_name: name_of(book, item, id),
        part,
        joined,
    };
    WorkItemView {
        conversation,
        state: item.state(),
        mine: part == Some(Part::Primary),
        customer: item.customer.clone(),
        topic: item.topic.clone(),
        queue: item.queue.unwrap_or(QueueId::from_u128(0)),
        queue_name: item.queue.map_or_else(|| String::from("No queue"), |queue| queue_name(book, queue)),
        created: item.created,
        changed: item.changed,
        part,
        people: owner.into_iter().chain(shown).map(person).collect(),
        searching: item.search.as_ref().map(|search| search.queue),
        transfers: item.transfers,
        can_wait: book
            .workstreams
            .get(&item.workstream)
            .is_some_and(|workstream| workstream.sessions.channel.can_wait()),
    }
}

fn name_of(book: &Book, item: &WorkItem, id: RepresentativeId) -> String {
    match book.representatives.get(&id) {
        Some(known) => String::from(known.profile.full_name.as_str()),
        None => item.monitors.get(&id).map(|monitor| monitor.name.clone()).unwrap_or_default(),
    }
}

/// An offer for a notification.
pub(super) fn offer(
    book: &Book,
    rules: &Rulebook,
    now: Timestamp,
    conversation: ConversationId,
    item: &WorkItem,
    offer: &Offer,
) -> OfferView {
    let (title, details) = details(book, rules, now, item, offer.kind);
    let workstream = book.workstreams.get(&item.workstream);
    let of_work = matches!(offer.kind, OfferKind::Work | OfferKind::Assignment);
    let must_accept =
        workstream.is_some_and(|workstream| workstream.sessions.acceptance != Acceptance::AcceptOrReject);
    OfferView {
        offer: offer.id,
        conversation,
        customer: item.customer.clone(),
        topic: item.topic.clone(),
        queue: item.queue.map(|queue| queue_name(book, queue)).unwrap_or_default(),
        remaining: offer.expires().since(now),
        timeout: offer.timeout,
        waited: now.since(item.created),
        kind: offer.kind,
        asked_by: offer.asked_by.map(|id| name_of(book, item, id)).filter(|name| !name.is_empty()),
        can_reject: !(of_work && must_accept),
        title,
        details,
    }
}

/// What this representative has, where they take part, and what waits in their queues; one's own first, then the oldest
/// first.
pub(super) fn work_of(book: &Book, index: &Index, representative: RepresentativeId) -> Vec<WorkItemView> {
    let item = |id: ConversationId| Some((id, book.items.get(&id)?));
    let entry = index.representatives.get(&representative);
    let own = entry.into_iter().flat_map(|entry| entry.work.iter());
    let beside = index.company.get(&representative).into_iter().flatten().copied();
    let takes_part = own.chain(beside).filter_map(item);
    let takes_part = takes_part.filter(|(_, item)| item.part_of(representative).is_some());
    let queues = entry.into_iter().flat_map(|entry| entry.queues.keys());
    let queues = queues.filter_map(|queue| index.queues.get(queue));
    let waiting = queues.flat_map(|queue| queue.waiting(&index.classes)).filter_map(item);
    let items: BTreeMap<_, _> = takes_part.chain(waiting).collect();
    let views = items.into_iter().filter_map(|(id, item)| work_item(book, id, item, Some(representative)));
    let mut work: Vec<_> = views.collect();
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
        PresenceView {
            presence: Presence::Offline,
            manual: false,
            used: Units(0),
            capacity: Units(0),
            base: BasePresence::Offline,
            text: None,
            profiles: Vec::new(),
            source: PresenceSource::Workload,
        },
        |known| index.presence_of(representative, known),
    );
    let full_name = known.map(|known| String::from(known.profile.full_name.as_str())).unwrap_or_default();
    let work = index.representatives.get(&representative).into_iter().flat_map(|entry| &entry.work);
    let beside = index.company.get(&representative).into_iter().flatten().copied();
    let conversations: BTreeSet<_> = work.chain(beside).collect();
    let offers = conversations.into_iter().filter_map(|id| Some((id, book.items.get(&id)?)));
    let offers = offers.flat_map(|(conversation, item)| {
        let theirs = item.offers().filter(|open| open.session.representative == representative);
        theirs.map(move |open| offer(book, &index.rules, now, conversation, item, open))
    });
    DeskFrame::Welcome {
        me: StaffView { representative, full_name, role },
        presence,
        offers: offers.collect(),
        work: work_of(book, index, representative),
        presences: presences(book),
    }
}

/// The presences that the organisation made up, as they are offered.
pub(super) fn presences(book: &Book) -> Vec<PresenceChoice> {
    let choice = |custom: &CustomPresence| PresenceChoice {
        presence: custom.id,
        text: String::from(custom.text.as_str()),
        base: custom.base,
    };
    book.presences.iter().map(choice).collect()
}

fn queue_name(book: &Book, queue: QueueId) -> String {
    book.queues.get(&queue).map(|queue| String::from(queue.name.as_str())).unwrap_or_default()
}
