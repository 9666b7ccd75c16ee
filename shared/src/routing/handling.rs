//! The life of an item apart from offers: it arrives, is picked, ended and closed (reference section 21.2).

use super::Arrival;
use super::effect::{Activity, SessionEnd};
use super::rejection::Rejection;
use super::representative::Representative;
use super::turn::Turn;
use super::work::{Finishing, Session, Stage, WorkItem};
use crate::conversation::Notice;
use crate::id::{ConversationId, RepresentativeId};
use crate::protocol::live::EndedBy;
use crate::settings::WrapUp;

impl Turn<'_> {
    /// A conversation wants somebody. It may be told twice; the first time counts.
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        let conversation = arrival.conversation;
        if self.book.items.contains_key(&conversation) {
            return;
        }
        let mut item = WorkItem::new(arrival, None, self.now);
        self.book.place(&mut item);
        self.add_item(conversation, item);
    }

    /// The customer is gone: what nobody has accepted is closed, what somebody has goes to wrap-up.
    pub(super) fn customer_left(&mut self, conversation: ConversationId) -> Result<(), Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        match item.stage.clone() {
            Stage::Open | Stage::Offered(_) => self.close_item(conversation, SessionEnd::CustomerLeft),
            Stage::Active(session) => self.wrap_up(conversation, session),
            Stage::WrapUp(_) => {}
        }
        Ok(())
    }

    /// A representative takes an item of one of their queues, whatever their presence and capacity (reference
    /// section 18). An offer to somebody else is withdrawn; their own offer counts as accepted.
    pub(super) fn pick(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        if !self.book.representatives.contains_key(&representative) {
            return Err(Rejection::UnknownRepresentative);
        }
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        let in_reach = item.queue.is_some_and(|queue| self.book.is_member(representative, queue));
        if !item.waits() || !in_reach || !self.book.is_connected(representative) {
            return Err(Rejection::NotPossibleNow);
        }
        let workstream = self.book.workstreams.get(&item.workstream).ok_or(Rejection::NotPossibleNow)?;
        let (queue, holds) = (item.queue, workstream.cost);
        if let Stage::Offered(offer) = item.stage.clone() {
            if offer.session.representative == representative {
                return self.accept(representative, offer.id);
            }
            self.offer_ended(conversation, &offer, SessionEnd::Rerouted);
        }
        let session = self.begin_session(representative, queue, holds);
        self.hand_over(conversation, session);
        Ok(())
    }

    /// The representative ends the conversation.
    pub(super) fn end(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        let item = self.owned(representative, conversation)?;
        let Stage::Active(session) = &item.stage else { return Err(Rejection::NotPossibleNow) };
        let session = session.clone();
        self.wrap_up(conversation, session);
        self.notify(conversation, Notice::Ended { by: EndedBy::Representative });
        Ok(())
    }

    /// The representative has finished their notes.
    pub(super) fn close(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        let item = self.owned(representative, conversation)?;
        if !matches!(item.stage, Stage::WrapUp(_)) {
            return Err(Rejection::NotPossibleNow);
        }
        self.close_item(conversation, SessionEnd::ConversationClosed);
        self.change_representative(representative, Representative::worked);
        Ok(())
    }

    /// The item, if it is this representative's.
    fn owned(
        &self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<&WorkItem, Rejection> {
        if !self.book.representatives.contains_key(&representative) {
            return Err(Rejection::UnknownRepresentative);
        }
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        if item.owner() == Some(representative) { Ok(item) } else { Err(Rejection::NotYours) }
    }

    fn wrap_up(&mut self, conversation: ConversationId, session: Session) {
        let now = self.now;
        let item = self.book.items.get(&conversation);
        let workstream = item.and_then(|item| self.book.workstreams.get(&item.workstream));
        let policy = workstream.map_or(WrapUp::AlwaysBlocks, |workstream| workstream.wrap_up);
        self.change_item(conversation, |item| {
            item.stage = Stage::WrapUp(Finishing::new(session, policy, now));
            item.changed = now;
        });
    }

    /// Time has passed for an item: its offer has run out, or its wrap-up frees capacity or closes.
    pub(super) fn item_due(&mut self, conversation: ConversationId) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        match &item.stage {
            Stage::Open | Stage::Active(_) => {}
            Stage::Offered(_) => self.decline(conversation, SessionEnd::TimedOut),
            Stage::WrapUp(finishing) if finishing.closes <= self.now => {
                self.close_item(conversation, SessionEnd::AutoClosed);
            }
            Stage::WrapUp(_) => {
                self.change_item(conversation, |item| {
                    if let Stage::WrapUp(finishing) = &mut item.stage {
                        finishing.frees = None;
                        finishing.session.holds.0 = 0;
                    }
                });
            }
        }
    }

    /// Closes an item for good. It is gone from the state; the records keep it.
    pub(super) fn close_item(&mut self, conversation: ConversationId, reason: SessionEnd) {
        let Some(item) = self.remove_item(conversation) else { return };
        match &item.stage {
            Stage::Open => {}
            Stage::Offered(offer) => self.offer_ended(conversation, offer, reason),
            Stage::Active(session) | Stage::WrapUp(Finishing { session, .. }) => {
                self.record_session(conversation, session, reason);
            }
        }
        self.effects.push(super::Effect::Record(Activity::ConversationClosed {
            conversation,
            workstream: item.workstream,
            queue: item.queue,
            customer: item.customer,
            topic: item.topic,
            representative: item.last_representative,
            created: item.created,
            first_accepted: item.first_accepted,
            closed: self.now,
        }));
    }
}
