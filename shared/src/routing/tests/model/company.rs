//! What people do with others about a conversation: they ask somebody to advise, or a queue, or somebody to take over.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::choice::charge;
use super::{Charge, Item, Model, Person, Stage};
use crate::id::{ConversationId, QueueId, RepresentativeId};
use crate::protocol::desk::Destination;
use crate::settings::SkillMatching;

/// Somebody is asked to take over.
#[derive(Debug, Clone)]
pub(super) struct Handover {
    pub(super) to: RepresentativeId,
    pub(super) offer: u64,
    pub(super) until: u64,
    holds: Charge,
    /// A supervisor asks.
    supervised: bool,
}

/// Somebody advises, or is asked to.
#[derive(Debug, Clone)]
pub(super) struct Consultant {
    pub(super) stage: Advice,
    holds: Charge,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Advice {
    /// `found`: the system has found them in a queue.
    Asked { offer: u64, until: u64, found: bool },
    /// `public`: they write to the customer.
    Given { public: bool },
}

/// The system looks for somebody who advises.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) queue: QueueId,
    pub(super) until: u64,
    declined: BTreeSet<RepresentativeId>,
}

/// What an offer asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Asked {
    Work,
    Handover,
    Advice,
}

impl Item {
    /// What the offer of this number asks of somebody, if it waits for their answer.
    pub(super) fn asked(&self, who: RepresentativeId, number: u64) -> Option<Asked> {
        if matches!(self.stage, Stage::Offered { to, offer, .. } if (to, offer) == (who, number)) {
            return Some(Asked::Work);
        }
        if self.handover.as_ref().is_some_and(|it| (it.to, it.offer) == (who, number)) {
            return Some(Asked::Handover);
        }
        match self.consultants.get(&who)?.stage {
            Advice::Asked { offer, .. } if offer == number => Some(Asked::Advice),
            _ => None,
        }
    }

    /// What it takes of whom.
    pub(super) fn holdings(&self) -> Vec<(RepresentativeId, &Charge)> {
        let main = self.whose().map(|whose| (whose, &self.holds));
        let handover = self.handover.as_ref().map(|it| (it.to, &it.holds));
        let advice = self.consultants.iter().map(|(who, it)| (*who, &it.holds));
        main.into_iter().chain(handover).chain(advice).collect()
    }

    /// Whoever has it, takes part, or is asked to.
    pub(super) fn concerns(&self) -> BTreeSet<RepresentativeId> {
        let handover = self.handover.as_ref().map(|it| it.to);
        let beside = self.consultants.keys().chain(self.monitors.keys()).copied();
        self.whose().into_iter().chain(handover).chain(beside).collect()
    }

    /// Who advises, and whether they write to the customer.
    pub(super) fn advisers(&self) -> BTreeMap<RepresentativeId, bool> {
        let given = self.consultants.iter().filter_map(|(who, it)| match it.stage {
            Advice::Given { public } => Some((*who, public)),
            Advice::Asked { .. } => None,
        });
        given.collect()
    }

    /// Whom the system has found and asked to advise.
    fn found_and_asked(&self) -> Option<RepresentativeId> {
        let asked = |it: &Consultant| matches!(it.stage, Advice::Asked { found: true, .. });
        self.consultants.iter().find(|(_, it)| asked(it)).map(|(who, _)| *who)
    }
}

impl Model {
    /// A session of work begins; it is somebody's latest from now on.
    pub(super) fn count_session(&mut self, index: usize, whose: RepresentativeId) {
        self.sessions += 1;
        let (session, queue) = (self.sessions, self.items[index].queue);
        let person = self.person(whose);
        person.last_session = session;
        person.last_in_queue.extend(queue.map(|queue| (queue, session)));
    }

    /// An offer is made: its number, and until when it waits.
    pub(super) fn count_offer(&mut self, index: usize, to: RepresentativeId) -> (u64, u64) {
        self.offers += 1;
        let item = &self.items[index];
        let until = self.now + self.workstream(item).unwrap().offer_timeout.as_millis();
        self.made.push((self.offers, item.id(), to));
        (self.offers, until)
    }

    pub(super) fn ask_to_take_over(&mut self, index: usize, to: RepresentativeId, supervised: bool) {
        self.count_session(index, to);
        let (offer, until) = self.count_offer(index, to);
        let item = &self.items[index];
        let holds = charge(self.workstream(item).unwrap(), item);
        self.items[index].handover = Some(Handover { to, offer, until, holds, supervised });
        self.touch(index);
    }

    /// Nobody takes over after all.
    pub(super) fn end_handover(&mut self, index: usize) {
        if self.items[index].handover.take().is_some() {
            self.touch(index);
        }
    }

    /// Somebody takes over. Whoever had it stays to advise if a supervisor wanted it so and they are there.
    pub(super) fn take_over(&mut self, index: usize) {
        let Handover { to, holds, supervised, .. } = self.items[index].handover.take().unwrap();
        let former = self.items[index].stage;
        self.end_company(index);
        self.let_go(index);
        self.items[index].transfers += 1;
        self.hand_over(index, to, holds);
        self.worked(to);
        if let Stage::Active { of } = former
            && supervised
            && self.people.iter().any(|person| person.id == of && !person.connections.is_empty())
        {
            self.sessions += 1;
            let stage = Advice::Given { public: false };
            self.items[index].consultants.insert(of, Consultant { stage, holds: Charge::default() });
        }
    }

