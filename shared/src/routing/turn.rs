//! One command at work. A turn changes the book only through the few functions here, which keep the index in step and
//! note what changed; [`Turn::finish`] then makes the assignments that have become possible and tells everybody what
//! is true now, once.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::book::Book;
use super::by_id::ById;
use super::capacity::{Charge, Load};
use super::deadlines::Due;
use super::effect::{Audience, Effect};
use super::eligibility::Given;
use super::index::Index;
use super::line::Line;
use super::lists::Relisted;
use super::representative::Representative;
use super::standing_in_line::stands_in_line;
use super::views::Glance;
use super::work::{Stage, WorkItem};
use crate::conversation::Notice;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::DeskFrame;
use crate::time::Timestamp;

/// How many effects most commands have at most.
const EFFECTS: usize = 8;

/// A command at work.
pub(super) struct Turn<'router> {
    pub(super) book: &'router mut Book,
    pub(super) index: &'router mut Index,
    pub(super) now: Timestamp,
    pub(super) effects: Vec<Effect>,
    pub(super) changed: Changed,
}

/// What a turn has changed so far.
#[derive(Default)]
pub(super) struct Changed {
    /// Items, as they looked before; none if they were not there.
    pub(super) items: BTreeMap<ConversationId, Option<Box<Glance>>>,
    /// Items that have become open: whoever can take them may be there already.
    pub(super) opened: Line<ConversationId>,
    /// Items whose customers are to hear that they wait.
    pub(super) queued: Line<ConversationId>,
    /// Representatives who may be able to take more than before.
    pub(super) ranked: Line<RepresentativeId>,
    /// Representatives whose presence or capacity may have changed.
    pub(super) representatives: Line<RepresentativeId>,
    /// Queues in which somebody may have become available or unavailable.
    pub(super) queues: Line<QueueId>,
    /// In what the lists of people differ because the settings are new.
    pub(super) relisted: Option<Box<Relisted>>,
}

impl Changed {
    /// Something of a representative has changed: they will be put where they belong, and may be able to take more.
    fn rank(&mut self, id: RepresentativeId) {
        self.representatives.insert(id);
        self.ranked.insert(id);
    }

    /// An item was with the one and is with the other: rules that count what somebody has see something else of them, also
    /// where it takes nothing of their capacity.
    fn moved_work(&mut self, from: Option<RepresentativeId>, to: Option<RepresentativeId>) {
        if from != to {
            from.into_iter().chain(to).for_each(|id| self.rank(id));
        }
    }
}

impl<'router> Turn<'router> {
    /// A turn at `now`.
    pub(super) fn new(book: &'router mut Book, index: &'router mut Index, now: Timestamp) -> Self {
        Self { book, index, now, effects: Vec::with_capacity(EFFECTS), changed: Changed::default() }
    }

    /// Puts a new item in.
    pub(super) fn add_item(&mut self, id: ConversationId, item: WorkItem) {
        self.changed.items.entry(id).or_insert(None);
        self.changed.opened.insert(id);
        self.changed.queued.insert(id);
        self.index.add_item(&self.book.given(), id, &item);
        self.book.items.insert(id, Box::new(item));
        self.line_moved();
    }

    /// Changes an item, if there is one.
    pub(super) fn change_item<T>(
        &mut self,
        id: ConversationId,
        change: impl FnOnce(&mut WorkItem) -> T,
    ) -> Option<T> {
        let Book { items, queues, workstreams, representatives, open_hours, skills, .. } = &mut *self.book;
        let given = Given { queues, workstreams, representatives, open_hours };
        let item = items.get_mut(&id)?;
        self.changed.items.entry(id).or_insert_with(|| Some(Box::new(Glance::of(item))));
        let (before, had) = (held(item), item.representative());
        let (stood, waited, queue) = (stands_in_line(item), item.waits(), item.queue);
        self.index.remove_item(&given, id, item);
        let result = change(item);
        if !item.waits() {
            // Their place goes with the wait. Whoever waits again is told again.
            item.told = None;
        }
        self.index.add_item(&given, id, item);
        let charges = item.charges().filter(|(_, charge)| !charge.is_nothing());
        moved_capacity(representatives, &mut self.changed, self.now, &before, charges);
        if self.index.rules.counts_work {
            self.changed.moved_work(had, item.representative());
        }
        let served = item.queue.filter(|_| waited && matches!(item.stage, Stage::Active(_)));
        let served = served.map(|queue| {
            let requires = (!skills.is_empty()).then(|| item.requires.clone());
            (queue, requires, item.waits_since)
        });
        if item.queue != queue && self.index.rules.assigns_supervisors {
            self.effects.push(Effect::Moved { conversation: id });
        }
        let placeless = item.queue.is_none() || item.waits_for_certain_people_alone();
        if stood || stands_in_line(item) {
            self.line_moved();
        }
        if let Some((queue, requires, since)) = served {
            self.note_flow(queue, requires.as_ref(), since);
        }
        if placeless {
            self.take_place_back(id);
        }
        Some(result)
    }

    /// Takes an item out for good.
    pub(super) fn remove_item(&mut self, id: ConversationId) -> Option<WorkItem> {
        let item = self.book.items.remove(&id)?;
        self.changed.items.entry(id).or_insert_with(|| Some(Box::new(Glance::of(&item))));
        self.index.remove_item(&self.book.given(), id, &item);
        if stands_in_line(&item) {
            self.line_moved();
        }
        let nothing = core::iter::empty();
        moved_capacity(&mut self.book.representatives, &mut self.changed, self.now, &held(&item), nothing);
        if self.index.rules.counts_work {
            self.changed.moved_work(item.representative(), None);
        }
        Some(*item)
    }

