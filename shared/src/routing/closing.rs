//! How things end: sessions with their reason, wrap-up, the conversation as a whole (reference sections 2.1 and 21.2).

use alloc::boxed::Box;

use super::Effect;
use super::diagnostics;
use super::effect::{Activity, SessionEnd};
use super::today::Fate;
use super::turn::Turn;
use super::work::{Finishing, Session, Stage};
use crate::conversation::Notice;
use crate::id::ConversationId;
use crate::protocol::desk::Part;
use crate::protocol::live::EndedBy;
use crate::settings::WrapUp;

impl Turn<'_> {
    /// Records that a session is over. What it held must have been taken from the item.
    pub(super) fn end_session(
        &mut self,
        conversation: ConversationId,
        session: &Session,
        part: Part,
        reason: SessionEnd,
    ) {
        if session.accepted.is_some() {
            self.spend(session.representative, conversation, &session.holds);
        }
        self.remember(conversation, session, part, reason);
        self.effects.push(Effect::Record(Activity::SessionEnded {
            conversation,
            session: session.id,
            representative: session.representative,
            assigned: session.assigned,
            accepted: session.accepted,
            ended: self.now,
            reason,
            part,
        }));
    }

    /// The conversation has ended and its representative finishes their notes. Nobody can write any more, so whoever
    /// advises goes.
    pub(super) fn wrap_up(&mut self, conversation: ConversationId, reason: SessionEnd) {
        self.dissolve(conversation, SessionEnd::ConversationClosed);
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Stage::Active(session) = item.stage.clone() else { return };
        let workstream = self.book.workstreams.get(&item.workstream);
        let policy = workstream.map_or(WrapUp::AlwaysBlocks, |workstream| workstream.wrap_up);
        let representative = session.representative;
        let (finishing, released) = Finishing::new(session, policy, reason, self.now);
        self.enter(conversation, Stage::WrapUp(finishing));
        self.spend(representative, conversation, &released);
    }

    /// Wrap-up lets go of capacity and goes on.
    pub(super) fn free_wrap_up(&mut self, conversation: ConversationId) {
        let released = self.change_item(conversation, |item| match &mut item.stage {
            Stage::WrapUp(finishing) => {
                finishing.frees = None;
                let released = core::mem::take(&mut finishing.session.holds);
                Some((finishing.session.representative, released))
            }
            _ => None,
        });
        if let Some((representative, released)) = released.flatten() {
            self.spend(representative, conversation, &released);
        }
    }

    /// Ends a conversation without wrap-up and tells everybody.
    pub(super) fn cut_off(&mut self, conversation: ConversationId, reason: SessionEnd) {
        let has_ended =
            self.book.items.get(&conversation).is_some_and(|item| matches!(item.stage, Stage::WrapUp(_)));
        if !has_ended {
            self.notify(conversation, Notice::Ended { by: EndedBy::System });
        }
        self.close_item(conversation, reason);
    }

    /// Closes an item for good. It is gone from the state; the records keep it.
    pub(super) fn close_item(&mut self, conversation: ConversationId, reason: SessionEnd) {
        let others = match reason {
            SessionEnd::ForceClosed => reason,
            _ => SessionEnd::ConversationClosed,
        };
        self.dissolve(conversation, others);
        if self.book.items.get(&conversation).is_some_and(|item| item.first_accepted.is_none()) {
            let left = matches!(reason, SessionEnd::CustomerEnded | SessionEnd::CustomerDisconnected);
            self.count_today(conversation, if left { Fate::Left } else { Fate::Ended });
        }
        let unasked = diagnostics::unasked(self.book, self.index, conversation);
        let Some(mut item) = self.remove_item(conversation) else { return };
        item.close(others, reason, self.now);
        let explanation =
            Box::new(diagnostics::explain_closed(self.book, self.index, &item, unasked, reason, self.now));
        self.effects.push(Effect::Record(Activity::Explained { conversation, explanation }));
        match &item.stage {
            Stage::Open | Stage::Waiting(_) => {}
            Stage::Offered(offer) => self.offer_ended(conversation, offer, reason),
            Stage::Active(session) | Stage::WrapUp(Finishing { session, .. }) => {
                self.end_session(conversation, session, Part::Primary, reason);
            }
        }
        for monitor in item.monitors.values() {
            self.end_session(conversation, &monitor.session, monitor.part(), others);
        }
        if item.last_representative.is_some() {
            self.notify(conversation, Notice::Closed);
        }
        self.effects.push(Effect::Record(Activity::ConversationClosed {
            conversation,
            workstream: item.workstream,
            queue: item.queue,
            customer: item.customer,
            topic: item.topic,
            representative: item.last_representative,
            created: item.created,
            first_accepted: item.first_accepted,
            closed: self.now,
            transfers: item.transfers,
            reason,
        }));
    }
}
