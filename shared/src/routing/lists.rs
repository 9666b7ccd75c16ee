//! On whose lists work stands, and what consoles are told when that changes (reference sections 20 and 21).
//!
//! A turn knows which items it changed, and tells of these alone. New settings change lists without changing items: a
//! member comes or goes, a queue or somebody is called otherwise. [`Relisted`] says of which items that is true, so that
//! what is told, and what it costs, is as much as what changed and not as much as waits.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::book::Book;
use super::effect::Audience;
use super::index::Index;
use super::turn::Turn;
use super::views::{self, Glance, Viewers};
use super::work::WorkItem;
use crate::id::{ConversationId, QueueId, RepresentativeId, WorkstreamId};
use crate::protocol::desk::{DeskFrame, WorkItemView};
use crate::settings::{Queue, Settings, Workstream};

/// In what new settings change the lists.
#[derive(Default)]
pub(super) struct Relisted {
    /// Queues into which members come, or from which they go.
    members: BTreeMap<QueueId, Members>,
    /// Queues that are called otherwise, or are gone.
    queues: BTreeSet<QueueId>,
    /// Workstreams in which representatives can step out from now on, or no longer.
    workstreams: BTreeSet<WorkstreamId>,
    /// Whoever is called otherwise.
    people: BTreeSet<RepresentativeId>,
}

/// Who comes into a queue and who goes.
#[derive(Default)]
struct Members {
    joined: BTreeSet<RepresentativeId>,
    left: BTreeSet<RepresentativeId>,
}

impl Relisted {
    /// What these settings change, which are not in the book yet.
    pub(super) fn by(book: &Book, settings: &Settings) -> Self {
        let mut relisted = Self::default();
        for queue in &settings.queues {
            relisted.compare_queues(queue.id, book.queues.get(&queue.id), Some(queue));
        }
        let queues: BTreeSet<_> = settings.queues.iter().map(|queue| queue.id).collect();
        for (&id, queue) in book.queues.iter().filter(|(id, _)| !queues.contains(id)) {
            relisted.compare_queues(id, Some(queue), None);
        }
        let can_wait = |workstream: &Workstream| workstream.sessions.channel.can_wait();
        let new = settings.workstreams.iter().map(|workstream| (workstream.id, can_wait(workstream)));
        let new: BTreeMap<_, _> = new.collect();
        let old = |id| book.workstreams.get(id).is_some_and(can_wait);
        relisted.workstreams.extend(new.iter().filter(|(id, new)| old(id) != **new).map(|(id, _)| *id));
        let gone = book.workstreams.iter().filter(|(id, _)| !new.contains_key(id));
        relisted.workstreams.extend(gone.filter(|(_, workstream)| can_wait(workstream)).map(|(id, _)| *id));
        let new = settings.representatives.iter().map(|profile| (profile.id, &profile.full_name));
        let new: BTreeMap<_, _> = new.collect();
        let old = |id| book.representatives.get(id).map(|known| &known.profile.full_name);
        relisted.people.extend(new.iter().filter(|(id, new)| old(id) != Some(**new)).map(|(id, _)| *id));
        relisted.people.extend(book.representatives.keys().filter(|id| !new.contains_key(id)));
        relisted
    }

    fn compare_queues(&mut self, id: QueueId, old: Option<&Queue>, new: Option<&Queue>) {
        if old.map(|queue| &queue.name) != new.map(|queue| &queue.name) {
            self.queues.insert(id);
        }
        let members = |queue: Option<&'_ Queue>| queue.map(|queue| queue.members.clone()).unwrap_or_default();
        if old.map(|queue| &queue.members) == new.map(|queue| &queue.members) {
            return;
        }
        let old: BTreeSet<_> = members(old).into_iter().collect();
        let new: BTreeSet<_> = members(new).into_iter().collect();
        let (joined, left) = (&new - &old, &old - &new);
        if !joined.is_empty() || !left.is_empty() {
            self.members.insert(id, Members { joined, left });
        }
    }

    /// Whether an item that has not changed looks otherwise.
    fn rewords(&self, item: &WorkItem) -> bool {
        let called_otherwise = || item.owner().into_iter().chain(item.company());
        item.queue.is_some_and(|queue| self.queues.contains(&queue))
            || self.workstreams.contains(&item.workstream)
            || (!self.people.is_empty() && called_otherwise().any(|id| self.people.contains(&id)))
    }

    /// Every item that somebody is to be shown, or no longer, although it has not changed itself.
    fn concerned(&self, book: &Book, index: &Index) -> Vec<ConversationId> {
        let mut concerned = Vec::new();
        if !self.queues.is_empty() || !self.workstreams.is_empty() {
            let reworded = book.items.iter().filter(|(_, item)| self.rewords(item));
            concerned.extend(reworded.map(|(&id, _)| id));
        }
        for person in &self.people {
            concerned.extend(index.representatives.get(person).iter().flat_map(|entry| entry.work.iter()));
            concerned.extend(index.company.get(person).into_iter().flatten());
        }
        for queue in self.members.keys().filter_map(|queue| index.queues.get(queue)) {
            concerned.extend(queue.waiting(&index.classes));
        }
        concerned
    }

    /// Whether not all members of one of these queues are those of before.
    fn moves_members_of(&self, queues: [Option<QueueId>; 2]) -> bool {
        queues.into_iter().flatten().any(|queue| self.members.contains_key(&queue))
    }

