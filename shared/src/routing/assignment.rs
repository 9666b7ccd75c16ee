//! Who gets what: the first item in the order of work for which somebody is eligible goes to the best of them, until
//! there is no such pair.
//!
//! Before a command there was no such pair either. So a pair that exists now has an item that has just become open, or
//! a representative of whom something has just changed, and only those are looked at. Each of them puts the first item
//! that it can stand for on the agenda, and the agenda is worked off in the order of work. Offers only ever take
//! possibilities away, apart from those of representatives whom they change, who look again. So no entry comes too
//! late, one that is stale finds nobody, and the result is the one of going through all pairs again and again.

use alloc::collections::BinaryHeap;
use core::cmp::Reverse;

use super::book::Book;
use super::class::Class;
use super::index::Index;
use super::order::{Order, Rank};
use super::representative::Representative;
use super::representative_index::RepresentativeIndex;
use super::turn::Turn;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, RepresentativeId};
use crate::settings::Distribution;

/// An item that can perhaps be assigned, and the representative who put it on the agenda, if it was not the item itself.
type Entry = (Order, Option<RepresentativeId>);

impl Turn<'_> {
    /// Makes every assignment that is possible.
    pub(super) fn assign(&mut self) {
        let opened = core::mem::take(&mut self.changed.opened);
        let opened = opened.iter().filter_map(|id| Some(Reverse((order_of(self.book, id)?, None))));
        let mut agenda: BinaryHeap<Reverse<Entry>> = opened.collect();
        loop {
            while let Some(representative) = self.changed.ranked.pop_first() {
                if self.index.rank(&self.book.given(), representative)
                    && let Some(entry) = self.index.representatives.get(&representative)
                {
                    self.changed.queues.extend(entry.queues.keys().copied());
                }
                let first = first_for(self.book, self.index, representative);
                agenda.extend(first.map(|order| Reverse((order, Some(representative)))));
            }
            let Some(Reverse((Order { conversation, .. }, source))) = agenda.pop() else { return };
            // Whoever put this on the agenda looks for more afterwards.
            self.changed.ranked.extend(source);
            if let Some(best) = best_for(self.book, self.index, conversation) {
                // Who has too much open already is passed over from now on: the next best is asked.
                let failed = !self.offer(conversation, best);
                agenda.extend(
                    order_of(self.book, conversation).filter(|_| failed).map(|order| Reverse((order, None))),
                );
            }
        }
    }
}

/// Where an open item stands in the order of work; none if it does not wait in a queue.
fn order_of(book: &Book, conversation: ConversationId) -> Option<Order> {
    let item = book.items.get(&conversation).filter(|item| item.stage == Stage::Open)?;
    Some(Order::of(conversation, item, book.queues.get(&item.queue?)?))
}

/// The first item in the order of work that this representative can be offered.
fn first_for(book: &Book, index: &Index, representative: RepresentativeId) -> Option<Order> {
    let entry = index.representatives.get(&representative)?;
    let classes = entry.places.iter().filter(|place| place.rank.is_some());
    let classes = classes.filter_map(|place| index.classes.get(place.class));
    // What they have declined to the limit is passed over; there is little of that for one person.
    let in_line = classes.filter_map(|class| {
        if entry.refused.is_empty() {
            return class.waiting.first();
        }
        class.waiting.iter().find(|order| !entry.refused.contains(&order.conversation))
    });
    let wished = |order: &Order| {
        let item = book.items.get(&order.conversation);
        item.is_some_and(|item| grants_wish(book, index, item, representative))
    };
    let first = in_line.min();
    // Hardly anybody is asked for by name.
    if entry.wanted.is_empty() {
        return first;
    }
    first.into_iter().chain(entry.wanted.iter().find(wished)).min()
}

/// Who of the eligible is to be offered this open item.
pub(super) fn best_for(book: &Book, index: &Index, conversation: ConversationId) -> Option<RepresentativeId> {
    let item = book.items.get(&conversation)?;
    best_of(book, index, item, index.class_of(item), &[])
}

/// Who of the eligible, but for those who are passed over, is to be offered an open item of this class: whoever it asks for
/// by name; else whoever declined it least often, then whom the queue's method chooses (reference sections 16.3, 16.6 and
/// 16.7).
pub(super) fn best_of(
    book: &Book,
    index: &Index,
    item: &WorkItem,
    class: Option<&Class>,
    passed: &[RepresentativeId],
) -> Option<RepresentativeId> {
    item.queue.filter(|_| item.stage == Stage::Open)?;
    let grants = |who: &&RepresentativeId| !passed.contains(who) && grants_wish(book, index, item, **who);
    let named = item.wishes().iter().find(grants);
    if named.is_some() || item.waits_for_certain_people_alone() {
        return named.copied();
    }
    let class = class?;
    let may = |rank: &Rank| !passed.contains(&rank.representative);
    if item.declines.is_empty() {
        return class.able.iter().find_map(|able| able.iter().find(may)).map(|rank| rank.representative);
    }
    let mut best: Option<(u8, usize, Rank)> = None;
    for (level, able) in class.able.iter().enumerate() {
        for rank in able.iter().filter(may) {
            let declines = item.declines_of(rank.representative);
            let better = best.is_none_or(|best| (declines, level, rank) < best);
            if declines < class.terms.offers_per_representative && better {
                best = Some((declines, level, rank));
            }
            // Nobody of this set who comes later can be better than one who never declined.
            if declines == 0 {
                break;
            }
        }
    }
    best.map(|(_, _, rank)| rank.representative)
}

/// Whether somebody whom the item asks for by name can have it.
fn grants_wish(book: &Book, index: &Index, item: &WorkItem, representative: RepresentativeId) -> bool {
    let Some(known) = book.representatives.get(&representative) else { return false };
    let Some(entry) = index.representatives.get(&representative) else { return false };
    unfulfilled(book, item, known, entry).is_none()
}

/// Why somebody whom an item asks for by name is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfulfilled {
    /// Representatives take such work by hand.
    Pick,
    /// Their presence does not let it through.
    Presence,
    /// They have as many sessions open as a desk holds.
    Crowded,
    /// They were asked.
    Declined,
}

/// What keeps somebody whom the item asks for by name from having it. Skills, capacity and the queue's method do not matter,
/// and they are asked once (reference sections 13 and 16.7). Somebody who is not there is not asked (peers.md 41).
pub(super) fn unfulfilled(
    book: &Book,
    item: &WorkItem,
    known: &Representative,
    entry: &RepresentativeIndex,
) -> Option<Unfulfilled> {
    let workstream = book.workstreams.get(&item.workstream);
    let Some(workstream) = workstream.filter(|known| known.sessions.distribution == Distribution::Push)
    else {
        return Some(Unfulfilled::Pick);
    };
    let shown = known.shown(&entry.load);
    let there = if item.returns() {
        shown.can_be_offered()
    } else {
        workstream.allowed_presences.contains(&shown.presence)
    };
    if known.crowded {
        Some(Unfulfilled::Crowded)
    } else if item.declines_of(known.profile.id) > 0 {
        Some(Unfulfilled::Declined)
    } else {
        (!there).then_some(Unfulfilled::Presence)
    }
}
