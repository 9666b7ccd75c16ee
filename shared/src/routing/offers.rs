//! Offers: made by the system or a colleague, answered by a representative, withdrawn when they no longer make sense
//! (reference sections 16.6 and 22).
//!
//! There are three: of work that waits, to take work over (`transfer`), and to advise (`consult`). They are counted,
//! answered and run out in one way.

use alloc::string::String;

use super::capacity::Charge;
use super::company::Consult;
use super::effect::SessionEnd;
use super::presence::Standing;
use super::rejection::Rejection;
use super::today::Fate;
use super::turn::Turn;
use super::views;
use super::work::{Offer, Session, Stage};
use crate::conversation::Notice;
use crate::id::{ConversationId, OfferId, QueueId, RepresentativeId, SessionId};
use crate::protocol::desk::{DeskFrame, OfferGoneReason, OfferKind, Part};
use crate::settings::{Acceptance, BasePresence, Presence};

/// What an open offer asks, and how it was made.
enum Asked {
    /// To take work that waits.
    Work,
    /// To take work over.
    Transfer,
    /// To advise.
    Consult,
}

impl Turn<'_> {
    /// Offers an open item to somebody who is eligible. Tells whether that was possible: not to somebody who has as many
    /// sessions open as a desk holds (reference section 16.2).
    pub(super) fn offer(&mut self, conversation: ConversationId, representative: RepresentativeId) -> bool {
        if self.look().has_full_desk(representative) {
            let session = self.count_session(representative, Charge::default());
            self.end_session(conversation, &session, Part::Primary, SessionEnd::TooManySessions);
            self.crowd(representative, true);
            return false;
        }
        self.offer_work(conversation, representative, OfferKind::Work, None);
        true
    }

    fn crowd(&mut self, representative: RepresentativeId, crowded: bool) {
        self.change_representative(representative, |representative| representative.crowded = crowded);
        if crowded {
            self.index.crowded.insert(representative);
        } else {
            self.index.crowded.remove(&representative);
        }
    }

    /// Whoever had too many sessions open and has fewer now can be offered work again.
    pub(super) fn look_at_the_crowded(&mut self) {
        for representative in self.index.crowded.clone() {
            if !self.look().has_full_desk(representative) {
                self.crowd(representative, false);
            }
        }
    }

    /// Offers an open item to somebody. Where the workstream leaves no choice they have it at once.
    pub(super) fn offer_work(
        &mut self,
        conversation: ConversationId,
        representative: RepresentativeId,
        kind: OfferKind,
        asked_by: Option<RepresentativeId>,
    ) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Some(workstream) = self.book.workstreams.get(&item.workstream) else { return };
        let (queue, holds) = (item.queue, Charge::of(workstream, &item.requires));
        let automatic = workstream.sessions.acceptance == Acceptance::Automatic;
        let session = self.begin_session(representative, queue, holds);
        if automatic {
            self.monitoring_ended(conversation, representative, SessionEnd::EndedByHand);
            return self.hand_over(conversation, session);
        }
        let Some(offer) = self.make_offer(conversation, session, kind, asked_by) else { return };
        self.enter(conversation, Stage::Offered(offer.clone()));
        self.show_offer(conversation, &offer);
    }

    /// Counts out an offer of this session. It stands nowhere yet.
    pub(super) fn make_offer(
        &mut self,
        conversation: ConversationId,
        session: Session,
        kind: OfferKind,
        asked_by: Option<RepresentativeId>,
    ) -> Option<Offer> {
        let timeout = self.workstream_of(conversation)?.offer_timeout;
        self.book.last_offer = self.book.last_offer.next();
        Some(Offer { id: self.book.last_offer, session, timeout, kind, asked_by })
    }

    /// Shows an offer to whom it is made.
    pub(super) fn show_offer(&mut self, conversation: ConversationId, offer: &Offer) {
        if let Some(item) = self.book.items.get(&conversation) {
            let view = views::offer(self.book, &self.index.rules, self.now, conversation, item, offer);
            self.show_one(offer.session.representative, DeskFrame::Offered { offer: view });
        }
    }

    /// Counts out a session of work; it is its representative's latest from now on.
    pub(super) fn begin_session(
        &mut self,
        representative: RepresentativeId,
        queue: Option<QueueId>,
        holds: Charge,
    ) -> Session {
        let session = self.count_session(representative, holds);
        let id = session.id;
        self.change_representative(representative, |representative| {
            representative.last_session = id;
            representative.last_in_queue.extend(queue.map(|queue| (queue, id)));
        });
        session
    }

    /// Counts out a session.
    pub(super) fn count_session(&mut self, representative: RepresentativeId, holds: Charge) -> Session {
        let id: SessionId = self.book.last_session.next();
        self.book.last_session = id;
        Session { id, representative, assigned: self.now, accepted: None, holds }
    }

    /// The representative takes an offer.
    pub(super) fn accept(
        &mut self,
        representative: RepresentativeId,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let (conversation, asked) = self.open_offer(representative, offer)?;
        self.show_one(representative, DeskFrame::OfferGone { offer, reason: OfferGoneReason::Accepted });
        match asked {
            Asked::Work => {
                let item = self.book.items.get(&conversation).ok_or(Rejection::OfferGone)?;
                let Stage::Offered(Offer { session, .. }) = &item.stage else {
                    return Err(Rejection::OfferGone);
                };
                let session = session.clone();
                self.monitoring_ended(conversation, representative, SessionEnd::EndedByHand);
                self.hand_over(conversation, session);
            }
            Asked::Transfer => self.take_over(conversation),
            Asked::Consult => self.begin_consulting(conversation, representative),
        }
        Ok(())
    }

    /// The representative declines an offer.
    pub(super) fn reject(
        &mut self,
        representative: RepresentativeId,
        offer: OfferId,
    ) -> Result<(), Rejection> {
        let (conversation, asked) = self.open_offer(representative, offer)?;
        if matches!(asked, Asked::Work) && !self.can_reject(conversation) {
            return Err(Rejection::NotAllowed);
        }
        self.offer_lapsed(conversation, offer, SessionEnd::Rejected);
        if self.book.desk.do_not_disturb_after_reject && !matches!(asked, Asked::Consult) {
            let standing = Some(Standing::by_system(BasePresence::DoNotDisturb));
            self.change_representative(representative, |representative| representative.standing = standing);
        }
        Ok(())
    }

    /// Whether offers of this work can be rejected.
    fn can_reject(&self, conversation: ConversationId) -> bool {
        let workstream = self.workstream_of(conversation);
        workstream.is_none_or(|workstream| workstream.sessions.acceptance == Acceptance::AcceptOrReject)
    }

    /// The conversation of an offer that was made to this representative and is open, and what it asks.
    fn open_offer(
        &self,
        representative: RepresentativeId,
        offer: OfferId,
    ) -> Result<(ConversationId, Asked), Rejection> {
        self.known(representative)?;
        let conversation = *self.index.offers.get(&offer).ok_or(Rejection::OfferGone)?;
        let item = self.book.items.get(&conversation).ok_or(Rejection::OfferGone)?;
        let open = item.offers().find(|open| open.id == offer).ok_or(Rejection::OfferGone)?;
        if open.session.representative != representative {
            return Err(Rejection::OfferGone);
        }
        let asked = match open.kind {
            OfferKind::Work | OfferKind::Assignment => Asked::Work,
            OfferKind::Transfer => Asked::Transfer,
            OfferKind::Consult => Asked::Consult,
        };
        Ok((conversation, asked))
    }

    /// An offer was declined or not answered. Of work, both count against offering it to the same person again.
    pub(super) fn offer_lapsed(&mut self, conversation: ConversationId, offer: OfferId, reason: SessionEnd) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Some(open) = item.offers().find(|open| open.id == offer) else { return };
        let (representative, kind) = (open.session.representative, open.kind);
        match kind {
            OfferKind::Work | OfferKind::Assignment => {
                self.count_decline(conversation, representative);
                self.put_back(conversation, reason);
            }
            OfferKind::Transfer => self.transfer_over(conversation, reason),
            OfferKind::Consult => {
                self.stop_consulting(conversation, representative, reason, gone_by(reason));
            }
        }
        if reason == SessionEnd::TimedOut && kind != OfferKind::Consult {
            self.missed(conversation, representative);
        }
    }

    /// Whoever misses an offer is not at the desk, where the organisation wants it so (reference section 20.2).
    fn missed(&mut self, conversation: ConversationId, representative: RepresentativeId) {
        let workstream = self.workstream_of(conversation);
        let allows_away =
            workstream.is_some_and(|workstream| workstream.allowed_presences.contains(&Presence::Away));
        if self.book.desk.inactive_after_missed_offer && !allows_away {
            let standing = Some(Standing::by_system(BasePresence::Inactive));
            self.change_representative(representative, |representative| representative.standing = standing);
        }
    }

    /// Others are asked before this representative from now on.
    pub(super) fn count_decline(&mut self, conversation: ConversationId, representative: RepresentativeId) {
        self.change_item(conversation, |item| {
            let declines = item.declines.entry(representative).or_insert(0);
            *declines = declines.saturating_add(1);
        });
    }

    /// Gives an item to the representative of `session`, who has accepted or picked it.
    pub(super) fn hand_over(&mut self, conversation: ConversationId, mut session: Session) {
        let (now, id, representative) = (self.now, session.id, session.representative);
        if self.book.items.get(&conversation).is_some_and(|item| item.first_accepted.is_none()) {
            self.count_today(conversation, Fate::Answered);
        }
        session.accepted = Some(now);
        let holds = session.holds.clone();
        self.enter_and(conversation, Stage::Active(session), |item| {
            item.first_accepted.get_or_insert(now);
            item.last_representative = Some(representative);
            item.is_back();
            // What was held for a transfer to them is held for the work from now on: in between nothing is let go.
            item.transfer.take_if(|transfer| transfer.offer.session.id == id);
        });
        let names = self.change_representative(representative, |representative| {
            representative.worked();
            representative.take_back(conversation, &holds);
            let profile = &representative.profile;
            (String::from(profile.full_name.as_str()), String::from(profile.public_name.as_str()))
        });
        if let Some((full_name, public_name)) = names {
            self.notify(conversation, Notice::Assigned { representative, full_name, public_name });
        }
    }

    /// Takes an item from whoever is offered it or has it, back to where it waits, at its old age.
    pub(super) fn put_back(&mut self, conversation: ConversationId, reason: SessionEnd) {
        self.dissolve(conversation, SessionEnd::EndedByHand);
        let comes_back = matches!(
            reason,
            SessionEnd::RepresentativeLeft | SessionEnd::RepresentativeDisconnected | SessionEnd::Rerouted
        );
        let keeps =
            self.workstream_of(conversation).is_some_and(|workstream| workstream.keeps_representative);
        let Some(before) = self.enter(conversation, Stage::Open) else { return };
        if let Stage::Active(session) = &before
            && comes_back
            && keeps
        {
            self.change_item(conversation, |item| item.wants_back(session.representative));
        }
        self.stand_anew(conversation);
        if matches!(before, Stage::Active(_) | Stage::Waiting(_)) {
            self.wait_anew(conversation);
        }
        self.changed.opened.insert(conversation);
        match before {
            Stage::Open => {}
            Stage::Waiting(representative) => {
                self.notify(conversation, Notice::Left { representative });
                self.changed.queued.insert(conversation);
            }
            Stage::Offered(offer) => self.offer_ended(conversation, &offer, reason),
            Stage::Active(session) => {
                self.end_session(conversation, &session, Part::Primary, reason);
                let representative = session.representative;
                self.notify(conversation, Notice::Unassigned { representative });
                self.changed.queued.insert(conversation);
            }
            // What has ended does not come back: nobody calls this for it.
            Stage::WrapUp(finishing) => {
                self.end_session(conversation, &finishing.session, Part::Primary, reason);
            }
        }
    }

    /// An offer is over without having been accepted, and stands nowhere any more. Whoever was asked sees no more of the
    /// conversation, unless they take part all the same.
    pub(super) fn offer_ended(&mut self, conversation: ConversationId, offer: &Offer, reason: SessionEnd) {
        let part = if offer.kind == OfferKind::Consult { Part::PrivateConsultant } else { Part::Primary };
        self.end_session(conversation, &offer.session, part, reason);
        let representative = offer.session.representative;
        self.show_one(representative, DeskFrame::OfferGone { offer: offer.id, reason: gone_by(reason) });
        let item = self.book.items.get(&conversation);
        if item.is_none_or(|item| item.part_of(representative).is_none()) {
            self.notify(conversation, Notice::OfferLapsed { representative });
        }
    }

    /// Somebody is no longer there to answer: what they were offered is offered to others at once.
    pub(super) fn withdraw_offers(&mut self, representative: RepresentativeId) {
        for conversation in self.work_in(representative, |stage| matches!(stage, Stage::Offered(_))) {
            self.put_back(conversation, SessionEnd::Rerouted);
        }
        for conversation in self.company_of(representative) {
            let Some(item) = self.book.items.get(&conversation) else { continue };
            let receives = item.transfer.as_ref().map(|transfer| transfer.offer.session.representative);
            let asked = matches!(item.consults.get(&representative), Some(Consult::Asked { .. }));
            if receives == Some(representative) {
                self.transfer_over(conversation, SessionEnd::Rerouted);
            }
            if asked {
                let gone = OfferGoneReason::Withdrawn;
                self.stop_consulting(conversation, representative, SessionEnd::Rerouted, gone);
            }
        }
    }
}

/// What became of an offer that ended for this reason.
pub(super) const fn gone_by(reason: SessionEnd) -> OfferGoneReason {
    match reason {
        SessionEnd::Rejected => OfferGoneReason::Rejected,
        SessionEnd::TimedOut => OfferGoneReason::TimedOut,
        _ => OfferGoneReason::Withdrawn,
    }
}
