//! What the router looks things up by. All of it follows from the [`Book`], and [`Index::of`] says how; between two
//! commands the index that is kept up to date agrees with one that is made anew.
//!
//! Nothing here is ever searched from end to end: waiting work is in the order in which it is served, representatives
//! are in the order in which they are chosen. What is known of a queue is in `queue_index`, of a representative in
//! `representative_index`.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::book::Book;
use super::by_id::ById;
use super::capacity::Load;
use super::class::Classes;
use super::deadlines::Due;
use super::eligibility::Given;
use super::line::Line;
use super::queue_index::QueueIndex;
use super::representative_index::{RepresentativeIndex, attributes_of, view};
use super::rulebook::Rulebook;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, OfferId, QueueId, RepresentativeId, WorkstreamId};
use crate::protocol::insight::Tally;
use crate::settings::schema;
use crate::time::Timestamp;

/// Every index.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// The rules of the settings, ready to be asked.
    pub(super) rules: Arc<Rulebook>,
    /// By queue.
    pub(super) queues: ById<QueueId, QueueIndex>,
    /// What is counted of each workstream that has or had work.
    pub(super) workstreams: ById<WorkstreamId, Tally>,
    /// By representative.
    pub(super) representatives: ById<RepresentativeId, RepresentativeIndex>,
    /// Waiting work and who can take it.
    pub(super) classes: Classes,
    /// Which conversation an open offer is about.
    pub(super) offers: HashMap<OfferId, ConversationId, FixedState>,
    /// What is due, and when: at most one entry for each item and each representative.
    pub(super) deadlines: Line<(Timestamp, Due)>,
    /// In which conversations somebody takes part, or is asked to, beside the primary representative. None is empty.
    pub(super) company: BTreeMap<RepresentativeId, BTreeSet<ConversationId>>,
    /// Who was offered nothing because they had too many sessions open.
    pub(super) crowded: BTreeSet<RepresentativeId>,
    /// What waits in no queue, because the settings have no place for it, by age.
    pub(super) parked: Line<(Timestamp, ConversationId)>,
    /// For which conversations the system looks for a consultant.
    pub(super) searches: BTreeSet<ConversationId>,
}

impl Index {
    /// The index of this book.
    pub(super) fn of(book: &Book) -> Self {
        Self::under(book, Arc::new(Rulebook::of(book)))
    }

    /// The same with the rules of this book, if they are there.
    pub(super) fn under(book: &Book, rules: Arc<Rulebook>) -> Self {
        let mut index = Self { rules, ..Self::default() };
        let given = book.given();
        index.queues = book.queues.keys().map(|id| (id, QueueIndex::default())).collect();
        let of_people = schema([], &book.attributes).with_representative();
        for (&id, representative) in &book.representatives {
            let entry = RepresentativeIndex {
                queues: BTreeMap::new(),
                skills: book.levels_of(&representative.profile.skills),
                attributes: attributes_of(&representative.profile, &of_people),
                work: Line::default(),
                load: Load::default(),
                at_work: false,
                connected: false,
                available_in: BTreeSet::new(),
                places: Vec::new(),
                refused: Line::default(),
                wanted: Line::default(),
                told: view(representative, &Load::default()),
            };
            index.representatives.insert(id, entry);
            index.crowded.extend(representative.crowded.then_some(id));
            index.add_deadline(representative.due(), Due::Representative(id));
        }
        for (&id, queue) in &book.queues {
            for (place, member) in queue.members.iter().enumerate() {
                if let Some(entry) = index.representatives.get_mut(member) {
                    entry.queues.insert(id, place);
                }
            }
        }
        for (&id, item) in &book.items {
            index.add_item(&given, id, item);
        }
        for (&id, representative) in &book.representatives {
            index.rank(&given, id);
            if let Some(entry) = index.representatives.get_mut(&id) {
                entry.told = view(representative, &entry.load);
            }
        }
        for (&id, guest) in &book.guests {
            index.add_deadline(guest.due(), Due::Guest(id));
        }
        index.add_deadline(book.next_look, Due::Lines);
        if index.rules.asks_for_hours() {
            index.add_deadline(book.hours_change, Due::Hours);
        }
        index.queues.change_all(|_, queue| queue.told_available = queue.anyone_available());
        index
    }

    /// Puts an item in.
    pub(super) fn add_item(&mut self, given: &Given<'_>, id: ConversationId, item: &WorkItem) {
        self.workstreams.get_or_default(item.workstream).count(item, true);
        if let Some(queue) = item.queue.and_then(|queue| self.queues.get_mut(&queue)) {
            queue.tally.count(item, true);
            if matches!(item.stage, Stage::Offered(_)) {
                queue.offered.insert(id);
            }
        }
        if item.queue.is_none() {
            self.parked.insert((item.waits_since, id));
        }
        if matches!(item.stage, Stage::Open) {
            self.add_open(given, id, item);
        }
        for offer in item.offers() {
            self.offers.insert(offer.id, id);
        }
        if let Some(entry) = item.representative().and_then(|id| self.representatives.get_mut(&id)) {
            entry.work.insert(id);
        }
        for (representative, charge) in item.charges() {
            if let Some(entry) = self.representatives.get_mut(&representative) {
                entry.load.add(charge);
            }
        }
        for representative in item.company() {
            self.company.entry(representative).or_default().insert(id);
        }
        if item.search.is_some() {
            self.searches.insert(id);
        }
        self.add_deadline(item.due(), Due::Item(id));
    }

    /// Takes an item out, which must be as it was when it was put in.
    pub(super) fn remove_item(&mut self, given: &Given<'_>, id: ConversationId, item: &WorkItem) {
        self.workstreams.get_or_default(item.workstream).count(item, false);
        if let Some(queue) = item.queue.and_then(|queue| self.queues.get_mut(&queue)) {
            queue.tally.count(item, false);
            if matches!(item.stage, Stage::Offered(_)) {
                queue.offered.remove(&id);
            }
        }
        if item.queue.is_none() {
            self.parked.remove(&(item.waits_since, id));
        }
        if matches!(item.stage, Stage::Open) {
            self.remove_open(given, id, item);
        }
        for offer in item.offers() {
            self.offers.remove(&offer.id);
        }
        if let Some(entry) = item.representative().and_then(|id| self.representatives.get_mut(&id)) {
            entry.work.remove(&id);
        }
        for (representative, charge) in item.charges() {
            if let Some(entry) = self.representatives.get_mut(&representative) {
                entry.load.remove(charge);
            }
        }
        for representative in item.company() {
            if let Some(conversations) = self.company.get_mut(&representative) {
                conversations.remove(&id);
                if conversations.is_empty() {
                    self.company.remove(&representative);
                }
            }
        }
        self.searches.remove(&id);
        self.remove_deadline(item.due(), Due::Item(id));
    }
}
