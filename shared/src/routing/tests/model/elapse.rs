//! What time alone does, one after the other as it falls due.

use alloc::vec::Vec;

use super::company::{Advice, Asked};
use super::{Item, Model, Stage};
use crate::condition::Condition;
use crate::id::{ConversationId, RepresentativeId};
use crate::settings::{ChannelClass, Limit, Method, OverflowAction, Presence, Silent, TimeOutAction};
use crate::time::Timestamp;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
pub(super) const GRACE: u64 = 150_000;

/// Somebody is to write (reference section 21.4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Silence {
    pub(super) of: Silent,
    pub(super) since: u64,
    /// Rules of up to this time have applied to it.
    served: Option<u64>,
}

/// What is due, in the order in which it is done if it falls due at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Item(ConversationId, Lapse),
    Hours,
    Person(RepresentativeId),
    Guest(RepresentativeId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lapse {
    /// An offer to somebody, by its number.
    Offer(u64, RepresentativeId),
    Search,
    Freed,
    Silence,
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
                Due::Guest(who) => self.guest_gone(who),
            }
        }
        self.note_releases(&before);
    }

    fn next_due(&self) -> Option<(u64, Due)> {
        let items = self.items.iter().flat_map(|item| {
            let (mut freed, mut overflow) = (None, None);
            match item.stage {
                Stage::WrapUp { frees, .. } => freed = frees,
                Stage::Open => overflow = item.overflows,
                _ => {}
            }
            let due = |at: Option<u64>, lapse| at.map(|at| (at, Due::Item(item.id(), lapse)));
            let lapses = [
                due(item.search.as_ref().map(|search| search.until), Lapse::Search),
                due(freed, Lapse::Freed),
                due(self.next_rule(item).map(|(at, _)| at), Lapse::Silence),
                due(overflow, Lapse::Overflow),
                due(item.closes, Lapse::Closes),
            ];
            let offers = open_offers(item).into_iter();
            let offers =
                offers.map(|(until, offer, to)| (until, Due::Item(item.id(), Lapse::Offer(offer, to))));
            lapses.into_iter().flatten().chain(offers).collect::<Vec<_>>()
        });
        let people = self.people.iter().flat_map(|person| {
            let gone = person.gone_since.map(|since| since + GRACE + 1);
            let spent = person.spent.as_ref().map(|(until, _)| *until);
            gone.into_iter().chain(spent).map(|at| (at, Due::Person(person.id)))
        });
        let hours = self.hours_change.filter(|_| self.asks_for_hours()).map(|at| (at, Due::Hours));
        let guests = self.guests_due().map(|(at, id)| (at, Due::Guest(id)));
        items.chain(people).chain(hours).chain(guests).min()
    }

    fn lapse(&mut self, conversation: ConversationId, lapse: Lapse) {
        let index = self.index_of(conversation);
        match lapse {
            Lapse::Offer(offer, to) => self.missed(index, to, offer),
            Lapse::Search => self.end_search(index),
            Lapse::Silence => self.not_answered(conversation),
            Lapse::Freed => {
                self.let_go(index);
                if let Stage::WrapUp { frees, .. } = &mut self.items[index].stage {
                    *frees = None;
                }
            }
            Lapse::Overflow => self.waited_too_long(index),
            Lapse::Closes => {
                let workstream = self.workstream(&self.items[index]);
                let calls = workstream.is_some_and(|known| known.sessions.channel == ChannelClass::Voice);
                match self.items[index].stage {
                    Stage::Active { .. } if calls => self.wrap_up(conversation),
                    _ => self.close(index),
                }
            }
        }
    }

    /// Whoever lets an offer run out is not at the desk, where the organisation wants it so (reference section 20.2).
    fn missed(&mut self, index: usize, to: RepresentativeId, offer: u64) {
        let workstream = self.workstream(&self.items[index]);
        let may_be_away = workstream.is_some_and(|known| known.allowed_presences.contains(&Presence::Away));
        let asked = self.decline(to, offer);
        let counts = self.settings.desk.inactive_after_missed_offer && !may_be_away;
        if counts && !matches!(asked, Asked::Advice) {
            self.person(to).standing = Some(Presence::Inactive);
        }
    }

    /// It is this one who is to write from now on, where representatives can step out.
    pub(super) fn listen(&mut self, index: usize, of: Silent) {
        let item = &self.items[index];
        let counts = self.can_wait(item) && matches!(item.stage, Stage::Active { .. });
        self.items[index].silence = counts.then_some(Silence { of, since: self.now, served: None });
    }

    /// Something was done with it: its time begins anew.
    pub(super) fn touch(&mut self, index: usize) {
        self.items[index].touched = self.now;
        self.wind(index);
    }

    /// When the next time-out rules apply, and after which silence: the shortest that have not applied to it. More than
    /// that time must have passed (reference section 21.4).
    fn next_rule(&self, item: &Item) -> Option<(u64, u64)> {
        let silence = item.silence?;
        let rules = &self.workstream(item)?.sessions.time_outs;
        let after = rules.iter().filter(|rule| rule.silent == silence.of).map(|rule| rule.after.as_millis());
        let after = after.filter(|after| silence.served.is_none_or(|served| *after > served)).min()?;
        Some((silence.since + after + 1, after))
    }

    /// The rules of one silence apply in their order, as long as it lasts.
    fn not_answered(&mut self, conversation: ConversationId) {
        let index = self.index_of(conversation);
        let (_, after) = self.next_rule(&self.items[index]).unwrap();
        let silence = self.items[index].silence.as_mut().unwrap();
        silence.served = Some(after);
        let of = silence.of;
        let rules = self.workstream(&self.items[index]).unwrap().sessions.time_outs.clone();
        for rule in rules.iter().filter(|rule| (rule.silent, rule.after.as_millis()) == (of, after)) {
            let item = self.items.iter().position(|item| item.id() == conversation && item.silence.is_some());
            let Some(index) = item else { return };
            match &rule.action {
                TimeOutAction::Say(_) => {}
                TimeOutAction::Close => self.close(index),
                TimeOutAction::Wait => {
                    let of = self.items[index].whose().unwrap();
                    self.step_out(conversation, of);
                }
                TimeOutAction::Release => self.open(index, false),
            }
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
                let silence = self.items[index].silence;
                if silence.is_some_and(|silence| silence.of == Silent::Customer) {
                    self.step_out(self.items[index].id(), who);
                } else {
                    self.open(index, true);
                }
            }
        }
        self.take_part_no_longer(who);
    }

    pub(super) fn look_at_hours(&mut self) {
        let now = Timestamp::from_millis(self.now);
        let calendars = self.settings.hours.iter().map(|hours| (hours.id, hours.compile("").unwrap()));
        let openings: Vec<_> = calendars.map(|(id, it)| (id, it.opening(now))).collect();
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
        let set = self.workstream(item).map(|known| known.sessions.auto_close).unwrap_or_default();
        // The table of reference section 21.3: open, active, wrap-up, waiting.
        let [open, active, wrap_up, waiting] = match channel {
            ChannelClass::LiveChat => [Some(20 * MINUTE), None, Some(15 * MINUTE), None],
            ChannelClass::PersistentChat => [Some(30 * DAY), None, Some(DAY), Some(28 * DAY)],
            ChannelClass::Asynchronous => [Some(30 * DAY), Some(30 * DAY), Some(DAY), Some(28 * DAY)],
            ChannelClass::Voice => [Some(30 * DAY), Some(120 * MINUTE), Some(DAY), None],
            ChannelClass::Record => [None; 4],
        };
        let (limit, usual) = match item.stage {
            Stage::Offered { .. } => (Limit::Never, None),
            Stage::Open => (set.open, open),
            Stage::Active { .. } => (set.active, active),
            Stage::WrapUp { .. } => (set.wrap_up, wrap_up),
            Stage::Waiting { .. } => (set.waiting, waiting),
        };
        let lasts = match limit {
            Limit::Usual => usual,
            Limit::Never => None,
            Limit::After(span) => Some(span.as_millis()),
        };
        let frees = match item.stage {
            Stage::WrapUp { frees, .. } => frees.unwrap_or(0),
            _ => 0,
        };
        let closes = lasts.map(|lasts| (item.touched + lasts).max(frees));
        self.items[index].closes = closes;
    }
}

/// Every offer of an item that waits for an answer: when it runs out, its number, and to whom it is made.
fn open_offers(item: &Item) -> Vec<(u64, u64, RepresentativeId)> {
    let work = match item.stage {
        Stage::Offered { to, offer, until, .. } => Some((until, offer, to)),
        _ => None,
    };
    let handover = item.handover.as_ref().map(|it| (it.until, it.offer, it.to));
    let advice = item.consultants.iter().filter_map(|(who, it)| match it.stage {
        Advice::Asked { offer, until, .. } => Some((until, offer, *who)),
        Advice::Given { .. } => None,
    });
    work.into_iter().chain(handover).chain(advice).collect()
}
