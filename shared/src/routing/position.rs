//! The place of a customer in the line: how many items would be offered before theirs to somebody who could take theirs
//! (reference section 32).
//!
//! Who could take an item: members of its queue whose skills fit and who are at work; if none of them is at work, those
//! who are not. Lines in which none of these people is served do not count, so the number is right under skills too.

use alloc::collections::BTreeSet;

use super::book::Book;
use super::class::{Class, ClassNumber};
use super::flow::Ahead;
use super::index::Index;
use super::order::Order;
use super::representative_index::RepresentativeIndex;
use super::work::{Stage, WorkItem};
use crate::id::ConversationId;

/// How many are before this open item; none if it is not open, has no place, or waits for certain people alone.
pub(super) fn position(book: &Book, index: &Index, conversation: ConversationId) -> Option<usize> {
    let item = book.items.get(&conversation)?;
    position_of(book, index, conversation, item, index.class_of(item)?)
}

/// The same of an item that is not in the line, as if it stood there.
pub(super) fn position_of(
    book: &Book,
    index: &Index,
    conversation: ConversationId,
    item: &WorkItem,
    class: &Class,
) -> Option<usize> {
    if item.stage != Stage::Open || item.waits_for_certain_people_alone() {
        return None;
    }
    let order = Order::of(conversation, item, book.queues.get(&item.queue?)?);
    Some(before(index, &rivals(index, index.number_of(item), class), &order))
}

/// The same, and how many of them are alike.
pub(super) fn ahead(book: &Book, index: &Index, conversation: ConversationId) -> Option<Ahead> {
    let item = book.items.get(&conversation)?;
    let class = index.class_of(item)?;
    let all = position_of(book, index, conversation, item, class)?;
    let order = Order::of(conversation, item, book.queues.get(&item.queue?)?);
    Some(Ahead { all, alike: before(index, &alike(index, class), &order) })
}

/// How many stand before this place in these classes.
pub(super) fn before(index: &Index, classes: &BTreeSet<ClassNumber>, order: &Order) -> usize {
    let classes = classes.iter().filter_map(|number| index.classes.get(*number));
    classes.map(|class| class.waiting.count_before(order)).sum()
}

/// The classes that are served by those who could take items of this class, itself among them if it is kept.
pub(super) fn rivals(index: &Index, number: Option<ClassNumber>, class: &Class) -> BTreeSet<ClassNumber> {
    let mut rivals = BTreeSet::from_iter(number);
    let anybody_at_work = people(index, class).any(|entry| entry.at_work);
    for entry in people(index, class).filter(|entry| entry.at_work || !anybody_at_work) {
        rivals.extend(entry.places.iter().map(|place| place.class));
    }
    rivals
}

/// The classes of the same queue that ask for the same skills, this one among them if it is kept.
pub(super) fn alike(index: &Index, class: &Class) -> BTreeSet<ClassNumber> {
    index.alike(class.queue, &class.kind.requires).collect()
}

fn people<'index>(
    index: &'index Index,
    class: &'index Class,
) -> impl Iterator<Item = &'index RepresentativeIndex> {
    class.fit.iter().filter_map(|id| index.representatives.get(id))
}
