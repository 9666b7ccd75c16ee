//! Consulting: whoever has a conversation asks somebody to advise, or has the system find somebody in a queue (reference
//! section 25, S20 to S22).
//!
//! A consultant reads, and writes to the staff. Only the primary representative can let them write to the customer.
//! Consulting ends with the session of whoever asked for it.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::capacity::Charge;
use super::company::{Consult, Search};
use super::effect::SessionEnd;
use super::rejection::Rejection;
use super::turn::Turn;
use super::work::{Session, Stage};
use crate::conversation::Notice;
use crate::id::{ConversationId, RepresentativeId};
use crate::protocol::desk::{Destination, OfferGoneReason, OfferKind, Part};
use crate::settings::Settings;

impl Turn<'_> {
    /// The primary representative asks somebody to advise.
    pub(super) fn consult(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
        with: Destination,
    ) -> Result<(), Rejection> {
        self.active(representative, conversation)?;
        let rules = self.look().consult_rules(conversation).ok_or(Rejection::NotPossibleNow)?;
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        let asked = item.consults.len() + usize::from(item.search.is_some());
        if asked >= usize::from(rules.most) {
            return Err(Rejection::TooManyConsultants);
        }
        match with {
            Destination::Representative(consultant) => {
                if !self.look().can_advise(conversation, consultant) {
                    return Err(Rejection::NotAvailable);
                }
                self.ask_to_advise(conversation, consultant, representative, rules.holds_capacity, false);
            }
            Destination::Queue(queue) => {
                if !rules.queues {
                    return Err(Rejection::NotAllowed);
                }
                if item.search.is_some() {
                    return Err(Rejection::NotPossibleNow);
                }
                self.look().queue_can_be_consulted(conversation, queue)?;
                let until = self.now.after(rules.search);
                let search = Box::new(Search { queue, until, declined: BTreeSet::new() });
                self.change_item(conversation, |item| item.search = Some(search));
            }
        }
        self.touch(conversation);
        Ok(())
    }

    /// The primary representative ends consulting, or takes the request back.
    pub(super) fn end_consult(
        &mut self,
        representative: RepresentativeId,
        conversation: ConversationId,
        with: Destination,
    ) -> Result<(), Rejection> {
        let item = self.owned(representative, conversation)?;
        match with {
            Destination::Representative(consultant) => {
                if !item.consults.contains_key(&consultant) {
                    return Err(Rejection::NotPossibleNow);
                }
                let gone = OfferGoneReason::Withdrawn;
                self.stop_consulting(conversation, consultant, SessionEnd::EndedByHand, gone);
            }
            Destination::Queue(queue) => {
                if item.search.as_ref().is_none_or(|search| search.queue != queue) {
                    return Err(Rejection::NotPossibleNow);
                }
                self.stop_searching(conversation);
            }
        }
        Ok(())
    }

    /// The primary representative lets a consultant write to the customer, or no longer. The consultant can give it up.
    pub(super) fn set_public(
        &mut self,
        by: RepresentativeId,
        conversation: ConversationId,
        consultant: RepresentativeId,
        public: bool,
    ) -> Result<(), Rejection> {
        self.known(by)?;
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        let permitted = item.owner() == Some(by) || (by == consultant && !public);
        if !permitted {
            return Err(Rejection::NotYours);
        }
        match item.consults.get(&consultant) {
            Some(Consult::Joined { public: before, .. }) if *before != public => {}
            _ => return Err(Rejection::NotPossibleNow),
        }
        self.change_item(conversation, |item| {
            if let Some(Consult::Joined { public: before, .. }) = item.consults.get_mut(&consultant) {
                *before = public;
            }
        });
        self.touch(conversation);
        let part = if public { Part::PublicConsultant } else { Part::PrivateConsultant };
        self.notify_joined(conversation, consultant, part);
        Ok(())
    }

    fn ask_to_advise(
        &mut self,
        conversation: ConversationId,
        consultant: RepresentativeId,
        asked_by: RepresentativeId,
        holds_capacity: bool,
        found: bool,
    ) {
        let charge = self.look().charge_of(conversation).filter(|_| holds_capacity);
        let session = self.count_session(consultant, charge.unwrap_or_default());
        let offer = self.make_offer(conversation, session, OfferKind::Consult, Some(asked_by));
        let Some(offer) = offer else { return };
        let asked = Consult::Asked { offer: offer.clone(), found };
        self.change_item(conversation, |item| item.consults.insert(consultant, asked));
        self.show_offer(conversation, &offer);
    }

    /// Somebody has agreed to advise.
    pub(super) fn begin_consulting(&mut self, conversation: ConversationId, consultant: RepresentativeId) {
        let now = self.now;
        let begun = self.change_item(conversation, |item| {
            let Some(Consult::Asked { offer, found }) = item.consults.remove(&consultant) else {
                return None;
            };
            let session = Session { accepted: Some(now), ..offer.session };
            item.consults.insert(consultant, Consult::Joined { session, public: false });
            if found {
                item.search = None;
            }
            Some(offer.asked_by)
        });
        let Some(Some(asked_by)) = begun else { return };
        self.monitoring_ended(conversation, consultant, SessionEnd::EndedByHand);
        self.touch(conversation);
        self.answer(conversation, asked_by, OfferKind::Consult, Some(consultant), OfferGoneReason::Accepted);
        self.notify_joined(conversation, consultant, Part::PrivateConsultant);
    }

    /// Somebody who was not asked advises from now on.
    pub(super) fn add_consultant(&mut self, conversation: ConversationId, consultant: RepresentativeId) {
        let session = self.count_session(consultant, Charge::default());
        let session = Session { accepted: Some(self.now), ..session };
        let joined = Consult::Joined { session, public: false };
        self.change_item(conversation, |item| item.consults.insert(consultant, joined));
        self.notify_joined(conversation, consultant, Part::PrivateConsultant);
    }

    /// Somebody advises no longer, or does not begin to. A search that runs goes on without them: whoever has just said
    /// no, or was sent away, is not asked again by the system.
    pub(super) fn stop_consulting(
        &mut self,
        conversation: ConversationId,
        consultant: RepresentativeId,
        reason: SessionEnd,
        answer: OfferGoneReason,
    ) {
        let consult = self.change_item(conversation, |item| {
            let consult = item.consults.remove(&consultant)?;
            if let Some(search) = &mut item.search {
                search.declined.insert(consultant);
            }
            Some(consult)
        });
        // Whoever did not advise leaves no trace: the time of an item that nobody touches goes on.
        let Some(consult) = consult.flatten() else { return };
        self.touch(conversation);
        match consult {
            Consult::Asked { offer, .. } => {
                self.offer_ended(conversation, &offer, reason);
                self.answer(conversation, offer.asked_by, OfferKind::Consult, Some(consultant), answer);
            }
            Consult::Joined { session, public } => {
                self.consulting_ended(conversation, &session, public, reason);
            }
        }
    }

    fn consulting_ended(
        &mut self,
        conversation: ConversationId,
        session: &Session,
        public: bool,
        reason: SessionEnd,
    ) {
        let part = if public { Part::PublicConsultant } else { Part::PrivateConsultant };
        self.end_session(conversation, session, part, reason);
        self.notify(conversation, Notice::Left { representative: session.representative });
    }

    /// Whoever has the conversation has it no longer: a transfer that waits is withdrawn, and consulting ends.
    pub(super) fn dissolve(&mut self, conversation: ConversationId, reason: SessionEnd) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        if item.transfer.is_some() {
            self.transfer_over(conversation, reason);
        }
        self.end_all_consulting(conversation, reason);
    }

    /// Nobody advises any more, and nobody is looked for.
    pub(super) fn end_all_consulting(&mut self, conversation: ConversationId, reason: SessionEnd) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        if item.consults.is_empty() && item.search.is_none() {
            return;
        }
        let consults = self.change_item(conversation, |item| {
            item.search = None;
            core::mem::take(&mut item.consults)
        });
        for consult in consults.unwrap_or_default().into_values() {
            match consult {
                Consult::Asked { offer, .. } => self.offer_ended(conversation, &offer, reason),
                Consult::Joined { session, public } => {
                    self.consulting_ended(conversation, &session, public, reason);
                }
            }
        }
    }

    /// The system has looked for long enough.
    pub(super) fn search_over(&mut self, conversation: ConversationId) {
        let asker = self.book.items.get(&conversation).and_then(|item| item.owner());
        self.stop_searching(conversation);
        self.answer(conversation, asker, OfferKind::Consult, None, OfferGoneReason::TimedOut);
    }

    fn stop_searching(&mut self, conversation: ConversationId) {
        let found = self.change_item(conversation, |item| {
            item.search = None;
            let found = |consult: &Consult| matches!(consult, Consult::Asked { found: true, .. });
            item.consults.iter().find(|(_, consult)| found(consult)).map(|(consultant, _)| *consultant)
        });
        if let Some(Some(consultant)) = found {
            let gone = OfferGoneReason::Withdrawn;
            self.stop_consulting(conversation, consultant, SessionEnd::EndedByHand, gone);
        }
    }

    /// Asks whoever can advise now, for each conversation that looks for somebody. A conversation that has changed, as by
    /// beginning to look or by losing somebody who took part, looks at everybody in the queue; any other one only at those
    /// who have changed.
    pub(super) fn find_consultants(&mut self) {
        if self.index.searches.is_empty() {
            return;
        }
        let changed: Vec<_> = self.changed.representatives.iter().collect();
        for conversation in self.index.searches.clone() {
            let Some(item) = self.book.items.get(&conversation) else { continue };
            let Some(search) = &item.search else { continue };
            let waits_for_answer =
                item.consults.values().any(|consult| matches!(consult, Consult::Asked { found: true, .. }));
            let Stage::Active(Session { representative: asker, .. }) = item.stage else { continue };
            if waits_for_answer {
                continue;
            }
            let members = self.book.queues.get(&search.queue).map(|queue| queue.members.as_slice());
            let anew = self.changed.items.contains_key(&conversation);
            let everybody = if anew { members.unwrap_or_default() } else { changed.as_slice() };
            if let Some(best) = self.best_consultant(conversation, search, everybody) {
                let holds =
                    self.look().consult_rules(conversation).is_some_and(|rules| rules.found_holds_capacity);
                self.ask_to_advise(conversation, best, asker, holds, true);
            }
        }
    }

    /// Who of these fits best what the conversation asks for, has the most room, and has waited longest for work. Whoever could
    /// not have it does not advise about it either (reference section 25.6).
    fn best_consultant(
        &self,
        conversation: ConversationId,
        search: &Search,
        among: &[RepresentativeId],
    ) -> Option<RepresentativeId> {
        let item = self.book.items.get(&conversation)?;
        let able = among.iter().copied().filter(|id| {
            !item.concerns(*id)
                && !search.declined.contains(id)
                && self.look().could_take(conversation, search.queue, *id)
        });
        let ranked = able.filter_map(|id| {
            let (known, entry) =
                self.book.representatives.get(&id).zip(self.index.representatives.get(&id))?;
            let closeness = item.requires.closeness(&entry.skills)?;
            Some((closeness, Reverse(known.remaining(&entry.load)), known.last_session, id))
        });
        ranked.min().map(|(.., id)| id)
    }

    /// Whoever is gone from the settings takes part in nothing any more. Supervisors need not be in them.
    pub(super) fn part_from_those_who_are_gone(&mut self, settings: &Settings) {
        let known: BTreeSet<_> = settings.representatives.iter().map(|profile| profile.id).collect();
        let gone: Vec<_> = self.book.representatives.keys().filter(|id| !known.contains(id)).collect();
        for representative in gone {
            self.withdraw_offers(representative);
            self.take_part_no_longer(representative, SessionEnd::AutoClosed);
        }
    }

    /// Ends all that somebody does beside being the primary representative.
    pub(super) fn take_part_no_longer(&mut self, representative: RepresentativeId, reason: SessionEnd) {
        for conversation in self.company_of(representative) {
            self.stop_consulting(conversation, representative, reason, OfferGoneReason::Withdrawn);
            self.stop_monitoring(conversation, representative, reason);
        }
    }

    /// Tells a conversation who takes part in it as what.
    pub(super) fn notify_joined(
        &mut self,
        conversation: ConversationId,
        representative: RepresentativeId,
        part: Part,
    ) {
        let known = self.book.representatives.get(&representative).map(|known| &known.profile);
        let monitors = self.book.items.get(&conversation).map(|item| &item.monitors);
        let monitor = monitors.and_then(|monitors| monitors.get(&representative));
        let name = monitor.map(|monitor| monitor.name.clone()).unwrap_or_default();
        let (full_name, public_name) = known.map_or((name.clone(), name), |profile| {
            (String::from(profile.full_name.as_str()), String::from(profile.public_name.as_str()))
        });
        self.notify(conversation, Notice::Joined { representative, full_name, public_name, part });
    }

    /// Where somebody takes part, or is asked to, beside being the primary representative.
    pub(super) fn company_of(&self, representative: RepresentativeId) -> Vec<ConversationId> {
        self.index.company.get(&representative).into_iter().flatten().copied().collect()
    }
}
