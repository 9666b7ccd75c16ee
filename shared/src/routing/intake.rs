//! An item comes in, is decided about, and comes into its queue (reference section 14.1); and again whenever what is known
//! about it or the settings change.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Arrival;
use super::book::Book;
use super::candidates::Look;
use super::deadlines::Due;
use super::decision::{Decision, Findings, Path, SentBy, Verdict, classify, decide, emptiest, stand};
use super::effect::{Activity, Effect, SessionEnd};
use super::rejection::Rejection;
use super::rulebook::Rulebook;
use super::turn::Turn;
use super::work::{Stage, WorkItem};
use crate::conversation::Notice;
use crate::form::Answer;
use crate::id::{ConversationId, QueueId};
use crate::protocol::live::EndedBy;
use crate::settings::{OverflowAction, RatedSkill, SettingsVersion};
use crate::time::Timestamp;

impl Turn<'_> {
    /// A conversation wants somebody. It may be told twice; the first time counts.
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        let conversation = arrival.conversation;
        if self.book.items.contains_key(&conversation) {
            return;
        }
        let mut item = WorkItem::new(arrival, self.now);
        let refused = self.look().direct(&mut item, conversation);
        self.wind(&mut item);
        self.add_item(conversation, item);
        if let Some((queue, action)) = refused {
            return self.refuse(conversation, queue, action, SessionEnd::TurnedAway);
        }
        let followed =
            self.workstream_of(conversation).is_some_and(|workstream| workstream.sessions.channel.can_wait());
        if followed {
            self.notify(conversation, Notice::Follow);
        }
    }

    /// More is known about an item: a bot hands it over, or somebody routes it again. What waits is decided about from the
    /// beginning; for what somebody has the new facts count when it is routed next. Overflow ends it where a bot hands it
    /// over, the first time, and nobody has had it: later whoever has waited is not sent away (reference section 19.1).
    pub(super) fn reclassify(
        &mut self,
        conversation: ConversationId,
        context: Vec<Answer>,
        skills: Vec<RatedSkill>,
    ) -> Result<(), Rejection> {
        let item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?;
        if let Stage::Offered(offer) = &item.stage {
            let offer = offer.clone();
            self.change_item(conversation, |item| item.stage = Stage::Open);
            self.offer_ended(conversation, &offer, SessionEnd::Rerouted);
            self.count_available();
        }
        let mut item = self.book.items.get(&conversation).ok_or(Rejection::UnknownConversation)?.clone();
        item.facts.set_variables(context);
        for rated in skills {
            item.skills.retain(|known| known.skill != rated.skill);
            item.skills.push(rated);
        }
        // What was found before stays: whoever is routed again asks for no less.
        item.kept.clone_from(&item.requires.skills);
        let newcomer = !item.rerouted && item.first_accepted.is_none();
        item.rerouted = true;
        let mut refused = None;
        let waits = item.stage == Stage::Open;
        if waits {
            refused = self.look().direct(&mut item, conversation).filter(|_| newcomer);
            self.changed.opened.insert(conversation);
            self.changed.queued.insert(conversation);
        } else {
            // Somebody has it. When it comes back, what it needs is decided anew.
            item.placed = SettingsVersion::default();
        }
        self.change_item(conversation, |old| *old = *item);
        if waits {
            self.touch(conversation);
        }
        if let Some((queue, action)) = refused {
            self.refuse(conversation, queue, action, SessionEnd::TurnedAway);
        }
        Ok(())
    }

    /// Decides anew about an item that waits and has a place: it stays there if that still exists.
    pub(super) fn place_within(&self, item: &mut WorkItem, conversation: ConversationId) {
        if let Some(queue) = stays_in(self.book, item) {
            renew(self.book, &self.index.rules, self.now, item, queue);
            return;
        }
        // Whoever has waited already is not refused now.
        if let Some((queue, _)) = self.look().direct(item, conversation) {
            come_into(self.book, &self.index.rules, self.now, item, Some(queue));
        }
    }

    /// The settings are new, and their rules are there, but the index is not: decides anew about all that stays in its
    /// queue, which is nearly everything. Gives the rest of what waits, for [`place_within`](Self::place_within), in
    /// the order of the ids. Nothing here depends on where else work waits, so the order in which it is done does not matter.
    pub(super) fn renew_what_stays(&mut self) -> Vec<ConversationId> {
        let (rules, now) = (Arc::clone(&self.index.rules), self.now);
        let mut items = core::mem::take(&mut self.book.items);
        let book = &*self.book;
        let mut rest = Vec::new();
        items.change_all(|id, item| {
            if item.stage != Stage::Open {
                return;
            }
            // Whoever is told no more where they stand, because they wait for certain people from now on, hears of it.
            let workstream = book.workstreams.get(&item.workstream);
            let alike = workstream.is_some_and(|workstream| {
                item.awaits_already(&item.to_be_awaited(workstream.waits_for_preferred, book))
            });
            match stays_in(book, item).filter(|_| alike) {
                Some(queue) => renew(book, &rules, now, item, queue),
                None => rest.push(id),
            }
        });
        self.book.items = items;
        self.line_moved();
        rest.sort_unstable();
        rest
    }

    /// An item waits again: who had it and how often it was transferred may have changed since it came into its queue, and
    /// the rules of the queue see it as it is now. How long it may wait there does not begin anew.
    pub(super) fn stand_anew(&mut self, conversation: ConversationId) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let Some(queue) = item.queue.filter(|queue| self.index.rules.has_own_rules(*queue)) else { return };
        let stands = stand(self.book, &self.index.rules, self.now, item, queue);
        if (item.precedence, &item.selection) != (stands.0, &stands.1) {
            self.change_item(conversation, |item| (item.precedence, item.selection) = stands);
        }
    }

    /// Somebody had an item, and it waits again: the time in which they had it was no waiting (reference section 19.2).
    pub(super) fn wait_anew(&mut self, conversation: ConversationId) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let overflows = overflows(self.book, self.now, item.queue);
        if item.overflows != overflows {
            self.change_item(conversation, |item| item.overflows = overflows);
        }
    }

    /// Moves an item that waits into another queue. What no settings have a place for stays where it is.
    pub(super) fn move_to(&mut self, conversation: ConversationId, queue: QueueId, by: SentBy) {
        let Some(mut item) = self.book.items.get(&conversation).cloned() else { return };
        if self.book.workstreams.contains_key(&item.workstream) {
            item.path.by = by;
            if let Some(past) = &mut item.past {
                past.sent_by = None;
            }
            come_into(self.book, &self.index.rules, self.now, &mut item, Some(queue));
        }
        self.changed.opened.insert(conversation);
        self.changed.queued.insert(conversation);
        self.change_item(conversation, |old| *old = *item);
    }

    /// An item has waited in its queue for too long (reference section 19.2).
    pub(super) fn overflow(&mut self, conversation: ConversationId) {
        let item = self.book.items.get(&conversation);
        let item = item.filter(|item| self.book.workstreams.contains_key(&item.workstream));
        let Some(from) = item.and_then(|item| self.book.queues.get(&item.queue?)) else {
            // It came back from somebody, and its queue or its workstream is gone: what becomes of it is decided at the
            // end of this turn.
            self.change_item(conversation, |item| item.overflows = None);
            return;
        };
        let (from, action) = (from.id, from.long_wait.as_ref().map(|wait| wait.action.clone()));
        let target = match &action {
            Some(OverflowAction::Transfer(targets)) => {
                let there = targets.iter().copied().filter(|target| self.book.queues.contains_key(target));
                emptiest(self.index, there)
            }
            _ => None,
        };
        match (action, target) {
            (_, Some(target)) => self.move_to(conversation, target, SentBy::Overflow(from)),
            (None | Some(OverflowAction::AssignAnyway | OverflowAction::Transfer(_)), None) => {
                self.change_item(conversation, |item| item.overflows = None);
            }
            (Some(action), None) => self.refuse(conversation, from, action, SessionEnd::WaitedTooLong),
        }
    }

    /// There is no room for an item: it ends here.
    fn refuse(
        &mut self,
        conversation: ConversationId,
        queue: QueueId,
        action: OverflowAction,
        reason: SessionEnd,
    ) {
        let at = self.now;
        self.effects.push(Effect::Record(Activity::Overflowed { conversation, queue, action, at }));
        self.notify(conversation, Notice::Ended { by: EndedBy::System });
        self.close_item(conversation, reason);
    }

    /// Looks which operating hours are open, and when to look again.
    pub(super) fn look_at_hours(&mut self) {
        let calendars = self.book.hours.iter().filter_map(|hours| Some((hours.id, hours.compile("").ok()?)));
        let openings: Vec<_> = calendars.map(|(id, calendar)| (id, calendar.opening(self.now))).collect();
        self.book.open_hours = openings.iter().map(|(id, opening)| (*id, opening.open)).collect();
        self.book.hours_change = openings.iter().filter_map(|(_, opening)| opening.until).min();
    }

    /// Some operating hours have opened or closed: whoever works by them may be found by other rules now.
    pub(super) fn hours_due(&mut self) {
        self.index.remove_deadline(self.book.hours_change, Due::Hours);
        self.look_at_hours();
        if self.index.rules.asks_for_hours() {
            self.index.add_deadline(self.book.hours_change, Due::Hours);
            self.changed.ranked.extend(self.book.representatives.keys());
        }
    }
}

