//! What is done with work: it arrives, is picked, ended, released, set aside for the customer, and taken up again
//! (reference section 21.2). Who does it with an offer is in `offers`, who hands it over in `transfer`.

use super::capacity::Charge;
use super::command::{Command, Departure};
use super::effect::SessionEnd;
use super::rejection::Rejection;
use super::representative::Representative;
use super::turn::Turn;
use super::work::{Finishing, Session, Stage, WorkItem};
use crate::conversation::Notice;
use crate::id::{ConversationId, RepresentativeId};
use crate::protocol::desk::{OfferGoneReason, Part};
use crate::protocol::live::{EndedBy, Side};
use crate::settings::{ChannelClass, Silent};

impl Turn<'_> {
    /// What somebody asks to be done with a conversation.
    pub(super) fn work(&mut self, command: Command) -> Result<(), Rejection> {
        match command {
            Command::Pick { representative, conversation } => self.pick(representative, conversation),
            Command::End { representative, conversation } => self.end(representative, conversation),
            Command::Close { representative, conversation } => self.close(representative, conversation),
            Command::Release { representative, conversation } => self.release(representative, conversation),
            Command::Wait { representative, conversation } => self.wait(representative, conversation),
            Command::Resume { representative, conversation } => self.resume(representative, conversation),
            Command::Leave { representative, conversation } => self.leave(representative, conversation),
            Command::Transfer { representative, conversation, to } => {
                self.transfer(representative, conversation, to)
            }
            Command::WithdrawTransfer { representative, conversation } => {
                self.withdraw_transfer(representative, conversation)
            }
            Command::Consult { representative, conversation, with } => {
                self.consult(representative, conversation, with)
            }
            Command::EndConsult { representative, conversation, with } => {
                self.end_consult(representative, conversation, with)
            }
            Command::AddToChat { representative, conversation, consultant } => {
                self.set_public(representative, conversation, consultant, true)
            }
            Command::RemoveFromChat { representative, conversation, consultant } => {
                self.set_public(representative, conversation, consultant, false)
            }
            command => self.supervise(command),
        }
    }

    /// The customer is gone: what nobody has accepted is closed, what somebody has goes to wrap-up. A record that is
    /// resolved is closed in any stage.
    pub(super) fn customer_left(
        &mut self,
        conversation: ConversationId,
        how: Departure,
    ) -> Result<(), Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        let reason = match how {
            Departure::Ended => SessionEnd::CustomerEnded,
            Departure::Disconnected => SessionEnd::CustomerDisconnected,
            Departure::Resolved => return self.resolved(conversation),
        };
        match item.stage {
            Stage::Open | Stage::Offered(_) | Stage::Waiting(_) => self.close_item(conversation, reason),
            Stage::Active(_) => self.wrap_up(conversation, reason),
            Stage::WrapUp(_) => {}
        }
        Ok(())
    }

    fn resolved(&mut self, conversation: ConversationId) -> Result<(), Rejection> {
        let workstream = self.workstream_of(conversation);
        // What is left of a workstream that is gone can be anything.
        if workstream.is_some_and(|workstream| workstream.sessions.channel != ChannelClass::Record) {
            return Err(Rejection::NotAllowed);
        }
        self.cut_off(conversation, SessionEnd::ConversationClosed);
        Ok(())
    }

    /// A message was written that the customer sees.
    pub(super) fn wrote(&mut self, conversation: ConversationId, side: Side) -> Result<(), Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        match (&item.stage, side) {
            (Stage::Waiting(representative), Side::Customer) => {
                let representative = *representative;
                self.come_back(conversation, representative);
            }
            (Stage::Active(_), Side::Customer) => self.heard(conversation, Silent::Representative),
            (Stage::Active(_), Side::Staff) => self.heard(conversation, Silent::Customer),
            _ => self.touch(conversation),
        }
        Ok(())
    }

    /// The customer has come back to what its representative set aside: it goes to the same one before anybody else, if
    /// they are there (reference section 13, affinity; peers.md 41).
    fn come_back(&mut self, conversation: ConversationId, representative: RepresentativeId) {
        self.put_back(conversation, SessionEnd::Rerouted);
        let now = self.now;
        self.change_item(conversation, |item| item.waits_since = now);
        if self.workstream_of(conversation).is_some_and(|workstream| workstream.sessions.affinity) {
            self.change_item(conversation, |item| item.wants_back(representative));
        }
    }

    /// A representative takes an item of one of their queues, whatever their presence and capacity (reference
    /// section 18). An offer to somebody else is withdrawn; their own offer counts as accepted.
    pub(super) fn pick(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        self.known(representative)?;
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        let in_reach = item.queue.is_some_and(|queue| self.book.is_member(representative, queue));
        if !item.waits() || !in_reach || !self.book.is_connected(representative) {
            return Err(Rejection::NotPossibleNow);
        }
        let workstream = self.book.workstreams.get(&item.workstream).ok_or(Rejection::NotPossibleNow)?;
        let (queue, holds) = (item.queue, Charge::of(workstream, &item.requires));
        if let Stage::Offered(offer) = item.stage.clone() {
            if offer.session.representative == representative {
                return self.accept(representative, offer.id);
            }
            self.put_back(conversation, SessionEnd::Rerouted);
        }
        self.monitoring_ended(conversation, representative, SessionEnd::EndedByHand);
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
        self.active(representative, conversation)?;
        self.wrap_up(conversation, SessionEnd::RepresentativeEnded);
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
        let Stage::WrapUp(Finishing { reason, .. }) = item.stage else {
            return Err(Rejection::NotPossibleNow);
        };
        self.close_item(conversation, reason);
        self.change_representative(representative, Representative::worked);
        Ok(())
    }

    /// The representative gives the conversation back to its queue. Others are asked before them.
    pub(super) fn release(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        let item = self.owned(representative, conversation)?;
        if matches!(item.stage, Stage::WrapUp(_)) {
            return Err(Rejection::NotPossibleNow);
        }
        self.put_back(conversation, SessionEnd::Released);
        self.count_decline(conversation, representative);
        Ok(())
    }

    /// The representative steps out to wait for the customer.
    pub(super) fn wait(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        self.active(representative, conversation)?;
        if !self.can_wait(conversation) {
            return Err(Rejection::NotAllowed);
        }
        self.step_out(conversation, SessionEnd::MovedToWaiting);
        Ok(())
    }

    /// The representative comes back to what they set aside.
    pub(super) fn resume(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        let item = self.owned(representative, conversation)?;
        if !matches!(item.stage, Stage::Waiting(_)) || !self.book.is_connected(representative) {
            return Err(Rejection::NotPossibleNow);
        }
        let workstream = self.book.workstreams.get(&item.workstream).ok_or(Rejection::NotPossibleNow)?;
        let (queue, holds) = (item.queue, Charge::of(workstream, &item.requires));
        let session = self.begin_session(representative, queue, holds);
        self.hand_over(conversation, session);
        Ok(())
    }

    /// Somebody takes part no longer. The primary representative who leaves without ending it steps out; where that
    /// cannot be, the conversation goes back to its queue, and to them first (reference sections 13 and 21.2).
    pub(super) fn leave(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        match item.part_of(representative).ok_or(Rejection::NotYours)? {
            Part::Primary => {
                self.active(representative, conversation)?;
                if self.can_wait(conversation) {
                    self.step_out(conversation, SessionEnd::RepresentativeLeft);
                } else {
                    self.put_back(conversation, SessionEnd::RepresentativeLeft);
                }
            }
            Part::PublicConsultant | Part::PrivateConsultant => {
                self.stop_consulting(
                    conversation,
                    representative,
                    SessionEnd::EndedByHand,
                    OfferGoneReason::Withdrawn,
                );
            }
            Part::Supervisor | Part::Monitor => {
                self.stop_monitoring(conversation, representative, SessionEnd::EndedByHand);
            }
        }
        Ok(())
    }

    /// Its representative steps out until the customer writes: capacity is free.
    pub(super) fn step_out(&mut self, conversation: ConversationId, reason: SessionEnd) {
        self.dissolve(conversation, SessionEnd::EndedByHand);
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Stage::Active(Session { representative, .. }) = item.stage else { return };
        if let Some(Stage::Active(session)) = self.enter(conversation, Stage::Waiting(representative)) {
            self.end_session(conversation, &session, Part::Primary, reason);
        }
        self.notify(conversation, Notice::Paused { representative });
    }

    /// Whether representatives can step out of this conversation.
    pub(super) fn can_wait(&self, conversation: ConversationId) -> bool {
        self.workstream_of(conversation).is_some_and(|workstream| workstream.sessions.channel.can_wait())
    }

    /// The session of this representative, if they are the primary of a running conversation.
    pub(super) fn active(
        &self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<&Session, Rejection> {
        match &self.owned(representative, conversation)?.stage {
            Stage::Active(session) => Ok(session),
            _ => Err(Rejection::NotPossibleNow),
        }
    }

    /// The item, if it is this representative's.
    pub(super) fn owned(
        &self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<&WorkItem, Rejection> {
        self.known(representative)?;
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        if item.owner() == Some(representative) { Ok(item) } else { Err(Rejection::NotYours) }
    }
}
