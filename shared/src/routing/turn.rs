//! One command at work. A turn changes the book only through the few functions here, which keep the index in step and
//! note what changed; [`Turn::finish`] then makes the assignments that have become possible and tells everybody what
//! is true now, once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::book::Book;
use super::configuration::Lists;
use super::effect::{Activity, Audience, Effect, SessionEnd};
use super::eligibility::Given;
use super::index::{Due, Index};
use super::representative::Representative;
use super::views::{self, Glance};
use super::work::{Session, Stage, WorkItem};
use crate::conversation::Notice;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::DeskFrame;
use crate::settings::Units;
use crate::time::Timestamp;

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
    pub(super) items: BTreeMap<ConversationId, Option<Glance>>,
    /// Items that have become open: whoever can take them may be there already.
    pub(super) opened: BTreeSet<ConversationId>,
    /// Items whose customers are to hear that they wait.
    pub(super) queued: BTreeSet<ConversationId>,
    /// Representatives who may be able to take more than before.
    pub(super) ranked: BTreeSet<RepresentativeId>,
    /// Representatives whose presence or capacity may have changed.
    pub(super) representatives: BTreeSet<RepresentativeId>,
    /// Queues in which somebody may have become available or unavailable.
    pub(super) queues: BTreeSet<QueueId>,
    /// What was on everybody's lists before, if the settings have changed: then any list may differ.
    pub(super) lists: Option<Lists>,
}

impl<'router> Turn<'router> {
    /// A turn at `now`.
    pub(super) fn new(book: &'router mut Book, index: &'router mut Index, now: Timestamp) -> Self {
        Self { book, index, now, effects: Vec::new(), changed: Changed::default() }
    }

    /// Puts a new item in.
    pub(super) fn add_item(&mut self, id: ConversationId, item: WorkItem) {
        self.changed.items.entry(id).or_insert(None);
        self.changed.opened.insert(id);
        self.changed.queued.insert(id);
        self.index.add_item(&self.book.given(), id, &item);
        self.book.items.insert(id, item);
    }

    /// Changes an item, if there is one.
    pub(super) fn change_item<T>(
        &mut self,
        id: ConversationId,
        change: impl FnOnce(&mut WorkItem) -> T,
    ) -> Option<T> {
        let Book { items, queues, workstreams, representatives, .. } = &mut *self.book;
        let given = Given { queues, workstreams, representatives };
        let item = items.get_mut(&id)?;
        self.changed.items.entry(id).or_insert_with(|| Some(Glance::of(item)));
        let before = held(item);
        self.index.remove_item(&given, id, item);
        let result = change(item);
        self.index.add_item(&given, id, item);
        let after = held(item);
        if before != after {
            self.moved_capacity(before, after);
        }
        Some(result)
    }

    /// Takes an item out for good.
    pub(super) fn remove_item(&mut self, id: ConversationId) -> Option<WorkItem> {
        let item = self.book.items.remove(&id)?;
        self.changed.items.entry(id).or_insert_with(|| Some(Glance::of(&item)));
        self.index.remove_item(&self.book.given(), id, &item);
        self.moved_capacity(held(&item), None);
        Some(item)
    }

    /// Capacity was held by one representative before, and is by another now.
    fn moved_capacity(&mut self, before: Option<Held>, after: Option<Held>) {
        if let Some((representative, units)) = before {
            let keeps = after.is_some_and(|(other, now)| other == representative && now >= units);
            let keeps = keeps || units <= Units(0);
            if let Some(known) = self.book.representatives.get_mut(&representative)
                && !keeps
            {
                known.released = self.now;
            }
            self.rank(representative);
        }
        if let Some((representative, _)) = after {
            self.rank(representative);
        }
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
        self.rank(id);
        Some(result)
    }

    /// Something of a representative has changed: they will be put where they belong, and may be able to take more.
    fn rank(&mut self, id: RepresentativeId) {
        self.changed.representatives.insert(id);
        self.changed.ranked.insert(id);
    }

    /// Records that a session is over.
    pub(super) fn record_session(
        &mut self,
        conversation: ConversationId,
        session: &Session,
        reason: SessionEnd,
    ) {
        self.effects.push(Effect::Record(Activity::SessionEnded {
            conversation,
            session: session.id,
            representative: session.representative,
            assigned: session.assigned,
            accepted: session.accepted,
            ended: self.now,
            reason,
        }));
    }

