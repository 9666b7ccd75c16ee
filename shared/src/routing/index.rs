//! What the router looks things up by. All of it follows from the [`Book`], and [`Index::of`] says how; between two
//! commands the index that is kept up to date equals one that is made anew.
//!
//! Nothing here is ever searched from end to end: waiting work is in the order in which it is served, representatives
//! are in the order in which they are chosen.

use alloc::collections::{BTreeMap, BTreeSet};
use core::cmp::Reverse;
use core::ops::RangeInclusive;

use super::book::Book;
use super::presence::{can_be_offered, gives_hope};
use super::representative::Representative;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, OfferId, QueueId, RepresentativeId, SessionId, WorkstreamId};
use crate::protocol::desk::PresenceView;
use crate::settings::{Presence, Units};
use crate::time::Timestamp;

/// Every index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Index {
    /// By queue.
    pub(super) queues: BTreeMap<QueueId, QueueIndex>,
    /// By representative.
    pub(super) representatives: BTreeMap<RepresentativeId, RepresentativeIndex>,
    /// Which conversation an open offer is about.
    pub(super) offers: BTreeMap<OfferId, ConversationId>,
    /// What is due, and when: at most one entry for each item and each representative.
    pub(super) deadlines: BTreeSet<(Timestamp, Due)>,
}

/// What time alone changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// An offer runs out, or a wrap-up frees capacity or closes.
    Item(ConversationId),
    /// The grace time of somebody who is gone is over.
    Representative(RepresentativeId),
}

/// The place of an item among those of its kind: the oldest first.
pub(super) type Age = (Timestamp, ConversationId);

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct QueueIndex {
    /// Lower is served earlier.
    pub(super) priority: u16,
    /// Open items by kind. Items of one kind ask the same of a representative, so that the oldest of each kind stands
    /// for all of them. No kind is empty.
    pub(super) open: BTreeMap<WorkstreamId, BTreeSet<Age>>,
    /// Items that are offered to somebody.
    pub(super) offered: BTreeSet<ConversationId>,
    /// Members who can be offered work, in the order in which they are chosen.
    pub(super) ready: BTreeSet<Rank>,
    /// Whether those who wait here were told that somebody is there.
    pub(super) told_available: bool,
}

/// One representative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepresentativeIndex {
    /// Of which queues they are a member.
    pub(super) queues: BTreeSet<QueueId>,
    /// What they have or are offered.
    pub(super) work: BTreeSet<ConversationId>,
    /// Units in use. Wider than what is counted, so that it cannot overflow.
    pub(super) used: i64,
    /// Their place in [`QueueIndex::ready`] of each of their queues; none if they cannot be offered work.
    pub(super) rank: Option<Rank>,
    /// What their consoles were last told.
    pub(super) told: PresenceView,
}

/// The place of a representative among those of one presence (reference section 16.3, highest capacity): most
/// remaining capacity first, then whose last assignment is the longest ago, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Their presence.
    pub(super) presence: Presence,
    /// What they have left.
    pub(super) remaining: Reverse<i64>,
    /// Their last session.
    pub(super) last_session: SessionId,
    /// Who.
    pub(super) representative: RepresentativeId,
}

impl Rank {
    /// The places of everybody with this presence who can take `cost` units.
    pub(super) fn able(presence: Presence, cost: Units) -> RangeInclusive<Self> {
        let first = Self {
            presence,
            remaining: Reverse(i64::MAX),
            last_session: SessionId::from_number(0),
            representative: RepresentativeId::from_bytes([0; 16]),
        };
        let last = Self {
            presence,
            remaining: Reverse(i64::from(cost.0)),
            last_session: SessionId::from_number(u64::MAX),
            representative: RepresentativeId::from_bytes([0xff; 16]),
        };
        first..=last
    }
}

impl QueueIndex {
    /// Whether somebody is there who will take work sooner or later. Presences sort by how near they are to work.
    pub(super) fn anyone_available(&self) -> bool {
        self.ready.first().is_some_and(|rank| gives_hope(rank.presence))
    }

    /// Everything that waits here, open or offered.
    pub(super) fn waiting(&self) -> impl Iterator<Item = ConversationId> {
        let open = self.open.values().flatten().map(|&(_, conversation)| conversation);
        open.chain(self.offered.iter().copied())
    }
}