    /// Changes a representative, if they are there.
    pub(super) fn change_representative<T>(
        &mut self,
        id: RepresentativeId,
        change: impl FnOnce(&mut Representative) -> T,
    ) -> Option<T> {
        let representative = self.book.representatives.get_mut(&id)?;
        self.index.remove_deadline(representative.due(), Due::Representative(id));
        let result = change(representative);
        self.index.add_deadline(representative.due(), Due::Representative(id));
        self.changed.rank(id);
        Some(result)
    }

    /// Tells a conversation what became of it.
    pub(super) fn notify(&mut self, conversation: ConversationId, notice: Notice) {
        self.effects.push(Effect::Notify { conversation, notice });
    }

    /// Shows something to an audience, if it can have a console open.
    pub(super) fn show(&mut self, to: Audience, frame: DeskFrame) {
        let there = match to {
            Audience::Representative(id) => self.book.may_be_connected(id),
            Audience::Queue { queue, .. } => {
                self.index.queues.get(&queue).is_some_and(|queue| queue.connected > 0)
            }
        };
        if there {
            self.effects.push(Effect::Show { to, frame });
        }
    }

    /// Shows something to a representative, if a console of theirs is open.
    pub(super) fn show_one(&mut self, representative: RepresentativeId, frame: DeskFrame) {
        self.show(Audience::Representative(representative), frame);
    }

    /// Assigns what can be assigned, tells everybody, and gives the orders.
    pub(super) fn finish(mut self) -> Vec<Effect> {
        self.place_opened();
        self.look_at_the_crowded();
        self.assign();
        self.find_consultants();
        // Whoever was asked to advise may have no room any more.
        self.assign();
        self.tell_customers();
        self.tell_presences();
        self.tell_work();
        self.effects
    }

    /// Work that comes back from somebody goes where it belongs by the settings of now.
    fn place_opened(&mut self) {
        let Turn { book, changed, .. } = self;
        let opened = changed.opened.iter().filter_map(|id| Some((id, book.items.get(&id)?)));
        let stale = opened.filter(|(_, item)| item.stage == Stage::Open && item.placed != book.version);
        let stale: Vec<_> = stale.map(|(id, item)| (id, item.clone())).collect();
        if !stale.is_empty() {
            self.count_available();
        }
        for (id, mut item) in stale {
            self.place_within(&mut item, id);
            self.change_item(id, |old| *old = *item);
        }
    }

    /// Tells those who begin to wait, and those in whose queue the first has come or the last has gone.
    fn tell_customers(&mut self) {
        let mut queued = core::mem::take(&mut self.changed.queued);
        for queue in &core::mem::take(&mut self.changed.queues) {
            let Some(entry) = self.index.queues.get_mut(&queue) else { continue };
            let available = entry.anyone_available();
            if entry.told_available != available {
                entry.told_available = available;
                queued.extend(entry.waiting(&self.index.classes));
            }
        }
        for conversation in &queued {
            let Some(item) = self.book.items.get(&conversation).filter(|item| item.waits()) else { continue };
            let queue = item.queue.and_then(|queue| self.index.queues.get(&queue));
            let anyone_available = queue.is_some_and(|queue| queue.told_available);
            self.notify(conversation, Notice::Queued { anyone_available });
            self.tell_first_position(conversation);
        }
    }

    fn tell_presences(&mut self) {
        for id in &core::mem::take(&mut self.changed.representatives) {
            let Some(representative) = self.book.representatives.get(&id) else { continue };
            let presence = self.index.presence_of(id, representative);
            let Some(entry) = self.index.representatives.get_mut(&id) else { continue };
            if entry.told != presence {
                entry.told = presence.clone();
                self.show_one(id, DeskFrame::Presence { presence });
            }
        }
    }
}

/// What an item holds of somebody's capacity.
type Held = (RepresentativeId, Charge);

fn held(item: &WorkItem) -> Vec<Held> {
    if item.session().is_none() && item.accompanied().is_none() {
        return Vec::new();
    }
    let charges = item.charges().filter(|(_, charge)| !charge.is_nothing());
    charges.map(|(representative, charge)| (representative, charge.clone())).collect()
}

/// An item held this before, and holds that now.
fn moved_capacity<'item>(
    representatives: &mut ById<RepresentativeId, Representative>,
    changed: &mut Changed,
    now: Timestamp,
    before: &'item [Held],
    after: impl Iterator<Item = (RepresentativeId, &'item Charge)> + Clone,
) {
    if before.iter().map(|(representative, charge)| (*representative, charge)).eq(after.clone()) {
        return;
    }
    for (representative, _) in before {
        let theirs = |(other, charge)| (other == *representative).then_some(charge);
        let has = || after.clone().filter_map(theirs);
        let had = || before.iter().map(|(other, charge)| (*other, charge)).filter_map(theirs);
        // Hardly ever does somebody hold something before and after.
        let keeps = has().next().is_some() && Load::of(has()).covers(&Load::of(had()));
        if let Some(known) = representatives.get_mut(representative)
            && !keeps
        {
            known.released = now;
        }
        changed.rank(*representative);
    }
    for (representative, _) in after {
        changed.rank(representative);
    }
}