    /// Tells a conversation what became of it.
    pub(super) fn notify(&mut self, conversation: ConversationId, notice: Notice) {
        self.effects.push(Effect::Notify { conversation, notice });
    }

    /// Shows something to an audience, if it can have a console open.
    pub(super) fn show(&mut self, to: Audience, frame: DeskFrame) {
        let there = match to {
            Audience::Representative(id) => self.book.is_connected(id),
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
        self.assign();
        self.tell_customers();
        self.tell_presences();
        self.tell_work();
        self.effects
    }

    /// Work that comes back from somebody goes where it belongs by the settings of now.
    fn place_opened(&mut self) {
        let Turn { book, changed, .. } = self;
        let opened = changed.opened.iter().filter_map(|id| Some((*id, book.items.get(id)?)));
        let stale = opened.filter(|(_, item)| item.stage == Stage::Open && item.placed != book.version);
        let stale: Vec<_> = stale.map(|(id, item)| (id, item.clone())).collect();
        for (id, mut item) in stale {
            self.book.place(&mut item);
            self.change_item(id, |old| *old = item);
        }
    }

    /// Tells those who begin to wait, and those in whose queue the first has come or the last has gone.
    fn tell_customers(&mut self) {
        let mut queued = core::mem::take(&mut self.changed.queued);
        for queue in core::mem::take(&mut self.changed.queues) {
            let Some(entry) = self.index.queues.get_mut(&queue) else { continue };
            let available = entry.anyone_available();
            if entry.told_available != available {
                entry.told_available = available;
                queued.extend(entry.waiting(&self.index.classes));
            }
        }
        for conversation in queued {
            let Some(item) = self.book.items.get(&conversation).filter(|item| item.waits()) else { continue };
            let queue = item.queue.and_then(|queue| self.index.queues.get(&queue));
            let anyone_available = queue.is_some_and(|queue| queue.told_available);
            self.notify(conversation, Notice::Queued { anyone_available });
        }
    }

    fn tell_presences(&mut self) {
        for id in core::mem::take(&mut self.changed.representatives) {
            let Some(representative) = self.book.representatives.get(&id) else { continue };
            let presence = self.index.presence_of(id, representative);
            let Some(entry) = self.index.representatives.get_mut(&id) else { continue };
            if entry.told != presence {
                entry.told = presence.clone();
                self.show_one(id, DeskFrame::Presence { presence });
            }
        }
    }

    /// Shows each changed item to those who see it now, and takes it from those who saw it before.
    fn tell_work(&mut self) {
        if let Some(before) = self.changed.lists.take() {
            return self.tell_lists(before);
        }
        for (id, before) in core::mem::take(&mut self.changed.items) {
            let after = self.book.items.get(&id).map(Glance::of);
            if before == after {
                continue;
            }
            let viewers = after.and_then(|glance| glance.viewers());
            let former = before.and_then(|glance| self.left_behind(glance.viewers()?, viewers));
            if let Some(former) = former {
                self.show(former, DeskFrame::WorkGone { conversation: id });
            }
            let item = self.book.items.get(&id).and_then(|item| views::work_item(self.book, id, item));
            if let Some((to, item)) = viewers.zip(item) {
                self.show(to, DeskFrame::Work { item });
            }
        }
    }
}

impl Turn<'_> {
    /// Who of the former viewers of an item does not see it any more.
    fn left_behind(&self, former: Audience, viewers: Option<Audience>) -> Option<Audience> {
        match (former, viewers) {
            _ if Some(former) == viewers => None,
            (Audience::Queue { queue, .. }, Some(Audience::Representative(owner))) => {
                Some(Audience::Queue { queue, but: Some(owner) })
            }
            (Audience::Representative(owner), Some(Audience::Queue { queue, .. }))
                if self.book.is_member(owner, queue) =>
            {
                None
            }
            _ => Some(former),
        }
    }
}

/// What an item holds of whose capacity.
type Held = (RepresentativeId, Units);

fn held(item: &WorkItem) -> Option<Held> {
    item.session().map(|session| (session.representative, session.holds))
}
