//! Offers: made by the system, answered by a representative, withdrawn when they no longer make sense
//! (reference sections 16.6 and 22).

use alloc::string::String;

use super::effect::SessionEnd;
use super::rejection::Rejection;
use super::turn::Turn;
use super::views;
use super::work::{Offer, Session, Stage};
use crate::conversation::Notice;
use crate::id::{ConversationId, OfferId, QueueId, RepresentativeId, SessionId};
use crate::protocol::desk::{DeskFrame, OfferGoneReason};
use crate::settings::Units;

impl Turn<'_> {
    /// Offers an open item to somebody who is eligible.
    pub(super) fn offer(&mut self, conversation: ConversationId, representative: RepresentativeId) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Some(workstream) = self.book.workstreams.get(&item.workstream) else { return };
        let (queue, holds, timeout) = (item.queue, workstream.cost, workstream.offer_timeout);
        self.book.last_offer = self.book.last_offer.next();
        let id = self.book.last_offer;
        let session = self.begin_session(representative, queue, holds);
        let (now, offer) = (self.now, Offer { id, session, timeout });
        self.change_item(conversation, |item| {
            item.stage = Stage::Offered(offer.clone());
            item.changed = now;
        });
        if let Some(item) = self.book.items.get(&conversation) {
            let offer = views::offer(self.book, now, conversation, item, &offer);
            self.show_one(representative, DeskFrame::Offered { offer });
        }
    }

    /// Counts out a session; it is its representative's latest from now on.
    pub(super) fn begin_session(
        &mut self,
        representative: RepresentativeId,
        queue: Option<QueueId>,
        holds: Units,
    ) -> Session {
        let id: SessionId = self.book.last_session.next();
        self.book.last_session = id;
        self.change_representative(representative, |representative| {
            representative.last_session = id;
            representative.last_in_queue.extend(queue.map(|queue| (queue, id)));
        });
        Session { id, representative, assigned: self.now, accepted: None, holds }
    }

    /// The representative takes an offer.
    pub(super) fn accept(
        &mut self,
        representative: RepresentativeId,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let conversation = self.open_offer(representative, offer)?;
        let item = self.book.items.get(&conversation).ok_or(Rejection::OfferGone)?;
        let Stage::Offered(Offer { session, .. }) = &item.stage else { return Err(Rejection::OfferGone) };
        let session = session.clone();
        self.show_one(representative, DeskFrame::OfferGone { offer, reason: OfferGoneReason::Accepted });
        self.hand_over(conversation, session);
        Ok(())
    }

    /// The representative declines an offer.
    pub(super) fn reject(
        &mut self,
        representative: RepresentativeId,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let conversation = self.open_offer(representative, offer)?;
        self.decline(conversation, SessionEnd::Rejected);
        Ok(())
    }

    /// The conversation of an offer that was made to this representative and is open.
    fn open_offer(
        &self,
        representative: RepresentativeId,
        offer: OfferId,
    ) -> Result<ConversationId, Rejection> {
        if !self.book.representatives.contains_key(&representative) {
            return Err(Rejection::UnknownRepresentative);
        }
        let conversation = *self.index.offers.get(&offer).ok_or(Rejection::OfferGone)?;
        let item = self.book.items.get(&conversation).ok_or(Rejection::OfferGone)?;
        if item.representative() != Some(representative) {
            return Err(Rejection::OfferGone);
        }
        Ok(conversation)
    }

    /// An offer was declined or not answered; both count against offering it to the same person again.
    pub(super) fn decline(&mut self, conversation: ConversationId, reason: SessionEnd) {
        self.change_item(conversation, |item| {
            if let Some(representative) = item.representative() {
                let declines = item.declines.entry(representative).or_insert(0);
                *declines = declines.saturating_add(1);
            }
        });
        self.put_back(conversation, reason);
    }

    /// Gives an item to the representative of `session`, who has accepted or picked it.
    pub(super) fn hand_over(&mut self, conversation: ConversationId, mut session: Session) {
        let (now, representative) = (self.now, session.representative);
        session.accepted = Some(now);
        self.change_item(conversation, |item| {
            item.first_accepted.get_or_insert(now);
            item.last_representative = Some(representative);
            item.stage = Stage::Active(session);
            item.changed = now;
            item.is_back();
        });
        let names = self.change_representative(representative, |representative| {
            representative.worked();
            let profile = &representative.profile;
            (String::from(profile.full_name.as_str()), String::from(profile.public_name.as_str()))
        });
        if let Some((full_name, public_name)) = names {
            self.notify(conversation, Notice::Assigned { representative, full_name, public_name });
        }
    }

    /// Takes an item from whoever is offered it or has it, back to where it waits, at its old age.
    pub(super) fn put_back(&mut self, conversation: ConversationId, reason: SessionEnd) {
        let now = self.now;
        let returns = self.returns_to_whoever_had_it(conversation);
        let Some(before) = self.change_item(conversation, |item| {
            item.changed = now;
            let before = core::mem::replace(&mut item.stage, Stage::Open);
            if let Stage::Active(session) = &before
                && returns
            {
                item.wants_back(session.representative);
            }
            before
        }) else {
            return;
        };
        self.changed.opened.insert(conversation);
        match before {
            Stage::Open => {}
            Stage::Offered(offer) => self.offer_ended(conversation, &offer, reason),
            Stage::Active(session) => {
                self.record_session(conversation, &session, reason);
                let representative = session.representative;
                self.notify(conversation, Notice::Unassigned { representative });
                self.changed.queued.insert(conversation);
            }
            // What has ended does not come back: nobody calls this for it.
            Stage::WrapUp(finishing) => self.record_session(conversation, &finishing.session, reason),
        }
    }

    fn returns_to_whoever_had_it(&self, conversation: ConversationId) -> bool {
        let item = self.book.items.get(&conversation);
        let workstream = item.and_then(|item| self.book.workstreams.get(&item.workstream));
        workstream.is_some_and(|workstream| workstream.keeps_representative)
    }

    /// An offer is over without having been accepted.
    pub(super) fn offer_ended(&mut self, conversation: ConversationId, offer: &Offer, reason: SessionEnd) {
        self.record_session(conversation, &offer.session, reason);
        let gone = match reason {
            SessionEnd::Rejected => OfferGoneReason::Rejected,
            SessionEnd::TimedOut => OfferGoneReason::TimedOut,
            _ => OfferGoneReason::Withdrawn,
        };
        let representative = offer.session.representative;
        self.show_one(representative, DeskFrame::OfferGone { offer: offer.id, reason: gone });
        // They may have opened it to look at it.
        self.notify(conversation, Notice::OfferLapsed { representative });
    }
}