/// What is found out about an item changes nothing else, so that it can be tried.
impl Look<'_> {
    /// Decides about an item and brings it into its queue. Gives the queue that refuses it, if one does.
    pub(super) fn direct(
        self,
        item: &mut WorkItem,
        conversation: ConversationId,
    ) -> Option<(QueueId, OverflowAction)> {
        let decision = decide(self.book, self.index, self.now, conversation, item);
        let (queue, refused) = match &decision.verdict {
            Verdict::Queue(queue) => (Some(*queue), None),
            Verdict::Parked => (None, None),
            Verdict::Refused(queue, action) => (Some(*queue), Some((*queue, action.clone()))),
        };
        item.forget_the_way();
        let Decision { findings, overflowing, by, .. } = decision;
        let route = if let SentBy::Route(route) = by { Some(route) } else { None };
        let [classified_at, routed_at] = [self.now; 2];
        item.path = Path { classified: Vec::new(), overflowing, by, route, classified_at, routed_at };
        apply(self.book, item, findings);
        come_into(self.book, &self.index.rules, self.now, item, queue);
        refused
    }
}

/// The queue in which an item that waits stays under these settings; none if it is to be sent somewhere else.
fn stays_in(book: &Book, item: &WorkItem) -> Option<QueueId> {
    let known = book.workstreams.contains_key(&item.workstream);
    item.queue.filter(|queue| known && book.queues.contains_key(queue))
}

