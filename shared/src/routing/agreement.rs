//! Whether the index is the one that follows from the book: what tests and the simulation ask after every step.

use alloc::vec::Vec;

use super::book::Book;
use super::class::{ClassNumber, Kind};
use super::index::Index;
use super::line::Line;
use super::queue_index::QueueIndex;
use super::representative_index::RepresentativeIndex;

impl Index {
    /// Whether this index is the one that follows from the book. Classes that nobody waits in may be there or not.
    pub(super) fn agrees_with(&self, book: &Book) -> bool {
        let mut anew = Self::of(book);
        for (&id, queue) in &self.queues {
            for kind in queue.kinds.keys() {
                if anew.queues.get(&id).is_some_and(|queue| !queue.kinds.contains_key(kind)) {
                    anew.make_class(&book.given(), id, kind.clone());
                }
            }
        }
        let people = |index: &Self| -> Vec<_> {
            let everybody = index.representatives.iter();
            everybody
                .map(|(id, entry)| (*id, RepresentativeIndex { places: Vec::new(), ..entry.clone() }))
                .collect()
        };
        self.offers == anew.offers
            && self.deadlines == anew.deadlines
            && (&self.company, &self.searches) == (&anew.company, &anew.searches)
            && self.crowded == anew.crowded
            && people(self) == people(&anew)
            && self.queues.keys().eq(anew.queues.keys())
            && self.queues.iter().all(|(id, queue)| {
                anew.queues.get(id).is_some_and(|other| self.queue_agrees(queue, &anew, other))
            })
    }

    fn queue_agrees(&self, queue: &QueueIndex, anew: &Self, other: &QueueIndex) -> bool {
        let class_agrees = |(kind, number): (&Kind, &ClassNumber)| {
            let class = self.classes.get(*number);
            let fresh = other.kinds.get(kind).and_then(|number| anew.classes.get(*number));
            class.zip(fresh).is_some_and(|(class, fresh)| {
                let places = class.able.iter().map(Line::len).sum::<usize>();
                let ranked = class.fit.iter().filter_map(|id| self.representatives.get(id));
                let ranked = ranked.flat_map(|entry| &entry.places);
                let ranked = ranked.filter(|place| place.class == *number && place.rank.is_some()).count();
                class.waiting == fresh.waiting
                    && class.able == fresh.able
                    && class.fit == fresh.fit
                    && class.terms == fresh.terms
                    && places == ranked
            })
        };
        queue.tally == other.tally
            && queue.reserved == other.reserved
            && queue.offered == other.offered
            && (queue.at_work, queue.available, queue.connected, queue.told_available)
                == (other.at_work, other.available, other.connected, other.told_available)
            && queue.kinds.len() == other.kinds.len()
            && queue.kinds.iter().all(class_agrees)
    }
}