    /// The primary representative asks somebody to advise, or has the system look for somebody.
    pub(super) fn consult(&mut self, conversation: ConversationId, with: Destination) {
        let index = self.index_of(conversation);
        let rules = self.workstream(&self.items[index]).unwrap().sessions.consult;
        match with {
            Destination::Representative(who) => self.ask_to_advise(index, who, rules.holds_capacity, false),
            Destination::Queue(queue) => {
                let until = self.now + rules.search.as_millis();
                self.items[index].search = Some(Search { queue, until, declined: BTreeSet::new() });
            }
        }
        self.touch(index);
    }

    fn ask_to_advise(&mut self, index: usize, who: RepresentativeId, costs: bool, found: bool) {
        self.sessions += 1;
        let (offer, until) = self.count_offer(index, who);
        let item = &self.items[index];
        let holds = if costs { charge(self.workstream(item).unwrap(), item) } else { Charge::default() };
        let stage = Advice::Asked { offer, until, found };
        self.items[index].consultants.insert(who, Consultant { stage, holds });
    }

    /// Somebody agrees to advise. Whoever was found is looked for no longer.
    pub(super) fn begin_advice(&mut self, index: usize, who: RepresentativeId) {
        if self.items[index].found_and_asked() == Some(who) {
            self.items[index].search = None;
        }
        self.items[index].consultants.get_mut(&who).unwrap().stage = Advice::Given { public: false };
        self.items[index].monitors.remove(&who);
        self.touch(index);
    }

    /// Somebody looks on, or writes from now on.
    pub(super) fn look_on(&mut self, conversation: ConversationId, who: RepresentativeId, joined: bool) {
        let index = self.index_of(conversation);
        self.sessions += u64::from(!joined);
        self.items[index].monitors.insert(who, joined);
        self.touch(index);
    }

    /// Somebody takes part in nothing any more beside what is their own.
    pub(super) fn take_part_no_longer(&mut self, who: RepresentativeId) {
        for index in 0..self.items.len() {
            self.stop_advice(index, who);
            self.items[index].monitors.remove(&who);
        }
    }

    /// Somebody advises no longer, or does not begin to. A search that runs does not find them.
    pub(super) fn stop_advice(&mut self, index: usize, who: RepresentativeId) {
        let Some(Consultant { stage, holds }) = self.items[index].consultants.remove(&who) else { return };
        if let Some(search) = &mut self.items[index].search {
            search.declined.insert(who);
        }
        if matches!(stage, Advice::Given { .. }) {
            self.spend(who, self.items[index].id(), holds);
        }
        self.touch(index);
    }

    /// The system looks for nobody any more, and asks nobody.
    pub(super) fn end_search(&mut self, index: usize) {
        self.items[index].search = None;
        if let Some(who) = self.items[index].found_and_asked() {
            self.stop_advice(index, who);
        }
    }

    /// Whoever has the conversation has it no longer: nobody advises them or takes over.
    pub(super) fn end_company(&mut self, index: usize) {
        self.end_handover(index);
        self.items[index].search = None;
        for (who, Consultant { stage, holds }) in core::mem::take(&mut self.items[index].consultants) {
            if matches!(stage, Advice::Given { .. }) {
                self.spend(who, self.items[index].id(), holds);
            }
        }
    }

    /// Somebody is not there to answer any more.
    pub(super) fn ask_no_more(&mut self, who: RepresentativeId) {
        for index in 0..self.items.len() {
            if matches!(self.items[index].stage, Stage::Offered { to, .. } if to == who) {
                self.open(index, false);
            }
            if self.items[index].handover.as_ref().is_some_and(|it| it.to == who) {
                self.end_handover(index);
            }
            let asked = |it: &Consultant| matches!(it.stage, Advice::Asked { .. });
            if self.items[index].consultants.get(&who).is_some_and(asked) {
                self.stop_advice(index, who);
            }
        }
    }

    /// Each conversation that looks for somebody to advise asks the best of those who could.
    pub(super) fn find_consultants(&mut self) {
        for index in 0..self.items.len() {
            let item = &self.items[index];
            let Some(search) = &item.search else { continue };
            if item.found_and_asked().is_some() {
                continue;
            }
            let concerned = item.concerns();
            let able = self.people.iter().filter(|person| {
                !concerned.contains(&person.id)
                    && !search.declined.contains(&person.id)
                    && self.could_take(item, search.queue, person)
                    && (item.found.matching != SkillMatching::Exact || self.distance(item, person).0 == 0)
            });
            let fits = |person: &Person| match item.found.matching {
                SkillMatching::Closest => self.distance(item, person),
                SkillMatching::Exact | SkillMatching::Off => (0, 0),
            };
            let best = able.min_by_key(|person| {
                (fits(person), Reverse(self.remaining(person)), person.last_session, person.id)
            });
            if let Some(who) = best.map(|person| person.id) {
                let costs = self.workstream(item).is_some_and(|it| it.sessions.consult.found_holds_capacity);
                self.ask_to_advise(index, who, costs, true);
            }
        }
    }

    /// Whether a member of this queue could be offered such work now.
    pub(super) fn could_take(&self, item: &Item, queue: QueueId, person: &Person) -> bool {
        let Some(workstream) = self.workstream(item) else { return false };
        self.settings.queue(queue).is_some_and(|queue| queue.members.contains(&person.id))
            && workstream.allowed_presences.contains(&self.presence(person))
            && self.has_room(person, &charge(workstream, item))
    }
}