/// Finds out anew about an item that stays in its queue what it is and on which terms it waits. What sent it there stays
/// true, and the wait so far counts.
fn renew(book: &Book, rules: &Rulebook, now: Timestamp, item: &mut WorkItem, queue: QueueId) {
    if let Some(past) = &mut item.past {
        past.classified = None;
    }
    apply(book, item, classify(book, rules, now, item));
    item.path.classified_at = now;
    let overflows = item.overflows;
    come_into(book, rules, now, item, Some(queue));
    item.overflows = match (overflows, item.overflows) {
        // As far as the new settings limit it.
        (Some(before), Some(now)) => Some(before.min(now)),
        (_, now) => now,
    };
}

fn apply(book: &Book, item: &mut WorkItem, findings: Findings) {
    item.set = findings.set;
    item.requires = findings.requires;
    item.priority = findings.priority;
    item.path.classified = findings.classified;
    item.placed = book.version;
    let workstream = book.workstreams.get(&item.workstream);
    let waits = workstream.is_some_and(|workstream| workstream.waits_for_preferred);
    item.awaits(item.to_be_awaited(waits, book));
}

/// Brings an item into a queue, on the terms that hold there. From now on it waits in this queue.
fn come_into(book: &Book, rules: &Rulebook, now: Timestamp, item: &mut WorkItem, queue: Option<QueueId>) {
    item.queue = queue;
    item.overflows = overflows(book, now, queue);
    if let Some(queue) = queue {
        (item.precedence, item.selection) = stand(book, rules, now, item, queue);
    }
}

/// Until when somebody can wait in a queue who begins now; none if nothing limits it.
fn overflows(book: &Book, now: Timestamp, queue: Option<QueueId>) -> Option<Timestamp> {
    let long_wait = book.queues.get(&queue?)?.long_wait.as_ref();
    long_wait.map(|wait| now.after(wait.longer_than))
}
