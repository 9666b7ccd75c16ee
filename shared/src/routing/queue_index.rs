//! What waits in a queue, by class, and how much work it has.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::book::Book;
use super::by_id::ById;
use super::class::{Class, ClassNumber, Classes, Kind, KindOf, Kinds, Place};
use super::eligibility::{Given, Person};
use super::facts::QueueView;
use super::flow::Ahead;
use super::index::Index;
use super::line::Line;
use super::ongoing::oldest;
use super::order::Order;
use super::representative_index::{RepresentativeIndex, rank_in};
use super::requirements::Requirements;
use super::work::WorkItem;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::insight::Tally;
use crate::settings::Queue;
use crate::time::{Span, Timestamp};

/// How many classes without a waiting item a queue keeps, because the next item may be of their kind. To make one anew
/// costs as much as the queue has members.
const IDLE_CLASSES_MAX: usize = 64;

/// One queue.
#[derive(Debug, Clone, Default)]
pub(super) struct QueueIndex {
    /// The classes of its waiting work, by kind.
    pub(super) kinds: Kinds,
    /// Open items that wait for certain people alone.
    pub(super) reserved: Line<Order>,
    /// Items that are offered to somebody.
    pub(super) offered: Line<ConversationId>,
    /// Its work, by state.
    pub(super) tally: Tally,
    /// How many members are at work: whoever waits here can hope.
    pub(super) at_work: usize,
    /// How many members could be offered work of this queue now, if that is asked.
    pub(super) available: usize,
    /// How many members have a console open.
    pub(super) connected: usize,
    /// Whether those who wait here were told that somebody is there.
    pub(super) told_available: bool,
}

impl QueueIndex {
    /// Whether somebody is there who will take work sooner or later.
    pub(super) fn anyone_available(&self) -> bool {
        self.at_work > 0
    }

    /// Its classes in the order of their kinds, for what people see in order.
    pub(super) fn in_order(&self) -> Vec<ClassNumber> {
        let mut kinds: Vec<_> = self.kinds.iter().collect();
        kinds.sort_unstable();
        kinds.into_iter().map(|(_, number)| *number).collect()
    }

    /// The lines in which open items wait here. The lines are in no order.
    pub(super) fn lines<'index>(
        &'index self,
        classes: &'index Classes,
    ) -> impl Iterator<Item = &'index Line<Order>> + 'index {
        let lines = self.kinds.values().filter_map(|number| classes.get(*number));
        lines.map(|class| &class.waiting).chain([&self.reserved])
    }

    /// Everything that waits here, open or offered, in no order.
    pub(super) fn waiting<'index>(
        &'index self,
        classes: &'index Classes,
    ) -> impl Iterator<Item = ConversationId> + 'index {
        let open = self.lines(classes).flat_map(|line| line.iter().map(|order| order.conversation));
        open.chain(self.offered.iter())
    }
}

impl Index {
    pub(super) fn add_open(&mut self, given: &Given<'_>, id: ConversationId, item: &WorkItem) {
        let Some((place, queue)) = item.queue.and_then(|id| Some((id, given.queues.get(&id)?))) else {
            return;
        };
        let order = Order::of(id, item, queue);
        if item.waits_for_certain_people_alone() {
            if let Some(queue) = self.queues.get_mut(&place) {
                queue.reserved.insert(order);
            }
        } else if let Some(class) = self.class_for(given, place, item)
            && let Some(class) = self.classes.get_mut(class)
        {
            class.waiting.insert(order);
        }
        for who in item.wishes() {
            if let Some(entry) = self.representatives.get_mut(who) {
                entry.wanted.insert(order);
            }
        }
        if item.declines.is_empty() {
            return;
        }
        let Some(workstream) = given.workstreams.get(&item.workstream) else { return };
        for (who, declines) in &item.declines {
            if *declines >= workstream.offers_per_representative
                && let Some(entry) = self.representatives.get_mut(who)
            {
                entry.refused.insert(id);
            }
        }
    }

    pub(super) fn remove_open(&mut self, given: &Given<'_>, id: ConversationId, item: &WorkItem) {
        let Some((place, queue)) = item.queue.and_then(|id| Some((id, given.queues.get(&id)?))) else {
            return;
        };
        let order = Order::of(id, item, queue);
        for who in item.wishes() {
            if let Some(entry) = self.representatives.get_mut(who) {
                entry.wanted.remove(&order);
            }
        }
        for who in item.declines.keys() {
            if let Some(entry) = self.representatives.get_mut(who) {
                entry.refused.remove(&id);
            }
        }
        let Some(queue) = self.queues.get_mut(&place) else { return };
        if item.waits_for_certain_people_alone() {
            queue.reserved.remove(&order);
            return;
        }
        let Some(&number) = queue.kinds.get(&KindOf(item)) else { return };
        let Some(class) = self.classes.get_mut(number) else { return };
        class.waiting.remove(&order);
        if class.waiting.is_empty() && queue.kinds.len() > IDLE_CLASSES_MAX {
            queue.kinds.remove(&KindOf(item));
            self.forget_class(number);
        }
    }

    /// The class of this item in this queue, which is made if there is none.
    pub(super) fn class_for(
        &mut self,
        given: &Given<'_>,
        queue: QueueId,
        item: &WorkItem,
    ) -> Option<ClassNumber> {
        match self.queues.get(&queue)?.kinds.get(&KindOf(item)) {
            Some(number) => Some(*number),
            None => self.make_class(given, queue, KindOf(item).cloned()),
        }
    }

    /// The class of an open item.
    pub(super) fn class_of(&self, item: &WorkItem) -> Option<&Class> {
        self.classes.get(self.number_of(item)?)
    }

