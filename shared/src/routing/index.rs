//! What the router looks things up by. All of it follows from the [`Book`], and [`Index::of`] says how; between two
//! commands the index that is kept up to date agrees with one that is made anew.
//!
//! Nothing here is ever searched from end to end: waiting work is in the order in which it is served, representatives
//! are in the order in which they are chosen.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::book::Book;
use super::by_id::ById;
use super::capacity::Load;
use super::class::{Class, ClassNumber, Classes, Kind, KindOf, Kinds, Place};
use super::eligibility::Given;
use super::eligibility::Meeting;
use super::facts::QueueView;
use super::line::Line;
use super::order::{Order, Rank};
use super::presence::Source;
use super::representative::Representative;
use super::requirements::Skills;
use super::rulebook::Rulebook;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, OfferId, QueueId, RepresentativeId, WorkstreamId};
use crate::protocol::desk::PresenceView;
use crate::protocol::insight::Tally;
use crate::settings::{Queue, Units};
use crate::time::Timestamp;

/// How many classes without a waiting item a queue keeps, because the next item may be of their kind. To make one anew
/// costs as much as the queue has members.
const IDLE_CLASSES_MAX: usize = 64;

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
    /// For which conversations the system looks for a consultant.
    pub(super) searches: BTreeSet<ConversationId>,
}

/// What time alone changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// Something of an item lapses: an offer, a wrap-up, a silence.
    Item(ConversationId),
    /// Customers are told where they stand.
    Lines,
    /// Some operating hours open or close.
    Hours,
    /// The grace time of somebody who is gone is over, or their day.
    Representative(RepresentativeId),
}

/// One queue.
#[derive(Debug, Clone, Default)]
pub(super) struct QueueIndex {
    /// The classes of its waiting work, by kind.
    pub(super) kinds: Kinds,
    /// Open items that wait for certain people alone.
    pub(super) reserved: Line<ConversationId>,
    /// Items that are offered to somebody.
    pub(super) offered: Line<ConversationId>,
    /// Its work, by state.
    pub(super) tally: Tally,
    /// How many members are at work: whoever waits here can hope.
    pub(super) at_work: usize,
    /// How many members have a console open.
    pub(super) connected: usize,
    /// Whether those who wait here were told that somebody is there.
    pub(super) told_available: bool,
}

/// One representative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RepresentativeIndex {
    /// Of which queues they are a member, and where they stand on its list.
    pub(super) queues: BTreeMap<QueueId, usize>,
    /// What they know.
    pub(super) skills: Skills,
    /// What they have or are offered.
    pub(super) work: Line<ConversationId>,
    /// What their work takes of their capacity.
    pub(super) load: Load,
    /// Whether they are at work.
    pub(super) at_work: bool,
    /// Whether a console of theirs is open.
    pub(super) connected: bool,
    /// Their places in the classes whose items their skills fit.
    pub(super) places: Vec<Place>,
    /// Open items that they declined as often as they are offered one.
    pub(super) refused: Line<ConversationId>,
    /// Open items that are to be offered to them before others, whatever their class.
    pub(super) wanted: Line<Order>,
    /// What their consoles were last told.
    pub(super) told: PresenceView,
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

    /// Everything that waits here, open or offered, in no order.
    pub(super) fn waiting<'index>(
        &'index self,
        classes: &'index Classes,
    ) -> impl Iterator<Item = ConversationId> + 'index {
        let lines = self.kinds.values().filter_map(|number| classes.get(*number));
        let open = lines.flat_map(|class| class.waiting.iter().map(|order| order.conversation));
        open.chain(self.reserved.iter()).chain(self.offered.iter())
    }
}