    /// Who was in a queue before.
    fn former_members(&self, book: &Book, queue: QueueId) -> BTreeSet<RepresentativeId> {
        let now = book.queues.get(&queue).into_iter().flat_map(|queue| &queue.members).copied();
        match self.members.get(&queue) {
            None => now.collect(),
            Some(Members { joined, left }) => {
                now.filter(|id| !joined.contains(id)).chain(left.iter().copied()).collect()
            }
        }
    }
}

impl Turn<'_> {
    /// Shows each changed item to those who see it now, and takes it from those who saw it before.
    pub(super) fn tell_work(&mut self) {
        let mut items = core::mem::take(&mut self.changed.items);
        let relisted = self.changed.relisted.take();
        for id in relisted.iter().flat_map(|relisted| relisted.concerned(self.book, self.index)) {
            let now = self.book.items.get(&id).map(|item| Box::new(Glance::of(item)));
            items.entry(id).or_insert(now);
        }
        for (id, before) in items {
            let item = self.book.items.get(&id);
            let reworded = item.zip(relisted.as_ref()).is_some_and(|(item, relisted)| relisted.rewords(item));
            let after = item.map(|item| Glance::of(item));
            let unchanged = before.as_deref() == after.as_ref() && !reworded;
            let viewers = after.map(|glance| glance.viewers()).unwrap_or_default();
            if unchanged {
                if let Some(relisted) = &relisted {
                    self.tell_members(id, &viewers, relisted);
                }
                continue;
            }
            let former = before.map(|glance| glance.viewers()).unwrap_or_default();
            match relisted.as_ref().filter(|it| it.moves_members_of([former.queue, viewers.queue])) {
                Some(relisted) => self.take_from_former_lists(id, &former, &viewers, relisted),
                None => self.take_from_lists(id, &former, &viewers),
            }
            self.put_on_lists(id, &viewers);
        }
    }

    /// An item is what it was, and waits where it waited: it comes to those who have come, and goes from those who left.
    fn tell_members(&mut self, conversation: ConversationId, viewers: &Viewers, relisted: &Relisted) {
        let Some(Members { joined, left }) = viewers.queue.and_then(|queue| relisted.members.get(&queue))
        else {
            return;
        };
        let takes_part = |id: &&RepresentativeId| viewers.people.contains(id);
        for &id in left.iter().filter(|id| !takes_part(id)) {
            self.show_one(id, DeskFrame::WorkGone { conversation });
        }
        for &id in joined.iter().filter(|id| !takes_part(id)) {
            if let Some(item) = self.listed(conversation, None) {
                self.show_one(id, DeskFrame::Work { item });
            }
        }
    }

    /// Takes an item from the lists of those who saw it and see it no more, where others were in its queue than now.
    fn take_from_former_lists(
        &mut self,
        conversation: ConversationId,
        former: &Viewers,
        viewers: &Viewers,
        relisted: &Relisted,
    ) {
        let saw = former.queue.map(|queue| relisted.former_members(self.book, queue));
        let saw = saw.into_iter().flatten().chain(former.people.iter().copied());
        let sees = viewers.queue.and_then(|queue| self.book.queues.get(&queue));
        let sees = sees.into_iter().flat_map(|queue| &queue.members).chain(&viewers.people);
        let sees: BTreeSet<_> = sees.copied().collect();
        let gone: BTreeSet<_> = saw.filter(|id| !sees.contains(id)).collect();
        for id in gone {
            self.show_one(id, DeskFrame::WorkGone { conversation });
        }
    }

    /// Takes an item from the lists of those who saw it and see it no more.
    fn take_from_lists(&mut self, conversation: ConversationId, former: &Viewers, viewers: &Viewers) {
        if let Some(queue) = former.queue.filter(|queue| viewers.queue != Some(*queue)) {
            // Whoever has it from now on is shown that it changed.
            let but = viewers.people.first().copied();
            self.show(Audience::Queue { queue, but }, DeskFrame::WorkGone { conversation });
        }
        for &id in former.people.iter().filter(|id| !viewers.people.contains(id)) {
            let sees_it_wait = viewers.queue.is_some_and(|queue| self.book.is_member(id, queue));
            let saw_it_go = former.queue.is_some_and(|queue| self.book.is_member(id, queue));
            if !sees_it_wait && !saw_it_go {
                self.show_one(id, DeskFrame::WorkGone { conversation });
            }
        }
    }

    /// Shows an item to those who see it: one frame for everybody in its queue, and for each who takes part their own.
    fn put_on_lists(&mut self, conversation: ConversationId, viewers: &Viewers) {
        if let Some(queue) = viewers.queue
            && let Some(item) = self.listed(conversation, None)
        {
            self.show(Audience::Queue { queue, but: None }, DeskFrame::Work { item });
        }
        for &id in &viewers.people {
            if let Some(item) = self.listed(conversation, Some(id)) {
                self.show_one(id, DeskFrame::Work { item });
            }
        }
    }

    fn listed(&self, conversation: ConversationId, reader: Option<RepresentativeId>) -> Option<WorkItemView> {
        let item = self.book.items.get(&conversation)?;
        views::work_item(self.book, conversation, item, reader)
    }
}