    /// The number of the class of an open item.
    pub(super) fn number_of(&self, item: &WorkItem) -> Option<ClassNumber> {
        self.queues.get(&item.queue?)?.kinds.get(&KindOf(item)).copied()
    }

    /// Makes a class: everybody in the queue whose skills fit gets a place in it.
    pub(super) fn make_class(
        &mut self,
        given: &Given<'_>,
        queue: QueueId,
        kind: Kind,
    ) -> Option<ClassNumber> {
        let number = self.classes.add(Class::new(given, &self.rules, queue, kind.clone())?)?;
        let Self { queues, representatives, classes, .. } = self;
        let class = classes.get_mut(number)?;
        queues.get_mut(&queue)?.kinds.insert(kind, number);
        for (id, place) in settle(given, representatives, class, number) {
            if let Some(entry) = representatives.get_mut(&id) {
                entry.places.push(place);
            }
        }
        Some(number)
    }

    /// The class of which an item would be if it waited; it is made for the occasion if there is none, and nothing is
    /// kept.
    pub(super) fn class_as_if<'index>(
        &'index self,
        given: &Given<'_>,
        item: &WorkItem,
    ) -> Option<Cow<'index, Class>> {
        if let Some(class) = self.class_of(item) {
            return Some(Cow::Borrowed(class));
        }
        let mut class = Class::new(given, &self.rules, item.queue?, KindOf(item).cloned())?;
        settle(given, &self.representatives, &mut class, ClassNumber::NONE);
        Some(Cow::Owned(class))
    }

    fn forget_class(&mut self, number: ClassNumber) {
        let Some(class) = self.classes.take(number) else { return };
        for who in &class.fit {
            if let Some(entry) = self.representatives.get_mut(who) {
                entry.places.retain(|place| place.class != number);
            }
        }
    }

    /// The classes of a queue that ask for these skills.
    pub(super) fn alike<'index>(
        &'index self,
        queue: QueueId,
        requires: &'index Requirements,
    ) -> impl Iterator<Item = ClassNumber> + 'index {
        let kinds = self.queues.get(&queue).into_iter().flat_map(|queue| &queue.kinds);
        let alike = kinds.filter(|(kind, _)| {
            kind.requires.skills == requires.skills && kind.requires.matching == requires.matching
        });
        alike.map(|(_, number)| *number)
    }

    /// How long somebody will wait who comes into this queue now and asks for this, while so many others wait there.
    pub(super) fn expected_wait(
        &self,
        book: &Book,
        queue: QueueId,
        requires: &Requirements,
        waiting: usize,
        now: Timestamp,
    ) -> Option<Span> {
        let alike = self.alike(queue, requires).filter_map(|number| self.classes.get(number));
        let alike = alike.map(|class| class.waiting.len()).sum();
        let expected = book.flows.get(&queue)?.expected(requires, Ahead { all: waiting, alike }, now, now);
        expected.map(|expected| expected.wait)
    }

    /// What waits in a queue.
    pub(super) fn waiting_in<'a>(&'a self, book: &'a Book, queue: QueueId) -> Waiting<'a> {
        Waiting { book, classes: &self.classes, entry: self.queues.get(&queue) }
    }

    /// What rules see of a queue, but for how long an item will wait there: that is asked of an item.
    pub(super) fn queue_view<'a>(&'a self, book: &'a Book, queue: &Queue, now: Timestamp) -> QueueView<'a> {
        let entry = self.queues.get(&queue.id);
        let waiting = entry.map_or(0, |entry| entry.tally.unanswered());
        QueueView {
            id: queue.id,
            now,
            waiting,
            line: self.waiting_in(book, queue.id),
            estimate: None,
            available: entry.map_or(0, |entry| entry.available),
            hours: queue.hours,
        }
    }
}

/// What waits in a queue, open or offered.
#[derive(Clone, Copy)]
pub(super) struct Waiting<'a> {
    book: &'a Book,
    classes: &'a Classes,
    entry: Option<&'a QueueIndex>,
}

impl Waiting<'_> {
    /// Since when the customer waits who has waited the longest: not always the one who is served next.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        let entry = self.entry?;
        let open = oldest(entry.lines(self.classes), 1).map(|(since, _)| since);
        // Each of these is held by somebody, so there are few.
        let offered = entry.offered.iter().filter_map(|id| Some(self.book.items.get(&id)?.waits_since));
        open.chain(offered).min()
    }

    /// How long that is.
    pub(super) fn longest(&self, now: Timestamp) -> Option<Span> {
        self.oldest().map(|since| now.since(since))
    }
}

/// Finds everybody in its queue whose skills fit a class, and ranks them there. Gives their places.
fn settle(
    given: &Given<'_>,
    representatives: &ById<RepresentativeId, RepresentativeIndex>,
    class: &mut Class,
    number: ClassNumber,
) -> Vec<(RepresentativeId, Place)> {
    let members = given.queues.get(&class.queue).map(|queue| &queue.members);
    let mut settled = Vec::new();
    for (member, &id) in members.into_iter().flatten().enumerate() {
        let Some(entry) = representatives.get(&id) else { continue };
        let closeness = class.kind.requires.closeness(&entry.skills);
        if closeness.is_none() && !class.terms.overlooks_skills() {
            continue;
        }
        class.fit.push(id);
        for level in 0..class.able.len() {
            let mut place = Place { class: number, level, member, closeness, rank: None };
            if let Some(representative) = given.representatives.get(&id) {
                let person = Person::new(representative, entry, &class.kind.requires);
                place.rank = rank_in(given, class, &place, person);
                class.move_rank(level, None, place.rank);
            }
            settled.push((id, place));
        }
    }
    settled
}
