//! Who can be asked to advise, to take over, or to take what waits (reference sections 25 and 26, S20 and S21).

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::book::Book;
use super::capacity::Charge;
use super::company::Consult;
use super::eligibility::Person;
use super::facts::ItemView;
use super::index::Index;
use super::presence::Shown;
use super::rejection::Rejection;
use super::requirements::Closeness;
use super::rulebook::{Filter, FilterRules, WorkstreamRules};
use super::turn::Turn;
use super::work::{Stage, WorkItem};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{CandidateView, DeskFrame, Purpose, QueueChoice};
use crate::settings::{ConsultRules, Consultable, Queue, Units, Workstream};
use crate::time::Timestamp;

/// A look at what is true.
#[derive(Clone, Copy)]
pub(super) struct Look<'router> {
    pub(super) book: &'router Book,
    pub(super) index: &'router Index,
    pub(super) now: Timestamp,
}

impl Turn<'_> {
    /// A look at what is true now.
    pub(super) fn look(&self) -> Look<'_> {
        Look { book: self.book, index: self.index, now: self.now }
    }
}

impl<'router> Look<'router> {
    /// Everybody and every queue that can be asked now.
    pub(super) fn candidates(
        &self,
        asker: RepresentativeId,
        conversation: ConversationId,
        purpose: Purpose,
    ) -> Result<DeskFrame, Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        let by_representative = matches!(purpose, Purpose::Consult | Purpose::Transfer);
        if by_representative && item.owner() != Some(asker) {
            return Err(Rejection::NotYours);
        }
        if !by_representative && !self.book.watch_of(asker).covers(item.queue) {
            return Err(Rejection::UnknownConversation);
        }
        let can_be_asked = |id: RepresentativeId| match purpose {
            Purpose::Consult => self.can_advise(conversation, id),
            Purpose::Transfer => self.can_receive(conversation, id),
            Purpose::Assign => self.has_allowed_presence(conversation, id),
            Purpose::Redirect => self.can_be_given(conversation, id),
        };
        let everybody = self.book.representatives.keys();
        let candidates = everybody.filter(|id| can_be_asked(*id)).filter_map(|id| self.candidate(item, id));
        let mut candidates: Vec<_> = candidates.collect();
        // Whose skills are nearest comes first, though nobody's are asked for (reference section 25).
        candidates.sort_by_key(|(distance, view)| (*distance, Reverse(view.remaining), view.representative));
        let representatives = candidates.into_iter().map(|(_, view)| view).collect();
        let queues = self.book.queues.values();
        let can_be_given = |queue: &&Queue| match purpose {
            Purpose::Assign => self.queue_can_be_given(conversation, queue.id).is_ok(),
            Purpose::Consult => self.queue_can_be_consulted(conversation, queue.id).is_ok(),
            Purpose::Transfer => self.queue_can_receive(conversation, queue.id).is_ok(),
            Purpose::Redirect => self.open_queue_can_be_given(conversation, queue.id).is_ok(),
        };
        let queues = queues.filter(can_be_given);
        let choice = |queue: &Queue| QueueChoice { queue: queue.id, name: queue.name.as_str().into() };
        let queues = queues.map(choice).collect();
        Ok(DeskFrame::Candidates { conversation, purpose, representatives, queues })
    }

    fn candidate(&self, item: &WorkItem, id: RepresentativeId) -> Option<(Closeness, CandidateView)> {
        let known = self.book.representatives.get(&id)?;
        let entry = self.index.representatives.get(&id)?;
        let bounded = known.remaining(&entry.load).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        let view = CandidateView {
            representative: id,
            full_name: String::from(known.profile.full_name.as_str()),
            presence: self.shown(id)?.presence,
            remaining: Units(i32::try_from(bounded).unwrap_or(i32::MAX)),
            skills: item.requires.fit(&entry.skills),
        };
        Some((item.requires.distance(&entry.skills), view))
    }

    /// Whether a filter of the settings lets somebody be asked about this (reference section 25).
    fn filter_finds(
        &self,
        conversation: ConversationId,
        representative: RepresentativeId,
        filter: impl FnOnce(&FilterRules) -> Option<&Filter>,
    ) -> bool {
        let Some((item, workstream, rules)) = self.rules_of(conversation) else { return false };
        let Some(filter) = filter(&rules.filters) else { return true };
        let known = self.book.representatives.get(&representative);
        known.zip(self.index.representatives.get(&representative)).is_some_and(|(representative, entry)| {
            let mut view = ItemView::of(item, workstream, &self.index.rules, self.now);
            view.person = Some(Person::new(representative, entry, &item.requires));
            filter.finds(&view)
        })
    }

    /// The same for a queue.
    fn filter_finds_queue(
        &self,
        conversation: ConversationId,
        queue: QueueId,
        filter: impl FnOnce(&FilterRules) -> Option<&Filter>,
    ) -> Result<(), Rejection> {
        let (item, workstream, rules) = self.rules_of(conversation).ok_or(Rejection::NotPossibleNow)?;
        let Some(filter) = filter(&rules.filters) else { return Ok(()) };
        let queue = self.book.queues.get(&queue).ok_or(Rejection::NotAvailable)?;
        let mut view = ItemView::of(item, workstream, &self.index.rules, self.now);
        let mut looked_at = self.index.queue_view(self.book, queue, self.now);
        looked_at.estimate =
            self.index.expected_wait(self.book, queue.id, &item.requires, looked_at.waiting, self.now);
        view.queue = Some(looked_at);
        if filter.finds(&view) { Ok(()) } else { Err(Rejection::NotAvailable) }
    }

    fn rules_of(
        &self,
        conversation: ConversationId,
    ) -> Option<(&'router WorkItem, &'router Workstream, &'router WorkstreamRules)> {
        let item = self.book.items.get(&conversation)?;
        let workstream = self.book.workstreams.get(&item.workstream)?;
        Some((item, workstream, self.index.rules.workstream(item.workstream)?))
    }

    /// Whether somebody can be asked to take this over: they are there and could take work, or they are being consulted.
    /// Skills and capacity do not matter.
    pub(super) fn can_receive(&self, conversation: ConversationId, receiver: RepresentativeId) -> bool {
        let Some(item) = self.book.items.get(&conversation) else { return false };
        if item.owner() == Some(receiver) {
            return false;
        }
        if matches!(item.consults.get(&receiver), Some(Consult::Joined { .. })) {
            return self.book.is_connected(receiver);
        }
        let anybody = self
            .workstream_of(conversation)
            .is_some_and(|workstream| workstream.sessions.transfer_to_anybody);
        anybody
            && self.shown(receiver).is_some_and(Shown::can_be_asked)
            && self.filter_finds(conversation, receiver, |filters| filters.transfer_representatives.as_ref())
    }

    /// Whether a conversation can wait in this queue: one for work of its channel that somebody is a member of.
    pub(super) fn queue_can_be_given(
        &self,
        conversation: ConversationId,
        queue: QueueId,
    ) -> Result<(), Rejection> {
        let to = self.book.queues.get(&queue).ok_or(Rejection::NotAvailable)?;
        self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        // What the settings do not know has no place anywhere.
        let workstream = self.workstream_of(conversation).ok_or(Rejection::NotPossibleNow)?;
        let of_one_kind = to.kind == workstream.channel.queue_kind();
        // Nobody would ever take it (reference section 45, L53).
        if of_one_kind && !to.members.is_empty() { Ok(()) } else { Err(Rejection::NotAvailable) }
    }

    /// The same for transfers and for consulting, which look only at queues that are open (reference sections 10 and 25).
    /// Whether the queue overflows does not matter: that is asked of work that arrives (section 19.1).
    pub(super) fn open_queue_can_be_given(
        &self,
        conversation: ConversationId,
        queue: QueueId,
    ) -> Result<(), Rejection> {
        self.queue_can_be_given(conversation, queue)?;
        let hours = self.book.queues.get(&queue).and_then(|queue| queue.hours);
        let is_open = hours.is_none_or(|hours| self.index.rules.is_open(hours, self.now));
        if is_open { Ok(()) } else { Err(Rejection::QueueClosed) }
    }

    /// Whether a representative can transfer this to a queue.
    pub(super) fn queue_can_receive(
        &self,
        conversation: ConversationId,
        queue: QueueId,
    ) -> Result<(), Rejection> {
        self.open_queue_can_be_given(conversation, queue)?;
        self.filter_finds_queue(conversation, queue, |filters| filters.transfer_queues.as_ref())
    }

    /// Whether the system can look in this queue for somebody to consult.
    pub(super) fn queue_can_be_consulted(
        &self,
        conversation: ConversationId,
        queue: QueueId,
    ) -> Result<(), Rejection> {
        self.open_queue_can_be_given(conversation, queue)?;
        self.filter_finds_queue(conversation, queue, |filters| filters.consult_queues.as_ref())
    }

    /// Whether somebody can be asked to advise: of the conversation's queue and able to take more, or anybody who is
    /// there, if the settings say so (S20, S21). Nobody is asked twice.
    pub(super) fn can_advise(&self, conversation: ConversationId, consultant: RepresentativeId) -> bool {
        let Some(item) = self.book.items.get(&conversation) else { return false };
        let Some(rules) = self.consult_rules(conversation) else { return false };
        let taken = item.owner() == Some(consultant) || item.consults.contains_key(&consultant);
        let found =
            self.filter_finds(conversation, consultant, |filters| filters.consult_representatives.as_ref());
        if taken || !found {
            return false;
        }
        if rules.whom == Consultable::Anybody {
            return self.shown(consultant).is_some_and(Shown::can_be_asked);
        }
        item.queue.is_some_and(|queue| self.could_take(conversation, queue, consultant))
    }

    /// Whether a member of this queue could be offered such work now.
    pub(super) fn could_take(
        &self,
        conversation: ConversationId,
        queue: QueueId,
        representative: RepresentativeId,
    ) -> bool {
        let Some(workstream) = self.workstream_of(conversation) else { return false };
        let Some(item) = self.book.items.get(&conversation) else { return false };
        let Some(known) = self.book.representatives.get(&representative) else { return false };
        let Some(entry) = self.index.representatives.get(&representative) else { return false };
        self.book.is_member(representative, queue)
            && workstream.allowed_presences.contains(&known.shown(&entry.load).presence)
            && known.room_for(&Charge::of(workstream, &item.requires), &entry.load)
    }

    /// Whether a supervisor can transfer this to somebody.
    pub(super) fn can_be_given(&self, conversation: ConversationId, receiver: RepresentativeId) -> bool {
        let Some(item) = self.book.items.get(&conversation) else { return false };
        item.owner() != Some(receiver)
            && item.queue.is_some_and(|queue| self.book.is_member(receiver, queue))
            && self.has_allowed_presence(conversation, receiver)
    }

    /// Whether somebody is there with a presence that the workstream allows.
    pub(super) fn has_allowed_presence(
        &self,
        conversation: ConversationId,
        representative: RepresentativeId,
    ) -> bool {
        let allowed = self.workstream_of(conversation).map(|workstream| &workstream.allowed_presences);
        self.shown(representative)
            .zip(allowed)
            .is_some_and(|(shown, allowed)| shown.can_be_offered() && allowed.contains(&shown.presence))
    }

    /// What routing sees of somebody; none if they are not in the settings.
    pub(super) fn shown(&self, representative: RepresentativeId) -> Option<Shown> {
        let known = self.book.representatives.get(&representative)?;
        Some(known.shown(&self.index.representatives.get(&representative)?.load))
    }

    /// What a conversation takes of the capacity of whoever has it; none if its workstream is gone.
    pub(super) fn charge_of(&self, conversation: ConversationId) -> Option<Charge> {
        let item = self.book.items.get(&conversation)?;
        Some(Charge::of(self.book.workstreams.get(&item.workstream)?, &item.requires))
    }

    /// Whether somebody has as many sessions open as a desk holds.
    pub(super) fn has_full_desk(&self, representative: RepresentativeId) -> bool {
        let most = usize::from(self.book.desk.most_sessions);
        let work = self.index.representatives.get(&representative).map_or(0, |entry| entry.work.len());
        let beside = self.index.company.get(&representative).map_or(0, BTreeSet::len);
        // Hardly anybody has so much that it must be looked at one by one.
        work + beside >= most && self.sessions_of(representative) >= most
    }

    /// How many sessions somebody has open: what they have and have not set aside, and where they take part. Whoever looks on at
    /// what they are offered has one session of it.
    pub(super) fn sessions_of(&self, representative: RepresentativeId) -> usize {
        let work = self.index.representatives.get(&representative).map(|entry| &entry.work);
        let beside = self.index.company.get(&representative).into_iter().flatten().copied();
        let beside = beside.filter(|id| !work.is_some_and(|work| work.contains(id)));
        let work = work.into_iter().flatten().chain(beside);
        let items = work.filter_map(|id| self.book.items.get(&id));
        let waits =
            |item: &WorkItem| item.owner() == Some(representative) && matches!(item.stage, Stage::Waiting(_));
        items.filter(|item| item.part_of(representative).is_some() && !waits(item)).count()
    }

    /// How consulting about this works.
    pub(super) fn consult_rules(&self, conversation: ConversationId) -> Option<ConsultRules> {
        self.workstream_of(conversation).map(|workstream| workstream.sessions.consult)
    }

    /// The workstream of an item, if both are there.
    pub(super) fn workstream_of(&self, conversation: ConversationId) -> Option<&'router Workstream> {
        self.book.workstreams.get(&self.book.items.get(&conversation)?.workstream)
    }
}
