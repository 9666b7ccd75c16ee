//! Transfers: to a queue at once, to somebody when they accept; until then whoever has the conversation keeps it
//! (reference section 25, S22 and S23).

use alloc::boxed::Box;

use super::capacity::Charge;
use super::company::{Consult, Transfer};
use super::decision::SentBy;
use super::effect::SessionEnd;
use super::offers::gone_by;
use super::rejection::Rejection;
use super::turn::Turn;
use super::work::{Stage, WorkItem};
use crate::conversation::Notice;
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::{DeskFrame, Destination, OfferGoneReason, OfferKind, Part};

impl Turn<'_> {
    /// The primary representative hands the conversation over.
    pub(super) fn transfer(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
        to: Destination,
    ) -> Result<(), Rejection> {
        self.active(representative, conversation)?;
        match to {
            Destination::Queue(queue) => {
                self.look().queue_can_receive(conversation, queue)?;
                self.move_to_queue(conversation, queue, SessionEnd::TransferredToQueue);
                // Whoever gives it away is asked after everybody else.
                self.count_decline(conversation, representative);
                Ok(())
            }
            Destination::Representative(receiver) => {
                if !self.look().can_receive(conversation, receiver) {
                    return Err(Rejection::NotAvailable);
                }
                self.ask_to_take_over(conversation, receiver, representative, false)
            }
        }
    }

    /// The primary representative takes back a transfer that waits for an answer.
    pub(super) fn withdraw_transfer(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        if self.owned(representative, conversation)?.transfer.is_none() {
            return Err(Rejection::NotPossibleNow);
        }
        self.transfer_over(conversation, SessionEnd::EndedByHand);
        Ok(())
    }

    /// Asks somebody to take over what somebody has, or has set aside.
    pub(super) fn ask_to_take_over(
        &mut self,
        conversation: ConversationId,
        receiver: RepresentativeId,
        asked_by: RepresentativeId,
        supervised: bool,
    ) -> Result<(), Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        let workstream = self.book.workstreams.get(&item.workstream).ok_or(Rejection::NotPossibleNow)?;
        if item.transfer.is_some() {
            return Err(Rejection::NotPossibleNow);
        }
        let (queue, holds) = (item.queue, Charge::of(workstream, &item.requires));
        let session = self.begin_session(receiver, queue, holds);
        let offer = self
            .make_offer(conversation, session, OfferKind::Transfer, Some(asked_by))
            .ok_or(Rejection::NotPossibleNow)?;
        let transfer = Box::new(Transfer { offer: offer.clone(), supervised });
        self.change_item(conversation, |item| item.transfer = Some(transfer));
        self.touch(conversation);
        self.show_offer(conversation, &offer);
        Ok(())
    }

    /// The receiver has accepted: they are the primary from now on, and whoever had it is out, or stays as a consultant
    /// if a supervisor moved it.
    pub(super) fn take_over(&mut self, conversation: ConversationId) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Some(Transfer { offer, supervised }) = item.transfer.as_deref().cloned() else { return };
        let receiver = offer.session.representative;
        let reason = if supervised { SessionEnd::TransferredBySupervisor } else { SessionEnd::Transferred };
        self.leave_silently(conversation, receiver, reason);
        self.end_all_consulting(conversation, SessionEnd::EndedByHand);
        let former = self.book.items.get(&conversation).map(|item| item.stage.clone());
        self.change_item(conversation, |item| item.transfers = item.transfers.saturating_add(1));
        self.answer(
            conversation,
            offer.asked_by,
            OfferKind::Transfer,
            Some(receiver),
            OfferGoneReason::Accepted,
        );
        self.hand_over(conversation, offer.session);
        match former {
            Some(Stage::Active(session)) => {
                self.end_session(conversation, &session, Part::Primary, reason);
                self.see_off(conversation, session.representative, supervised);
            }
            Some(Stage::Waiting(representative)) => self.see_off(conversation, representative, false),
            _ => {}
        }
    }

    /// Whoever had a conversation that somebody else has now goes, or stays on to advise.
    fn see_off(&mut self, conversation: ConversationId, representative: RepresentativeId, stays: bool) {
        if stays && self.book.is_connected(representative) {
            self.add_consultant(conversation, representative);
        } else {
            self.notify(conversation, Notice::Left { representative });
        }
    }

    /// Somebody who is about to have the conversation takes part as nothing else any more. Nobody is told: they stay.
    fn leave_silently(
        &mut self,
        conversation: ConversationId,
        representative: RepresentativeId,
        reason: SessionEnd,
    ) {
        let consult = self.change_item(conversation, |item| item.consults.remove(&representative)).flatten();
        match consult {
            Some(Consult::Joined { session, public }) => {
                let part = if public { Part::PublicConsultant } else { Part::PrivateConsultant };
                self.end_session(conversation, &session, part, reason);
            }
            Some(Consult::Asked { offer, .. }) => self.offer_ended(conversation, &offer, reason),
            None => {}
        }
        self.monitoring_ended(conversation, representative, reason);
    }

    /// A transfer has come to nothing: whoever has the conversation keeps it.
    pub(super) fn transfer_over(&mut self, conversation: ConversationId, reason: SessionEnd) {
        let Some(Some(transfer)) = self.change_item(conversation, |item| item.transfer.take()) else {
            return;
        };
        let Transfer { offer, .. } = *transfer;
        self.touch(conversation);
        let receiver = offer.session.representative;
        self.offer_ended(conversation, &offer, reason);
        self.answer(conversation, offer.asked_by, OfferKind::Transfer, Some(receiver), gone_by(reason));
    }

    /// Gives an item to another queue, where nobody has declined it yet.
    pub(super) fn move_to_queue(&mut self, conversation: ConversationId, queue: QueueId, reason: SessionEnd) {
        self.put_back(conversation, reason);
        self.change_item(conversation, WorkItem::begins_anew);
        self.move_to(conversation, queue, SentBy::Hand);
    }

    /// Tells whoever asked what became of it.
    pub(super) fn answer(
        &mut self,
        conversation: ConversationId,
        asked_by: Option<RepresentativeId>,
        asked: OfferKind,
        representative: Option<RepresentativeId>,
        answer: OfferGoneReason,
    ) {
        if let Some(asker) = asked_by {
            self.show_one(asker, DeskFrame::Answered { conversation, asked, representative, answer });
        }
    }
}
