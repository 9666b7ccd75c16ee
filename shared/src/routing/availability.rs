//! How many members of a queue could be offered some of its work now, for conditions that ask (reference section 19). It is
//! counted as people change, and only of queues of which it is asked.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::book::Book;
use super::by_id::ById;
use super::capacity::Charge;
use super::presence::Shown;
use super::queue_index::QueueIndex;
use super::representative::Representative;
use super::representative_index::RepresentativeIndex;
use super::requirements::Requirements;
use super::rulebook::{QueueRules, WorkstreamRules};
use super::turn::Turn;
use crate::condition::{Field, Predicate, QueueField};
use crate::id::{QueueId, WorkstreamId};
use crate::settings::{Distribution, Presence, Queue, SkillMatching, Workstream};

/// On which terms work that the system offers can come out of a queue.
#[derive(Debug, Clone, PartialEq)]
struct Offering {
    /// To whom by presence; none for whoever is there.
    presences: Option<Vec<Presence>>,
    /// What it takes at least.
    charge: Charge,
}

impl Offering {
    fn fits(&self, representative: &Representative, entry: &RepresentativeIndex, shown: Shown) -> bool {
        let present = match &self.presences {
            Some(presences) => presences.contains(&shown.presence),
            None => shown.can_be_offered(),
        };
        present && representative.room_for(&self.charge, &entry.load)
    }
}

/// The offerings of the queues of which it is asked who is available.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Offerings(BTreeMap<QueueId, Vec<Offering>>);

impl Offerings {
    /// The offerings of this book.
    pub(super) fn of(
        book: &Book,
        workstreams: &BTreeMap<WorkstreamId, WorkstreamRules>,
        queues: &BTreeMap<QueueId, QueueRules>,
    ) -> Self {
        // A filter looks at any queue.
        let of_all = workstreams.values().flat_map(|rules| rules.filters.predicates()).any(asks);
        let asked = queues.iter().filter(|(_, rules)| of_all || rules.overflow.iter().flatten().any(asks));
        let offerings =
            asked.filter_map(|(id, rules)| Some((*id, offerings_of(book, book.queues.get(id)?, rules))));
        Self(offerings.collect())
    }

    /// Whether nobody asks.
    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts somebody in the queues in which they are available now, and in no others.
    pub(super) fn count(
        &self,
        queues: &mut ById<QueueId, QueueIndex>,
        representative: &Representative,
        entry: &mut RepresentativeIndex,
        shown: Shown,
    ) {
        for id in entry.queues.keys() {
            let (Some(offerings), Some(queue)) = (self.0.get(id), queues.get_mut(id)) else { continue };
            let now = offerings.iter().any(|offering| offering.fits(representative, entry, shown));
            if now && entry.available_in.insert(*id) {
                queue.available += 1;
            } else if !now && entry.available_in.remove(id) {
                queue.available = queue.available.saturating_sub(1);
            }
        }
    }
}

fn asks(predicate: &Predicate) -> bool {
    predicate.fields().contains(&&Field::Queue(QueueField::AvailableRepresentatives))
}

fn offerings_of(book: &Book, queue: &Queue, rules: &QueueRules) -> Vec<Offering> {
    let pushed = |workstream: &&Workstream| {
        workstream.sessions.distribution == Distribution::Push
            && workstream.channel.queue_kind() == queue.kind
    };
    let nothing = Requirements { skills: Vec::new(), matching: SkillMatching::Off, profiles: Vec::new() };
    let mut offerings = Vec::new();
    for workstream in book.workstreams.values().filter(pushed) {
        let charge = Charge::of(workstream, &nothing);
        for level in rules.choices.iter().flat_map(|choice| choice.levels.iter()) {
            let presences = (!level.any_presence).then(|| workstream.allowed_presences.clone());
            let offering = Offering { presences, charge: charge.clone() };
            // Most workstreams are alike in this.
            if !offerings.contains(&offering) {
                offerings.push(offering);
            }
        }
    }
    offerings
}

impl Turn<'_> {
    /// Brings up to date what rules can see of people before it is decided about an item in the middle of a turn. The people
    /// are looked at again when work is assigned.
    pub(super) fn count_available(&mut self) {
        if self.index.rules.offerings.are_none() {
            return;
        }
        for id in &self.changed.ranked {
            if self.index.rank(&self.book.given(), id)
                && let Some(entry) = self.index.representatives.get(&id)
            {
                self.changed.queues.extend(entry.queues.keys().copied());
            }
        }
    }
}