impl Index {
    /// The index of this book.
    pub(super) fn of(book: &Book) -> Self {
        let mut index = Self { rules: Arc::new(Rulebook::of(book)), ..Self::default() };
        let given = book.given();
        index.queues = book.queues.keys().map(|&id| (id, QueueIndex::default())).collect();
        for (&id, representative) in &book.representatives {
            let entry = RepresentativeIndex {
                queues: BTreeMap::new(),
                skills: book.levels_of(&representative.profile.skills),
                work: Line::default(),
                load: Load::default(),
                at_work: false,
                connected: false,
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
        if item.stage == Stage::Open {
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
        if item.stage == Stage::Open {
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

    fn add_open(&mut self, given: &Given<'_>, id: ConversationId, item: &WorkItem) {
        let Some((place, queue)) = item.queue.and_then(|id| Some((id, given.queues.get(&id)?))) else {
            return;
        };
        let order = Order::of(id, item, queue);
        if item.waits_for_certain_people_alone() {
            if let Some(queue) = self.queues.get_mut(&place) {
                queue.reserved.insert(id);
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

    fn remove_open(&mut self, given: &Given<'_>, id: ConversationId, item: &WorkItem) {
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
            queue.reserved.remove(&id);
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
        for (member, &id) in given.queues.get(&queue)?.members.iter().enumerate() {
            let Some(entry) = representatives.get_mut(&id) else { continue };
            let closeness = class.kind.requires.closeness(&entry.skills);
            if closeness.is_none() && !class.terms.overlooks_skills() {
                continue;
            }
            class.fit.push(id);
            for level in 0..class.able.len() {
                let mut place = Place { class: number, level, member, closeness, rank: None };
                if let Some(representative) = given.representatives.get(&id) {
                    place.rank = rank_in(given, class, &place, representative, entry);
                    class.move_rank(level, None, place.rank);
                }
                entry.places.push(place);
            }
        }
        Some(number)
    }

    fn forget_class(&mut self, number: ClassNumber) {
        let Some(class) = self.classes.take(number) else { return };
        for who in &class.fit {
            if let Some(entry) = self.representatives.get_mut(who) {
                entry.places.retain(|place| place.class != number);
            }
        }
    }

    /// Puts a representative where they belong now in each of their classes. Tells whether they have come to work or
    /// left it.
    pub(super) fn rank(&mut self, given: &Given<'_>, id: RepresentativeId) -> bool {
        let Self { queues, representatives, classes, .. } = self;
        let Some(representative) = given.representatives.get(&id) else { return false };
        let Some(entry) = representatives.get_mut(&id) else { return false };
        let mut places = mem::take(&mut entry.places);
        for place in &mut places {
            let Some(class) = classes.get_mut(place.class) else { continue };
            let rank = rank_in(given, class, place, representative, entry);
            if rank != place.rank {
                class.move_rank(place.level, mem::replace(&mut place.rank, rank), rank);
            }
        }
        entry.places = places;
        let now = (representative.shown(&entry.load).gives_hope(), representative.is_connected());
        let before = (mem::replace(&mut entry.at_work, now.0), mem::replace(&mut entry.connected, now.1));
        if before == now {
            return false;
        }
        for queue in entry.queues.keys() {
            if let Some(queue) = queues.get_mut(queue) {
                queue.at_work = recount(queue.at_work, before.0, now.0);
                queue.connected = recount(queue.connected, before.1, now.1);
            }
        }
        before.0 != now.0
    }

    /// Something will be due.
    pub(super) fn add_deadline(&mut self, at: Option<Timestamp>, due: Due) {
        if let Some(at) = at {
            self.deadlines.insert((at, due));
        }
    }

    /// Something will not be due after all.
    pub(super) fn remove_deadline(&mut self, at: Option<Timestamp>, due: Due) {
        if let Some(at) = at {
            self.deadlines.remove(&(at, due));
        }
    }

    /// Presence and capacity of this representative, as they are now.
    pub(super) fn presence_of(&self, id: RepresentativeId, representative: &Representative) -> PresenceView {
        let nothing = Load::default();
        view(representative, self.representatives.get(&id).map_or(&nothing, |entry| &entry.load))
    }

    /// What rules see of a queue.
    pub(super) fn queue_view(&self, book: &Book, queue: &Queue, now: Timestamp) -> QueueView {
        let entry = self.queues.get(&queue.id);
        let lines = entry.into_iter().flat_map(|entry| entry.kinds.values());
        let heads = lines.filter_map(|number| self.classes.get(*number)?.waiting.first());
        let waiting = entry.map_or(0, |entry| entry.tally.unanswered());
        QueueView {
            id: queue.id,
            waiting,
            longest: heads.map(|order| order.since).min().map(|since| now.since(since)),
            estimate: book.flows.get(&queue.id).and_then(|flow| flow.wait(waiting)),
            at_work: entry.map_or(0, |entry| entry.at_work),
            hours: queue.hours,
        }
    }

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
            && (queue.at_work, queue.connected, queue.told_available)
                == (other.at_work, other.connected, other.told_available)
            && queue.kinds.len() == other.kinds.len()
            && queue.kinds.iter().all(class_agrees)
    }
}

/// How many there are after one of them changed.
fn recount(count: usize, before: bool, now: bool) -> usize {
    (count + usize::from(now)).saturating_sub(usize::from(before))
}

/// Where somebody stands in a set of a class now; none if they cannot take such an item.
fn rank_in(
    given: &Given<'_>,
    class: &Class,
    place: &Place,
    representative: &Representative,
    entry: &RepresentativeIndex,
) -> Option<Rank> {
    let level = class.terms.levels.get(place.level)?;
    Meeting { given, class, place, representative, entry }.rank(level)
}

fn view(representative: &Representative, load: &Load) -> PresenceView {
    let shown = representative.shown(load);
    let standing = representative.standing.as_ref().filter(|_| representative.is_connected());
    PresenceView {
        presence: shown.presence,
        manual: standing.is_some_and(|standing| standing.source == Source::Chosen),
        used: Units(i32::try_from(load.units).unwrap_or(i32::MAX)),
        capacity: representative.profile.capacity,
        base: shown.base,
        text: standing.and_then(|standing| standing.text.as_ref()).map(|text| text.as_str().into()),
        profiles: representative.profile_views(load),
    }
}
