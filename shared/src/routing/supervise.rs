//! What supervisors do: look on, join, assign, transfer, close, and set presences (reference section 26). The gateway has
//! checked that they are supervisors; here it is checked what can be done to which work.

use alloc::string::String;
use alloc::vec::Vec;

use super::capacity::Charge;
use super::company::Monitor;
use super::effect::{Activity, SessionEnd, SupervisorAct};
use super::presence::{Source, Standing};
use super::rejection::Rejection;
use super::turn::Turn;
use super::work::{Session, Stage, WorkItem};
use super::{Command, Effect, check_context};
use crate::conversation::Notice;
use crate::form::Answer;
use crate::id::{ConversationId, RepresentativeId};
use crate::limit::BULK_MAX;
use crate::protocol::Problem;
use crate::protocol::desk::{BulkAct, BulkResult, DeskFrame, Destination, OfferKind};
use crate::settings::{Presence, RatedSkill, SupervisorRight};
use crate::text::Line;

impl Turn<'_> {
    /// What a supervisor asks. Nothing else comes here.
    pub(super) fn supervise(&mut self, command: Command) -> Result<(), Rejection> {
        match command {
            Command::Monitor { supervisor, name, conversation } => {
                self.monitor(supervisor, name, conversation)
            }
            Command::Join { supervisor, conversation } => self.join(supervisor, conversation),
            Command::Assign { supervisor, conversation, to } => {
                self.assign_by_hand(supervisor, conversation, to)
            }
            Command::Redirect { supervisor, conversation, to } => self.redirect(supervisor, conversation, to),
            Command::ForceClose { supervisor, conversation } => self.force_close(supervisor, conversation),
            Command::OverridePresence { supervisor, representative, presence, reason } => {
                self.override_presence(supervisor, representative, presence, reason)
            }
            Command::Reroute { supervisor, conversation, context, skills } => {
                self.reroute(supervisor, conversation, context, skills)
            }
            Command::Bulk { supervisor, conversations, act } => self.bulk(supervisor, &conversations, act),
            _ => Err(Rejection::NotPossibleNow),
        }
    }

    /// A supervisor does one thing with many conversations: each is done or refused by itself, and the supervisor is told what
    /// became of each. What becomes possible by it is assigned when all are done.
    fn bulk(
        &mut self,
        supervisor: RepresentativeId,
        conversations: &[ConversationId],
        act: BulkAct,
    ) -> Result<(), Rejection> {
        if !(1..=BULK_MAX).contains(&conversations.len()) {
            return Err(Rejection::TooMany);
        }
        let mut results = Vec::with_capacity(conversations.len());
        for &conversation in conversations {
            let done = match act {
                BulkAct::Assign { to } => self.assign_by_hand(supervisor, conversation, to),
                BulkAct::Redirect { to } => self.redirect(supervisor, conversation, to),
                BulkAct::ForceClose => self.force_close(supervisor, conversation),
            };
            results.push(BulkResult { conversation, problem: done.err().map(Problem::from) });
        }
        self.show_one(supervisor, DeskFrame::Bulk { results });
        Ok(())
    }

    /// A supervisor has it routed again, with more known about it.
    pub(super) fn reroute(
        &mut self,
        supervisor: RepresentativeId,
        conversation: ConversationId,
        context: Vec<Answer>,
        skills: Vec<RatedSkill>,
    ) -> Result<(), Rejection> {
        let item = self.supervised(supervisor, conversation, SupervisorRight::Assign)?;
        if matches!(item.stage, Stage::WrapUp(_)) {
            return Err(Rejection::NotPossibleNow);
        }
        check_context(&context).map_err(Rejection::Context)?;
        let is_rated = |rated: &RatedSkill| !self.book.levels_of(core::slice::from_ref(rated)).is_empty();
        if let Some(place) = skills.iter().position(|rated| !is_rated(rated)) {
            return Err(Rejection::UnknownSkill(place));
        }
        // Overflow ends only what a bot hands over: whoever waits already is not sent away.
        self.change_item(conversation, |item| item.rerouted = true);
        self.reclassify(conversation, context, skills)?;
        self.record_act(supervisor, SupervisorAct::Rerouted { conversation });
        Ok(())
    }

    /// A supervisor looks on in silence. Not at what is their own, and not while nobody has it.
    pub(super) fn monitor(
        &mut self,
        supervisor: RepresentativeId,
        name: String,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        let item = self.supervised(supervisor, conversation, SupervisorRight::Monitor)?;
        let runs = matches!(item.stage, Stage::Active(_) | Stage::WrapUp(_) | Stage::Waiting(_));
        if !runs || item.concerns(supervisor) {
            return Err(Rejection::NotPossibleNow);
        }
        let session = self.count_session(supervisor, Charge::default());
        let session = Session { accepted: Some(self.now), ..session };
        let monitor = Monitor { session, joined: false, name };
        self.look_on_as(conversation, supervisor, monitor, SupervisorAct::Monitored { conversation });
        Ok(())
    }

    /// A supervisor who looks on writes from now on.
    pub(super) fn join(
        &mut self,
        supervisor: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        let item = self.supervised(supervisor, conversation, SupervisorRight::Monitor)?;
        let monitor = item.monitors.get(&supervisor).ok_or(Rejection::NotYours)?;
        if monitor.joined || !matches!(item.stage, Stage::Active(_)) {
            return Err(Rejection::NotPossibleNow);
        }
        let monitor = Monitor { joined: true, ..monitor.clone() };
        self.look_on_as(conversation, supervisor, monitor, SupervisorAct::Joined { conversation });
        Ok(())
    }

    /// A supervisor takes part like this from now on.
    fn look_on_as(
        &mut self,
        conversation: ConversationId,
        supervisor: RepresentativeId,
        monitor: Monitor,
        act: SupervisorAct,
    ) {
        let part = monitor.part();
        self.change_item(conversation, |item| item.monitors.insert(supervisor, monitor));
        self.touch(conversation);
        self.notify_joined(conversation, supervisor, part);
        self.record_act(supervisor, act);
    }

    /// A supervisor looks on no longer, if they did.
    pub(super) fn stop_monitoring(
        &mut self,
        conversation: ConversationId,
        supervisor: RepresentativeId,
        reason: SessionEnd,
    ) {
        if self.monitoring_ended(conversation, supervisor, reason) {
            self.notify(conversation, Notice::Left { representative: supervisor });
        }
    }

    /// The same for somebody who takes part in another way from now on: they are not sent away. Tells whether they
    /// looked on.
    pub(super) fn monitoring_ended(
        &mut self,
        conversation: ConversationId,
        supervisor: RepresentativeId,
        reason: SessionEnd,
    ) -> bool {
        let looks_on =
            self.book.items.get(&conversation).is_some_and(|item| item.monitors.contains_key(&supervisor));
        if !looks_on {
            return false;
        }
        let monitor = self.change_item(conversation, |item| item.monitors.remove(&supervisor)).flatten();
        if let Some(monitor) = &monitor {
            self.end_session(conversation, &monitor.session, monitor.part(), reason);
        }
        monitor.is_some()
    }

    /// A supervisor assigns what nobody has: to another queue, or to somebody with an allowed presence, whatever their
    /// capacity.
    pub(super) fn assign_by_hand(
        &mut self,
        supervisor: RepresentativeId,
        conversation: ConversationId,
        to: Destination,
    ) -> Result<(), Rejection> {
        let item = self.supervised(supervisor, conversation, SupervisorRight::Assign)?;
        if !item.waits() {
            return Err(Rejection::NotPossibleNow);
        }
        match to {
            Destination::Queue(queue) => {
                self.look().queue_can_be_given(conversation, queue)?;
                let transfers = item.transfers;
                self.move_to_queue(conversation, queue, SessionEnd::AssignedToQueue);
                // It is the first assignment, not a transfer.
                self.change_item(conversation, |item| item.transfers = transfers);
                self.stand_anew(conversation);
            }
            Destination::Representative(representative) => {
                if !self.look().has_allowed_presence(conversation, representative) {
                    return Err(Rejection::NotAvailable);
                }
                if matches!(item.stage, Stage::Offered(_)) {
                    self.put_back(conversation, SessionEnd::Rerouted);
                }
                self.offer_work(conversation, representative, OfferKind::Assignment, Some(supervisor));
            }
        }
        self.record_act(supervisor, SupervisorAct::Assigned { conversation, to });
        Ok(())
    }

    /// A supervisor transfers what somebody has or has set aside: to a queue, or to somebody of the same queue with an
    /// allowed presence, who is asked.
    pub(super) fn redirect(
        &mut self,
        supervisor: RepresentativeId,
        conversation: ConversationId,
        to: Destination,
    ) -> Result<(), Rejection> {
        let item = self.supervised(supervisor, conversation, SupervisorRight::Transfer)?;
        if !matches!(item.stage, Stage::Active(_) | Stage::Waiting(_)) {
            return Err(Rejection::NotPossibleNow);
        }
        match to {
            Destination::Queue(queue) => {
                self.look().open_queue_can_be_given(conversation, queue)?;
                self.move_to_queue(conversation, queue, SessionEnd::AssignedToQueue);
            }
            Destination::Representative(receiver) => {
                if !self.look().can_be_given(conversation, receiver) {
                    return Err(Rejection::NotAvailable);
                }
                self.ask_to_take_over(conversation, receiver, supervisor, true)?;
            }
        }
        self.record_act(supervisor, SupervisorAct::Redirected { conversation, to });
        Ok(())
    }

    /// A supervisor closes a conversation, whatever its state.
    pub(super) fn force_close(
        &mut self,
        supervisor: RepresentativeId,
        conversation: ConversationId,
    ) -> Result<(), Rejection> {
        self.supervised(supervisor, conversation, SupervisorRight::ForceClose)?;
        self.cut_off(conversation, SessionEnd::ForceClosed);
        self.record_act(supervisor, SupervisorAct::ForceClosed { conversation });
        Ok(())
    }

    /// A supervisor sets somebody's presence, or lets it be computed.
    pub(super) fn override_presence(
        &mut self,
        supervisor: RepresentativeId,
        representative: RepresentativeId,
        presence: Option<Presence>,
        reason: Line,
    ) -> Result<(), Rejection> {
        let queues =
            self.index.representatives.get(&representative).into_iter().flat_map(|entry| entry.queues.keys());
        // Whoever has queues assigned directs those who serve them, and does not learn who else there is.
        if !self.book.watch_of(supervisor).covers_member_of(queues) {
            return Err(Rejection::UnknownRepresentative);
        }
        self.stand(representative, presence)?;
        self.record_act(supervisor, SupervisorAct::OverrodePresence { representative, presence, reason });
        Ok(())
    }

    /// From now on this presence stands for somebody who is there, or none does. It is always acknowledged.
    pub(super) fn stand(
        &mut self,
        representative: RepresentativeId,
        presence: Option<Presence>,
    ) -> Result<(), Rejection> {
        self.known(representative)?;
        if let Some(presence) = presence
            && !self.can_be_chosen(presence)
        {
            return Err(Rejection::PresenceNotForChoice);
        }
        if !self.book.is_connected(representative) {
            return Err(Rejection::NotPossibleNow);
        }
        let chosen = presence.map(|presence| Standing::new(presence, Source::Chosen, &self.book.presences));
        self.change_representative(representative, |representative| match chosen {
            Some(chosen) => representative.standing = Some(chosen),
            None => representative.reset_presence(),
        });
        self.show_presence(representative);
        Ok(())
    }

    fn can_be_chosen(&self, presence: Presence) -> bool {
        match presence {
            Presence::Inactive => false,
            Presence::Custom(id) => self.book.presences.iter().any(|custom| custom.id == id),
            _ => true,
        }
    }

    /// The item, if supervisors may do this with items, and this one with those of its queue.
    fn supervised(
        &self,
        supervisor: RepresentativeId,
        conversation: ConversationId,
        right: SupervisorRight,
    ) -> Result<&WorkItem, Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        if !self.book.desk.supervisors_may.contains(&right) {
            return Err(Rejection::NotAllowed);
        }
        // Whoever has queues assigned does not even learn what there is in others.
        if self.book.watch_of(supervisor).covers(item.queue) {
            Ok(item)
        } else {
            Err(Rejection::UnknownConversation)
        }
    }

    fn record_act(&mut self, supervisor: RepresentativeId, act: SupervisorAct) {
        self.effects.push(Effect::Record(Activity::Supervised { supervisor, at: self.now, act }));
    }
}