impl Index {
    /// The index of this book.
    pub(super) fn of(book: &Book) -> Self {
        let mut index = Self::default();
        for (&id, queue) in &book.queues {
            index.queues.insert(id, QueueIndex { priority: queue.priority, ..QueueIndex::default() });
        }
        for (&id, representative) in &book.representatives {
            let told = view(representative, 0);
            let entry = RepresentativeIndex {
                queues: BTreeSet::new(),
                work: BTreeSet::new(),
                used: 0,
                rank: None,
                told,
            };
            index.representatives.insert(id, entry);
            index.add_deadline(representative.due(), Due::Representative(id));
        }
        for (&id, queue) in &book.queues {
            for member in &queue.members {
                if let Some(entry) = index.representatives.get_mut(member) {
                    entry.queues.insert(id);
                }
            }
        }
        for (&id, item) in &book.items {
            index.add_item(id, item);
        }
        for (&id, representative) in &book.representatives {
            index.rank(id, representative);
            if let Some(entry) = index.representatives.get_mut(&id) {
                entry.told = view(representative, entry.used);
            }
        }
        for queue in index.queues.values_mut() {
            queue.told_available = queue.anyone_available();
        }
        index
    }

    /// Puts an item in.
    pub(super) fn add_item(&mut self, id: ConversationId, item: &WorkItem) {
        if let Some(queue) = item.queue.and_then(|queue| self.queues.get_mut(&queue)) {
            match &item.stage {
                Stage::Open => {
                    queue.open.entry(item.workstream).or_default().insert((item.created, id));
                }
                Stage::Offered(_) => {
                    queue.offered.insert(id);
                }
                Stage::Active(_) | Stage::WrapUp(_) => {}
            }
        }
        if let Stage::Offered(offer) = &item.stage {
            self.offers.insert(offer.id, id);
        }
        if let Some(session) = item.session()
            && let Some(entry) = self.representatives.get_mut(&session.representative)
        {
            entry.work.insert(id);
            entry.used += i64::from(session.holds.0);
        }
        self.add_deadline(item.due(), Due::Item(id));
    }

    /// Takes an item out, which must be as it was when it was put in.
    pub(super) fn remove_item(&mut self, id: ConversationId, item: &WorkItem) {
        if let Some(queue) = item.queue.and_then(|queue| self.queues.get_mut(&queue)) {
            match &item.stage {
                Stage::Open => {
                    if let Some(kind) = queue.open.get_mut(&item.workstream) {
                        kind.remove(&(item.created, id));
                        if kind.is_empty() {
                            queue.open.remove(&item.workstream);
                        }
                    }
                }
                Stage::Offered(_) => {
                    queue.offered.remove(&id);
                }
                Stage::Active(_) | Stage::WrapUp(_) => {}
            }
        }
        if let Stage::Offered(offer) = &item.stage {
            self.offers.remove(&offer.id);
        }
        if let Some(session) = item.session()
            && let Some(entry) = self.representatives.get_mut(&session.representative)
        {
            entry.work.remove(&id);
            entry.used -= i64::from(session.holds.0);
        }
        self.remove_deadline(item.due(), Due::Item(id));
    }

    /// Puts a representative where they belong now in each of their queues. Tells whether that is elsewhere than before.
    pub(super) fn rank(&mut self, id: RepresentativeId, representative: &Representative) -> bool {
        let Some(entry) = self.representatives.get_mut(&id) else { return false };
        let presence = representative.presence(entry.used);
        let rank = can_be_offered(presence).then(|| Rank {
            presence,
            remaining: Reverse(i64::from(representative.profile.capacity.0) - entry.used),
            last_session: representative.last_session,
            representative: id,
        });
        if rank == entry.rank {
            return false;
        }
        for queue in &entry.queues {
            if let Some(queue) = self.queues.get_mut(queue) {
                if let Some(old) = &entry.rank {
                    queue.ready.remove(old);
                }
                queue.ready.extend(rank);
            }
        }
        entry.rank = rank;
        true
    }

    /// Something will be due.
    pub(super) fn add_deadline(&mut self, at: Option<Timestamp>, due: Due) {
        self.deadlines.extend(at.map(|at| (at, due)));
    }

    /// Something will not be due after all.
    pub(super) fn remove_deadline(&mut self, at: Option<Timestamp>, due: Due) {
        if let Some(at) = at {
            self.deadlines.remove(&(at, due));
        }
    }

    /// Presence and capacity of this representative, as they are now.
    pub(super) fn presence_of(&self, id: RepresentativeId, representative: &Representative) -> PresenceView {
        view(representative, self.representatives.get(&id).map_or(0, |entry| entry.used))
    }
}

fn view(representative: &Representative, used: i64) -> PresenceView {
    PresenceView {
        presence: representative.presence(used),
        manual: representative.is_connected()
            && representative.standing.is_some_and(|standing| standing.by_hand),
        used: Units(i32::try_from(used).unwrap_or(i32::MAX)),
        capacity: representative.profile.capacity,
    }
}
