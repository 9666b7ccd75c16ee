//! The place of a customer in the line: how many items would be offered before theirs to somebody who could take theirs
//! (reference section 32).
//!
//! Who could take an item: members of its queue whose skills fit and who are at work; if none of them is at work, those
//! who are not. Lines in which none of these people is served do not count, so the number is right under skills too.

use alloc::collections::BTreeSet;

use super::book::Book;
use super::class::{Class, ClassNumber};
use super::index::Index;
use super::order::Order;
use super::representative_index::RepresentativeIndex;
use super::work::Stage;
use crate::id::ConversationId;

/// How many are before this open item; none if it is not open, has no place, or waits for certain people alone.
pub(super) fn position(book: &Book, index: &Index, conversation: ConversationId) -> Option<usize> {
    let item = book.items.get(&conversation).filter(|item| item.stage == Stage::Open)?;
    if item.waits_for_certain_people_alone() {
        return None;
    }
    let order = Order::of(conversation, item, book.queues.get(&item.queue?)?);
    let number = index.number_of(item)?;
    Some(before(index, &rivals(index, number), &order))
}

/// How many stand before this place in these classes.
pub(super) fn before(index: &Index, classes: &BTreeSet<ClassNumber>, order: &Order) -> usize {
    let classes = classes.iter().filter_map(|number| index.classes.get(*number));
    classes.map(|class| class.waiting.count_before(order)).sum()
}

/// The classes that are served by those who could take items of this class, itself among them.
pub(super) fn rivals(index: &Index, number: ClassNumber) -> BTreeSet<ClassNumber> {
    let mut rivals = BTreeSet::from([number]);
    let Some(class) = index.classes.get(number) else { return rivals };
    let anybody_at_work = people(index, class).any(|entry| entry.at_work);
    for entry in people(index, class).filter(|entry| entry.at_work || !anybody_at_work) {
        rivals.extend(entry.places.iter().map(|place| place.class));
    }
    rivals
}

fn people<'index>(
    index: &'index Index,
    class: &'index Class,
) -> impl Iterator<Item = &'index RepresentativeIndex> {
    class.fit.iter().filter_map(|id| index.representatives.get(id))
}
