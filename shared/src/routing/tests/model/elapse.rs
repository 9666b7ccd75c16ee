//! What time alone does, one after the other as it falls due.

use super::{Model, Stage};
use crate::condition::Condition;
use crate::id::{ConversationId, RepresentativeId};
use crate::settings::{ChannelClass, Method, OverflowAction};
use crate::time::Timestamp;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
const GRACE: u64 = 150_000;

/// What is due, in the order in which it is done if it falls due at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Item(ConversationId, Lapse),
    Hours,
    Person(RepresentativeId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lapse {
    Offer,
    Freed,
    Overflow,
    Closes,
}

impl Model {
    pub(super) fn elapse(&mut self) {
        let before = self.items.clone();
        while let Some((_, due)) = self.next_due().filter(|(at, _)| *at <= self.now) {
            match due {
                Due::Item(conversation, lapse) => self.lapse(conversation, lapse),
                Due::Hours => self.look_at_hours(),
                Due::Person(who) => self.person_due(who),
            }
        }
        self.note_releases(&before);
    }

    fn next_due(&self) -> Option<(u64, Due)> {
        let items = self.items.iter().flat_map(|item| {
            let (mut offer, mut freed, mut overflow) = (None, None, None);
            match item.stage {
                Stage::Offered { until, .. } => offer = Some(until),
                Stage::WrapUp { frees, .. } => freed = frees,
                Stage::Open => overflow = item.overflows,
                _ => {}
            }
            let due = |at: Option<u64>, lapse| at.map(|at| (at, Due::Item(item.id(), lapse)));
            let lapses = [
                due(offer, Lapse::Offer),
                due(freed, Lapse::Freed),
                due(overflow, Lapse::Overflow),
                due(item.closes, Lapse::Closes),
            ];
            lapses.into_iter().flatten()
        });
        let people = self.people.iter().flat_map(|person| {
            let gone = person.gone_since.map(|since| since + GRACE + 1);
            let spent = person.spent.as_ref().map(|(until, _)| *until);
            gone.into_iter().chain(spent).map(|at| (at, Due::Person(person.id)))
        });
        let hours = self.hours_change.filter(|_| self.asks_for_hours()).map(|at| (at, Due::Hours));
        items.chain(people).chain(hours).min()
    }

    fn lapse(&mut self, conversation: ConversationId, lapse: Lapse) {
        let index = self.index_of(conversation);
        match lapse {
            Lapse::Offer => {
                let to = self.items[index].whose().unwrap();
                *self.items[index].declines.entry(to).or_insert(0) += 1;
                self.open(index, false);
            }
            Lapse::Freed => {
                self.let_go(index);
                if let Stage::WrapUp { frees, .. } = &mut self.items[index].stage {
                    *frees = None;
                }
            }
            Lapse::Overflow => self.waited_too_long(index),
            Lapse::Closes => self.close(index),
        }
    }

    fn waited_too_long(&mut self, index: usize) {
        let item = &self.items[index];
        let queue = item.queue.and_then(|queue| self.settings.queue(queue));
        match queue.and_then(|queue| queue.long_wait.as_ref()).map(|wait| wait.action.clone()) {
            Some(OverflowAction::Transfer(targets)) => {
                let there = targets.into_iter().filter(|target| self.settings.queue(*target).is_some());
                let target = there.min_by_key(|target| self.waiting_in(*target, item.id()));
                match target {
                    Some(target) => self.come_into(index, Some(target)),
                    None => self.items[index].overflows = None,
                }
            }
            Some(OverflowAction::End) => self.close(index),
            _ => self.items[index].overflows = None,
        }
    }

    fn person_due(&mut self, who: RepresentativeId) {
        let now = self.now;
        let person = self.person(who);
        person.spent = person.spent.take().filter(|(until, _)| *until > now);
        if person.gone_since.is_none_or(|since| now <= since + GRACE) {
            return;
        }
        (person.gone_since, person.signed_out) = (None, false);
        for index in 0..self.items.len() {
            if self.items[index].stage == (Stage::Active { of: who }) {
                if self.items[index].customer_is_silent {
                    self.let_go(index);
                    self.enter(index, Stage::Waiting { of: who });
                } else {
                    self.open(index, true);
                }
            }
        }
    }

    pub(super) fn look_at_hours(&mut self) {
        let now = Timestamp::from_millis(self.now);
        let calendars = self.settings.hours.iter().map(|hours| (hours.id, hours.compile("").unwrap()));
        let openings: alloc::vec::Vec<_> = calendars.map(|(id, it)| (id, it.opening(now))).collect();
        self.open_hours = openings.iter().map(|(id, opening)| (*id, opening.open)).collect();
        self.hours_change =
            openings.iter().filter_map(|(_, opening)| opening.until).map(Timestamp::as_millis).min();
    }

    fn asks_for_hours(&self) -> bool {
        fn asks(when: &Condition) -> bool {
            match when {
                Condition::All(conditions) => conditions.iter().any(asks),
                Condition::WorkingNow(_) => true,
                _ => false,
            }
        }
        self.settings.queues.iter().any(|queue| match &queue.method {
            Method::Custom(rulesets) => {
                rulesets.iter().flat_map(|ruleset| &ruleset.rules).any(|rule| asks(&rule.when))
            }
            _ => false,
        })
    }

    /// Sets when an item is closed if nobody touches it.
    pub(super) fn wind(&mut self, index: usize) {
        let item = &self.items[index];
        let channel = self.workstream(item).map_or(ChannelClass::LiveChat, |known| known.sessions.channel);
        let asynchronous = channel.can_wait();
        let lasts = match item.stage {
            Stage::Offered { .. } => None,
            Stage::Open => Some(if asynchronous { 30 * DAY } else { 20 * MINUTE }),
            Stage::Active { .. } => asynchronous.then_some(30 * DAY),
            Stage::Waiting { .. } => asynchronous.then_some(28 * DAY),
            Stage::WrapUp { .. } => Some(if asynchronous { DAY } else { 15 * MINUTE }),
        };
        let frees = match item.stage {
            Stage::WrapUp { frees, .. } => frees.unwrap_or(0),
            _ => 0,
        };
        let closes = lasts.map(|lasts| (item.touched + lasts).max(frees));
        self.items[index].closes = closes;
    }
}
